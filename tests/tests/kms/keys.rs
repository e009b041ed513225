//! Using keys: names of a key, moving between keys, dry runs.

use local_stack::aws::Aws;
use serde_json::{Value, json};

use super::world::{
    OTHER, OWNER, Page, Results, World, allow, message, outcome, owner_administers, role, root,
};

const DRY: Page = "developerguide/testing-permissions.html";
const NAMES: Page = "developerguide/concepts.html#key-id";
const REENCRYPT: Page = "APIReference/API_ReEncrypt.html";
const DECRYPT: Page = "APIReference/API_Decrypt.html";

const DENIED: &str = "AccessDeniedException";
const WOULD_BE_DONE: &str = "DryRunOperationException";
const SECRET: &str = "c2VjcmV0";

async fn sealed(by: &Aws, key: &str) -> Value {
    let answer = by
        .kms("Encrypt", &json!({ "KeyId": key, "Plaintext": SECRET }))
        .await;
    answer.expect("a ciphertext")["CiphertextBlob"].clone()
}

#[tokio::test]
async fn a_key_goes_by_its_names() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let key = world.key(&[allow(&root(OTHER), "kms:*")]).await;
    let id = key.rsplit('/').next().expect("an id").to_owned();
    let other = world.session(OTHER, "other", &["kms:*"]).await;
    owner
        .kms(
            "CreateAlias",
            &json!({ "AliasName": "alias/images", "TargetKeyId": id }),
        )
        .await
        .expect("an alias");
    let alias = format!("arn:aws:kms:us-east-1:{OWNER}:alias/images");
    let mut results = Results::default();
    for (by, name, expected) in [
        (&owner, key.as_str(), "done"),
        (&owner, id.as_str(), "done"),
        (&owner, "alias/images", "done"),
        (&owner, alias.as_str(), "done"),
        (&other, key.as_str(), "done"),
        (&other, alias.as_str(), "done"),
        (&other, id.as_str(), "NotFoundException"),
        (&other, "alias/images", "NotFoundException"),
        (&owner, "alias/others", "NotFoundException"),
    ] {
        let got = outcome(&by.kms("DescribeKey", &json!({ "KeyId": name })).await);
        results.row(
            NAMES,
            &format!("{name} for {}", by.account()),
            got,
            expected,
        );
    }
    let blob = sealed(&owner, &key).await;
    let opened = other
        .kms("Decrypt", &json!({ "CiphertextBlob": blob }))
        .await
        .expect("a plaintext");
    results.row(
        DECRYPT,
        "a ciphertext tells its key",
        opened["KeyId"].as_str().unwrap_or_default().to_owned(),
        &key,
    );
    results.row(
        DECRYPT,
        "and holds what was sealed",
        opened["Plaintext"].as_str().unwrap_or_default().to_owned(),
        SECRET,
    );
    results.assert();
}

#[tokio::test]
async fn moving_to_another_key_needs_both_sides() {
    let world = World::start().await;
    let mover = world.session(OTHER, "mover", &["kms:ReEncrypt*"]).await;
    let closed = world.key(&[]).await;
    let from = world.key(&[allow(&root(OTHER), "kms:ReEncryptFrom")]).await;
    let to = world.key(&[allow(&root(OTHER), "kms:ReEncryptTo")]).await;
    let mut results = Results::default();
    for (what, source, destination, expected) in [
        ("both allow", &from, &to, "done"),
        ("the source does not", &closed, &to, DENIED),
        ("the destination does not", &from, &closed, DENIED),
        ("each allows the other side", &to, &from, DENIED),
    ] {
        let blob = sealed(&world.root_of(OWNER), source).await;
        let mut input = json!({ "CiphertextBlob": blob, "DestinationKeyId": destination });
        results.row(
            REENCRYPT,
            what,
            outcome(&mover.kms("ReEncrypt", &input).await),
            expected,
        );
        input["DryRun"] = json!(true);
        let dry = if expected == "done" {
            WOULD_BE_DONE
        } else {
            expected
        };
        results.row(
            DRY,
            &format!("{what}, in a dry run"),
            outcome(&mover.kms("ReEncrypt", &input).await),
            dry,
        );
    }
    results.assert();

    let blob = sealed(&world.root_of(OWNER), &from).await;
    let answer = mover
        .kms(
            "ReEncrypt",
            &json!({ "CiphertextBlob": blob, "DestinationKeyId": to }),
        )
        .await;
    let answer = answer.expect("a ciphertext");
    assert_eq!(
        (&answer["SourceKeyId"], &answer["KeyId"]),
        (&json!(from), &json!(to))
    );
    let opened = world
        .root_of(OWNER)
        .kms(
            "Decrypt",
            &json!({ "CiphertextBlob": answer["CiphertextBlob"] }),
        )
        .await;
    assert_eq!(opened.expect("a plaintext")["Plaintext"], json!(SECRET));
}

#[tokio::test]
async fn a_dry_run_says_whether_the_call_would_succeed() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let may = world.session(OTHER, "may", &["kms:*"]).await;
    let may_not = world.session(OTHER, "may-not", &[]).await;
    let key = world.key(&[allow(&root(OTHER), "kms:*")]).await;
    let blob = sealed(&owner, &key).await;
    let granted =
        json!({ "KeyId": key, "GranteePrincipal": role(OTHER, "may"), "Operations": ["Decrypt"] });
    let grant = owner.kms("CreateGrant", &granted).await.expect("a grant")["GrantId"].clone();
    let calls = [
        ("Encrypt", json!({ "KeyId": key, "Plaintext": SECRET })),
        ("Decrypt", json!({ "KeyId": key, "CiphertextBlob": blob })),
        (
            "Decrypt",
            json!({ "KeyId": key, "DryRunModifiers": ["IGNORE_CIPHERTEXT"] }),
        ),
        (
            "GenerateDataKey",
            json!({ "KeyId": key, "KeySpec": "AES_256" }),
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            json!({ "KeyId": key, "KeySpec": "AES_256" }),
        ),
        ("CreateGrant", granted.clone()),
        ("RevokeGrant", json!({ "KeyId": key, "GrantId": grant })),
    ];
    let mut results = Results::default();
    for (operation, mut input) in calls.clone() {
        input["DryRun"] = json!(true);
        results.row(
            DRY,
            operation,
            outcome(&may.kms(operation, &input).await),
            WOULD_BE_DONE,
        );
        let got = outcome(&may_not.kms(operation, &input).await);
        results.row(DRY, &format!("{operation} without permission"), got, DENIED);
    }
    owner
        .kms("DisableKey", &json!({ "KeyId": key }))
        .await
        .expect("a key");
    for (operation, mut input) in calls.into_iter().take(5) {
        input["DryRun"] = json!(true);
        let got = outcome(&may.kms(operation, &input).await);
        results.row(
            DRY,
            &format!("{operation} with a disabled key"),
            got,
            "DisabledException",
        );
    }
    results.assert();

    let grants = owner
        .kms("ListGrants", &json!({ "KeyId": key }))
        .await
        .expect("grants");
    assert_eq!(
        grants["Grants"].as_array().map(Vec::len),
        Some(1),
        "a dry run leaves nothing behind: {grants}"
    );
    owner
        .kms("EnableKey", &json!({ "KeyId": key }))
        .await
        .expect("a key");
    let told = message(
        may.kms(
            "Encrypt",
            &json!({ "KeyId": key, "Plaintext": SECRET, "DryRun": true }),
        )
        .await,
    );
    assert_eq!(
        told,
        "The request would have succeeded, but the DryRun option is set."
    );
}

#[tokio::test]
async fn what_is_not_about_a_key_goes_through() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let key = world.key_with(&[owner_administers()]).await;

    let keys = owner.kms("ListKeys", &json!({})).await.expect("keys");
    let keys = keys["Keys"].as_array().expect("keys").clone();
    assert!(
        keys.iter().any(|one| one["KeyArn"] == json!(key)),
        "{keys:?}"
    );
    assert_eq!(outcome(&owner.kms("ListAliases", &json!({})).await), "done");
    assert_eq!(
        outcome(
            &owner
                .kms("GenerateRandom", &json!({ "NumberOfBytes": 8 }))
                .await
        ),
        "done"
    );
    assert_eq!(
        outcome(
            &owner
                .kms("RotateKeyOnDemand", &json!({ "KeyId": key }))
                .await
        ),
        "InvalidAction"
    );
}

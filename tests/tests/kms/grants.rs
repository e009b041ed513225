//! Grants, and who may make, use and end them.

use local_stack::aws::Aws;
use serde_json::{Value, json};

use super::world::{OTHER, OWNER, Page, Results, World, allow, outcome, role, root, use_key};

const GRANTS: Page = "developerguide/grants.html";
const CREATING: Page = "developerguide/create-grant-overview.html";
const ENDING: Page = "developerguide/grant-delete.html";

const DENIED: &str = "AccessDeniedException";

async fn grant(
    by: &Aws,
    key: &str,
    grantee: &str,
    operations: &[&str],
) -> Result<Value, local_stack::aws::CallError> {
    let input = json!({ "KeyId": key, "GranteePrincipal": grantee, "Operations": operations });
    by.kms("CreateGrant", &input).await
}

#[tokio::test]
async fn a_grant_lets_its_grantee_do_its_operations() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let key = world.key(&[]).await;
    let mut results = Results::default();
    // The grant alone is enough, across accounts too: Auto Scaling's role has no permission for keys.
    let scaling = world.session(OTHER, "scaling", &[]).await;
    results.row(
        GRANTS,
        "without a grant",
        use_key(&scaling, &key).await,
        DENIED,
    );
    grant(&owner, &key, &role(OTHER, "scaling"), &["GenerateDataKey"])
        .await
        .expect("a grant");
    results.row(
        GRANTS,
        "with a grant",
        use_key(&scaling, &key).await,
        "done",
    );
    let got = outcome(&scaling.kms("DescribeKey", &json!({ "KeyId": key })).await);
    results.row(GRANTS, "an operation that is not in the grant", got, DENIED);
    let other = world.session(OTHER, "other", &[]).await;
    results.row(GRANTS, "somebody else", use_key(&other, &key).await, DENIED);
    let other_key = world.key(&[]).await;
    results.row(
        GRANTS,
        "another key",
        use_key(&scaling, &other_key).await,
        DENIED,
    );

    let denying = world
        .key(&[super::world::deny(&role(OTHER, "scaling"), "kms:*")])
        .await;
    grant(
        &owner,
        &denying,
        &role(OTHER, "scaling"),
        &["GenerateDataKey"],
    )
    .await
    .expect("a grant");
    results.row(
        "developerguide/policy-evaluation.html",
        "the key policy denies",
        use_key(&scaling, &denying).await,
        DENIED,
    );

    let nobody = grant(&owner, &key, &role(OTHER, "nobody"), &["Decrypt"]).await;
    results.row(
        CREATING,
        "a grantee that does not exist",
        outcome(&nobody),
        "InvalidArnException",
    );
    results.assert();
}

#[tokio::test]
async fn a_grantee_hands_on_only_what_it_has() {
    let world = World::start().await;
    let key = world.key(&[]).await;
    let scaling = world.session(OTHER, "scaling", &[]).await;
    let instance = world.session(OTHER, "instance", &[]).await;
    let me = role(OTHER, "instance");
    grant(
        &world.root_of(OWNER),
        &key,
        &role(OTHER, "scaling"),
        &["GenerateDataKey", "CreateGrant"],
    )
    .await
    .expect("a grant");
    let mut results = Results::default();

    let more = grant(&scaling, &key, &me, &["GenerateDataKey", "Decrypt"]).await;
    results.row(CREATING, "more than it has", outcome(&more), DENIED);
    let same = grant(&scaling, &key, &me, &["GenerateDataKey"]).await;
    results.row(CREATING, "what it has", outcome(&same), "done");
    results.row(
        CREATING,
        "what was handed on",
        use_key(&instance, &key).await,
        "done",
    );
    results.assert();
}

#[tokio::test]
async fn an_encryption_context_narrows_a_grant() {
    let world = World::start().await;
    let key = world.key(&[]).await;
    let scaling = world.session(OTHER, "scaling", &[]).await;
    let input = json!({ "KeyId": key, "GranteePrincipal": role(OTHER, "scaling"), "Operations": ["GenerateDataKey", "DescribeKey"],
        "Constraints": { "EncryptionContextSubset": { "aws:ebs:id": "vol-1" } } });
    world
        .root_of(OWNER)
        .kms("CreateGrant", &input)
        .await
        .expect("a grant");
    let generate = async |context: Value| {
        let input = json!({ "KeyId": key, "KeySpec": "AES_256", "EncryptionContext": context });
        outcome(&scaling.kms("GenerateDataKey", &input).await)
    };

    assert_eq!(
        generate(json!({ "aws:ebs:id": "vol-1", "more": "x" })).await,
        "done"
    );
    assert_eq!(generate(json!({ "aws:ebs:id": "vol-2" })).await, DENIED);
    assert_eq!(generate(json!({})).await, DENIED);
    assert_eq!(
        outcome(&scaling.kms("DescribeKey", &json!({ "KeyId": key })).await),
        "done"
    );
}

#[tokio::test]
async fn only_permitted_callers_end_grants() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let key = world.key(&[allow(&root(OTHER), "kms:RevokeGrant")]).await;
    let scaling = world.session(OTHER, "scaling", &[]).await;
    let revoking = world
        .session(OTHER, "revoking", &["kms:RevokeGrant", "kms:RetireGrant"])
        .await;
    let retiring = world.session(OTHER, "retiring", &[]).await;
    let made = async |operations: &[&str]| {
        let input = json!({ "KeyId": key, "GranteePrincipal": role(OTHER, "scaling"), "Operations": operations,
            "RetiringPrincipal": role(OTHER, "retiring") });
        let answer = owner.kms("CreateGrant", &input).await.expect("a grant");
        json!({ "KeyId": key, "GrantId": answer["GrantId"] })
    };
    let mut results = Results::default();

    let one = made(&["Decrypt"]).await;
    results.row(
        ENDING,
        "revoked without permission",
        outcome(&scaling.kms("RevokeGrant", &one).await),
        DENIED,
    );
    results.row(
        ENDING,
        "retired by a grantee without it",
        outcome(&scaling.kms("RetireGrant", &one).await),
        DENIED,
    );
    results.row(
        ENDING,
        "retired by permission alone",
        outcome(&revoking.kms("RetireGrant", &one).await),
        DENIED,
    );
    results.row(
        ENDING,
        "revoked with permission",
        outcome(&revoking.kms("RevokeGrant", &one).await),
        "done",
    );
    results.row(
        ENDING,
        "revoked twice",
        outcome(&revoking.kms("RevokeGrant", &one).await),
        "NotFoundException",
    );
    let one = made(&["Decrypt"]).await;
    results.row(
        ENDING,
        "retired by the retiring principal",
        outcome(&retiring.kms("RetireGrant", &one).await),
        "done",
    );
    let one = made(&["Decrypt", "RetireGrant"]).await;
    results.row(
        ENDING,
        "retired by a grantee with it",
        outcome(&scaling.kms("RetireGrant", &one).await),
        "done",
    );
    let one = made(&["Decrypt"]).await;
    results.row(
        ENDING,
        "retired by the account of the key",
        outcome(&owner.kms("RetireGrant", &one).await),
        "done",
    );
    results.assert();
    assert_eq!(
        listed(&owner, &json!({ "KeyId": key })).await,
        Vec::<Value>::new()
    );
}

#[tokio::test]
async fn grants_are_listed_by_grantee_and_in_pages() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let key = world.key(&[allow(&root(OTHER), "kms:*")]).await;
    let other = world.session(OTHER, "other", &["kms:*"]).await;
    for name in ["a", "b"] {
        world.make_role(OTHER, "/", name).await;
        for _ in 0..3 {
            grant(&other, &key, &role(OTHER, name), &["Decrypt"])
                .await
                .expect("a grant");
        }
    }
    let of_a = listed(
        &owner,
        &json!({ "KeyId": key, "GranteePrincipal": role(OTHER, "a"), "Limit": 2 }),
    )
    .await;
    assert_eq!(of_a.len(), 3, "{of_a:#?}");
    assert!(
        of_a.iter()
            .all(|grant| grant["GranteePrincipal"] == json!(role(OTHER, "a"))),
        "{of_a:#?}"
    );
    assert!(
        of_a.iter()
            .all(|grant| grant["IssuingAccount"] == json!(root(OTHER))),
        "{of_a:#?}"
    );

    // <https://github.com/hashicorp/terraform-provider-aws/issues/29340>
    world.delete_role(OTHER, "a").await;
    let all = listed(&owner, &json!({ "KeyId": key })).await;
    let gone = all.iter().filter(|grant| {
        grant["GranteePrincipal"]
            .as_str()
            .is_some_and(|id| id.starts_with("AROA"))
    });
    assert_eq!((all.len(), gone.count()), (6, 3), "{all:#?}");
    let again = world.session(OTHER, "a", &[]).await;
    let input = json!({ "KeyId": key, "CiphertextBlob": "AA==" });
    assert_eq!(outcome(&again.kms("Decrypt", &input).await), DENIED);
}

/// Every page.
async fn listed(aws: &Aws, input: &Value) -> Vec<Value> {
    let (mut input, mut grants) = (input.clone(), Vec::new());
    loop {
        let mut page = aws.kms("ListGrants", &input).await.expect("a page");
        grants.extend(page["Grants"].as_array().expect("grants").clone());
        if page["Truncated"] == json!(false) {
            return grants;
        }
        input["Marker"] = page["NextMarker"].take();
    }
}

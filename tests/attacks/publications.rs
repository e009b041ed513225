//! An administrator's role of the building account, which may do everything with S3 and KMS.

use goldsmith_tests::{Documents, Factory};
use local_stack::aws::{Aws, CallError};
use local_stack::{ACCOUNT, Config};
use serde_json::json;

const EVERYTHING: [&str; 2] = ["s3:*", "kms:*"];

/// Whether a call was refused for want of a right; panics at any other refusal.
fn denied<T: std::fmt::Debug>(answer: Result<T, CallError>) -> bool {
    match answer {
        Ok(_) => false,
        Err(CallError::Refused { message, .. }) if message.contains("AccessDenied") => true,
        Err(other) => panic!("{other}"),
    }
}

async fn start(parameters: &[(&str, String)]) -> Factory {
    let owned = parameters
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()));
    Factory::start_with(Config {
        enforce_iam: true,
        parameters: owned.collect(),
        ..Config::default()
    })
    .await
}

async fn acting_as(factory: &Factory, name: &str) -> Aws {
    factory.make_role(ACCOUNT, name, ACCOUNT, &EVERYTHING).await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    factory.aws.as_role(&role).await.expect("a session")
}

#[tokio::test]
async fn an_administrator_cannot_forge_what_consumers_read() {
    let factory = start(&[]).await;
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    factory.upload(&documents).await;
    let bucket = &factory.outputs.output_bucket;
    let published = "images/110304/image.json";
    let before = factory.output(published).await.expect("a publication");
    let administrator = acting_as(&factory, "administrator").await;

    for key in [
        published,
        "images/110304/image-eu-west-1.json",
        "images/999999/image.json",
        "leases/key-policy.json",
        "quarantine.json",
        "reports/latest.json",
    ] {
        let forged = b"{}".to_vec();
        let answer = administrator.put_object(bucket, key, forged).await;
        assert!(denied(answer), "{key} was written");
    }
    assert!(denied(administrator.delete_object(bucket, published).await));

    let after = factory.output(published).await.expect("a publication");
    assert_eq!(after, before);
    // What docs/operations.md tells a person to do stays possible.
    assert!(!denied(
        administrator.delete_object(bucket, "quarantine.json").await
    ));
    factory.assert_settled().await;
}

#[tokio::test]
async fn an_administrator_cannot_sign_and_reads_the_public_key() {
    let factory = start(&[]).await;
    let key = &factory.outputs.signing_key_arn;
    let administrator = acting_as(&factory, "administrator").await;
    let message =
        json!({ "KeyId": key, "Message": "Zm9yZ2Vk", "SigningAlgorithm": "ECDSA_SHA_256" });

    for who in [&administrator, &factory.aws] {
        assert!(denied(who.kms("Sign", &message).await));
        let grant = json!({ "KeyId": key, "Operations": ["Sign"],
            "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:role/administrator") });
        assert!(denied(who.kms("CreateGrant", &grant).await));
    }

    let asked = json!({ "KeyId": key });
    let public = administrator.kms("GetPublicKey", &asked).await;
    let public = public.expect("a public key");
    assert_eq!(public["KeySpec"], "ECC_NIST_P256", "{public}");
}

#[tokio::test]
async fn only_a_named_uploader_writes_documents() {
    let uploader = format!("arn:aws:iam::{ACCOUNT}:role/uploader");
    let factory = start(&[("UploaderArns", uploader)]).await;
    let bucket = &factory.outputs.document_bucket;
    let administrator = acting_as(&factory, "administrator").await;
    let named = acting_as(&factory, "uploader").await;
    let document = || b"{}".to_vec();

    let written = named.put_object(bucket, "environment.json", document());
    assert!(!denied(written.await));

    for key in ["environment.json", "ami-versions.json", "components/x.yml"] {
        let answer = administrator.put_object(bucket, key, document()).await;
        assert!(denied(answer), "{key} was written");
        assert!(denied(administrator.delete_object(bucket, key).await));
    }
    for who in [&administrator, &named] {
        let gone = who.delete_version(bucket, "environment.json", "null").await;
        assert!(denied(gone), "a version was deleted");
    }
}

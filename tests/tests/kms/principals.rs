//! Whom a key policy can name, and what becomes of the names.

use serde_json::{Value, json};

use super::world::{
    OTHER, OWNER, Page, Results, World, allow, message, outcome, owner_administers, policy, role,
    root, use_key,
};

const PRINCIPALS: Page = "APIReference/API_PutKeyPolicy.html#API_PutKeyPolicy_RequestSyntax";
const ELEMENT: &str = "IAM/latest/UserGuide/reference_policies_elements_principal.html";
const GONE: &str = "https://repost.aws/knowledge-center/kms-policy-error-invalid-principals";

const MALFORMED: &str = "MalformedPolicyDocumentException";
const INVALID: &str = "Policy contains a statement with one or more invalid principals.";

#[tokio::test]
async fn a_principal_must_exist() {
    let world = World::start().await;
    let key = world.key(&[]).await;
    world.make_role(OTHER, "/", "launch").await;
    world.make_role(OTHER, "/team/", "inside").await;
    world
        .make_role(
            OTHER,
            "/aws-service-role/autoscaling.amazonaws.com/",
            "AWSServiceRoleForAutoScaling",
        )
        .await;
    world
        .root_of(OTHER)
        .iam("CreateUser", &[("UserName", "anna")])
        .await
        .expect("a user");
    world.overrides().account_is_unknown("999999999999");
    let linked = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    let mut results = Results::default();
    for (page, principal, expected) in [
        (ELEMENT, json!("*"), "done"),
        (ELEMENT, json!({ "AWS": "*" }), "done"),
        (ELEMENT, json!({ "AWS": root(OTHER) }), "done"),
        (ELEMENT, json!({ "AWS": OTHER }), "done"),
        (
            ELEMENT,
            json!({ "AWS": [root(OTHER), root(OWNER)] }),
            "done",
        ),
        (
            ELEMENT,
            json!({ "Service": "cloudwatch.amazonaws.com" }),
            "done",
        ),
        (ELEMENT, json!({ "AWS": role(OTHER, "launch") }), "done"),
        (
            ELEMENT,
            json!({ "AWS": role(OTHER, "team/inside") }),
            "done",
        ),
        (ELEMENT, json!({ "AWS": role(OTHER, linked) }), "done"),
        (
            ELEMENT,
            json!({ "AWS": format!("arn:aws:iam::{OTHER}:user/anna") }),
            "done",
        ),
        (
            ELEMENT,
            json!({ "AWS": format!("arn:aws:sts::{OTHER}:assumed-role/launch/me") }),
            "done",
        ),
        (
            PRINCIPALS,
            json!({ "AWS": role(OTHER, "nobody") }),
            MALFORMED,
        ),
        (
            PRINCIPALS,
            json!({ "AWS": role(OWNER, "launch") }),
            MALFORMED,
        ),
        (
            PRINCIPALS,
            json!({ "AWS": role(OTHER, "inside") }),
            MALFORMED,
        ),
        (
            PRINCIPALS,
            json!({ "AWS": [role(OTHER, "launch"), role(OTHER, "nobody")] }),
            MALFORMED,
        ),
        (
            PRINCIPALS,
            json!({ "AWS": format!("arn:aws:iam::{OTHER}:user/launch") }),
            MALFORMED,
        ),
        (
            PRINCIPALS,
            json!({ "AWS": root("999999999999") }),
            MALFORMED,
        ),
        (
            PRINCIPALS,
            json!({ "AWS": role("999999999999", "launch") }),
            MALFORMED,
        ),
        (
            PRINCIPALS,
            json!({ "AWS": root(OTHER).replace("aws", "aws-cn") }),
            MALFORMED,
        ),
        (
            ELEMENT,
            json!({ "AWS": format!("arn:aws:iam::{OTHER}:role/*") }),
            MALFORMED,
        ),
        (
            ELEMENT,
            json!({ "AWS": format!("arn:aws:iam::{OTHER}:group/all") }),
            MALFORMED,
        ),
        (ELEMENT, json!(OTHER), MALFORMED),
        (GONE, json!({ "AWS": "AROAEXAMPLEEXAMPLE000" }), MALFORMED),
    ] {
        let statement = json!({ "Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*" });
        let written = world
            .root_of(OWNER)
            .put_key_policy(&key, &policy(&[owner_administers(), statement]))
            .await;
        results.row(page, &principal.to_string(), outcome(&written), expected);
        if written.is_err() {
            assert_eq!(message(written), INVALID, "{principal}");
        }
    }
    results.assert();
}

#[tokio::test]
async fn a_role_that_is_gone_shows_as_its_id_and_blocks_the_next_write() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let session = world.session(OTHER, "launch", &["kms:*"]).await;
    let launch = role(OTHER, "launch");
    let condition = json!({ "ArnLike": { "aws:PrincipalArn": launch } });
    let by_condition = json!({ "Sid": "By condition", "Effect": "Allow", "Principal": { "AWS": root(OTHER) },
        "Action": "kms:Encrypt", "Resource": "*", "Condition": condition });
    let key = world
        .key(&[allow(&launch, "kms:GenerateDataKey"), by_condition.clone()])
        .await;
    let before = owner.key_policy(&key).await.expect("a policy");
    assert_eq!(use_key(&session, &key).await, "done");

    world
        .root_of(OTHER)
        .iam(
            "DeleteRolePolicy",
            &[("RoleName", "launch"), ("PolicyName", "own")],
        )
        .await
        .expect("no policy");
    world.delete_role(OTHER, "launch").await;

    let after = owner.key_policy(&key).await.expect("a policy");
    let gone = principal_of(&after, 1);
    assert!(gone.starts_with("AROA"), "{after}");
    assert_eq!(
        after.replace(&gone, &launch),
        before,
        "only the principal changes"
    );
    assert_eq!(
        statement(&after, 2),
        by_condition,
        "a condition keeps the name"
    );
    let written = owner.put_key_policy(&key, &after).await;
    assert_eq!(outcome(&written), MALFORMED);
    assert_eq!(message(written), INVALID);

    // Whoever has the name now is somebody else.
    let again = world.session(OTHER, "launch", &["kms:*"]).await;
    assert_eq!(
        principal_of(&owner.key_policy(&key).await.expect("a policy"), 1),
        gone
    );
    assert_eq!(use_key(&again, &key).await, "AccessDeniedException");
    assert_eq!(use_key(&session, &key).await, "UnrecognizedClientException");
    // By condition the name is all that counts.
    let input = json!({ "KeyId": key, "Plaintext": "AA==" });
    assert_eq!(outcome(&again.kms("Encrypt", &input).await), "done");
    // Written again, the name means the new role.
    owner.put_key_policy(&key, &before).await.expect("a policy");
    assert_eq!(owner.key_policy(&key).await.expect("a policy"), before);
    assert_eq!(use_key(&again, &key).await, "done");
}

#[tokio::test]
async fn a_session_and_a_user_can_be_named() {
    let world = World::start().await;
    let launch = world.session(OWNER, "launch", &[]).await;
    let named = format!("arn:aws:sts::{OWNER}:assumed-role/launch/session");
    let other = format!("arn:aws:sts::{OWNER}:assumed-role/launch/other");

    let key = world.key(&[allow(&named, "kms:GenerateDataKey")]).await;
    assert_eq!(use_key(&launch, &key).await, "done");
    let key = world.key(&[allow(&other, "kms:GenerateDataKey")]).await;
    assert_eq!(use_key(&launch, &key).await, "AccessDeniedException");

    let iam = world.root_of(OWNER);
    iam.iam("CreateUser", &[("UserName", "anna")])
        .await
        .expect("a user");
    let anna = iam.as_user("anna").await.expect("a key of hers");
    let key = world.key(&[]).await;
    assert_eq!(use_key(&anna, &key).await, "AccessDeniedException");
    let key = world
        .key(&[allow(
            &format!("arn:aws:iam::{OWNER}:user/anna"),
            "kms:GenerateDataKey",
        )])
        .await;
    assert_eq!(use_key(&anna, &key).await, "done");
}

fn statement(policy: &str, index: usize) -> Value {
    let policy: Value = serde_json::from_str(policy).expect("a policy");
    policy["Statement"][index].clone()
}

fn principal_of(policy: &str, index: usize) -> String {
    statement(policy, index)["Principal"]["AWS"]
        .as_str()
        .expect("one principal")
        .to_owned()
}

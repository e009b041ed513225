//! What can be written as a key policy.

use serde_json::{Value, json};

use super::world::{
    OTHER, OWNER, Page, Results, World, allow, message, outcome, owner_administers, policy, role,
    root,
};

const FORMAT: Page = "developerguide/key-policy-overview.html";
const PUT: Page = "APIReference/API_PutKeyPolicy.html";
const LIMITS: Page = "developerguide/resource-limits.html";
const LOCKOUT: Page = "developerguide/key-policy-default.html#prevent-unmanageable-key";

const MALFORMED: &str = "MalformedPolicyDocumentException";

/// A policy of so many bytes, the owner's root being let in.
fn of_bytes(bytes: usize) -> String {
    let empty = json!({ "Version": "2012-10-17", "Id": "", "Statement": [owner_administers()] })
        .to_string();
    let id = "x".repeat(bytes - empty.len());
    empty.replace(r#""Id":"""#, &format!(r#""Id":"{id}""#))
}

fn put(key: &str, policy: &str) -> Value {
    json!({ "KeyId": key, "PolicyName": "default", "Policy": policy })
}

#[tokio::test]
async fn a_policy_is_taken_as_documented() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let key = world.key(&[]).await;
    let with = |statement: Value| policy(&[owner_administers(), statement]);
    let mut results = Results::default();
    for (page, what, policy, expected) in [
        (LIMITS, "32,768 bytes", of_bytes(32_768), "done"),
        (
            LIMITS,
            "32,769 bytes",
            of_bytes(32_769),
            "LimitExceededException",
        ),
        (
            PUT,
            "Latin-1",
            with(
                json!({ "Sid": "Schl\u{fc}ssel \u{ff}", "Effect": "Allow", "Principal": "*", "Action": "kms:ListKeys", "Resource": "*" }),
            ),
            "done",
        ),
        (
            PUT,
            "beyond Latin-1",
            with(
                json!({ "Sid": "\u{100}", "Effect": "Allow", "Principal": "*", "Action": "kms:ListKeys", "Resource": "*" }),
            ),
            MALFORMED,
        ),
        (
            PUT,
            "a control character",
            policy(&[owner_administers()]) + "\u{b}",
            MALFORMED,
        ),
        (
            PUT,
            "tab, line feed and carriage return",
            policy(&[owner_administers()]) + "\t\r\n",
            "done",
        ),
        (PUT, "no JSON", "{".to_owned(), MALFORMED),
        (
            FORMAT,
            "no statement",
            json!({ "Version": "2012-10-17" }).to_string(),
            MALFORMED,
        ),
        (
            FORMAT,
            "an effect that there is not",
            with(
                json!({ "Effect": "Permit", "Principal": "*", "Action": "kms:*", "Resource": "*" }),
            ),
            MALFORMED,
        ),
        (
            FORMAT,
            "no principal",
            with(json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*" })),
            MALFORMED,
        ),
        (
            PUT,
            "no action",
            with(
                json!({ "Effect": "Allow", "Principal": { "AWS": root(OTHER) }, "Resource": "*" }),
            ),
            "done",
        ),
        (
            PUT,
            "no resource",
            with(
                json!({ "Effect": "Allow", "Principal": { "AWS": root(OTHER) }, "Action": "kms:*" }),
            ),
            "done",
        ),
    ] {
        results.row(
            page,
            what,
            outcome(&owner.kms("PutKeyPolicy", &put(&key, &policy)).await),
            expected,
        );
        let got = outcome(&owner.kms("CreateKey", &json!({ "Policy": policy })).await);
        results.row(page, &format!("{what}, by CreateKey"), got, expected);
    }
    results.assert();
}

#[tokio::test]
async fn a_policy_that_is_refused_leaves_the_old_one() {
    let world = World::start().await;
    let key = world.key(&[allow(&root(OTHER), "kms:Decrypt")]).await;
    let owner = world.root_of(OWNER);
    let before = owner.key_policy(&key).await.expect("a policy");

    assert!(owner.put_key_policy(&key, &of_bytes(32_769)).await.is_err());

    assert_eq!(owner.key_policy(&key).await.expect("a policy"), before);
}

#[tokio::test]
async fn a_policy_is_shown_as_it_was_written() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let key = world.key(&[]).await;
    let text = format!("{{\n  \"Statement\" :\t[{}]\n}}\n", owner_administers());

    owner.put_key_policy(&key, &text).await.expect("a policy");

    assert_eq!(owner.key_policy(&key).await.expect("a policy"), text);
}

#[tokio::test]
async fn no_caller_locks_itself_out_by_accident() {
    let world = World::start().await;
    let admin = world.session(OWNER, "admin", &["kms:*"]).await;
    let me = role(OWNER, "admin");
    let mut results = Results::default();
    for (what, statements, expected) in [
        ("the account decides", vec![owner_administers()], "done"),
        (
            "the caller is named",
            vec![allow(&me, "kms:PutKeyPolicy")],
            "done",
        ),
        (
            "everything for the caller",
            vec![allow(&me, "kms:*")],
            "done",
        ),
        (
            "another account",
            vec![allow(&root(OTHER), "kms:*")],
            MALFORMED,
        ),
        (
            "everything but that",
            vec![allow(&me, "kms:Get*")],
            MALFORMED,
        ),
        (
            "allowed, and denied",
            vec![owner_administers(), denied(&me)],
            MALFORMED,
        ),
        (
            "allowed on another key",
            vec![on_another_key(&me)],
            MALFORMED,
        ),
    ] {
        let key = world.key(&[]).await;
        let mut input = put(&key, &policy(&statements));
        results.row(
            LOCKOUT,
            what,
            outcome(&admin.kms("PutKeyPolicy", &input).await),
            expected,
        );
        input["BypassPolicyLockoutSafetyCheck"] = json!(true);
        let got = outcome(&admin.kms("PutKeyPolicy", &input).await);
        results.row(
            LOCKOUT,
            &format!("{what}, and the check is bypassed"),
            got,
            "done",
        );
    }
    results.assert();

    let key = world.key(&[]).await;
    let told = message(
        admin
            .kms(
                "PutKeyPolicy",
                &put(&key, &policy(&[allow(&root(OTHER), "kms:*")])),
            )
            .await,
    );
    assert_eq!(
        told,
        "The new key policy will not allow you to update the key policy in the future."
    );
}

fn denied(principal: &str) -> Value {
    super::world::deny(principal, "kms:PutKeyPolicy")
}

fn on_another_key(principal: &str) -> Value {
    let mut statement = allow(principal, "kms:*");
    statement["Resource"] = json!("arn:aws:kms:us-east-1:111122223333:key/another");
    statement
}

#[tokio::test]
async fn what_the_lockout_check_let_pass_is_in_force() {
    let world = World::start().await;
    let owner = world.root_of(OWNER);
    let key = world.key(&[]).await;
    let mut input = put(&key, &policy(&[allow(&root(OTHER), "kms:Decrypt")]));
    input["BypassPolicyLockoutSafetyCheck"] = json!(true);
    owner.kms("PutKeyPolicy", &input).await.expect("a policy");

    assert_eq!(
        outcome(&owner.key_policy(&key).await),
        "AccessDeniedException"
    );
    assert_eq!(
        outcome(
            &owner
                .put_key_policy(&key, &policy(&[owner_administers()]))
                .await
        ),
        "AccessDeniedException"
    );
}

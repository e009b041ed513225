//! Roles that are deleted, and made again: IAM then shows a policy's principal as `AROA...`.

use goldsmith_tests::{BASE, Documents, Factory};
use local_stack::ACCOUNT;
use serde_json::{Value, json};

const NEWCOMER: &str = "333333333333";
const TRAINEE: &str = "444444444444";
const ROLE: &str = "mstr-launch";

#[tokio::test]
async fn a_launching_role_that_is_made_again_keeps_its_access_and_stops_no_write() {
    let documents = Documents::of_recipes(["110304"]).with_consumer(NEWCOMER);
    let factory = Factory::with(&documents).await;
    for role in [ROLE, "other"] {
        factory
            .make_role(NEWCOMER, role, NEWCOMER, &["kms:*"])
            .await;
    }
    assert!(factory.may_use_the_key(NEWCOMER, ROLE).await);
    assert!(
        !factory.may_use_the_key(NEWCOMER, "other").await,
        "a role that nobody named"
    );

    factory.delete_role(NEWCOMER, ROLE).await;
    factory.upload(&documents.with_consumer(TRAINEE)).await;

    let access = factory.access().await;
    assert_eq!(
        access.admitted(TRAINEE),
        [arn(TRAINEE, ROLE)],
        "the key is written meanwhile"
    );
    assert_eq!(access.admitted(NEWCOMER), [arn(NEWCOMER, ROLE)]);
    factory
        .make_role(NEWCOMER, ROLE, NEWCOMER, &["kms:*"])
        .await;
    assert!(factory.may_use_the_key(NEWCOMER, ROLE).await);
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_foreign_statement_of_a_deleted_role_stops_only_the_key_and_the_report_names_the_fix() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    let build = factory.recipe("110304").await.newest().clone();
    let before = factory.key_policy().await;
    factory
        .make_role(TRAINEE, "audit", TRAINEE, &["kms:*"])
        .await;
    write_key_policy(&factory, &with_audit(&before)).await;
    factory.assert_settled().await;
    factory.delete_role(TRAINEE, "audit").await;
    factory.assert_settled().await;
    let standing = factory.key_policy().await;
    assert!(standing.contains("AROA"), "{standing}");
    let topic = factory.listen().await;

    factory
        .upload(
            &documents
                .with_consumer(NEWCOMER)
                .with_recipe("110302", BASE),
        )
        .await;

    let report = factory.assert_settled_but_refused().await;
    let refused = report
        .refused_for("key-policy")
        .unwrap_or_else(|| panic!("{report:#?}"));
    let fix = "put the ARN of what replaces it in its place";
    for part in ["statement Audit", "AROA", "kms:DescribeKey", fix] {
        assert!(refused.reason.contains(part), "{part}: {refused:#?}");
    }
    assert_eq!(report.refused.len(), 1, "{report:#?}");
    assert_eq!(factory.key_policy().await, standing, "the key is as it was");
    let told = topic.heard().await;
    let alarms: Vec<_> = told
        .iter()
        .filter(|told| told.message.contains(&refused.reason))
        .collect();
    assert_eq!(alarms.len(), 1, "one alarm, however many runs: {told:#?}");

    let added = factory.recipe("110302").await;
    factory.assert_published("110302", added.newest()).await;
    assert!(
        factory.readers().await.contains(&NEWCOMER.to_owned()),
        "it may read already"
    );
    let distributed = factory.recipe("110304").await;
    assert!(
        distributed.shared_with().contains(&NEWCOMER),
        "{distributed:#?}"
    );

    write_key_policy(&factory, &before).await;
    factory.reconcile().await;
    assert_eq!(
        factory.access().await.admitted(NEWCOMER),
        [arn(NEWCOMER, ROLE)]
    );
    assert!(
        factory
            .ami(&build)
            .await
            .shared_with
            .contains(&NEWCOMER.to_owned())
    );
    factory.assert_settled().await;
}

fn arn(account: &str, role: &str) -> String {
    format!("arn:aws:iam::{account}:role/{role}")
}

/// The policy with a statement of somebody else's, whose principal is a role.
fn with_audit(policy: &str) -> String {
    let mut policy: Value = serde_json::from_str(policy).expect("a policy");
    policy["Statement"]
        .as_array_mut()
        .expect("statements")
        .push(json!({
        "Sid": "Audit", "Effect": "Allow", "Principal": { "AWS": arn(TRAINEE, "audit") },
        "Action": "kms:DescribeKey", "Resource": "*" }));
    policy.to_string()
}

async fn write_key_policy(factory: &Factory, policy: &str) {
    let key = &factory.outputs.key_arn;
    factory
        .aws
        .in_account(ACCOUNT)
        .put_key_policy(key, policy)
        .await
        .expect("a policy");
}

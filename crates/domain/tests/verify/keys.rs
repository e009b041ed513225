//! Whether keys let consumers in.

use std::collections::BTreeSet;

use goldsmith_domain::consumers::{GrantAdmin, Organization};
use goldsmith_domain::key_policy::{Access, KeyPolicy};
use goldsmith_domain::verify::{Attempt, Check, Grant, SeenKey, Status};
use serde_json::{Value, json};

use super::*;

/// What launching takes (EBS user guide, "Share the KMS key ...").
const ALL: [&str; 6] = [
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];

fn policy(statements: &[Value]) -> String {
    let admin = json!({"Sid": "Admin", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
                       "Principal": {"AWS": "arn:aws:iam::111122223333:root"}});
    let statements: Vec<&Value> = std::iter::once(&admin).chain(statements).collect();
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn with_key(policy: String, grants: Vec<Grant>) -> Seen {
    Seen {
        keys: [(
            stack().key,
            SeenKey {
                policy: Ok(policy),
                grants: Ok(grants),
            },
        )]
        .into(),
        ..seen()
    }
}

fn of_key(statements: &[Value]) -> (Status, String) {
    said(
        &shared(),
        &with_key(policy(statements), Vec::new()),
        Check::Key,
    )
}

fn grant(grantee: &str, operations: &[&str]) -> Grant {
    let operations: BTreeSet<String> = operations.iter().map(ToString::to_string).collect();
    Grant {
        grantee: grantee.to_owned(),
        operations,
        is_constrained: false,
    }
}

/// A statement about the consumer's account.
fn statement(effect: &str, action: &Value, condition: &Value) -> Value {
    json!({"Sid": "Theirs", "Effect": effect, "Action": action, "Resource": "*",
           "Principal": {"AWS": "222222222222"}, "Condition": condition})
}

/// One policy, told apart from its neighbours by one thing, and what is known of the key then.
type Case = (&'static str, Vec<Value>, Status);

fn check(table: impl IntoIterator<Item = Case>) {
    for (what, statements, status) in table {
        let found = of_key(&statements);
        assert_eq!(found.0, status, "{what}: {}", found.1);
    }
}

/// A statement about every action of KMS.
fn about_all(effect: &str) -> Value {
    statement(effect, &json!("kms:*"), &json!({}))
}

/// The same with a condition.
fn about_all_if(effect: &str, operator: &str, key: &str, value: &str) -> Value {
    statement(effect, &json!("kms:*"), &json!({operator: {key: value}}))
}

/// Rules: IAM user guide, "Policy evaluation logic" and "AWS JSON policy elements: Principal".
#[test]
fn statements_are_read_as_iam_reads_them() {
    let some = |effect: &str, action: Value| statement(effect, &action, &json!({}));
    let allow = || about_all("Allow");
    check([
        ("nothing says anything", vec![], Status::Missing),
        (
            "an account stands for its principals",
            vec![allow()],
            Status::Correct,
        ),
        (
            "a part is not enough",
            vec![some("Allow", json!(["kms:Decrypt", "kms:Describe*"]))],
            Status::Missing,
        ),
        (
            "actions have no case",
            vec![some("Allow", json!("KMS:*"))],
            Status::Correct,
        ),
        (
            "a deny wins",
            vec![allow(), some("Deny", json!("kms:Decrypt"))],
            Status::Incorrect,
        ),
    ]);
}

/// Rules: IAM user guide, "IAM JSON policy elements: Condition operators".
#[test]
fn conditions_are_read_as_iam_reads_them() {
    const OTHER: &str = "arn:aws:iam::222222222222:role/other";
    const EC2: &str = "ec2.us-east-1.amazonaws.com";
    const ELSEWHERE: &str = "ec2.eu-west-1.amazonaws.com";
    let only =
        |operator: &str, key: &str, value: &str| vec![about_all_if("Allow", operator, key, value)];
    let but = |operator: &str, key: &str, value: &str| {
        vec![
            about_all("Allow"),
            about_all_if("Deny", operator, key, value),
        ]
    };
    check([
        (
            "a deny of others is none",
            but("ArnNotLike", "aws:PrincipalArn", LAUNCH),
            Status::Correct,
        ),
        (
            "the role is named",
            only("ArnLike", "aws:PrincipalArn", LAUNCH),
            Status::Correct,
        ),
        (
            "another role is named",
            only("ArnLike", "aws:PrincipalArn", OTHER),
            Status::Missing,
        ),
        (
            "condition keys have no case",
            only("StringEquals", "AWS:principalARN", LAUNCH),
            Status::Correct,
        ),
        (
            "EC2 asks",
            only("StringEquals", "kms:ViaService", EC2),
            Status::Correct,
        ),
        (
            "another Region's EC2 does not",
            only("StringEquals", "kms:ViaService", ELSEWHERE),
            Status::Missing,
        ),
        (
            "only a grant is for an AWS resource",
            only("Bool", "kms:GrantIsForAWSResource", "true"),
            Status::Missing,
        ),
        (
            "the address is not known",
            only("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
            Status::Unknown,
        ),
        (
            "a deny that may apply is a doubt",
            but("StringNotEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
            Status::Unknown,
        ),
        (
            "a policy variable is a doubt",
            only("StringEquals", "aws:PrincipalArn", "${aws:username}"),
            Status::Unknown,
        ),
    ]);
}

#[test]
fn what_stands_in_the_way_is_named() {
    let allow = statement("Allow", &json!("kms:*"), &json!({}));
    let mut deny = statement("Deny", &json!("kms:Decrypt"), &json!({}));
    deny["Sid"] = json!("NoDecrypt");
    assert_eq!(
        of_key(&[allow.clone(), deny]).1,
        "statement NoDecrypt of its policy denies kms:Decrypt"
    );
    let part = statement(
        "Allow",
        &json!(["kms:CreateGrant", "kms:D*", "kms:ReEncrypt*"]),
        &json!({}),
    );
    assert_eq!(
        of_key(&[part]).1,
        "nothing allows kms:GenerateDataKeyWithoutPlaintext"
    );
    assert_eq!(of_key(&[allow]).1, "allowed by Theirs");
}

#[test]
fn a_grant_allows_what_the_policy_is_silent_about_but_not_what_it_denies() {
    let granted = |statements: &[Value], grant: Grant| {
        said(
            &shared(),
            &with_key(policy(statements), vec![grant]),
            Check::Key,
        )
        .0
    };
    assert_eq!(granted(&[], grant(LAUNCH, &ALL)), Status::Correct);
    assert_eq!(granted(&[], grant(LAUNCH, &["Decrypt"])), Status::Missing);
    assert_eq!(
        granted(&[], grant("arn:aws:iam::222222222222:role/other", &ALL)),
        Status::Missing
    );
    let of_a_volume = Grant {
        is_constrained: true,
        ..grant(LAUNCH, &ALL)
    };
    assert_eq!(granted(&[], of_a_volume), Status::Missing);
    let deny = statement("Deny", &json!("kms:*"), &json!({}));
    assert_eq!(granted(&[deny], grant(LAUNCH, &ALL)), Status::Incorrect);
}

/// What reconcile writes is what verify asks for, for every kind of consumer.
#[test]
fn what_is_written_for_the_consumers_lets_every_one_of_them_in() {
    let mut scaling = consumer("444444444444", &["arn:aws:iam::444444444444:role/launch"]);
    let grantee = "arn:aws:iam::444444444444:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    scaling.grant_admin = Some(GrantAdmin {
        role: role("arn:aws:iam::444444444444:role/goldsmith-nonprod-grant-admin"),
        grantees: [role(grantee)].into(),
    });
    let center = "arn:aws:iam::555555555555:role/aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_Deploy_*";
    let accounts = vec![
        consumer(CONSUMER, &[LAUNCH]),
        consumer("333333333333", &[]),
        scaling,
        Account {
            serve: DeliveryMode::Copy,
            ..consumer("555555555555", &[center])
        },
    ];
    let organization = |arn: &str, path: &str| Organization {
        arn: arn.parse().expect("an ARN"),
        path: path.parse().expect("a path"),
        regions: [home()].into(),
    };
    let organizations = vec![
        organization(
            "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5",
            "o-a1b2c3d4e5/*",
        ),
        organization(
            "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-11111111",
            "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*",
        ),
    ];
    let wanted = Desired {
        consumers: Consumers {
            accounts,
            organizations,
        },
        ..shared()
    };
    let before = policy(&[]);
    let access = Access::of(&wanted.consumers, &stack(), &home());
    let after = KeyPolicy::parse(&before)
        .expect("a policy")
        .with(&access)
        .expect("a policy")
        .expect("a change");

    let keys = |text: &str, grants: Vec<Grant>| -> Vec<(String, Status)> {
        let findings = findings(&wanted, &stack(), &with_key(text.to_owned(), grants));
        let of_keys = findings.into_iter().filter(|one| one.check == Check::Key);
        of_keys.map(|one| (one.expected, one.status)).collect()
    };
    let before = keys(&before, Vec::new());
    assert_eq!(
        before.len(),
        8,
        "four accounts with five principals, a grantee, two organizations: {before:#?}"
    );
    assert!(
        before.iter().all(|(_, status)| *status == Status::Missing),
        "{before:#?}"
    );
    let after = keys(&after, vec![grant(grantee, &ALL)]);
    assert!(
        after.iter().all(|(_, status)| *status == Status::Correct),
        "{after:#?}"
    );
}

#[test]
fn the_simulation_of_a_launching_role_says_what_the_consumers_side_lacks() {
    let used = |attempt: Attempt| {
        let seen = Seen {
            key_uses: [((role(LAUNCH), stack().key), attempt)].into(),
            ..seen()
        };
        said(&shared(), &seen, Check::KeyUse)
    };
    let refused = |code: &str| Attempt::Refused {
        code: code.to_owned(),
        message: "no".to_owned(),
    };
    assert_eq!(used(Attempt::Succeeds).0, Status::Correct);
    assert_eq!(
        used(refused("NotAllowed")),
        (Status::Incorrect, "NotAllowed: no".to_owned())
    );
    assert_eq!(used(refused("NoSuchEntity")).0, Status::Missing);
    assert_eq!(
        used(Attempt::NotMade("not assumed".to_owned())),
        (Status::Unknown, "not assumed".to_owned())
    );
}

/// The key's policy names it, and nobody can launch with it.
#[test]
fn a_role_that_does_not_exist_is_missing_whatever_the_key_allows() {
    let of = |attempt: Attempt| {
        let seen = Seen {
            key_uses: [((role(LAUNCH), stack().key), attempt)].into(),
            ..with_key(policy(&[about_all("Allow")]), Vec::new())
        };
        said(&shared(), &seen, Check::Key)
    };
    assert_eq!(of(Attempt::Succeeds).0, Status::Correct);
    let absent = Attempt::Refused {
        code: "NoSuchEntity".to_owned(),
        message: "no".to_owned(),
    };
    let expected = (Status::Missing, "the role does not exist".to_owned());
    assert_eq!(of(absent), expected);
}

#[test]
fn a_policy_that_cannot_be_read_is_unknown_and_one_without_grants_is_judged_by_itself() {
    let unreadable = SeenKey {
        policy: Err("AccessDenied".to_owned()),
        grants: Ok(Vec::new()),
    };
    let seen = |key| Seen {
        keys: [(stack().key, key)].into(),
        ..seen()
    };
    assert_eq!(
        said(&shared(), &seen(unreadable), Check::Key),
        (Status::Unknown, "AccessDenied".to_owned())
    );
    let allow = policy(&[statement("Allow", &json!("kms:*"), &json!({}))]);
    let without_grants = SeenKey {
        policy: Ok(allow),
        grants: Err("AccessDenied".to_owned()),
    };
    assert_eq!(
        said(&shared(), &seen(without_grants), Check::Key).0,
        Status::Correct
    );
}

//! What is not a policy is refused.

use iam_policy::{Effect, ParseError, Policy, Statement, Version};
use serde_json::json;

fn refused(text: &str) -> String {
    Policy::parse(text).expect_err("no policy").to_string()
}

#[test]
fn what_is_not_a_policy_is_refused_with_its_reason() {
    assert!(refused("{").starts_with("it is not JSON: "));
    for (text, why) in [
        ("[]", "the policy is not a JSON object"),
        (r#"{"Version": "2012-10-17"}"#, "Statement is missing"),
        (
            r#"{"Version": "2020-01-01", "Statement": []}"#,
            r#"Version cannot be "2020-01-01""#,
        ),
        (
            r#"{"Owner": "x", "Statement": []}"#,
            "Owner is not an element of a policy",
        ),
        (
            r#"{"Statement": ["s"]}"#,
            "a statement is not a JSON object",
        ),
        (r#"{"Statement": {"Action": "*"}}"#, "Effect is missing"),
        (
            r#"{"Statement": {"Effect": "allow"}}"#,
            r#"Effect cannot be "allow""#,
        ),
        (
            r#"{"Statement": {"Effect": "Allow", "Actions": "*"}}"#,
            "Actions is not an element of a policy",
        ),
        (
            r#"{"Statement": {"Effect": "Allow", "Principal": ["*"]}}"#,
            r#"Principal cannot be ["*"]"#,
        ),
        (
            r#"{"Statement": {"Effect": "Allow", "Condition": {"Null": "true"}}}"#,
            "an operator of Condition is not a JSON object",
        ),
        (
            r#"{"Statement": {"Effect": "Allow", "Condition": {"Null": {"k": null}}}}"#,
            "k cannot be null",
        ),
    ] {
        assert_eq!(refused(text), why, "{text}");
    }
}

#[test]
fn one_value_stands_for_a_list_of_one() {
    let alone = r#"{"Statement": {"Effect": "Deny", "Principal": {"AWS": "a"}, "Action": "b", "Resource": "c", "Condition": {"Bool": {"d": true}}}}"#;
    let listed = r#"{"Statement": [{"Effect": "Deny", "Principal": {"AWS": ["a"]}, "Action": ["b"], "Resource": ["c"], "Condition": {"Bool": {"d": ["true"]}}}]}"#;
    let policy = Policy::parse(alone).expect("a policy");
    assert_eq!(Policy::parse(listed), Ok(policy.clone()));
    assert_eq!(policy.version, Version::V2008);
    assert_eq!(policy.statements[0].effect, Effect::Deny);
}

#[test]
fn a_statement_gives_what_its_conditions_compare() {
    let condition = json!({"StringLike": {"AWS:principalARN": ["a", "b"]}, "ArnLike": {"aws:PrincipalArn": "c"}});
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "x", "Service": "y"}, "Condition": condition});
    let statement = Statement::read(&statement).expect("a statement");
    assert_eq!(
        statement.condition_values("aws:PrincipalArn"),
        Some(vec!["a", "b", "c"])
    );
    assert_eq!(statement.condition_values("aws:SourceArn"), None);
    assert_eq!(statement.aws_principals(), ["x".to_owned()]);
    assert_eq!(statement.label(1), "2 (which has no Sid)");
    let error = Statement::read(&json!({})).expect_err("no effect");
    assert_eq!(error, ParseError::Missing("Effect"));
}

//! Actions, resources, effects, versions.

use crate::{Answer, Case, Keys, ROLE, assert_all};

use Answer::{Allow, Deny, Nothing, Unknown};

const ACTION: &str = "IAM User Guide, IAM JSON policy elements: Action";
const NOT_ACTION: &str = "IAM User Guide, IAM JSON policy elements: NotAction";
const RESOURCE: &str =
    "IAM User Guide, IAM JSON policy elements: Resource, Using wildcards in resource ARNs";
const NOT_RESOURCE: &str = "IAM User Guide, IAM JSON policy elements: NotResource";
const WITHOUT: &str = "KMS Developer Guide, Key policies in AWS KMS, Elements in a key policy";
const VERSION: &str = "IAM User Guide, IAM JSON policy elements: Version";
const EVALUATION: &str = "IAM User Guide, Policy evaluation logic";

/// Page, case, action and resource elements, and what an allow then says.
type Row = (&'static str, &'static str, &'static str, Answer);

const ACTIONS_AND_RESOURCES: &[Row] = &[
    (
        ACTION,
        "every action",
        r#""Action": "*", "Resource": "*""#,
        Allow,
    ),
    (
        ACTION,
        "the action",
        r#""Action": "kms:Decrypt", "Resource": "*""#,
        Allow,
    ),
    (
        ACTION,
        "the action in a list",
        r#""Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*""#,
        Allow,
    ),
    (
        ACTION,
        "another action",
        r#""Action": "kms:Encrypt", "Resource": "*""#,
        Nothing,
    ),
    (
        ACTION,
        "the case of an action does not matter",
        r#""Action": "KMS:decrypt", "Resource": "*""#,
        Allow,
    ),
    (
        ACTION,
        "actions by a pattern",
        r#""Action": "kms:De*", "Resource": "*""#,
        Allow,
    ),
    (
        ACTION,
        "actions by a pattern in the middle",
        r#""Action": "kms:D*t", "Resource": "*""#,
        Allow,
    ),
    (
        ACTION,
        "actions of another service",
        r#""Action": "s3:*", "Resource": "*""#,
        Nothing,
    ),
    (
        ACTION,
        "a question mark",
        r#""Action": "kms:Decryp?", "Resource": "*""#,
        Allow,
    ),
    (
        NOT_ACTION,
        "everything but another action",
        r#""NotAction": "kms:Encrypt", "Resource": "*""#,
        Allow,
    ),
    (
        NOT_ACTION,
        "everything but the action, in another case",
        r#""NotAction": "KMS:DECRYPT", "Resource": "*""#,
        Nothing,
    ),
    (
        NOT_ACTION,
        "everything but actions by a pattern",
        r#""NotAction": ["s3:*", "kms:D*"], "Resource": "*""#,
        Nothing,
    ),
    (
        RESOURCE,
        "the resource",
        r#""Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:444455556666:key/1234abcd""#,
        Allow,
    ),
    (
        RESOURCE,
        "another resource",
        r#""Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:444455556666:key/x""#,
        Nothing,
    ),
    (
        RESOURCE,
        "the case of a resource matters",
        r#""Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:444455556666:key/1234ABCD""#,
        Nothing,
    ),
    (
        RESOURCE,
        "wildcards in its parts",
        r#""Action": "kms:*", "Resource": "arn:aws:kms:*:4444*:key/????abcd""#,
        Allow,
    ),
    (
        RESOURCE,
        "a wildcard at the end of a part reaches over colons",
        r#""Action": "kms:*", "Resource": "arn:aws:kms:*""#,
        Allow,
    ),
    (
        RESOURCE,
        "resources in a list",
        r#""Action": "kms:*", "Resource": ["arn:aws:s3:::b", "arn:aws:kms:*:*:key/*"]"#,
        Allow,
    ),
    (
        RESOURCE,
        "a variable in a resource",
        r#""Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/${aws:username}""#,
        Unknown,
    ),
    (
        NOT_RESOURCE,
        "everything but another resource",
        r#""Action": "kms:*", "NotResource": "arn:aws:kms:us-east-1:444455556666:key/x""#,
        Allow,
    ),
    (
        NOT_RESOURCE,
        "everything but the resource",
        r#""Action": "kms:*", "NotResource": "arn:aws:kms:us-east-1:444455556666:key/*""#,
        Nothing,
    ),
    (
        NOT_RESOURCE,
        "everything but a resource with a variable",
        r#""Action": "kms:*", "NotResource": "arn:aws:kms:*:*:key/${aws:username}""#,
        Unknown,
    ),
    (WITHOUT, "no action", r#""Resource": "*""#, Nothing),
    (WITHOUT, "no resource", r#""Action": "kms:*""#, Nothing),
];

/// Page, case, the policy's version and statements, and what it says.
const WHOLE: &[(&str, &str, &str, Keys, Answer)] = &[
    (
        EVALUATION,
        "no statement",
        r#""Version": "2012-10-17", "Statement": []"#,
        &[],
        Nothing,
    ),
    (
        EVALUATION,
        "one statement that stands alone",
        r#""Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#,
        &[],
        Allow,
    ),
    (
        EVALUATION,
        "an explicit deny wins",
        r#""Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}]"#,
        &[],
        Deny,
    ),
    (
        EVALUATION,
        "an explicit deny wins before the allow",
        r#""Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}, {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]"#,
        &[],
        Deny,
    ),
    (
        EVALUATION,
        "a deny of another action",
        r#""Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]"#,
        &[],
        Allow,
    ),
    (
        EVALUATION,
        "a deny that may apply where nothing allows",
        r#""Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "x"}}}"#,
        &[],
        Nothing,
    ),
    (
        EVALUATION,
        "an explicit deny beside an allow that may apply",
        r#""Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "x"}}}, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]"#,
        &[],
        Deny,
    ),
    (
        VERSION,
        "2008-10-17 has no variables",
        r#""Version": "2008-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/name": "${aws:username}"}}}"#,
        &[("aws:PrincipalTag/name", &["${aws:username}"])],
        Allow,
    ),
    (
        VERSION,
        "without a version there are no variables",
        r#""Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:kms:*:*:key/${aws:username}"}"#,
        &[],
        Nothing,
    ),
];

pub fn case(page: &'static str, what: &'static str, statements: &str, expected: Answer) -> Case {
    Case {
        page,
        what,
        policy: format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#),
        principal: ROLE,
        keys: &[],
        expected,
    }
}

fn actions_and_resources() -> Vec<Case> {
    let case = |&(page, what, elements, expected): &Row| {
        case(
            page,
            what,
            &format!(r#"{{"Effect": "Allow", "Principal": "*", {elements}}}"#),
            expected,
        )
    };
    ACTIONS_AND_RESOURCES.iter().map(case).collect()
}

fn whole() -> Vec<Case> {
    let case = |&(page, what, elements, keys, expected): &(_, _, &str, _, _)| Case {
        page,
        what,
        policy: format!("{{{elements}}}"),
        principal: ROLE,
        keys,
        expected,
    };
    WHOLE.iter().map(case).collect()
}

/// Every case of this file.
pub fn all() -> Vec<Case> {
    [actions_and_resources(), whole()].concat()
}

#[test]
fn actions_and_resources_match_by_patterns() {
    assert_all(&actions_and_resources());
}

#[test]
fn a_policy_decides_as_a_whole() {
    assert_all(&whole());
}

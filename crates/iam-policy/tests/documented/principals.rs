//! Whom `Principal` and `NotPrincipal` name.

use crate::elements::case;
use crate::{Answer, Case, ROLE, assert_all};

use Answer::{Allow, Deny, Nothing, Unknown};

const PRINCIPAL: &str = "IAM User Guide, AWS JSON policy elements: Principal";
const NOT_PRINCIPAL: &str = "IAM User Guide, AWS JSON policy elements: NotPrincipal";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const USER: &str = "arn:aws:iam::111122223333:user/anna";

/// Page, case, the principal element, who asks, and what an allow then says.
type PrincipalRow = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Answer,
);

const PRINCIPALS: &[PrincipalRow] = &[
    (PRINCIPAL, "everyone", r#""Principal": "*""#, ROLE, Allow),
    (
        PRINCIPAL,
        "every AWS principal",
        r#""Principal": {"AWS": "*"}"#,
        ROLE,
        Allow,
    ),
    (
        PRINCIPAL,
        "the role itself",
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/team/launch"}"#,
        ROLE,
        Allow,
    ),
    (
        PRINCIPAL,
        "the role among others",
        r#""Principal": {"AWS": ["arn:aws:iam::111122223333:role/x", "arn:aws:iam::111122223333:role/team/launch"]}"#,
        ROLE,
        Allow,
    ),
    (
        PRINCIPAL,
        "the role of this name in another path",
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/launch"}"#,
        ROLE,
        Nothing,
    ),
    (
        PRINCIPAL,
        "the case of a role matters",
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/team/Launch"}"#,
        ROLE,
        Nothing,
    ),
    (
        PRINCIPAL,
        "the role's account by its root",
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#,
        ROLE,
        Allow,
    ),
    (
        PRINCIPAL,
        "the role's account by its number",
        r#""Principal": {"AWS": "111122223333"}"#,
        ROLE,
        Allow,
    ),
    (
        PRINCIPAL,
        "another account",
        r#""Principal": {"AWS": "444455556666"}"#,
        ROLE,
        Nothing,
    ),
    (
        PRINCIPAL,
        "the account's root asks",
        r#""Principal": {"AWS": "111122223333"}"#,
        ROOT,
        Allow,
    ),
    (
        PRINCIPAL,
        "a user asks whom it names",
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:user/anna"}"#,
        USER,
        Allow,
    ),
    (
        PRINCIPAL,
        "a user asks whom it does not name",
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/team/launch"}"#,
        USER,
        Nothing,
    ),
    (
        PRINCIPAL,
        "a wildcard does not match part of a principal",
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}"#,
        ROLE,
        Nothing,
    ),
    (
        PRINCIPAL,
        "a deleted role, by its unique id",
        r#""Principal": {"AWS": "AROAEXAMPLEEXAMPLE000"}"#,
        ROLE,
        Nothing,
    ),
    (
        PRINCIPAL,
        "a service",
        r#""Principal": {"Service": "ec2.amazonaws.com"}"#,
        ROLE,
        Nothing,
    ),
    (
        PRINCIPAL,
        "a session of the role, which may be this one",
        r#""Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/launch/me"}"#,
        ROLE,
        Unknown,
    ),
    (
        PRINCIPAL,
        "a session of another role",
        r#""Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/other/me"}"#,
        ROLE,
        Nothing,
    ),
    (
        PRINCIPAL,
        "a canonical user, whose account is not known",
        r#""Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
        ROLE,
        Unknown,
    ),
    (
        PRINCIPAL,
        "a federated principal, which may be the role's session",
        r#""Principal": {"Federated": "cognito-identity.amazonaws.com"}"#,
        ROLE,
        Unknown,
    ),
    (
        PRINCIPAL,
        "a federated principal beside the role",
        r#""Principal": {"Federated": "cognito-identity.amazonaws.com", "AWS": "111122223333"}"#,
        ROLE,
        Allow,
    ),
    (PRINCIPAL, "nobody", r#""Sid": "Nobody""#, ROLE, Nothing),
    (
        NOT_PRINCIPAL,
        "NotPrincipal is not supported with Allow",
        r#""NotPrincipal": {"AWS": "444455556666"}"#,
        ROLE,
        Unknown,
    ),
];

/// Page, case, who is excepted, who asks, and what a deny beside an allow then says.
const EXCEPTED: &[PrincipalRow] = &[
    (
        NOT_PRINCIPAL,
        "neither the role nor its account",
        r#""NotPrincipal": {"AWS": "444455556666"}"#,
        ROLE,
        Deny,
    ),
    (
        NOT_PRINCIPAL,
        "another role of the account",
        r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/x"}"#,
        ROLE,
        Deny,
    ),
    (
        NOT_PRINCIPAL,
        "the role without its account, which might be denied",
        r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/team/launch"}"#,
        ROLE,
        Unknown,
    ),
    (
        NOT_PRINCIPAL,
        "the role with its account, whose session might be denied",
        r#""NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:role/team/launch", "111122223333"]}"#,
        ROLE,
        Unknown,
    ),
    (
        NOT_PRINCIPAL,
        "the account, whose root asks",
        r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}"#,
        ROOT,
        Allow,
    ),
    (
        NOT_PRINCIPAL,
        "another account, when a root asks",
        r#""NotPrincipal": {"AWS": "444455556666"}"#,
        ROOT,
        Deny,
    ),
];

fn principals() -> Vec<Case> {
    let case = |&(page, what, element, principal, expected): &PrincipalRow| Case {
        principal,
        ..case(
            page,
            what,
            &format!(r#"{{"Effect": "Allow", {element}, "Action": "kms:*", "Resource": "*"}}"#),
            expected,
        )
    };
    PRINCIPALS.iter().map(case).collect()
}

fn excepted() -> Vec<Case> {
    let allow = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
    let case = |&(page, what, element, principal, expected): &PrincipalRow| Case {
        principal,
        ..case(
            page,
            what,
            &format!(
                r#"{allow}, {{"Effect": "Deny", {element}, "Action": "kms:*", "Resource": "*"}}"#
            ),
            expected,
        )
    };
    EXCEPTED.iter().map(case).collect()
}

/// Every case of this file.
pub fn all() -> Vec<Case> {
    [principals(), excepted()].concat()
}

#[test]
fn a_statement_applies_to_the_principals_it_names() {
    assert_all(&principals());
}

#[test]
fn not_principal_denies_everyone_else() {
    assert_all(&excepted());
}

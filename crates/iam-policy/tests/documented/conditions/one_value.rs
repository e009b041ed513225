//! Operators with one value.

use super::Holds::{No, Unknown, Yes};
use super::Row;
use crate::ROLE;

const STRINGS: &str =
    "IAM User Guide, IAM JSON policy elements: Condition operators, String condition operators";
const BOOLEANS: &str =
    "IAM User Guide, IAM JSON policy elements: Condition operators, Boolean condition operators";
const LOGIC: &str = "IAM User Guide, Conditions with multiple context keys or values, Evaluation logic for multiple context keys or values";
const NEGATED: &str = "IAM User Guide, Conditions with multiple context keys or values, Evaluation logic for negated matching condition operators";
const CASE: &str = "IAM User Guide, IAM JSON policy elements: Condition";
const NAME: &str = "aws:PrincipalTag/name";
const ARN: &str = "aws:PrincipalArn";

pub const ROWS: &[Row] = &[
    (
        STRINGS,
        "the same text",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        STRINGS,
        "another text",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["jane"])],
        No,
    ),
    (
        STRINGS,
        "a wildcard of StringEquals is a character",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "jo*"}}"#,
        &[(NAME, &["john"])],
        No,
    ),
    (
        STRINGS,
        "StringNotEquals with another text",
        r#"{"StringNotEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["jane"])],
        Yes,
    ),
    (
        STRINGS,
        "StringNotEquals with the same text",
        r#"{"StringNotEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["john"])],
        No,
    ),
    (
        STRINGS,
        "StringLike with any text",
        r#"{"StringLike": {"aws:PrincipalTag/name": "j*n"}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        STRINGS,
        "StringLike with any character",
        r#"{"StringLike": {"aws:PrincipalTag/name": "jo?n"}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        STRINGS,
        "a question mark is one character",
        r#"{"StringLike": {"aws:PrincipalTag/name": "joh?n"}}"#,
        &[(NAME, &["john"])],
        No,
    ),
    (
        STRINGS,
        "StringLike matches the whole text",
        r#"{"StringLike": {"aws:PrincipalTag/name": "jo"}}"#,
        &[(NAME, &["john"])],
        No,
    ),
    (
        STRINGS,
        "StringNotLike",
        r#"{"StringNotLike": {"aws:PrincipalTag/name": "ja*"}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        CASE,
        "the case of a value matters",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["John"])],
        No,
    ),
    (
        CASE,
        "the case of a pattern matters",
        r#"{"StringLike": {"aws:PrincipalTag/name": "j*"}}"#,
        &[(NAME, &["John"])],
        No,
    ),
    (
        CASE,
        "the case of a value matters when it is negated",
        r#"{"StringNotEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["John"])],
        Yes,
    ),
    (
        CASE,
        "IgnoreCase",
        r#"{"StringEqualsIgnoreCase": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["JOHN"])],
        Yes,
    ),
    (
        CASE,
        "IgnoreCase beyond ASCII",
        r#"{"StringEqualsIgnoreCase": {"aws:PrincipalTag/name": "J\u00dcRGEN"}}"#,
        &[(NAME, &["j\u{fc}rgen"])],
        Yes,
    ),
    (
        CASE,
        "IgnoreCase, negated",
        r#"{"StringNotEqualsIgnoreCase": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["JOHN"])],
        No,
    ),
    (
        CASE,
        "the case of a key does not matter",
        r#"{"StringEquals": {"AWS:principaltag/NAME": "john"}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        LOGIC,
        "one of several values",
        r#"{"StringEquals": {"aws:PrincipalTag/name": ["jane", "john"]}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        LOGIC,
        "none of several values",
        r#"{"StringEquals": {"aws:PrincipalTag/name": ["jane", "joe"]}}"#,
        &[(NAME, &["john"])],
        No,
    ),
    (
        NEGATED,
        "a negated operator with one of several values",
        r#"{"StringNotEquals": {"aws:PrincipalTag/name": ["jane", "john"]}}"#,
        &[(NAME, &["john"])],
        No,
    ),
    (
        NEGATED,
        "a negated operator with none of several values",
        r#"{"StringNotEquals": {"aws:PrincipalTag/name": ["jane", "joe"]}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        LOGIC,
        "both operators",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john"}, "StringLike": {"aws:PrincipalArn": "arn:*"}}"#,
        &[(NAME, &["john"]), (ARN, &[ROLE])],
        Yes,
    ),
    (
        LOGIC,
        "one of two operators",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john"}, "StringLike": {"aws:PrincipalArn": "x*"}}"#,
        &[(NAME, &["john"]), (ARN, &[ROLE])],
        No,
    ),
    (
        LOGIC,
        "one of two keys",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john", "aws:PrincipalArn": "x"}}"#,
        &[(NAME, &["john"]), (ARN, &[ROLE])],
        No,
    ),
    (
        BOOLEANS,
        "a boolean",
        r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
        &[("aws:SecureTransport", &["true"])],
        Yes,
    ),
    (
        BOOLEANS,
        "the other boolean",
        r#"{"Bool": {"aws:SecureTransport": "false"}}"#,
        &[("aws:SecureTransport", &["true"])],
        No,
    ),
    (
        BOOLEANS,
        "a boolean of JSON",
        r#"{"Bool": {"aws:SecureTransport": false}}"#,
        &[("aws:SecureTransport", &["false"])],
        Yes,
    ),
    (
        BOOLEANS,
        "an absent boolean",
        r#"{"Bool": {"aws:SecureTransport": "false"}}"#,
        &[("aws:SecureTransport", &[])],
        No,
    ),
    (
        BOOLEANS,
        "BoolIfExists with an absent boolean",
        r#"{"BoolIfExists": {"aws:SecureTransport": "false"}}"#,
        &[("aws:SecureTransport", &[])],
        Yes,
    ),
    (
        BOOLEANS,
        "no boolean",
        r#"{"Bool": {"aws:SecureTransport": "yes"}}"#,
        &[("aws:SecureTransport", &["true"])],
        Unknown,
    ),
];

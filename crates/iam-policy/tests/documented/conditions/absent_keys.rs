//! Absent and unknown keys, `...IfExists` and `Null`.

use super::Holds::{No, Unknown, Yes};
use super::Row;

const ABSENT: &str = "IAM User Guide, IAM JSON policy elements: Condition operators, Important";
const IF_EXISTS: &str = "IAM User Guide, IAM JSON policy elements: Condition operators, ...IfExists condition operators";
const NULL: &str = "IAM User Guide, IAM JSON policy elements: Condition operators, Condition operator to check existence of condition keys";
const LOGIC: &str = "IAM User Guide, Conditions with multiple context keys or values, Evaluation logic for multiple context keys or values";
const NAME: &str = "aws:PrincipalTag/name";
const TAGS: &str = "aws:TagKeys";

pub const ROWS: &[Row] = &[
    (
        ABSENT,
        "an absent key",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &[])],
        No,
    ),
    (
        ABSENT,
        "StringLike with an absent key",
        r#"{"StringLike": {"aws:PrincipalTag/name": "*"}}"#,
        &[(NAME, &[])],
        No,
    ),
    (
        ABSENT,
        "a negated operator with an absent key",
        r#"{"StringNotEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &[])],
        Yes,
    ),
    (
        ABSENT,
        "StringNotLike with an absent key",
        r#"{"StringNotLike": {"aws:PrincipalTag/name": "*"}}"#,
        &[(NAME, &[])],
        Yes,
    ),
    (
        ABSENT,
        "StringNotEqualsIgnoreCase with an absent key",
        r#"{"StringNotEqualsIgnoreCase": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &[])],
        Yes,
    ),
    (
        IF_EXISTS,
        "IfExists with an absent key",
        r#"{"StringEqualsIfExists": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &[])],
        Yes,
    ),
    (
        IF_EXISTS,
        "IfExists with a matching key",
        r#"{"StringEqualsIfExists": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        IF_EXISTS,
        "IfExists with another value",
        r#"{"StringEqualsIfExists": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["jane"])],
        No,
    ),
    (
        IF_EXISTS,
        "a negated IfExists with an absent key",
        r#"{"StringNotEqualsIfExists": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &[])],
        Yes,
    ),
    (
        IF_EXISTS,
        "a negated IfExists with a matching key",
        r#"{"StringNotEqualsIfExists": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["john"])],
        No,
    ),
    (
        IF_EXISTS,
        "Null has no IfExists",
        r#"{"NullIfExists": {"aws:PrincipalTag/name": "true"}}"#,
        &[(NAME, &[])],
        Unknown,
    ),
    (
        NULL,
        "true with an absent key",
        r#"{"Null": {"aws:PrincipalTag/name": "true"}}"#,
        &[(NAME, &[])],
        Yes,
    ),
    (
        NULL,
        "true with a key",
        r#"{"Null": {"aws:PrincipalTag/name": "true"}}"#,
        &[(NAME, &["john"])],
        No,
    ),
    (
        NULL,
        "false with an absent key",
        r#"{"Null": {"aws:PrincipalTag/name": "false"}}"#,
        &[(NAME, &[])],
        No,
    ),
    (
        NULL,
        "false with a key",
        r#"{"Null": {"aws:PrincipalTag/name": "false"}}"#,
        &[(NAME, &["john"])],
        Yes,
    ),
    (
        NULL,
        "true of JSON with an absent key",
        r#"{"Null": {"aws:PrincipalTag/name": true}}"#,
        &[(NAME, &[])],
        Yes,
    ),
    (
        NULL,
        "true with an empty value",
        r#"{"Null": {"aws:TagKeys": "true"}}"#,
        &[(TAGS, &[""])],
        Yes,
    ),
    (
        NULL,
        "neither true nor false",
        r#"{"Null": {"aws:PrincipalTag/name": "no"}}"#,
        &[(NAME, &["john"])],
        Unknown,
    ),
    (
        ABSENT,
        "a key of which nothing is known",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[],
        Unknown,
    ),
    (
        ABSENT,
        "a negated operator with a key of which nothing is known",
        r#"{"StringNotEquals": {"aws:PrincipalTag/name": "john"}}"#,
        &[],
        Unknown,
    ),
    (
        IF_EXISTS,
        "IfExists with a key of which nothing is known",
        r#"{"StringEqualsIfExists": {"aws:PrincipalTag/name": "john"}}"#,
        &[],
        Unknown,
    ),
    (
        NULL,
        "Null with a key of which nothing is known",
        r#"{"Null": {"aws:PrincipalTag/name": "true"}}"#,
        &[],
        Unknown,
    ),
    (
        LOGIC,
        "a condition that fails beside an unknown one",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john", "aws:SourceVpc": "x"}}"#,
        &[(NAME, &["jane"])],
        No,
    ),
    (
        LOGIC,
        "a condition that holds beside an unknown one",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "john", "aws:SourceVpc": "x"}}"#,
        &[(NAME, &["john"])],
        Unknown,
    ),
];

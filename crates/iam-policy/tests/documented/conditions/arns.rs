//! Operators on ARNs.

use super::Holds::{No, Unknown, Yes};
use super::Row;
use crate::ROLE;

const STRINGS: &str =
    "IAM User Guide, IAM JSON policy elements: Condition operators, String condition operators";
const ABSENT: &str = "IAM User Guide, IAM JSON policy elements: Condition operators, Important";
const ARNS: &str = "IAM User Guide, IAM JSON policy elements: Condition operators, Amazon Resource Name (ARN) condition operators";
const ARN: &str = "aws:PrincipalArn";

pub const ROWS: &[Row] = &[
    (
        ARNS,
        "ArnLike with a wildcard",
        r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#,
        &[(ARN, &[ROLE])],
        Yes,
    ),
    (
        ARNS,
        "ArnEquals is the same as ArnLike",
        r#"{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#,
        &[(ARN, &[ROLE])],
        Yes,
    ),
    (
        ARNS,
        "ArnNotEquals is the same as ArnNotLike",
        r#"{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#,
        &[(ARN, &[ROLE])],
        No,
    ),
    (
        ARNS,
        "ArnNotLike",
        r#"{"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/*"}}"#,
        &[(ARN, &[ROLE])],
        Yes,
    ),
    (
        ARNS,
        "a wildcard in the account",
        r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/launch"}}"#,
        &[(ARN, &[ROLE])],
        Yes,
    ),
    (
        ARNS,
        "a pattern of five parts is not an ARN",
        r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam:*:role/team/launch"}}"#,
        &[(ARN, &[ROLE])],
        Unknown,
    ),
    (
        ARNS,
        "a wildcard does not reach over a colon",
        r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:*:*:*:ole/team/launch"}}"#,
        &[(ARN, &[ROLE])],
        No,
    ),
    (
        ARNS,
        "a wildcard does not share the colons of the resource",
        r#"{"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:*:x"}}"#,
        &[(
            "aws:SourceArn",
            &["arn:aws:logs:us-east-1:111122223333:log-group:x"],
        )],
        No,
    ),
    (
        STRINGS,
        "StringLike reaches over colons",
        r#"{"StringLike": {"aws:PrincipalArn": "arn:aws:*launch"}}"#,
        &[(ARN, &[ROLE])],
        Yes,
    ),
    (
        ARNS,
        "no ARN",
        r#"{"ArnLike": {"aws:PrincipalArn": "*"}}"#,
        &[(ARN, &[ROLE])],
        Unknown,
    ),
    (
        ARNS,
        "an absent ARN",
        r#"{"ArnLike": {"aws:SourceArn": "arn:aws:*:*:*:*"}}"#,
        &[("aws:SourceArn", &[])],
        No,
    ),
    (
        ABSENT,
        "ArnNotLike with an absent ARN",
        r#"{"ArnNotLike": {"aws:SourceArn": "arn:aws:*:*:*:*"}}"#,
        &[("aws:SourceArn", &[])],
        Yes,
    ),
];

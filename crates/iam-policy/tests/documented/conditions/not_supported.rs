//! What this crate does not support.

use super::Holds::Unknown;
use super::Row;

const UNSUPPORTED: &str = "IAM User Guide, IAM JSON policy elements: Condition operators, which this crate does not support";
const VARIABLES: &str = "IAM User Guide, IAM policy elements: Variables and tags";
const NAME: &str = "aws:PrincipalTag/name";

pub const ROWS: &[Row] = &[
    (
        UNSUPPORTED,
        "a number",
        r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}"#,
        &[("aws:MultiFactorAuthAge", &["10"])],
        Unknown,
    ),
    (
        UNSUPPORTED,
        "a date",
        r#"{"DateLessThan": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}}"#,
        &[("aws:CurrentTime", &["2026-01-01T00:00:00Z"])],
        Unknown,
    ),
    (
        UNSUPPORTED,
        "a negated date",
        r#"{"DateNotEquals": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}}"#,
        &[("aws:CurrentTime", &[])],
        Unknown,
    ),
    (
        UNSUPPORTED,
        "an IP address",
        r#"{"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#,
        &[("aws:SourceIp", &["192.0.2.1"])],
        Unknown,
    ),
    (
        UNSUPPORTED,
        "another IP address",
        r#"{"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#,
        &[("aws:SourceIp", &["203.0.113.1"])],
        Unknown,
    ),
    (
        UNSUPPORTED,
        "binary values",
        r#"{"BinaryEquals": {"kms:Digest": "QmluYXJ5"}}"#,
        &[("kms:Digest", &["QmluYXJ5"])],
        Unknown,
    ),
    (
        UNSUPPORTED,
        "an operator that there is not",
        r#"{"StringMatches": {"aws:PrincipalTag/name": "john"}}"#,
        &[(NAME, &["john"])],
        Unknown,
    ),
    (
        VARIABLES,
        "a variable",
        r#"{"StringEquals": {"aws:PrincipalTag/name": "${aws:username}"}}"#,
        &[(NAME, &["john"])],
        Unknown,
    ),
    (
        VARIABLES,
        "a variable with a negated operator",
        r#"{"StringNotLike": {"aws:PrincipalTag/name": "${aws:username}"}}"#,
        &[(NAME, &["john"])],
        Unknown,
    ),
    (
        VARIABLES,
        "a variable with an absent key",
        r#"{"StringEqualsIfExists": {"aws:PrincipalTag/name": "${aws:username}"}}"#,
        &[(NAME, &[])],
        Unknown,
    ),
];

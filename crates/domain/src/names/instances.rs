//! Names of what build instances run with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{NameError, is_hex};

name!(
    /// An EC2 instance type, such as `m6i.large`.
    InstanceType,
    "an instance type, such as `m6i.large`",
    is_instance_type
);
name!(
    /// The name of an IAM instance profile (IAM API reference, `CreateInstanceProfile`).
    InstanceProfileName,
    "the name of an instance profile: 1 to 128 letters, digits or `_+=,.@-`",
    |text| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
        (1..=128).contains(&text.len()) && text.bytes().all(allowed)
    }
);
name!(
    /// The name of an EC2 key pair (EC2 user guide, "Create a key pair for your Amazon EC2 instance").
    KeyPairName,
    "the name of a key pair: 1 to 255 ASCII characters, without blanks around them",
    |text| {
        let allowed = |b: u8| b == b' ' || b.is_ascii_graphic();
        (1..=255).contains(&text.len()) && text.bytes().all(allowed) && text.trim() == text
    }
);
name!(
    /// The id of a VPC.
    VpcId,
    "a VPC id: `vpc-` and 8 or 17 lower-case hexadecimal digits",
    |text| is_id(text, "vpc-")
);
name!(
    /// The id of a subnet.
    SubnetId,
    "a subnet id: `subnet-` and 8 or 17 lower-case hexadecimal digits",
    |text| is_id(text, "subnet-")
);
name!(
    /// The id of a security group; Image Builder takes ids only (API reference, `SecurityGroupId`).
    SecurityGroupId,
    "a security group id: `sg-` and 8 or 17 lower-case hexadecimal digits",
    |text| is_id(text, "sg-")
);
name!(
    /// The name of an S3 bucket (S3 user guide, "General purpose bucket naming rules").
    BucketName,
    "the name of a bucket: 3 to 63 lower-case letters, digits, `.` or `-`, starting and ending with a letter or digit, \
     and with none of the prefixes and suffixes that S3 reserves",
    is_bucket
);
/// Whether `text` is the id of an EC2 resource, which has 8 (before 2018) or 17 hexadecimal digits.
pub(super) fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|id| [8, 17].contains(&id.len()) && is_hex(id))
}

/// A family and a size, as the types that EC2 lists have them; the longest filter for one has 30 characters
/// (EC2 API reference, `AllowedInstanceType`).
fn is_instance_type(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let label = |part: &str| {
        let edges = [part.bytes().next(), part.bytes().last()];
        edges.into_iter().all(|edge| edge.is_some_and(plain))
            && part.bytes().all(|b| plain(b) || b == b'-')
    };
    text.len() <= 30
        && text
            .split_once('.')
            .is_some_and(|(family, size)| label(family) && label(size))
}

fn is_bucket(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let edges = [text.bytes().next(), text.bytes().last()];
    (3..=63).contains(&text.len())
        && edges.into_iter().all(|edge| edge.is_some_and(plain))
        && text.bytes().all(|b| plain(b) || b == b'.' || b == b'-')
        && !text.contains("..")
        && !is_reserved_bucket(text)
}

/// What S3 keeps for itself, and what looks like an IP address.
fn is_reserved_bucket(text: &str) -> bool {
    let prefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    let suffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    prefixes.iter().any(|prefix| text.starts_with(prefix))
        || suffixes.iter().any(|suffix| text.ends_with(suffix))
        || text.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn ids_have_their_prefix_and_8_or_17_digits() {
        assert!(is::<VpcId>("vpc-0181557b") && is::<SubnetId>("subnet-04bab323ac37ee117"));
        assert!(is::<SecurityGroupId>("sg-6f18e222") && !is::<SecurityGroupId>("default"));
        assert!(!is::<SubnetId>("subnet-04BAB323ac37ee117") && !is::<SubnetId>("subnet-1"));
    }

    #[test]
    fn an_instance_profile_is_a_name_and_not_an_arn() {
        assert!(is::<InstanceProfileName>("goldsmith-nonprod"));
        assert!(!is::<InstanceProfileName>(
            "arn:aws:iam::111122223333:instance-profile/goldsmith"
        ));
    }

    #[test]
    fn buckets_follow_s3() {
        assert!(is::<BucketName>("build-logs.example") && is::<BucketName>("a1b"));
        assert!(
            !is::<BucketName>("s3://logs")
                && !is::<BucketName>("Logs")
                && !is::<BucketName>("a..b")
        );
        assert!(!is::<BucketName>("-logs") && !is::<BucketName>("ab"));
        for reserved in [
            "192.168.5.4",
            "xn--logs",
            "sthree-logs",
            "logs-s3alias",
            "logs--ol-s3",
            "logs.mrap",
            "logs--x-s3",
        ] {
            assert!(!is::<BucketName>(reserved), "{reserved}");
        }
    }
}

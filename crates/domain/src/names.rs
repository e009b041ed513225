//! Names and numbers as types: the only way in is [`FromStr`], and its error quotes the input and
//! says what was expected.
//!
//! Patterns are those of the Image Builder, EC2, IAM and KMS API references.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What was wrong with a name: the input as it stood, and what was expected in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found `{found}`, expected {expected}")]
pub struct NameError {
    /// The input, as it stood.
    pub found: String,
    /// A noun phrase that says what would have been right.
    pub expected: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What a valid value looks like, as a noun phrase.
            pub const EXPECTED: &'static str = $expected;

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NameError { found: text.to_owned(), expected: Self::EXPECTED })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

mod access;
mod distribution;
mod imagebuilder;
mod instances;
mod keys;
mod parameters;
mod schedule;

pub use access::{OrganizationArn, OrganizationPath, RoleArn, RolePattern};
pub use distribution::{AmiName, LaunchTemplateId};
pub(crate) use imagebuilder::LARGEST_NODE;
pub use imagebuilder::{ComponentArn, ParentImageArn, PipelineArn};
pub use instances::{
    BucketName, InstanceProfileName, InstanceType, KeyPairName, SecurityGroupId, SubnetId, VpcId,
};
pub use keys::KeyArn;
pub use parameters::{ParameterName, ParameterPattern, ParameterPrefix};
pub use schedule::ScheduleExpression;

name!(
    /// An AMI id, such as `ami-08bd941ae380bd3cd`: 8 (before 2018) or 17 hexadecimal digits.
    AmiId,
    "an AMI id: `ami-` and 8 or 17 lower-case hexadecimal digits",
    |text| instances::is_id(text, "ami-")
);
name!(
    /// An instance id, such as `i-0123456789abcdef0`: 8 (before 2016) or 17 hexadecimal digits.
    InstanceId,
    "an instance id: `i-` and 8 or 17 lower-case hexadecimal digits",
    |text| instances::is_id(text, "i-")
);
name!(
    /// A twelve-digit AWS account id.
    AccountId,
    "an account id of 12 digits",
    is_account
);
name!(
    /// An AWS Region name, such as `us-east-1` or `us-gov-west-1`.
    Region,
    "a Region, such as `us-east-1`",
    is_region
);
name!(
    /// A product version as the product team writes it, such as `110304` for 11.3.4.
    ///
    /// At most 60 characters: with a family of 24, an environment of 12 and the 29 of
    /// ` {{ imagebuilder:buildDate }}` the AMI's name stays within Image Builder's 127.
    RecipeName,
    "a recipe name: 1 to 60 letters, digits, `-` or `_`, starting and ending with a letter or digit",
    |text| is_label(text, 60)
);
name!(
    /// The product family, the first part of every Image Builder name we make.
    Family,
    "a family: 1 to 24 letters, digits, `-` or `_`, starting and ending with a letter or digit",
    |text| is_label(text, 24)
);
name!(
    /// The environment, such as `nonprod`: one bucket, one set of documents. At most 12 characters:
    /// a bucket's name takes 63, with the account and the Region in it.
    Environment,
    "an environment: 1 to 12 letters, digits, `-` or `_`, starting and ending with a letter or digit",
    |text| is_label(text, 12)
);
name!(
    /// A version that people give an image, such as `11.3.4` or `2026.11-rc1`; it becomes a tag.
    ProductVersion,
    "a version: 1 to 60 letters, digits, `.`, `-`, `_` or `+`, starting and ending with a letter or digit",
    |text| is_label(&text.replace(['.', '+'], "-"), 60)
);
name!(
    /// A SHA-256 digest in lower-case hexadecimal.
    Digest,
    "a SHA-256 digest: 64 lower-case hexadecimal digits",
    |text| text.len() == 64 && is_hex(text)
);

impl Region {
    /// The partition that the Region is in, as its ARNs name it. Regions we do not know are in `aws`
    /// (AWS SDK, `partitions.json`: a partition's Regions have a prefix of their own).
    pub fn partition(&self) -> &'static str {
        let partitions = [
            ("us-gov-", "aws-us-gov"),
            ("cn-", "aws-cn"),
            ("us-iso-", "aws-iso"),
            ("us-isob-", "aws-iso-b"),
            ("eu-isoe-", "aws-iso-e"),
            ("us-isof-", "aws-iso-f"),
            ("eusc-", "aws-eusc"),
        ];
        let of_ours = |(prefix, _): &&(&str, &str)| self.0.starts_with(prefix);
        partitions
            .iter()
            .find(of_ours)
            .map_or("aws", |(_, partition)| partition)
    }

    /// What `kms:ViaService` has of a service of this Region, such as `ec2`: in China it ends in `.cn` (KMS
    /// developer guide, "`kms:ViaService`").
    pub fn service(&self, name: &str) -> String {
        let china = if self.partition() == "aws-cn" {
            ".cn"
        } else {
            ""
        };
        format!("{name}.{self}.amazonaws.com{china}")
    }
}

impl RecipeName {
    /// The name under Image Builder's folding: two recipe names with the same fold are one.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

/// Image Builder's folding of names: lower case, spaces and underscores to hyphens.
///
/// Names that differ only in case, spaces or underscores count as the same name (API reference,
/// `name` of every Create operation).
pub fn fold(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c == ' ' || c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}

/// The most characters of an ARN (IAM API reference, `arnType`).
const LONGEST_ARN: usize = 2048;

/// The most characters of a Region's name (Account Management API reference, `RegionName`).
const LONGEST_REGION: usize = 50;

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_label(text: &str, longest: usize) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    text.len() <= longest
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Parts with `-` between them: words, and a number of one or two digits at the end.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_number = |part: &&str| part.len() <= 2 && is_number(part);
    let is_word = |part: &&str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_lowercase());
    text.len() <= LONGEST_REGION
        && parts.len() >= 3
        && parts.last().is_some_and(is_number)
        && parts[..parts.len() - 1].iter().all(is_word)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The resource part of an ARN of `service`, if `text` has the form of one: a partition, and a Region and an
/// account that may be left out (IAM user guide, "Identify AWS resources with ARNs").
fn arn_resource<'a>(text: &'a str, service: &str) -> Option<&'a str> {
    let mut parts = text.splitn(6, ':');
    let [arn, partition, of, region, account] = [(); 5].map(|()| parts.next().unwrap_or_default());
    let resource = parts.next()?;
    let fits = arn == "arn"
        && of == service
        && is_partition(partition)
        && (region.is_empty() || is_region(region))
        && (account.is_empty() || is_owner(account));
    (fits && text.len() <= LONGEST_ARN).then_some(resource)
}

/// `aws`, or `aws-` and words (Image Builder API reference, `RoleNameOrArn`).
fn is_partition(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    text.split('-').next() == Some("aws") && text.split('-').all(is_word)
}

/// An account, or a word for AWS or somebody who sells through it (Image Builder API reference,
/// `ComponentVersionArn`).
fn is_owner(text: &str) -> bool {
    is_account(text) || is_partition(text) || text == "third-party"
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && is_number(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn ami_ids_have_8_or_17_hexadecimal_digits() {
        assert!(is::<AmiId>("ami-08bd941ae380bd3cd") && is::<AmiId>("ami-1a2b3c4d"));
        assert!(
            !is::<AmiId>("ami-08bd941ae380bd3c")
                && !is::<AmiId>("ami-08BD941AE380BD3CD")
                && !is::<AmiId>("08bd941a")
        );
    }

    #[test]
    fn regions_of_every_partition_are_accepted() {
        assert!(
            is::<Region>("us-east-1")
                && is::<Region>("us-gov-west-1")
                && is::<Region>("ap-southeast-5")
        );
        let long = format!("us-{}-1", "e".repeat(46));
        for text in [
            "us-east",
            "us-east-1a",
            "",
            "us-east-100",
            "us-east-+1",
            "US-EAST-1",
            "us-east-\u{0661}",
            "us--1",
            "-us-east-1",
            long.as_str(),
        ] {
            assert!(!is::<Region>(text), "{text}");
        }
    }

    #[test]
    fn a_region_says_its_partition() {
        let partition = |region: &str| region.parse::<Region>().expect("a Region").partition();
        assert_eq!(
            (partition("us-gov-west-1"), partition("cn-north-1")),
            ("aws-us-gov", "aws-cn")
        );
        assert_eq!(
            (partition("us-isob-east-1"), partition("eusc-de-east-1")),
            ("aws-iso-b", "aws-eusc")
        );
        assert_eq!(
            (partition("us-east-1"), partition("mars-north-1")),
            ("aws", "aws")
        );
    }

    #[test]
    fn an_error_quotes_the_input_and_says_what_was_expected() {
        let error = "ami-nope".parse::<AmiId>().expect_err("not an AMI id");
        assert_eq!(
            error.to_string(),
            "found `ami-nope`, expected an AMI id: `ami-` and 8 or 17 lower-case hexadecimal digits"
        );
    }

    #[test]
    fn folding_is_image_builders() {
        assert_eq!(fold("RHEL_9 Base"), "rhel-9-base");
    }
}

//! The ARNs of Image Builder's resources, by the patterns of its API reference.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{NameError, arn_resource, is_number, is_owner, is_region};

name!(
    /// The ARN of an Image Builder pipeline.
    PipelineArn,
    "an image pipeline ARN",
    |text| arn_resource(text, "imagebuilder").is_some_and(|r| r.starts_with("image-pipeline/"))
);
name!(
    /// The ARN of an Image Builder component: a build version, a version, or a wildcard like `x.x.x`
    /// (API reference, `ComponentVersionArnOrBuildVersionArn`).
    ComponentArn,
    "a component ARN, such as `arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x`",
    |text| is_versioned_arn(text, "component/")
);
name!(
    /// The ARN of an Image Builder image to build on: a version, a build version, or a wildcard
    /// (API reference, `ImageVersionArnOrBuildVersionArn`).
    ParentImageArn,
    "an image ARN, such as `arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x`",
    |text| is_versioned_arn(text, "image/") && owner(text) != "third-party"
);

/// The most characters of `parentImage` (API reference, `CreateImageRecipe`).
const LONGEST: usize = 1024;

/// The most characters of a name (API reference, `ResourceName`), of which an ARN has the folded form.
const LONGEST_NAME: usize = 128;

/// The largest value of a version's node (API reference, `semanticVersion`).
pub(crate) const LARGEST_NODE: u32 = (1 << 30) - 1;

impl ComponentArn {
    /// The Region that it names: Image Builder takes components of its own Region only.
    pub fn region(&self) -> &str {
        region(&self.0)
    }

    /// The partition that it names.
    pub fn partition(&self) -> &str {
        partition(&self.0)
    }
}

impl ParentImageArn {
    /// The Region that it names: Image Builder takes images of its own Region only.
    pub fn region(&self) -> &str {
        region(&self.0)
    }

    /// The partition that it names.
    pub fn partition(&self) -> &str {
        partition(&self.0)
    }
}

fn partition(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or_default()
}

fn region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

fn owner(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// Whether `text` is the ARN of a kind that has versions, at least down to a version.
fn is_versioned_arn(text: &str, kind: &str) -> bool {
    let resource = arn_resource(text, "imagebuilder").and_then(|r| r.strip_prefix(kind));
    let is_whole = is_region(region(text)) && is_owner(owner(text)) && text.len() <= LONGEST;
    let parts: Vec<&str> = resource.unwrap_or_default().split('/').collect();
    is_whole
        && match parts.as_slice() {
            [name, version] => is_folded_name(name) && is_version(version, "x"),
            [name, version, build] => {
                is_folded_name(name) && is_version(version, "") && is_node(build)
            }
            _ => false,
        }
}

fn is_folded_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(fits)
}

/// Three nodes. Behind a wildcard are only wildcards (API reference, `semanticVersion`, "Filtering").
fn is_version(text: &str, wildcard: &str) -> bool {
    let nodes: Vec<&str> = text.split('.').collect();
    let numbers = nodes.iter().take_while(|node| is_node(node)).count();
    nodes.len() == 3 && nodes[numbers..].iter().all(|node| *node == wildcard)
}

fn is_node(text: &str) -> bool {
    is_number(text) && text.parse().is_ok_and(|node: u32| node <= LARGEST_NODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn component_arns_may_end_in_a_wildcard() {
        assert!(is::<ComponentArn>(
            "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"
        ));
        assert!(is::<ComponentArn>(
            "arn:aws:imagebuilder:us-east-1:111122223333:component/harden/1.0.0/1"
        ));
        assert!(!is::<ComponentArn>(
            "arn:aws:imagebuilder:us-east-1:aws:component/update-linux"
        ));
    }

    #[test]
    fn parent_images_have_a_version() {
        assert!(is::<ParentImageArn>(
            "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x"
        ));
        assert!(!is::<ParentImageArn>(
            "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86"
        ));
        assert!(!is::<ParentImageArn>(
            "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"
        ));
    }

    #[test]
    fn an_arn_has_the_owner_and_the_name_that_the_api_takes() {
        for owner in ["111122223333", "aws", "aws-marketplace"] {
            let of =
                |kind: &str| format!("arn:aws:imagebuilder:us-east-1:{owner}:{kind}/a-b_9/1.0.0/1");
            assert!(
                is::<ComponentArn>(&of("component")) && is::<ParentImageArn>(&of("image")),
                "{owner}"
            );
        }
        assert!(is::<ComponentArn>(
            "arn:aws:imagebuilder:us-east-1:third-party:component/a/1.0.0"
        ));
        assert!(!is::<ParentImageArn>(
            "arn:aws:imagebuilder:us-east-1:third-party:image/a/1.0.0"
        ));
        assert!(is::<ParentImageArn>(&format!(
            "arn:aws:imagebuilder:us-east-1:aws:image/{}/x.x.x",
            "a".repeat(128)
        )));
        assert!(!is::<ParentImageArn>(&format!(
            "arn:aws:imagebuilder:us-east-1:aws:image/{}/x.x.x",
            "a".repeat(129)
        )));
    }

    #[test]
    fn behind_a_wildcard_of_a_version_are_only_wildcards_and_no_build() {
        let is = |version: &str| {
            is::<ComponentArn>(&format!(
                "arn:aws:imagebuilder:us-east-1:aws:component/a/{version}"
            ))
        };
        for good in [
            "1.0.0",
            "1.0.x",
            "1.x.x",
            "x.x.x",
            "1.0.0/1",
            "2021.01.01",
            "1073741823.0.0",
        ] {
            assert!(is(good), "{good}");
        }
        for bad in [
            "x.0.0",
            "1.x.0",
            "x.x.x/1",
            "1.0.x/1",
            "1.0.0/x",
            "1.0.0/",
            "1.0.0/1/1",
            "1.0",
            "1.0.0.0",
            "..",
            "1..0",
            "1073741824.0.0",
            "+1.0.0",
            "-1.0.0",
            "1.0.0/+1",
            "X.X.X",
            "*.*.*",
            "1.0.0 ",
            "1.0.0\n",
            "1.0.\u{0660}",
        ] {
            assert!(!is(bad), "{bad}");
        }
    }
}

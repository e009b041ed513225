//! What consumers read: `image.json`, `image-<region>.json` and a parameter for each recipe.
//!
//! Names and contents are those of the Rake/Packer framework, so that its readers need no change.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::arn::ImageArn;
use crate::names::{AmiId, Environment, RecipeName, Region, RoleArn};
use crate::observed::{Copy, Target};
use crate::stack::StackContext;

/// What the keys of all published objects begin with.
pub const IMAGES: &str = "images/";

/// The user metadata of a published object that says which image it came from.
pub const IMAGE_METADATA: &str = "goldsmith-image";

/// The user metadata of a published object that sign it, in base64.
pub const SIGNATURE_METADATA: &str = "goldsmith-signature";

/// What the signature of a published object covers: where it is, which image it is of, and its content.
///
/// The first line is the version of this form. With the place in it, no object can stand in for another.
pub fn signed_text(bucket: &str, file: &PublishedFile, image: &ImageArn) -> String {
    let PublishedFile { key, content } = file;
    format!("goldsmith publication 1\n{bucket}/{key}\n{image}\n{content}")
}

/// One object to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedFile {
    /// Its key in the output bucket.
    pub key: String,
    /// Its content, JSON.
    pub content: String,
}

/// A copy, and how its account hears of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublishedCopy {
    /// The copy.
    pub copy: Copy,
    /// The role through which the parameter in its account is written; none is without a parameter.
    pub parameter_role: Option<RoleArn>,
}

/// A parameter that holds an AMI id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedParameter {
    /// Its name.
    pub name: String,
    /// The account and the Region that it is in.
    pub place: Target,
    /// The role with which it is read and written; none for our own account.
    pub role: Option<RoleArn>,
    /// The AMI that it holds.
    pub ami: AmiId,
}

impl PublishedParameter {
    /// Its name and place, which no other parameter has.
    pub fn part(&self) -> String {
        let Self { name, place, .. } = self;
        format!("{name} in {} of account {}", place.region, place.account)
    }
}

/// Everything that consumers read of one image, or of its copies, as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The image.
    pub image: ImageArn,
    /// The objects.
    pub files: Vec<PublishedFile>,
    /// The parameters.
    pub parameters: Vec<PublishedParameter>,
    /// The manifest that was written last; none before the first one.
    pub manifest: Option<WrittenManifest>,
}

/// A manifest that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenManifest {
    /// Its key in the output bucket.
    pub key: String,
    /// The MD5 of its content, in hexadecimal digits.
    pub md5: String,
}

impl Publication {
    /// What is published of an image's AMIs in the building account.
    pub fn of_image(
        stack: &StackContext,
        recipe: &RecipeName,
        image: &ImageArn,
        amis: &BTreeMap<Region, AmiId>,
    ) -> Self {
        let parameter = amis.get(&stack.region).map(|ami| PublishedParameter {
            name: parameter_name(&stack.environment, recipe),
            place: Target {
                account: stack.account.clone(),
                region: stack.region.clone(),
            },
            role: None,
            ami: ami.clone(),
        });
        Self {
            image: image.clone(),
            files: files(recipe, amis),
            parameters: parameter.into_iter().collect(),
            manifest: None,
        }
    }

    /// What is published of an image's copies. An account that names no role has no parameter.
    pub fn of_copies(
        stack: &StackContext,
        recipe: &RecipeName,
        image: &ImageArn,
        copies: &[PublishedCopy],
    ) -> Self {
        let parameter = |published: &PublishedCopy| {
            let role = published.parameter_role.clone()?;
            Some(PublishedParameter {
                name: parameter_name(&stack.environment, recipe),
                place: published.copy.target.clone(),
                role: Some(role),
                ami: published.copy.ami.clone(),
            })
        };
        Self {
            image: image.clone(),
            files: copies.iter().map(|copy| copy_file(recipe, copy)).collect(),
            parameters: copies.iter().filter_map(parameter).collect(),
            manifest: None,
        }
    }

    /// The names of its objects and parameters, each of which nothing else has.
    pub fn parts(&self) -> Vec<String> {
        let files = self.files.iter().map(|file| file.key.clone());
        let parameters = self.parameters.iter().map(PublishedParameter::part);
        let manifest = self.manifest.iter().map(|manifest| manifest.key.clone());
        files.chain(parameters).chain(manifest).collect()
    }
}

/// What an account reads of its copy.
pub fn copy_file(recipe: &RecipeName, published: &PublishedCopy) -> PublishedFile {
    PublishedFile {
        key: copy_key(recipe, &published.copy.target),
        content: json!({"ami_id": published.copy.ami}).to_string(),
    }
}

/// The objects that publish an image's AMIs; `image.json` first, which decides between publishers.
pub fn files(recipe: &RecipeName, amis: &BTreeMap<Region, AmiId>) -> Vec<PublishedFile> {
    let all = PublishedFile {
        key: image_key(recipe),
        content: json!({"ami_ids": amis}).to_string(),
    };
    let by_region = amis.iter().map(|(region, ami)| PublishedFile {
        key: format!("images/{recipe}/image-{region}.json"),
        content: json!({"ami_id": ami}).to_string(),
    });
    std::iter::once(all).chain(by_region).collect()
}

/// The AMI that an `image.json` names for `region`.
pub fn published_ami(image_json: &[u8], region: &Region) -> Option<AmiId> {
    published_amis(image_json).remove(region)
}

/// All AMIs that an `image.json` names.
pub fn published_amis(image_json: &[u8]) -> BTreeMap<Region, AmiId> {
    #[derive(Deserialize)]
    struct Content {
        ami_ids: BTreeMap<Region, AmiId>,
    }
    serde_json::from_slice(image_json)
        .map(|content: Content| content.ami_ids)
        .unwrap_or_default()
}

/// The AMI that the object of a copy names.
pub fn copied_ami(content: &[u8]) -> Option<AmiId> {
    let content: Value = serde_json::from_slice(content).ok()?;
    content["ami_id"].as_str()?.parse().ok()
}

/// The key of what an account reads of its copy.
pub fn copy_key(recipe: &RecipeName, target: &Target) -> String {
    format!(
        "images/{recipe}/{}/image-{}.json",
        target.account, target.region
    )
}

/// The key of a recipe's `image.json`.
pub fn image_key(recipe: &RecipeName) -> String {
    format!("images/{recipe}/image.json")
}

/// The parameter that holds a recipe's AMI in the building Region.
pub fn parameter_name(environment: &Environment, recipe: &RecipeName) -> String {
    format!("/goldsmith/{environment}/{recipe}/ami-id")
}

/// Whether `candidate`, an image of the current recipe version, replaces what is published.
///
/// Within a recipe version the higher build wins, however late its event comes. Between versions the
/// current one wins, even when its number is lower: a revert goes back to an older version.
pub fn replaces(candidate: &ImageArn, published: Option<&ImageArn>) -> bool {
    published.is_none_or(|published| {
        let same_version =
            candidate.slug() == published.slug() && candidate.version() == published.version();
        !same_version || candidate.build() > published.build()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(version: &str) -> ImageArn {
        let arn = format!(
            "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/{version}"
        );
        arn.parse().expect("an image ARN")
    }

    #[test]
    fn the_files_are_those_of_the_framework() {
        let recipe = "110304".parse().expect("a recipe name");
        let region = "us-east-1".parse().expect("a Region");
        let amis = BTreeMap::from([(region, "ami-08bd941ae380bd3cd".parse().expect("an AMI id"))]);
        let files: Vec<_> = files(&recipe, &amis)
            .into_iter()
            .map(|f| (f.key, f.content))
            .collect();
        let expected = [
            (
                "images/110304/image.json",
                r#"{"ami_ids":{"us-east-1":"ami-08bd941ae380bd3cd"}}"#,
            ),
            (
                "images/110304/image-us-east-1.json",
                r#"{"ami_id":"ami-08bd941ae380bd3cd"}"#,
            ),
        ];
        assert_eq!(
            files,
            expected.map(|(key, content)| (key.to_owned(), content.to_owned()))
        );
        let (_, image_json) = &files[0];
        let read = published_ami(
            image_json.as_bytes(),
            &"us-east-1".parse().expect("a Region"),
        );
        assert_eq!(
            read.map(String::from).as_deref(),
            Some("ami-08bd941ae380bd3cd")
        );
    }

    #[test]
    fn a_late_event_of_an_older_build_replaces_nothing() {
        assert!(!replaces(&image("1.0.0/9"), Some(&image("1.0.0/10"))));
        assert!(!replaces(&image("1.0.0/10"), Some(&image("1.0.0/10"))));
        assert!(replaces(&image("1.0.0/10"), Some(&image("1.0.0/9"))));
        assert!(replaces(&image("1.0.0/1"), None));
    }

    #[test]
    fn a_revert_goes_back_to_an_older_version() {
        assert!(replaces(&image("1.0.0/2"), Some(&image("1.0.1/7"))));
    }
}

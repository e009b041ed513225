//! `manifest.json`: what a release is, beside the files that consumers read of it.
//!
//! It is written last, so that it never names what is not there: while the other files are written, it still is the
//! whole of the version before, with its AMIs and checksums. A reader who wants all of one version reads it alone.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::tags::{EXPIRY_TAG, MANIFEST_TAG, PREVIOUS_TAG, proved_tag, published_tag};
use crate::arn::ImageArn;
use crate::digest::{self, DigestInput};
use crate::names::{AmiId, RecipeName, Region};
use crate::observed::{Image, Pipeline};
use crate::parents::Parents;
use crate::promotion::ImageVersion;
use crate::proof::LeftOut;
use crate::publication::{PublishedFile, WrittenManifest, files};
use crate::stack::StackContext;

/// The version of the form, its first member.
const SCHEMA_VERSION: u32 = 1;

/// What the manifest of an image says, as far as a run knows it without a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The recipe.
    pub recipename: RecipeName,
    /// The image.
    pub image: ImageArn,
    /// Its AMIs in the building account, by Region.
    pub amis: BTreeMap<Region, AmiId>,
    /// The image that was published before it.
    pub previous: Option<ImageArn>,
    /// The last day on which it is to be used, as its labels say.
    pub expiry: Option<String>,
    /// The accounts that it was published without; none if nobody was asked.
    pub left_out: Option<LeftOut>,
    /// Where the results of its tests are.
    pub results: Option<String>,
}

/// What a manifest follows from, as a stored digest has it. Each run compares every recipe's, so that the text itself and
/// the checksums of the files, which follow from this, are not made for it: they took an eighth of a warm run.
#[derive(Serialize)]
struct ManifestDigestV1<'a> {
    form: u32,
    recipename: &'a RecipeName,
    image: &'a ImageArn,
    amis: &'a BTreeMap<Region, AmiId>,
    previous: Option<&'a ImageArn>,
    expiry: Option<&'a str>,
    left_out: Option<(&'a [String], &'a [String])>,
    results: Option<&'a str>,
}

impl DigestInput for ManifestDigestV1<'_> {}

impl Manifest {
    /// The manifest of an image that is or is to be published. `left_out` are the accounts that it will be published
    /// without; of what is published already the pipeline says it. The version before counts only if it `is_known`:
    /// anybody who may tag the pipeline can name another one.
    pub fn of(
        stack: &StackContext,
        recipename: &RecipeName,
        pipeline: &Pipeline,
        image: &Image,
        left_out: Option<LeftOut>,
        is_known: impl Fn(&ImageArn) -> bool,
    ) -> Self {
        let standing = published_tag(pipeline);
        let (previous, left_out) = if standing.as_ref() == Some(&image.arn) {
            let previous = pipeline.tags.get(PREVIOUS_TAG);
            let previous = previous.and_then(|arn| arn.parse().ok());
            (previous, proved_tag(pipeline, &image.arn))
        } else {
            (standing, left_out)
        };
        let tested = image.amis.get(&stack.region);
        Self {
            recipename: recipename.clone(),
            image: image.arn.clone(),
            amis: image.amis.clone(),
            previous: previous.filter(is_known),
            expiry: image.tags.get(EXPIRY_TAG).cloned(),
            left_out,
            results: tested.map(|ami| format!("results/{ami}/")),
        }
    }

    /// A digest of what it says, without what only a call tells: as long as it stays, the object does.
    pub fn digest(&self) -> String {
        let left_out = self.left_out.as_ref();
        let digest = digest::of(&ManifestDigestV1 {
            form: SCHEMA_VERSION,
            recipename: &self.recipename,
            image: &self.image,
            amis: &self.amis,
            previous: self.previous.as_ref(),
            expiry: self.expiry.as_deref(),
            left_out: left_out.map(|left| (left.cannot.as_slice(), left.unknown.as_slice())),
            results: self.results.as_deref(),
        });
        digest.to_string()[..16].to_owned()
    }

    /// The object.
    pub fn file(&self, parents: &Parents) -> PublishedFile {
        PublishedFile {
            key: manifest_key(&self.recipename),
            content: format!("{:#}", self.value(parents)),
        }
    }

    /// Whether a pipeline says that the manifest of this content was written.
    pub fn is_written(&self, pipeline: &Pipeline) -> bool {
        let tag = pipeline.tags.get(MANIFEST_TAG);
        let written = tag.and_then(|tag| Some(tag.split_once('/')?.0));
        written == Some(&self.digest())
    }

    /// The value of the pipeline's tag once it is written: the digest, and the MD5 of the object in hexadecimal digits,
    /// which a list of the bucket tells.
    pub fn tag(&self, md5: &str) -> String {
        format!("{}/{md5}", self.digest())
    }

    fn value(&self, parents: &Parents) -> Value {
        let Self {
            recipename,
            image,
            amis,
            previous,
            expiry,
            left_out,
            results,
        } = self;
        let version = ImageVersion::from(image).to_string();
        let previous = previous.as_ref().map(|previous| {
            let of = ImageVersion::from(previous).to_string();
            json!({"version": of, "image": previous.to_string(), "replacement": version})
        });
        let consumers = left_out
            .as_ref()
            .map(|accounts| json!({"left-out": accounts.cannot, "unknown": accounts.unknown}));
        let checksums = files(recipename, amis).into_iter().map(|file| {
            let name = file.key.rsplit('/').next().unwrap_or_default().to_owned();
            let sum = digest::of_bytes(file.content.as_bytes());
            (name, format!("sha256:{sum}"))
        });
        json!({
            "schema-version": SCHEMA_VERSION,
            "state": "promoted",
            "recipename": recipename,
            "version": version,
            "image": image.to_string(),
            "ami-ids": amis,
            "previous": previous,
            "replacement": null,
            "expiry": expiry,
            "checksums": checksums.collect::<BTreeMap<_, _>>(),
            "parents": {"image": parents.image, "components": parents.components},
            "results": {"tests": results, "consumers": consumers},
        })
    }
}

/// The key of a recipe's manifest.
pub fn manifest_key(recipe: &RecipeName) -> String {
    format!("images/{recipe}/manifest.json")
}

/// The object that a pipeline says was written: its key, and the MD5 of its content.
pub(super) fn written(recipe: &RecipeName, pipeline: &Pipeline) -> Option<WrittenManifest> {
    let (_, md5) = pipeline.tags.get(MANIFEST_TAG)?.split_once('/')?;
    let (key, md5) = (manifest_key(recipe), md5.to_owned());
    Some(WrittenManifest { key, md5 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::LeftOut;

    const SCHEMA: &str = include_str!("../../../../docs/manifest.schema.json");

    fn image(version: &str) -> ImageArn {
        let arn = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304";
        format!("{arn}/{version}").parse().expect("an image")
    }

    fn plain() -> Manifest {
        let region = "us-east-1".parse().expect("a Region");
        let ami = "ami-08bd941ae380bd3cd".parse().expect("an AMI");
        Manifest {
            recipename: "110304".parse().expect("a recipe"),
            image: image("1.0.3/2"),
            amis: [(region, ami)].into(),
            previous: None,
            expiry: None,
            left_out: None,
            results: None,
        }
    }

    fn full() -> Manifest {
        Manifest {
            previous: Some(image("1.0.3/1")),
            expiry: Some("2027-03-01".to_owned()),
            left_out: Some(LeftOut {
                cannot: vec!["222222222222".to_owned(), "+3".to_owned()],
                unknown: vec!["333333333333".to_owned()],
            }),
            results: Some("results/ami-08bd941ae380bd3cd/".to_owned()),
            ..plain()
        }
    }

    #[test]
    fn every_manifest_is_as_its_schema_says() {
        let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
        let parents = Parents {
            image: Some("ami-0abcdef1234567890".to_owned()),
            components: vec!["arn:aws:imagebuilder:us-east-1:1:component/a/1.0.0/1".to_owned()],
        };
        for (manifest, parents) in [(plain(), Parents::default()), (full(), parents)] {
            let file = manifest.file(&parents);
            assert_eq!(file.key, "images/110304/manifest.json");
            let value: Value = serde_json::from_str(&file.content).expect("JSON");
            assert!(jsonschema::is_valid(&schema, &value), "{value:#}");
            let members = value.as_object().expect("an object");
            for name in members.keys() {
                let mut without = members.clone();
                without.remove(name);
                assert!(
                    !jsonschema::is_valid(&schema, &Value::Object(without)),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn its_checksums_are_those_of_the_files_beside_it() {
        let manifest = plain();
        let value: Value =
            serde_json::from_str(&manifest.file(&Parents::default()).content).expect("JSON");
        for file in files(&manifest.recipename, &manifest.amis) {
            let name = file.key.trim_start_matches("images/110304/");
            let sum = digest::of_bytes(file.content.as_bytes());
            assert_eq!(value["checksums"][name], format!("sha256:{sum}"), "{name}");
        }
    }

    #[test]
    fn every_member_that_a_run_knows_is_in_its_digest() {
        let changed = [
            Manifest {
                image: image("1.0.3/3"),
                ..full()
            },
            Manifest {
                previous: None,
                ..full()
            },
            Manifest {
                expiry: None,
                ..full()
            },
            Manifest {
                left_out: Some(LeftOut::default()),
                ..full()
            },
            Manifest {
                results: None,
                ..full()
            },
            Manifest {
                amis: BTreeMap::new(),
                ..full()
            },
        ];
        for other in changed {
            assert_ne!(other.digest(), full().digest(), "{other:?}");
        }
        assert_eq!(full().tag("0a"), format!("{}/0a", full().digest()));
    }
}

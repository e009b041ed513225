//! Versions and the ARNs of Image Builder resources, taken apart.
//!
//! Not `semver::Version`: Image Builder has `major.minor.patch/build`, no pre-release, and nodes up
//! to 2^30 - 1 (user guide, semantic versioning).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::names::{LARGEST_NODE, NameError};

/// A version without its build number, such as `1.0.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// Where a series of content-addressed versions starts.
    pub const FIRST: Self = Self {
        major: 1,
        minor: 0,
        patch: 0,
    };

    /// The next patch version: what new content becomes.
    #[must_use]
    pub fn next_patch(self) -> Self {
        Self {
            patch: self.patch + 1,
            ..self
        }
    }

    /// The version that new content gets beside those that exist.
    pub fn after(existing: impl IntoIterator<Item = Self>) -> Self {
        existing
            .into_iter()
            .max()
            .map_or(Self::FIRST, Self::next_patch)
    }
}

impl FromStr for Version {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let error = || NameError {
            found: text.to_owned(),
            expected: "a version, such as `1.0.3`",
        };
        let mut nodes = text.split('.').map(node);
        let mut next = || nodes.next().flatten().ok_or_else(error);
        let version = Self {
            major: next()?,
            minor: next()?,
            patch: next()?,
        };
        if nodes.next().is_some() {
            Err(error())
        } else {
            Ok(version)
        }
    }
}

fn node(text: &str) -> Option<u32> {
    number(text).filter(|node| *node <= LARGEST_NODE)
}

/// A number of nothing but digits: `parse` alone also takes `+1`, and then two texts would be one version.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl TryFrom<String> for Version {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> String {
        version.to_string()
    }
}

/// The ARN of one version of a recipe or a component: `...:<kind>/<slug>/<version>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionArn {
    /// Everything up to and including the slug.
    series: String,
    /// Where the slug begins in it: it is asked for far more often than an ARN is read.
    slug: usize,
    version: Version,
}

impl VersionArn {
    /// The ARN of `version` in the series whose ARNs start with `series`
    /// (`arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/mstr-nonprod-110304`).
    pub fn new(series: &str, version: Version) -> Self {
        Self::of_series(series.to_owned(), version)
    }

    fn of_series(series: String, version: Version) -> Self {
        let slug = series.rfind('/').map_or(0, |slash| slash + 1);
        Self {
            series,
            slug,
            version,
        }
    }

    /// The folded name.
    pub fn slug(&self) -> &str {
        self.series.get(self.slug..).unwrap_or_default()
    }

    /// The version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The ARN of the images of this recipe version: without a build, which the service takes as the
    /// newest available one (API reference, `parentImage`).
    pub fn of_images(&self) -> String {
        self.to_string().replacen(":image-recipe/", ":image/", 1)
    }
}

impl FromStr for VersionArn {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        parse_versioned(text)
            .filter(|(_, build)| build.is_none())
            .map(|(arn, _)| arn)
            .ok_or_else(|| NameError {
                found: text.to_owned(),
                expected: "a version ARN of a recipe or component",
            })
    }
}

impl fmt::Display for VersionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.series, self.version)
    }
}

impl TryFrom<String> for VersionArn {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<VersionArn> for String {
    fn from(arn: VersionArn) -> String {
        arn.to_string()
    }
}

macro_rules! build_arn {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name {
            version: VersionArn,
            build: u32,
        }

        impl $name {
            /// The folded name.
            pub fn slug(&self) -> &str {
                self.version.slug()
            }

            /// The version, without the build number.
            pub fn version(&self) -> Version {
                self.version.version
            }

            /// The build number, from 1.
            pub fn build(&self) -> u32 {
                self.build
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                match parse_versioned(text) {
                    Some((version, Some(build))) if version.series.contains($kind) => Ok(Self { version, build }),
                    Some(_) | None => Err(NameError { found: text.to_owned(), expected: $expected }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}/{}", self.version, self.build)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(arn: $name) -> String {
                arn.to_string()
            }
        }
    };
}

build_arn!(
    /// The ARN of one build of an image: `...:image/<slug>/<version>/<build>`.
    ///
    /// Image Builder derives slug and version from the recipe, so an image belongs to the recipe of
    /// the same slug and version (CLI example of `get-image`). Never constructed: always read from
    /// an answer.
    ImageArn,
    ":image/",
    "an image build version ARN"
);
build_arn!(
    /// The ARN of one build of a component: `...:component/<slug>/<version>/<build>`.
    ComponentBuildArn,
    ":component/",
    "a component build version ARN"
);

impl ImageArn {
    /// Whether it was built from this recipe version.
    pub fn is_of(&self, recipe: &VersionArn) -> bool {
        self.slug() == recipe.slug() && self.version() == recipe.version()
    }
}

impl ComponentBuildArn {
    /// The first build of a version: what creating a version that does not exist yet makes.
    pub fn first_of(version: VersionArn) -> Self {
        Self { version, build: 1 }
    }
}

/// Where an ARN says that its resource is, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub(crate) partition: &'a str,
    pub(crate) region: &'a str,
    /// An account id, or a word for the owner of what a service gives to everybody.
    pub(crate) account: &'a str,
}

/// The place in an ARN; its parts are empty where there are none.
pub(crate) fn place_of(arn: &str) -> Place<'_> {
    let mut parts = arn.split(':').skip(1);
    let mut next = |skipped| parts.nth(skipped).unwrap_or_default();
    Place {
        partition: next(0),
        region: next(1),
        account: next(0),
    }
}

/// `<arn head>:<kind>/<slug>/<version>[/<build>]`.
fn parse_versioned(text: &str) -> Option<(VersionArn, Option<u32>)> {
    let parts: Vec<&str> = text.split('/').collect();
    let (version, build) = match parts.as_slice() {
        [_, _, version] => (version, None),
        [_, _, version, build] => (version, Some(number(build)?)),
        _ => return None,
    };
    let series = parts[..2].join("/");
    let arn = series.starts_with("arn:aws") && series.split(':').nth(2) == Some("imagebuilder");
    let version = version.parse().ok()?;
    arn.then(|| (VersionArn::of_series(series, version), build))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str =
        "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.3/12";

    #[test]
    fn an_image_arn_is_taken_apart_and_put_together() {
        let image: ImageArn = IMAGE.parse().expect("an image ARN");
        assert_eq!(
            (
                image.slug(),
                image.version().to_string().as_str(),
                image.build()
            ),
            ("mstr-nonprod-110304", "1.0.3", 12)
        );
        assert_eq!(image.to_string(), IMAGE);
    }

    #[test]
    fn a_version_level_arn_is_not_a_build() {
        assert!(
            "arn:aws:imagebuilder:us-east-1:111122223333:image/x/1.0.3"
                .parse::<ImageArn>()
                .is_err()
        );
        assert!(
            "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"
                .parse::<VersionArn>()
                .is_err()
        );
    }

    #[test]
    fn builds_order_by_number_not_by_text() {
        let ninth: ImageArn = IMAGE.replace("/12", "/9").parse().expect("an image ARN");
        assert!(ninth < IMAGE.parse().expect("an image ARN"));
    }

    #[test]
    fn version_nodes_end_at_2_to_the_30_minus_1() {
        assert!("1.0.1073741823".parse::<Version>().is_ok());
        for bad in [
            "1.0.1073741824",
            "1.0",
            "+1.0.0",
            "1.-0.0",
            "1.0.0 ",
            "1.0.\n0",
            "1.0.",
            "\u{0661}.0.0",
        ] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
        assert!(IMAGE.replace("/12", "/+12").parse::<ImageArn>().is_err());
    }

    #[test]
    fn new_content_gets_the_next_patch_version() {
        assert_eq!(Version::after([]), Version::FIRST);
        let versions = ["1.0.9", "1.0.10"].map(|v| v.parse().expect("a version"));
        assert_eq!(Version::after(versions).to_string(), "1.0.11");
    }
}

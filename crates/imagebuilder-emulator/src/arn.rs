//! ARNs of Image Builder, the versions in them, and the folding of names.
//!
//! An ARN may be a reference: `x.x.x`, `1.x.x`, or a version without a build. A reference matches
//! many resources and resolves to the newest. ARNs order by number, so that 1.0.10 follows 1.0.9
//! and the newest of a series is the last of its range.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// The highest number of a version's node, 2^30-1.
const MAX_NODE: u32 = (1 << 30) - 1;

/// The resource kinds, by the path element of their ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the path elements below say it all")]
pub(crate) enum Kind {
    Component,
    ImageRecipe,
    ContainerRecipe,
    Image,
    ImagePipeline,
    InfrastructureConfiguration,
    DistributionConfiguration,
    LifecyclePolicy,
    BuildWorkflow,
    TestWorkflow,
    DistributionWorkflow,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Component,
        Self::ImageRecipe,
        Self::ContainerRecipe,
        Self::Image,
        Self::ImagePipeline,
        Self::InfrastructureConfiguration,
        Self::DistributionConfiguration,
        Self::LifecyclePolicy,
        Self::BuildWorkflow,
        Self::TestWorkflow,
        Self::DistributionWorkflow,
    ];

    /// As it stands in an ARN.
    pub fn path(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::ImageRecipe => "image-recipe",
            Self::ContainerRecipe => "container-recipe",
            Self::Image => "image",
            Self::ImagePipeline => "image-pipeline",
            Self::InfrastructureConfiguration => "infrastructure-configuration",
            Self::DistributionConfiguration => "distribution-configuration",
            Self::LifecyclePolicy => "lifecycle-policy",
            Self::BuildWorkflow => "workflow/build",
            Self::TestWorkflow => "workflow/test",
            Self::DistributionWorkflow => "workflow/distribution",
        }
    }
}

/// `major.minor.patch`; a node that is `None` is the wildcard `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Version([Option<u32>; 3]);

impl Version {
    /// `x.x.x`
    pub const ANY: Self = Self([None; 3]);

    /// A version without wildcards.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self([Some(major), Some(minor), Some(patch)])
    }

    /// Whether a node is the wildcard.
    pub fn is_wildcard(self) -> bool {
        self.0.contains(&None)
    }

    /// Whether `version` is one of those that this one stands for.
    pub fn covers(self, version: Self) -> bool {
        self.0
            .iter()
            .zip(version.0)
            .all(|(mine, other)| mine.is_none() || *mine == other)
    }

    /// Only the first `nodes` nodes; the others become wildcards.
    pub fn truncated(self, nodes: usize) -> Self {
        let mut kept = [None; 3];
        kept[..nodes].copy_from_slice(&self.0[..nodes]);
        Self(kept)
    }

    /// The version after `newest` in the series that this wildcard names; without a newest the
    /// first one, whose last node is `first`. The node to the left of the wildcards is kept, the
    /// first wildcard counts up, those to its right start again.
    pub fn after(self, newest: Option<Self>, first: u32) -> Self {
        let Some(counting) = self.0.iter().position(Option::is_none) else {
            return self;
        };
        let mut nodes = self.0.map(|node| Some(node.unwrap_or(0)));
        match newest {
            Some(newest) => nodes[counting] = newest.0[counting].map(|node| node + 1),
            None if counting == 0 => nodes[0] = Some(1),
            None => nodes[2] = Some(first),
        }
        Self(nodes)
    }

    /// The nodes of a version without wildcards; a wildcard counts as nought.
    pub fn nodes(self) -> [u32; 3] {
        self.0.map(Option::unwrap_or_default)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, node) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "." })?;
            match node {
                Some(number) => write!(f, "{number}")?,
                None => f.write_str("x")?,
            }
        }
        Ok(())
    }
}

/// The text is neither a version nor an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not {1}")]
pub(crate) struct ParseArnError(String, &'static str);

impl FromStr for Version {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseArnError(text.to_owned(), "a version with nodes up to 1073741823");
        let nodes: Vec<_> = text
            .split('.')
            .map(node)
            .collect::<Result<_, _>>()
            .map_err(|()| wrong())?;
        let version = Self(nodes.try_into().map_err(|_| wrong())?);
        let open = version.0.iter().position(Option::is_none).unwrap_or(3);
        if version.0[open..].iter().any(Option::is_some) {
            Err(wrong())
        } else {
            Ok(version)
        }
    }
}

/// `x` is `None`.
fn node(text: &str) -> Result<Option<u32>, ()> {
    if text == "x" {
        return Ok(None);
    }
    let number = text.parse().map_err(|_| ())?;
    if number <= MAX_NODE {
        Ok(Some(number))
    } else {
        Err(())
    }
}

/// An Image Builder ARN, concrete or a reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Arn {
    /// The Region, for example `us-east-1`.
    pub region: Text,
    /// Twelve digits, or `aws` for what Amazon manages.
    pub account: Text,
    /// The resource's kind.
    pub kind: Kind,
    /// The folded name.
    pub slug: Text,
    /// Absent on kinds that have no versions.
    pub version: Option<Version>,
    /// The fourth node.
    pub build: Option<u32>,
}

impl Arn {
    /// The ARN of a named resource of an account.
    pub fn new(region: &str, account: &str, kind: Kind, name: &str) -> Self {
        Self {
            region: region.into(),
            account: account.into(),
            kind,
            slug: fold(name).into(),
            version: None,
            build: None,
        }
    }

    /// The same resource at another version, without a build.
    pub fn at(&self, version: Version) -> Self {
        Self {
            version: Some(version),
            build: None,
            ..self.clone()
        }
    }

    /// The same version at another build.
    pub fn build(&self, build: u32) -> Self {
        Self {
            build: Some(build),
            ..self.clone()
        }
    }

    /// Before every version of the same name, in order.
    pub fn series(&self) -> Self {
        Self {
            version: None,
            build: None,
            ..self.clone()
        }
    }

    /// The version level: without the build.
    pub fn versionless_build(&self) -> Self {
        Self {
            build: None,
            ..self.clone()
        }
    }

    /// As text: tags keep it.
    pub fn text(&self) -> Text {
        self.to_string().into()
    }

    /// Whether both have the same Region, account, kind and name.
    pub fn same_series(&self, other: &Self) -> bool {
        self.slug == other.slug
            && self.kind == other.kind
            && self.account == other.account
            && self.region == other.region
    }

    /// Whether this reference stands for `other`.
    pub fn covers(&self, other: &Self) -> bool {
        let version = match (self.version, other.version) {
            (Some(mine), Some(other)) => mine.covers(other),
            (mine, other) => mine == other,
        };
        version && self.same_series(other) && (self.build.is_none() || self.build == other.build)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            region,
            account,
            kind,
            slug,
            version,
            build,
        } = self;
        let (partition, path) = (partition(region), kind.path());
        write!(
            f,
            "arn:{partition}:imagebuilder:{region}:{account}:{path}/{slug}"
        )?;
        version.map_or(Ok(()), |version| write!(f, "/{version}"))?;
        build.map_or(Ok(()), |build| write!(f, "/{build}"))
    }
}

impl FromStr for Arn {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| ParseArnError(text.to_owned(), "an ARN of Image Builder"))
    }
}

fn parse(text: &str) -> Option<Arn> {
    let mut head = text.splitn(6, ':');
    let partition = (head.next()? == "arn").then(|| head.next())??;
    (partition.starts_with("aws") && head.next()? == "imagebuilder").then_some(())?;
    let (region, account, path) = (head.next()?, head.next()?, head.next()?);
    let kind = *Kind::ALL.iter().find(|kind| {
        path.strip_prefix(kind.path())
            .is_some_and(|rest| rest.starts_with('/'))
    })?;
    let mut tail = path[kind.path().len() + 1..].split('/');
    let slug = tail.next()?;
    let version = tail.next().map(str::parse).transpose().ok()?;
    let build = tail.next().map(str::parse).transpose().ok()?;
    tail.next().is_none().then(|| Arn {
        version,
        build,
        slug: slug.into(),
        ..Arn::new(region, account, kind, "")
    })
}

impl Serialize for Arn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Arn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The partition a Region belongs to.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// Image Builder's folding: names that differ in case, spaces or underscores only are one name.
/// Whether runs of separators collapse is not known; here they do not, unless a setting says so.
pub(crate) fn fold(name: &str) -> String {
    name.to_lowercase().replace([' ', '_'], "-")
}

/// A name with each run of separators as one.
pub(crate) fn collapsed(name: &str) -> String {
    let parts = name.split([' ', '_', '-']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn arns_survive_a_round_trip() {
        for text in [
            "arn:aws:imagebuilder:us-east-1:111122223333:component/my-thing/1.0.0/12",
            "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x",
            "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/nightly",
            "arn:aws:imagebuilder:us-east-1:aws:workflow/build/build-image/1.0.0/2",
            "arn:aws-cn:imagebuilder:cn-north-1:111122223333:image/base/2021.1.1/3",
        ] {
            assert_eq!(text.parse::<Arn>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_right_of_a_wildcard_is_a_wildcard() {
        assert!("1.x.8".parse::<Version>().is_err());
        assert!("x.2.x".parse::<Version>().is_err());
        assert!("1.0.1073741824".parse::<Version>().is_err());
        assert_eq!(version("1.x.x").to_string(), "1.x.x");
    }

    #[test]
    fn versions_order_by_number() {
        assert!(version("1.0.10") > version("1.0.9"));
        assert!(version("1.0.x").covers(version("1.0.10")));
        assert!(!version("1.0.x").covers(version("1.1.0")));
    }

    #[test]
    fn a_wildcard_counts_up_from_the_newest() {
        assert_eq!(
            version("1.0.x").after(Some(version("1.0.9")), 0),
            version("1.0.10")
        );
        assert_eq!(version("1.0.x").after(None, 1), version("1.0.1"));
        assert_eq!(
            version("1.x.x").after(Some(version("1.4.2")), 0),
            version("1.5.0")
        );
        assert_eq!(version("2.1.3").after(None, 0), version("2.1.3"));
    }

    #[test]
    fn names_fold() {
        assert_eq!(fold("RHEL_9 base"), "rhel-9-base");
        assert_eq!(collapsed("a _- b"), "a-b");
    }
}

//! ARNs of Image Builder's resources: they name, order and find them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::common::{
    text::Text,
    version::{ParseArnError, Version},
};

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

    /// As it is written in an ARN.
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

    /// Whether this reference matches `other`.
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

//! What the digest of a recipe is taken of.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::desired::{Volume, VolumeType};
use crate::digest::{self, DigestInput};
use crate::names::Digest;
use crate::resources::{ComponentPin, ParentPin, PinnedComponent, RecipeContent};

/// Version 1 of a recipe's content.
#[derive(Serialize)]
struct RecipeDigestV1<'a> {
    #[serde(rename = "name")]
    name: &'a str,
    #[serde(rename = "parent")]
    parent: ParentDigestV1<'a>,
    #[serde(rename = "components")]
    components: Vec<ComponentUseDigestV1<'a>>,
    #[serde(rename = "volumes")]
    volumes: Vec<VolumeDigestV1>,
    #[serde(rename = "key")]
    key: &'a str,
    #[serde(rename = "ami_tags")]
    ami_tags: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
enum ParentDigestV1<'a> {
    #[serde(rename = "ami")]
    Ami(&'a str),
    #[serde(rename = "parameter")]
    Parameter(&'a str),
    #[serde(rename = "image")]
    Image(&'a str),
    #[serde(rename = "recipe")]
    Recipe {
        #[serde(rename = "name")]
        name: &'a str,
        #[serde(rename = "digest")]
        digest: &'a str,
    },
}

#[derive(Serialize)]
struct ComponentUseDigestV1<'a> {
    #[serde(rename = "component")]
    component: ComponentDigestV1<'a>,
    #[serde(rename = "parameters", skip_serializing_if = "BTreeMap::is_empty")]
    parameters: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
enum ComponentDigestV1<'a> {
    #[serde(rename = "arn")]
    Arn(&'a str),
    #[serde(rename = "document")]
    Document {
        #[serde(rename = "name")]
        name: &'a str,
        #[serde(rename = "digest")]
        digest: &'a str,
    },
}

#[derive(Serialize)]
struct VolumeDigestV1 {
    #[serde(rename = "size-gib")]
    size_gib: u32,
    #[serde(rename = "type")]
    volume_type: &'static str,
    #[serde(rename = "iops", skip_serializing_if = "Option::is_none")]
    iops: Option<u32>,
    #[serde(rename = "throughput", skip_serializing_if = "Option::is_none")]
    throughput: Option<u32>,
}

impl DigestInput for RecipeDigestV1<'_> {}

impl<'a> From<&'a RecipeContent> for RecipeDigestV1<'a> {
    fn from(content: &'a RecipeContent) -> Self {
        let RecipeContent {
            name,
            parent,
            components,
            volumes,
            key,
            ami_tags,
        } = content;
        Self {
            name,
            parent: parent.into(),
            components: components.iter().map(Into::into).collect(),
            volumes: volumes.iter().map(Into::into).collect(),
            key: key.as_str(),
            ami_tags,
        }
    }
}

impl<'a> From<&'a ParentPin> for ParentDigestV1<'a> {
    fn from(parent: &'a ParentPin) -> Self {
        match parent {
            ParentPin::Ami(ami) => Self::Ami(ami.as_str()),
            ParentPin::Parameter(name) => Self::Parameter(name.as_str()),
            ParentPin::Image(arn) => Self::Image(arn.as_str()),
            ParentPin::Recipe { name, digest } => Self::Recipe {
                name,
                digest: digest.as_str(),
            },
        }
    }
}

impl<'a> From<&'a PinnedComponent> for ComponentUseDigestV1<'a> {
    fn from(used: &'a PinnedComponent) -> Self {
        let PinnedComponent {
            component,
            parameters,
        } = used;
        Self {
            component: component.into(),
            parameters,
        }
    }
}

impl<'a> From<&'a ComponentPin> for ComponentDigestV1<'a> {
    fn from(component: &'a ComponentPin) -> Self {
        match component {
            ComponentPin::Arn(arn) => Self::Arn(arn.as_str()),
            ComponentPin::Document { name, digest } => Self::Document {
                name,
                digest: digest.as_str(),
            },
        }
    }
}

impl From<&Volume> for VolumeDigestV1 {
    fn from(volume: &Volume) -> Self {
        let Volume {
            size_gib,
            volume_type,
            iops,
            throughput,
        } = *volume;
        Self {
            size_gib,
            volume_type: volume_type_v1(volume_type),
            iops,
            throughput,
        }
    }
}

/// The words of version 1, whatever the variants or EC2's names become.
fn volume_type_v1(volume_type: VolumeType) -> &'static str {
    match volume_type {
        VolumeType::Gp3 => "gp3",
        VolumeType::Gp2 => "gp2",
        VolumeType::Io1 => "io1",
        VolumeType::Io2 => "io2",
        VolumeType::St1 => "st1",
        VolumeType::Sc1 => "sc1",
        VolumeType::Standard => "standard",
    }
}

impl RecipeContent {
    /// The digest that decides whether a version of this content exists already.
    ///
    /// Device names are left out: they follow from the base AMI, which is immutable.
    pub fn digest(&self) -> Digest {
        digest::of(&RecipeDigestV1::from(self))
    }

    /// The text that the digest is taken of.
    pub fn digest_input(&self) -> String {
        RecipeDigestV1::from(self).text()
    }
}

//! Seeded accounts, parameters, launch templates, and facts about the use of AMIs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    engine::seed::us_east_1,
    records::ec2::{
        account::Account,
        network::SecurityGroup,
        subnet::Subnet,
        template::LaunchTemplate,
        usage::{Count, Reference},
    },
    state::parameters::Parameters,
};

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedAccount {
    /// Twelve digits.
    pub id: String,
    /// Its place in its organization, written as in IAM's `aws:PrincipalOrgPaths`:
    /// `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`. A launch permission of the organization, or of a unit
    /// on the way, is one of the account's.
    pub organization_path: Option<String>,
    /// The Regions that it has opted in to, for example `ap-east-1`.
    #[serde(default)]
    pub opted_in_regions: BTreeSet<String>,
    /// The product codes of AWS Marketplace that it is subscribed to.
    #[serde(default)]
    pub subscriptions: BTreeSet<String>,
    /// The Regions in which it blocks public access to its AMIs.
    #[serde(default)]
    pub block_public_access: BTreeSet<String>,
}

/// An SSM parameter that names an AMI.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedParameter {
    /// For example `/golden/web`.
    pub name: String,
    /// For example an AMI's id.
    pub value: String,
    /// The account that has it; without one it is public, as Amazon's under `/aws/service/` are.
    #[serde(default)]
    pub account: String,
    /// `us-east-1` by default.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// `aws:ec2:image` by default, or `text`.
    #[serde(default = "ec2_image")]
    pub data_type: String,
}

/// A launch template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedTemplate {
    /// For example `lt-0a1b2c3d4e5f60718`.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// `us-east-1` by default.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// The id by default.
    pub name: Option<String>,
    /// The AMI of each version, oldest first; without any it has one version that names none.
    #[serde(default)]
    pub images: Vec<String>,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedSubnet {
    /// For example `subnet-0a1b2c3d4e5f60718`.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// `us-east-1` by default.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// The VPC that it is in.
    #[serde(default = "vpc")]
    pub vpc: String,
    /// Whether instances that are launched in it get a public address.
    #[serde(default)]
    pub public_ip: bool,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedSecurityGroup {
    /// For example `sg-0a1b2c3d4e5f60718`.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// `us-east-1` by default.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// The VPC that it is for; the one that seeded subnets are in by default.
    #[serde(default = "vpc")]
    pub vpc: String,
    /// The id by default.
    pub name: Option<String>,
}

/// A resource that refers to an AMI. Recipes, parameters and launch templates that the emulator
/// has itself need not be seeded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedReference {
    /// The AMI's id.
    pub image: String,
    /// `ec2:Instance`, `ec2:LaunchTemplate`, `ssm:Parameter`, `imagebuilder:ImageRecipe` or
    /// `imagebuilder:ContainerRecipe`
    pub resource_type: String,
    /// The resource's ARN; its Region and account are the resource's.
    pub arn: String,
    /// Of an instance; `running` by default.
    #[serde(default = "running")]
    pub state: String,
}

/// How many resources of a type refer to an AMI in an account, besides those that are known by ARN.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedUsage {
    /// The AMI's id.
    pub image: String,
    /// The account that has the resources.
    pub account: String,
    /// As of [`SeedReference`].
    pub resource_type: String,
    /// How many there are.
    pub count: u64,
}

/// When an AMI was last launched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedLaunch {
    /// The AMI's id.
    pub image: String,
    /// For example `2026-01-31T12:00:00Z`.
    pub at: Timestamp,
}

fn ec2_image() -> String {
    "aws:ec2:image".to_owned()
}

fn vpc() -> String {
    "vpc-0a1b2c3d4e5f60718".to_owned()
}

fn running() -> String {
    "running".to_owned()
}

impl SeedAccount {
    pub(super) fn account(&self) -> Account {
        Account {
            path: self.organization_path.clone(),
            opted_in: self.opted_in_regions.clone(),
            subscriptions: self.subscriptions.clone(),
            blocks_public_access: self.block_public_access.clone(),
        }
    }
}

impl SeedParameter {
    pub(super) fn insert_into(&self, parameters: &mut Parameters) {
        let Self {
            name,
            value,
            account,
            region,
            data_type,
        } = self;
        parameters.put((region, account, name), value, data_type);
    }
}

impl SeedTemplate {
    pub(super) fn template(&self) -> LaunchTemplate {
        let images = self.images.iter().cloned().map(Some);
        let versions = if self.images.is_empty() {
            vec![None]
        } else {
            images.collect()
        };
        LaunchTemplate {
            id: self.id.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.clone()),
            account: self.account.clone(),
            region: self.region.clone(),
            default_version: 1,
            versions,
        }
    }
}

impl SeedSubnet {
    pub(super) fn subnet(&self) -> Subnet {
        let Self {
            id,
            account,
            region,
            vpc,
            public_ip,
        } = self.clone();
        Subnet {
            id,
            account,
            region,
            vpc,
            public_ip,
        }
    }
}

impl SeedSecurityGroup {
    pub(super) fn group(&self) -> SecurityGroup {
        let Self {
            id,
            account,
            region,
            vpc,
            name,
        } = self.clone();
        SecurityGroup {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            account,
            region,
            vpc,
        }
    }
}

impl SeedReference {
    pub(super) fn reference(&self) -> Reference {
        let Self {
            image,
            resource_type,
            arn,
            state,
        } = self.clone();
        Reference {
            image,
            kind: resource_type,
            arn,
            state,
        }
    }
}

impl SeedUsage {
    pub(super) fn count(&self) -> Count {
        let Self {
            image,
            account,
            resource_type,
            count,
        } = self.clone();
        Count {
            image,
            account,
            kind: resource_type,
            number: count,
        }
    }
}

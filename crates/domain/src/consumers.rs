//! Who may launch the images, and how each is served.

use std::collections::{BTreeMap, BTreeSet};

use crate::names::{
    AccountId, KeyArn, OrganizationArn, OrganizationPath, Region, RoleArn, RolePattern,
    SecurityGroupId, SubnetId,
};

/// Everybody who may launch the images.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consumers {
    /// Accounts, one entry an account; never the building account, which owns the images.
    pub accounts: Vec<Account>,
    /// Organizations and organizational units.
    pub organizations: Vec<Organization>,
}

/// An account that may launch the images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// Who launches there.
    pub roles: Roles,
    /// The Regions in which it gets the images.
    pub regions: BTreeSet<Region>,
    /// How it gets them.
    pub serve: DeliveryMode,
    /// Its own keys for its copies, by Region; the Region's key of ours where it names none.
    pub keys: BTreeMap<Region, KeyArn>,
    /// Who makes grants for its service-linked roles.
    pub grant_admin: Option<GrantAdmin>,
    /// The role through which its parameters are written.
    pub parameter_role: Option<RoleArn>,
    /// With what images are built again there that cannot be copied; only of an account that gets copies
    /// and has a key of its own in each of its Regions.
    pub rebuild: Option<Rebuild>,
    /// Where it launches, by Region, as its workload accounts document says.
    pub places: BTreeMap<Region, LaunchPlace>,
}

/// The principals of an account that launch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roles {
    /// Every principal of the account.
    Any,
    /// These roles.
    Named(BTreeSet<RolePattern>),
}

/// How an account gets images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryMode {
    /// It may launch our AMI.
    Share,
    /// It gets an encrypted AMI of its own.
    Copy,
}

impl DeliveryMode {
    /// The word in the documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Copy => "copy",
        }
    }
}

/// A role that may make grants on our key for service-linked roles of its account: Auto Scaling in
/// another account than the key's needs one, made by somebody of that account (EC2 Auto Scaling user
/// guide, "Required AWS KMS key policy for use with encrypted volumes").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantAdmin {
    /// The role that makes the grants.
    pub role: RoleArn,
    /// The service-linked roles that it may make them for; at least one.
    pub grantees: BTreeSet<RoleArn>,
}

/// With what an account builds an image again that cannot be copied into it: Image Builder there launches
/// ours and makes an AMI of the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// The role through which its Image Builder is used.
    pub role: RoleArn,
    /// The name of the account's instance profile for the build.
    pub instance_profile: String,
}

/// Where an account launches in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LaunchPlace {
    /// The subnet.
    pub subnet: Option<SubnetId>,
    /// The security group.
    pub security_group: Option<SecurityGroupId>,
}

/// An organization or organizational unit whose accounts may launch our AMIs; it is always shared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its ARN, which launch permissions name.
    pub arn: OrganizationArn,
    /// Its path, which key policies name: `o-.../*` for a whole organization.
    pub path: OrganizationPath,
    /// The Regions in which images are shared with it.
    pub regions: BTreeSet<Region>,
}

impl Consumers {
    /// The accounts that get images in `region`.
    pub fn accounts_in<'a>(&'a self, region: &'a Region) -> impl Iterator<Item = &'a Account> {
        self.accounts
            .iter()
            .filter(move |account| account.regions.contains(region))
    }

    /// The organizations that images are shared with in `region`.
    pub fn organizations_in<'a>(
        &'a self,
        region: &'a Region,
    ) -> impl Iterator<Item = &'a Organization> {
        self.organizations
            .iter()
            .filter(move |organization| organization.regions.contains(region))
    }
}

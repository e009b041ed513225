//! Facts of the account and its Regions that a plan is checked against before it makes something.
//!
//! What is not in a map was not asked for, and nothing is refused because of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::names::{KeyArn, Region};

/// What a plan that makes something is checked against.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Facts {
    /// The architectures of the instance types; none for a type that the Region does not have.
    pub instance_types: BTreeMap<String, BTreeSet<String>>,
    /// The keys of the stack and of the further Regions.
    pub keys: BTreeMap<KeyArn, KeyState>,
    /// The Regions that images are distributed to.
    pub regions: BTreeMap<Region, RegionState>,
    /// The subnet of the documents.
    pub subnets: BTreeMap<String, SubnetState>,
    /// The role of the documents' instance profile, by its name; none for a profile that does not exist or has no role.
    pub instance_profiles: BTreeMap<String, Option<String>>,
}

/// Whether a key can encrypt volumes that are shared (KMS `KeyMetadata`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// It can.
    Usable,
    /// It does not exist.
    Missing,
    /// It is in another state than `Enabled`.
    Unusable(String),
    /// AWS manages it: its policy cannot be changed, so what it encrypts cannot be shared.
    AwsManaged,
    /// It is not a symmetric key for encryption, but of this spec and usage.
    Unsuitable(String),
    /// We cannot look at it, for the reason that AWS's code gives.
    Unreadable(String),
}

/// Whether the account can use a Region (EC2 `Region.OptInStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionState {
    /// It can.
    Enabled,
    /// It has to opt in first.
    NotOptedIn,
    /// There is no such Region in this partition.
    Unknown,
}

/// What a subnet does for instances that are launched in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SubnetState {
    /// It is there.
    Found {
        /// Whether instances get a public address (`MapPublicIpOnLaunch`).
        public_ip: bool,
    },
    /// There is none of this id in the Region.
    Missing,
}

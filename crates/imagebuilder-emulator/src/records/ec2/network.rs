//! Security groups, and where an instance is.

use serde::{Deserialize, Serialize};

/// A security group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SecurityGroup {
    /// For example `sg-0a1b2c3d4e5f60718`.
    pub id: String,
    pub name: String,
    /// The account that owns it.
    pub account: String,
    pub region: String,
    /// The VPC that it is for.
    pub vpc: String,
}

/// Where an instance is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Network {
    /// The subnet and its VPC; without them it is in a default VPC of which nothing is known.
    pub subnet: Option<(String, String)>,
    /// Ids and names of its security groups; without any it has the VPC's default group, which is not
    /// known either.
    pub groups: Vec<(String, String)>,
}

impl Network {
    /// The subnet's id.
    pub fn subnet(&self) -> Option<&str> {
        self.subnet.as_ref().map(|(subnet, _)| subnet.as_str())
    }

    /// The VPC's id.
    pub fn vpc(&self) -> Option<&str> {
        self.subnet.as_ref().map(|(_, vpc)| vpc.as_str())
    }
}

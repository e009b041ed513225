//! Subnets.

use serde::{Deserialize, Serialize};

/// A subnet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Subnet {
    /// For example `subnet-0a1b2c3d4e5f60718`.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    pub region: String,
    /// The VPC that it is in.
    pub vpc: String,
    /// Whether instances that are launched in it get a public address.
    pub public_ip: bool,
}

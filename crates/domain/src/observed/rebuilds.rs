//! What is seen in accounts in which images are built again.

use serde::{Deserialize, Serialize};

use super::{Image, Tags};

/// What was seen in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rebuilds {
    /// Its Image Builder, in the Region that it builds in.
    Seen {
        /// Every image build; the AMIs are those that the account owns.
        images: Vec<Image>,
        /// Every recipe version, infrastructure and distribution configuration.
        resources: Vec<Resource>,
    },
    /// Nothing, and why: its role does not let us in, or not far enough.
    Unseen(String),
}

/// A resource of which only the tags matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Resource {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: Tags,
}

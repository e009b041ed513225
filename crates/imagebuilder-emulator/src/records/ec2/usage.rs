//! Seeded facts about the use of AMIs.

use serde::{Deserialize, Serialize};

/// What is known of the use of AMIs from outside of the emulator.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// Resources that refer to AMIs.
    pub references: Vec<Reference>,
    /// Numbers of resources that are known no closer.
    pub counts: Vec<Count>,
}

/// A resource that refers to an AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// The AMI's id.
    pub image: String,
    /// A resource type such as `ec2:Instance`.
    pub kind: String,
    /// Its Region and account are the resource's.
    pub arn: String,
    /// Of an instance, for example `running`.
    pub state: String,
}

/// How many resources of a type refer to an AMI in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    pub image: String,
    pub account: String,
    pub kind: String,
    pub number: u64,
}

impl Reference {
    pub fn is_in(&self, region: &str, account: &str) -> bool {
        let mut parts = self.arn.split(':').skip(3);
        parts.next() == Some(region) && parts.next() == Some(account)
    }
}

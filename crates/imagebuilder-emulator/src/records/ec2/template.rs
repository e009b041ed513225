//! Launch templates, as far as AMIs are concerned: which version names which AMI.

use serde::{Deserialize, Serialize};

use crate::common::arn;

/// A launch template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LaunchTemplate {
    /// For example `lt-0a1b2c3d4e5f60718`.
    pub id: String,
    pub name: String,
    /// The account that owns it.
    pub account: String,
    pub region: String,
    /// The number of the version that is used when none is named.
    pub default_version: usize,
    /// The AMI of each version, if it names one; the first is of version 1.
    pub versions: Vec<Option<String>>,
}

impl LaunchTemplate {
    /// For example `arn:aws:ec2:us-east-1:111122223333:launch-template/lt-0a1b2c3d4e5f60718`.
    pub fn arn(&self) -> String {
        let Self {
            id,
            account,
            region,
            ..
        } = self;
        format!(
            "arn:{}:ec2:{region}:{account}:launch-template/{id}",
            arn::partition(region)
        )
    }

    /// Whether one of the newest versions names the AMI.
    pub fn names(&self, image: &str, newest: usize) -> bool {
        self.versions
            .iter()
            .rev()
            .take(newest)
            .flatten()
            .any(|named| named == image)
    }
}

//! EC2 as far as images need it: AMIs, snapshots and launches as real objects, and the Query protocol.

pub(crate) mod account;
mod actions;
pub(crate) mod ami;
pub(crate) mod answer;
mod attribute;
mod change;
pub(crate) mod copy;
mod copy_action;
mod describe;
mod filter;
mod image_filter;
mod instance;
mod instance_action;
mod instance_type;
mod launch;
pub(crate) mod lifecycle;
mod mapping;
mod network;
pub(crate) mod query;
mod references;
mod region;
mod register;
mod report;
mod share;
pub(crate) mod snapshot;
mod snapshot_action;
mod subnet;
mod switch;
mod tags;
pub(crate) mod template;
mod token;
pub(crate) mod usage;
mod viewer;
pub(crate) mod xml;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use self::{
    account::Account,
    actions::answered,
    ami::{Ami, AmiState, BlockDevice, Ebs, LaunchPermission, Protection},
    change::AmiChanged,
    network::SecurityGroup,
    snapshot::Snapshot,
    subnet::Subnet,
    template::LaunchTemplate,
    viewer::Viewer,
};
use self::{instance::Instance, report::Report, token::FirstUse, usage::Usage};
use crate::{fault::KeyDenial, refusal::Refusal, store::Store, text::Text};

/// All AMIs and snapshots, of all accounts and Regions, by id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ec2 {
    /// AMIs.
    pub amis: Store<Text, Ami>,
    /// Snapshots.
    pub snapshots: Store<Text, Snapshot>,
    /// Launch templates.
    pub templates: BTreeMap<String, LaunchTemplate>,
    /// Subnets.
    #[serde(default)]
    pub subnets: BTreeMap<String, Subnet>,
    /// Security groups.
    #[serde(default)]
    pub security_groups: BTreeMap<String, SecurityGroup>,
    /// Instances, also those that ended.
    #[serde(default)]
    pub instances: BTreeMap<String, Instance>,
    /// The keys that launches of an account fail for.
    #[serde(default)]
    pub denied_keys: BTreeSet<KeyDenial>,
    /// What has been told of the use of AMIs.
    pub usage: Usage,
    /// Usage reports.
    pub reports: BTreeMap<String, Report>,
    /// Accounts that something is known of.
    pub accounts: BTreeMap<String, Account>,
    /// Client tokens that were used.
    tokens: BTreeMap<String, FirstUse>,
    /// Changes of AMIs that nobody has been told of yet.
    changes: Vec<AmiChanged>,
    minted: u64,
}

impl Ec2 {
    /// A new id with EC2's seventeen hexadecimal digits. The same history gives the same ids.
    pub fn mint(&mut self, prefix: &str) -> Text {
        self.minted += 1;
        let digest = Sha256::digest(format!("{prefix} {}", self.minted));
        let number = digest
            .iter()
            .take(9)
            .fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        format!("{prefix}-{:017x}", number >> 4).into()
    }

    /// The AMI, if it is in the Region and the account may see it.
    pub fn visible(&self, id: &str, region: &str, account: &str) -> Option<&Ami> {
        let viewer = self.viewer(account);
        self.amis
            .get(id)
            .filter(|ami| ami.region == region && ami.is_visible_to(&viewer))
    }

    /// The AMI, if the account may also launch it there: it must not be disabled.
    pub fn launchable(&self, id: &str, region: &str, account: &str) -> Option<&Ami> {
        self.visible(id, region, account)
            .filter(|ami| ami.state == AmiState::Available)
    }

    /// An account and where it belongs to.
    pub fn viewer<'a>(&'a self, account: &'a str) -> Viewer<'a> {
        Viewer::new(account, &self.accounts)
    }
}

/// A refusal in EC2's vocabulary.
pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(400, code, message)
}

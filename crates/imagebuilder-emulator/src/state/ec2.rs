//! The state of EC2: AMIs, snapshots, launches and accounts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    common::{
        ec2_error::unknown_image, error::ApiError, store::Store, tags::OwnedTags, text::Text,
    },
    records::ec2::{
        account::Account,
        ami::{Ami, AmiState},
        change::AmiChanged,
        instance::Instance,
        key_denial::KeyDenial,
        network::SecurityGroup,
        report::Report,
        snapshot::Snapshot,
        subnet::Subnet,
        template::LaunchTemplate,
        token::FirstUse,
        usage::Usage,
        viewer::Viewer,
    },
};

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
    /// Seeded facts about the use of AMIs.
    pub usage: Usage,
    /// Usage reports.
    pub reports: BTreeMap<String, Report>,
    /// Accounts that something is known of.
    pub accounts: BTreeMap<String, Account>,
    /// Client tokens that were used.
    pub tokens: BTreeMap<String, FirstUse>,
    /// Changes of AMIs that are not announced yet.
    changes: Vec<AmiChanged>,
    minted: u64,
}

impl Ec2 {
    /// A new id with EC2's seventeen hexadecimal digits. The same history gives the same ids.
    pub fn new_id(&mut self, prefix: &str) -> Text {
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

impl Ec2 {
    /// Whether an account has block public access for AMIs switched on in a Region.
    pub fn blocks_public_access(&self, account: &str, region: &str) -> bool {
        self.accounts
            .get(account)
            .is_some_and(|account| account.blocks_public_access.contains(region))
    }
}

impl Ec2 {
    /// Stores a new AMI, which is available at once.
    pub fn add_ami(&mut self, ami: Ami) {
        self.note(&ami, "available");
        self.amis.insert(ami.id.clone(), ami);
    }

    /// Notes that an AMI has entered a state.
    pub fn note(&mut self, ami: &Ami, state: &str) {
        let (id, owner, region) = (ami.id.clone(), ami.owner.clone(), ami.region.clone());
        self.changes.push(AmiChanged {
            id: id.to_string(),
            owner: owner.to_string(),
            region: region.to_string(),
            state: state.to_owned(),
        });
    }

    /// The changes since the last time.
    pub fn take_changes(&mut self) -> Vec<AmiChanged> {
        std::mem::take(&mut self.changes)
    }
}

impl Ec2 {
    /// The AMI, in any Region and account.
    pub fn ami_mut(&mut self, id: &str) -> Result<&mut Ami, ApiError> {
        self.amis.get_mut(id).ok_or_else(|| unknown_image(id))
    }

    /// An AMI that is made of the snapshot, if there is one; the snapshot cannot be deleted then.
    pub fn user_of(&self, snapshot: &str) -> Option<&Ami> {
        self.amis
            .values()
            .find(|ami| ami.snapshots().any(|id| id == snapshot))
    }
}

impl Ec2 {
    /// The snapshots that an AMI is made of, as far as they still exist.
    pub fn snapshots_of<'a>(&'a self, ami: &'a Ami) -> impl Iterator<Item = &'a Snapshot> {
        ami.snapshots().filter_map(|id| self.snapshots.get(id))
    }
}

impl Ec2 {
    /// A snapshot of a volume of its own, not stored yet, to be completed by who asks for it.
    pub fn new_snapshot(
        &mut self,
        region: &str,
        owner: &str,
        size_gib: u32,
        at: Timestamp,
    ) -> Snapshot {
        Snapshot {
            id: self.new_id("snap"),
            region: region.into(),
            owner: owner.into(),
            owner_alias: None,
            volume: self.new_id("vol"),
            size_gib,
            encrypted: false,
            kms_key: None,
            description: String::new().into(),
            started: at,
            permissions: BTreeSet::new(),
            product_codes: Vec::new(),
            copied: false,
            tags: OwnedTags::new(),
        }
    }

    /// Stores a snapshot; answers its id.
    pub fn add_snapshot(&mut self, snapshot: Snapshot) -> String {
        let id = snapshot.id.clone();
        self.snapshots.insert(id.clone(), snapshot);
        id.to_string()
    }
}

impl Ec2 {
    /// The template, if the account has it in the Region.
    pub fn template_mut(
        &mut self,
        id: &str,
        region: &str,
        account: &str,
    ) -> Option<&mut LaunchTemplate> {
        let template = self.templates.get_mut(id)?;
        (template.region == region && template.account == account).then_some(template)
    }
}

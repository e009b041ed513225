//! Snapshots, and DescribeSnapshots.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Ec2, LaunchPermission,
    ami::ProductCode,
    answer::{self, Answer},
    filter::{self, Filterable, Filters},
    query::{Ec2Request, Query},
    refused,
    xml::Xml,
};
use crate::{date::Date, refusal::Refusal, state::OwnedTags, text::Text};

/// A snapshot of an EBS volume.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub id: Text,
    pub region: Text,
    pub owner: Text,
    /// `amazon` for Amazon's own.
    pub owner_alias: Option<Text>,
    pub volume: Text,
    pub size_gib: u32,
    pub encrypted: bool,
    /// ARN of the key, if encrypted.
    pub kms_key: Option<Text>,
    pub description: Text,
    pub started: Timestamp,
    /// Who may create volumes of it, besides its owner: accounts or all.
    pub permissions: BTreeSet<LaunchPermission>,
    /// Those of the AMI that it was made with.
    pub product_codes: Vec<ProductCode>,
    /// Whether it is a copy of another snapshot.
    pub copied: bool,
    /// Tags belong to the account that made them.
    pub tags: OwnedTags,
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
            id: self.mint("snap"),
            region: region.into(),
            owner: owner.into(),
            owner_alias: None,
            volume: self.mint("vol"),
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

impl Snapshot {
    /// Whether it is encrypted with the account's default key, which nobody can share.
    pub fn has_default_key(&self) -> bool {
        self.kms_key
            .as_ref()
            .is_some_and(|key| key.ends_with(":alias/aws/ebs"))
    }

    /// Whether an account may create volumes of it.
    pub fn is_readable_by(&self, account: &str) -> bool {
        self.owner == account || self.is_public() || self.is_shared_with(account)
    }

    /// Whether everybody may create volumes of it.
    pub fn is_public(&self) -> bool {
        self.permissions.contains(&LaunchPermission::All)
    }

    fn is_shared_with(&self, account: &str) -> bool {
        self.permissions
            .contains(&LaunchPermission::User(account.to_owned()))
    }

    fn view(&self, account: &str) -> Xml {
        Xml::new("item")
            .text("snapshotId", &self.id)
            .text("volumeId", &self.volume)
            .text("status", "completed")
            .text("startTime", Date(self.started))
            .text("completionTime", Date(self.started))
            .text("progress", "100%")
            .text("ownerId", &self.owner)
            .optional("ownerAlias", self.owner_alias.as_ref())
            .text("volumeSize", self.size_gib)
            .text("description", &self.description)
            .text("encrypted", self.encrypted)
            .optional("kmsKeyId", self.kms_key.as_ref())
            .text("storageTier", "standard")
            .optional("transferType", self.copied.then_some("standard"))
            .children(answer::tag_set(self.tags.get(account)))
    }
}

impl Filterable for Snapshot {
    const NAMES: &'static [&'static str] = &[
        "description",
        "encrypted",
        "owner-alias",
        "owner-id",
        "progress",
        "snapshot-id",
        "start-time",
        "status",
        "storage-tier",
        "transfer-type",
        "volume-id",
        "volume-size",
    ];
    const TAGGED: bool = true;

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        let text = match name {
            "snapshot-id" => Cow::from(self.id.as_str()),
            "owner-id" => Cow::from(self.owner.as_str()),
            "owner-alias" => {
                return self
                    .owner_alias
                    .iter()
                    .map(|alias| Cow::from(alias.as_str()))
                    .collect();
            }
            "volume-id" => Cow::from(self.volume.as_str()),
            "description" => Cow::from(self.description.as_str()),
            "volume-size" => Cow::from(self.size_gib.to_string()),
            "encrypted" => Cow::from(self.encrypted.to_string()),
            "start-time" => Cow::from(Date(self.started).to_string()),
            "status" => Cow::from("completed"),
            "progress" => Cow::from("100%"),
            "storage-tier" => Cow::from("standard"),
            "transfer-type" if self.copied => Cow::from("standard"),
            _ => return Vec::new(),
        };
        vec![text]
    }

    fn tags(&self, account: &str) -> Vec<(&str, &str)> {
        filter::pairs(self.tags.get(account))
    }
}

/// DescribeSnapshots: what the account owns, what is shared with it, and what is public.
pub(super) fn describe_snapshots(request: &mut Ec2Request<'_>) -> Answer {
    let wanted = request.query.list("SnapshotId");
    let (region, account) = (&request.caller.region, &request.caller.account);
    let visible =
        |snapshot: &&Snapshot| snapshot.region == *region && snapshot.is_readable_by(account);
    for id in &wanted {
        known(request, id, visible)?;
    }
    let owners = request.query.list("Owner");
    let users = request.query.list("RestorableBy");
    let filters = Filters::of::<Snapshot>(&request.query)?;
    let found = request
        .ec2
        .snapshots
        .values()
        .filter(visible)
        .filter(|snapshot| {
            let asked = wanted.is_empty() || wanted.iter().any(|id| *id == snapshot.id);
            let owned =
                owners.is_empty() || owners.iter().any(|owner| owns(owner, snapshot, account));
            let restorable =
                users.is_empty() || users.iter().any(|user| restores(user, snapshot, account));
            asked && owned && restorable && filters.admit(*snapshot, account)
        });
    let items = found.map(|snapshot| snapshot.view(account)).collect();
    answer::page(&request.query, "snapshotSet", items)
}

fn owns(owner: &str, snapshot: &Snapshot, account: &str) -> bool {
    let owner = if owner == "self" { account } else { owner };
    snapshot.owner == owner || snapshot.owner_alias.as_deref() == Some(owner)
}

/// Who may create volumes: `all` for the public snapshots, an account for its own and for those
/// that name it (API reference, DescribeSnapshots).
fn restores(user: &str, snapshot: &Snapshot, account: &str) -> bool {
    match user {
        "all" => snapshot.is_public(),
        "self" => snapshot.owner == account || snapshot.is_shared_with(account),
        user => snapshot.owner == user || snapshot.is_shared_with(user),
    }
}

fn known(
    request: &Ec2Request<'_>,
    id: &str,
    visible: impl Fn(&&Snapshot) -> bool,
) -> Result<(), Refusal> {
    Query::check_id(id, "snap", "InvalidSnapshotID.Malformed")?;
    request
        .ec2
        .snapshots
        .get(id)
        .filter(visible)
        .map(|_| ())
        .ok_or_else(|| unknown_snapshot(id))
}

/// The refusal for a snapshot that is not there, or that the account may not see.
pub(super) fn unknown_snapshot(id: &str) -> Refusal {
    refused(
        "InvalidSnapshot.NotFound",
        format!("The snapshot '{id}' does not exist."),
    )
}

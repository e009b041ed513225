//! Snapshots, and DescribeSnapshots.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    answer::{self, Answer},
    filter::Filterable,
    query::{Ec2Request, Query},
    refused,
    xml::Xml,
};
use crate::{date::Date, refusal::Refusal, state::Tags};

/// A snapshot of an EBS volume.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub id: String,
    pub region: String,
    pub owner: String,
    pub volume: String,
    pub size_gib: u32,
    pub encrypted: bool,
    /// ARN of the key, if encrypted.
    pub kms_key: Option<String>,
    pub description: String,
    pub started: Timestamp,
    /// Tags belong to the account that made them.
    pub tags: BTreeMap<String, Tags>,
}

impl Snapshot {
    /// Whether it is encrypted with the account's default key, which nobody can share.
    pub fn has_default_key(&self) -> bool {
        self.kms_key.as_ref().is_some_and(|key| key.ends_with(":alias/aws/ebs"))
    }

    fn view(&self, account: &str) -> Xml {
        Xml::new("item")
            .text("snapshotId", &self.id)
            .text("volumeId", &self.volume)
            .text("status", "completed")
            .text("startTime", Date(self.started))
            .text("progress", "100%")
            .text("ownerId", &self.owner)
            .text("volumeSize", self.size_gib)
            .text("description", &self.description)
            .text("encrypted", self.encrypted)
            .optional("kmsKeyId", self.kms_key.as_ref())
            .text("storageTier", "standard")
            .child(answer::tag_set(self.tags.get(account)))
    }
}

impl Filterable for Snapshot {
    fn field(&self, name: &str, _account: &str) -> Option<Vec<Cow<'_, str>>> {
        let text = match name {
            "snapshot-id" => Cow::from(&self.id),
            "owner-id" => Cow::from(&self.owner),
            "volume-id" => Cow::from(&self.volume),
            "description" => Cow::from(&self.description),
            "volume-size" => Cow::from(self.size_gib.to_string()),
            "encrypted" => Cow::from(self.encrypted.to_string()),
            "status" => Cow::from("completed"),
            _ => return None,
        };
        Some(vec![text])
    }

    fn tags(&self, account: &str) -> Option<&Tags> {
        self.tags.get(account)
    }
}

/// DescribeSnapshots. Snapshots cannot be shared yet, so an account sees its own.
pub(crate) fn describe_snapshots(request: &mut Ec2Request<'_>) -> Answer {
    let wanted = request.query.list("SnapshotId");
    let (region, account) = (&request.caller.region, &request.caller.account);
    let visible = |snapshot: &&Snapshot| snapshot.region == *region && snapshot.owner == *account;
    for id in &wanted {
        known(request, id, visible)?;
    }
    let owners = request.query.list("Owner");
    let ours = |owner: &String| owner == "self" || owner == account;
    let filters = request.query.filters();
    let mut found = Vec::new();
    for snapshot in request.ec2.snapshots.values().filter(visible) {
        let asked = wanted.is_empty() || wanted.contains(&snapshot.id);
        let owned = owners.is_empty() || owners.iter().any(ours);
        if asked && owned && filters.admit(snapshot, account)? {
            found.push(snapshot.view(account));
        }
    }
    answer::page(&request.query, "snapshotSet", found)
}

fn known(request: &Ec2Request<'_>, id: &str, visible: impl Fn(&&Snapshot) -> bool) -> Result<(), Refusal> {
    Query::check_id(id, "snap", "InvalidSnapshotID.Malformed")?;
    match request.ec2.snapshots.get(id).filter(visible) {
        Some(_) => Ok(()),
        None => Err(refused("InvalidSnapshot.NotFound", format!("The snapshot '{id}' does not exist."))),
    }
}

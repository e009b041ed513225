//! Snapshots, and DescribeSnapshots.

use std::borrow::Cow;

use crate::{
    api::ec2::request::Ec2Request,
    common::{date::Date, ec2_error::unknown_snapshot, error::ApiError},
    records::ec2::snapshot::Snapshot,
    wire::{
        ec2_answer::{self, Answer},
        ec2_filter::{self, Filterable, Filters},
        query::Query,
        xml::Xml,
    },
};

impl Snapshot {
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
            .children(ec2_answer::tag_set(self.tags.get(account)))
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
        ec2_filter::pairs(self.tags.get(account))
    }
}

/// DescribeSnapshots: what the account owns, what is shared with it, and what is public.
pub(crate) fn describe_snapshots(request: &mut Ec2Request<'_>) -> Answer {
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
    ec2_answer::page(&request.query, "snapshotSet", items)
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
) -> Result<(), ApiError> {
    Query::check_id(id, "snap", "InvalidSnapshotID.Malformed")?;
    request
        .ec2
        .snapshots
        .get(id)
        .filter(visible)
        .map(|_| ())
        .ok_or_else(|| unknown_snapshot(id))
}

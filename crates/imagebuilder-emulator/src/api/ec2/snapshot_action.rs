//! DeleteSnapshot, and the attributes of snapshots. They are the owner's.

use crate::{
    api::ec2::{
        attribute::permission, describe::product_codes, permission_change::Change,
        request::Ec2Request,
    },
    common::{
        ec2_error::{client_error, unknown_snapshot},
        error::ApiError,
    },
    records::ec2::{ami::LaunchPermission, snapshot::Snapshot},
    wire::{
        ec2_answer::{self, Answer},
        query::Query,
        xml::Xml,
    },
};

/// The most changes in one request (API reference, ModifySnapshotAttribute).
const MOST_CHANGES: usize = 500;

/// DeleteSnapshot; refused while an AMI is made of it, be it disabled.
pub(crate) fn delete_snapshot(request: &mut Ec2Request<'_>) -> Answer {
    let id = owned(request)?;
    if let Some(ami) = request.ec2.user_of(&id) {
        let message = format!("The snapshot {id} is currently in use by {}", ami.id);
        return Err(client_error("InvalidSnapshot.InUse", message));
    }
    request.ec2.snapshots.remove(id.as_str());
    Ok(ec2_answer::done())
}

/// DescribeSnapshotAttribute.
pub(crate) fn describe_snapshot_attribute(request: &mut Ec2Request<'_>) -> Answer {
    let attribute = request.query.required("Attribute")?.to_owned();
    request
        .query
        .one_of("Attribute", &["createVolumePermission", "productCodes"])?;
    let id = owned(request)?;
    let snapshot = snapshot_mut(request, &id)?;
    let shown = match attribute.as_str() {
        "productCodes" => product_codes(&snapshot.product_codes),
        _ => Xml::list(
            "createVolumePermission",
            snapshot.permissions.iter().map(permission),
        ),
    };
    Ok(vec![Xml::leaf("snapshotId", &id), shown])
}

/// ModifySnapshotAttribute, of `createVolumePermission`, the only one that can be.
pub(crate) fn modify_snapshot_attribute(request: &mut Ec2Request<'_>) -> Answer {
    request
        .query
        .one_of("Attribute", &["createVolumePermission"])?;
    let id = owned(request)?;
    let change = change(&request.query)?;
    let snapshot = snapshot_mut(request, &id)?;
    check_share(snapshot, &change.add)?;
    snapshot.permissions.extend(change.add);
    snapshot
        .permissions
        .retain(|permission| !change.remove.contains(permission));
    Ok(ec2_answer::done())
}

fn change(query: &Query) -> Result<Change, ApiError> {
    let change = Change::of(query, "CreateVolumePermission")?;
    if !change.add.is_empty() && !change.remove.is_empty() {
        let message = "Permissions cannot be added and removed in one request.";
        return Err(client_error("InvalidParameterCombination", message));
    }
    if change.add.len() + change.remove.len() > MOST_CHANGES {
        let message = format!("At most {MOST_CHANGES} permissions can be modified in one request.");
        return Err(client_error("InvalidParameterValue", message));
    }
    let mut both = change.add.iter().chain(&change.remove);
    let only_accounts = |permission: &LaunchPermission| match permission {
        LaunchPermission::All | LaunchPermission::User(_) => true,
        LaunchPermission::Organization(_) | LaunchPermission::OrganizationalUnit(_) => false,
    };
    if both.all(only_accounts) {
        return Ok(change);
    }
    Err(client_error(
        "InvalidParameterValue",
        "A snapshot can be shared with accounts only.",
    ))
}

/// Only the first text is recorded; the rules are the API reference's (ModifySnapshotAttribute).
fn check_share(snapshot: &Snapshot, add: &[LaunchPermission]) -> Result<(), ApiError> {
    let refuse = |message| Err(client_error("OperationNotPermitted", message));
    if !add.is_empty() && snapshot.has_default_key() {
        return refuse("Encrypted snapshots with EBS default key cannot be shared");
    }
    let public = add.contains(&LaunchPermission::All);
    if public && snapshot.encrypted {
        return refuse("Encrypted snapshots cannot be made public.");
    }
    if public && !snapshot.product_codes.is_empty() {
        return refuse("Snapshots with an AWS Marketplace product code cannot be made public.");
    }
    Ok(())
}

/// ResetSnapshotAttribute, of `createVolumePermission`.
pub(crate) fn reset_snapshot_attribute(request: &mut Ec2Request<'_>) -> Answer {
    request.query.required("Attribute")?;
    request
        .query
        .one_of("Attribute", &["createVolumePermission"])?;
    let id = owned(request)?;
    snapshot_mut(request, &id)?.permissions.clear();
    Ok(ec2_answer::done())
}

fn snapshot_mut<'e>(
    request: &'e mut Ec2Request<'_>,
    id: &str,
) -> Result<&'e mut Snapshot, ApiError> {
    request
        .ec2
        .snapshots
        .get_mut(id)
        .ok_or_else(|| unknown_snapshot(id))
}

/// The snapshot's id, if the caller owns it.
fn owned(request: &Ec2Request<'_>) -> Result<String, ApiError> {
    let id = request.query.required("SnapshotId")?;
    Query::check_id(id, "snap", "InvalidSnapshotID.Malformed")?;
    let caller = request.caller;
    let snapshot = request
        .ec2
        .snapshots
        .get(id)
        .filter(|snapshot| snapshot.region == caller.region);
    let readable = snapshot.filter(|snapshot| snapshot.is_readable_by(&caller.account));
    if readable.ok_or_else(|| unknown_snapshot(id))?.owner == caller.account {
        return Ok(id.to_owned());
    }
    Err(client_error(
        "AuthFailure",
        format!("Not authorized for snapshot:{id}"),
    ))
}

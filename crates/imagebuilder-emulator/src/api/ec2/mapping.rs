//! The block device mapping of RegisterImage: volumes of existing snapshots, or new ones.

use crate::{
    api::ec2::request::Ec2Request,
    common::{
        ec2_error::{client_error, unknown_snapshot},
        error::ApiError,
        text::Text,
    },
    engine::ec2::copy::key_arn,
    records::ec2::{
        ami::{BlockDevice, Ebs},
        snapshot::Snapshot,
    },
    wire::query::Query,
};

/// The size of a volume that names neither a size nor a snapshot, in GiB.
const DEFAULT_SIZE: u32 = 8;

/// Reads `BlockDeviceMapping.n`. A mapping without a snapshot gets an empty one, where EC2 would
/// make an empty volume at launch. Nothing is stored unless everything is right.
pub(crate) fn devices(request: &mut Ec2Request<'_>) -> Result<Vec<BlockDevice>, ApiError> {
    let (mut devices, mut new) = (Vec::new(), Vec::new());
    let items = request.query.items("BlockDeviceMapping").into_iter();
    for item in items.filter(|item| !item.has("NoDevice")) {
        devices.push(device(request, &item, &mut new)?);
    }
    for snapshot in new {
        request.ec2.add_snapshot(snapshot);
    }
    Ok(devices)
}

fn device(
    request: &mut Ec2Request<'_>,
    item: &Query,
    new: &mut Vec<Snapshot>,
) -> Result<BlockDevice, ApiError> {
    let name = item.required("DeviceName")?.to_owned();
    let virtual_name = item.text("VirtualName").map(Text::from);
    if virtual_name.is_some() {
        return Ok(BlockDevice {
            name: name.into(),
            ebs: None,
            virtual_name,
        });
    }
    if let Some(id) = item.text("Ebs.SnapshotId") {
        let ebs = volume(item, &existing(request, item, (id, &name))?)?;
        return Ok(BlockDevice {
            name: name.into(),
            ebs: Some(ebs),
            virtual_name,
        });
    }
    let snapshot = empty(request, item)?;
    let ebs = volume(item, &snapshot)?;
    new.push(snapshot);
    Ok(BlockDevice {
        name: name.into(),
        ebs: Some(ebs),
        virtual_name,
    })
}

fn volume(item: &Query, snapshot: &Snapshot) -> Result<Ebs, ApiError> {
    let size_gib = item.number("Ebs.VolumeSize")?.unwrap_or(snapshot.size_gib);
    if size_gib < snapshot.size_gib {
        let (id, least) = (&snapshot.id, snapshot.size_gib);
        let message = format!(
            "Volume of size {size_gib}GB is smaller than snapshot '{id}', expect size >= {least}GB"
        );
        return Err(client_error("InvalidBlockDeviceMapping", message));
    }
    item.one_of(
        "Ebs.VolumeType",
        &["standard", "io1", "io2", "gp2", "sc1", "st1", "gp3"],
    )?;
    Ok(Ebs {
        snapshot: snapshot.id.clone(),
        size_gib,
        kind: item.text("Ebs.VolumeType").unwrap_or("gp2").into(),
        iops: item.number("Ebs.Iops")?,
        throughput: item.number("Ebs.Throughput")?,
        encrypted: snapshot.encrypted,
        delete_on_termination: item.flag("Ebs.DeleteOnTermination").unwrap_or(true),
    })
}

/// A snapshot of the caller's. Whether the volume is encrypted cannot be asked for then.
fn existing(
    request: &Ec2Request<'_>,
    item: &Query,
    (id, device): (&str, &str),
) -> Result<Snapshot, ApiError> {
    Query::check_id(id, "snap", "InvalidSnapshotID.Malformed")?;
    if item.has("Ebs.Encrypted") {
        let message = format!(
            "the encrypted flag cannot be specified since device {device} has a snapshot specified."
        );
        return Err(client_error("InvalidBlockDeviceMapping", message));
    }
    let caller = request.caller;
    let ours =
        |snapshot: &&Snapshot| snapshot.owner == caller.account && snapshot.region == caller.region;
    request
        .ec2
        .snapshots
        .get(id)
        .filter(ours)
        .cloned()
        .ok_or_else(|| unknown_snapshot(id))
}

fn empty(request: &mut Ec2Request<'_>, item: &Query) -> Result<Snapshot, ApiError> {
    let (region, account) = (&request.caller.region, &request.caller.account);
    let encrypted = item.flag("Ebs.Encrypted").unwrap_or_default();
    let size = item.number("Ebs.VolumeSize")?.unwrap_or(DEFAULT_SIZE);
    Ok(Snapshot {
        encrypted,
        kms_key: encrypted.then(|| key_arn(None, region, account)),
        description: "Created for RegisterImage".into(),
        ..request.ec2.new_snapshot(region, account, size, request.now)
    })
}

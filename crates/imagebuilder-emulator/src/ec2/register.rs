//! RegisterImage and DeregisterImage.

use std::collections::BTreeMap;

use super::{
    Ami, AmiState, BlockDevice, Ebs, Protection, Snapshot,
    answer::{self, Answer},
    attribute,
    query::{Ec2Request, Query},
    refused, tags,
    xml::Xml,
};
use crate::{arn, refusal::Refusal};

/// The size of a volume that names neither a size nor a snapshot, in GiB.
const DEFAULT_SIZE: u32 = 8;

/// RegisterImage, from snapshots or from plain sizes. A mapping without a snapshot gets an empty
/// one, where EC2 would make an empty volume at launch.
pub(crate) fn register_image(request: &mut Ec2Request<'_>) -> Answer {
    let name = request.query.required("Name")?.to_owned();
    refuse_duplicate(request, &name)?;
    let tags = tags::specified(&request.query, "image")?;
    let mut devices = Vec::new();
    for item in request.query.items("BlockDeviceMapping") {
        devices.push(device(request, &item)?);
    }
    let mut ami = described(request, name, devices);
    ami.tag(&request.caller.account, tags);
    let id = ami.id.clone();
    request.ec2.amis.insert(id.clone(), ami);
    Ok(vec![Xml::leaf("imageId", id)])
}

/// DeregisterImage. Snapshots stay, unless `DeleteAssociatedSnapshots` asks otherwise.
pub(crate) fn deregister_image(request: &mut Ec2Request<'_>) -> Answer {
    let id = attribute::owned(request)?;
    let with_snapshots = request.query.flag("DeleteAssociatedSnapshots") == Some(true);
    let results = request.ec2.deregister(&id, with_snapshots, request.now)?;
    let items = results.iter().map(|result| {
        let code = if result.deleted { "success" } else { "skipped" };
        Xml::new("item").text("snapshotId", &result.snapshot).text("returnCode", code)
    });
    let results = with_snapshots.then(|| Xml::list("deleteSnapshotResultSet", items));
    Ok(answer::done().into_iter().chain(results).collect())
}

fn refuse_duplicate(request: &Ec2Request<'_>, name: &str) -> Result<(), Refusal> {
    let caller = request.caller;
    let same = |ami: &&Ami| ami.name == name && ami.owner == caller.account && ami.region == caller.region;
    match request.ec2.amis.values().find(same) {
        Some(ami) => Err(refused(
            "InvalidAMIName.Duplicate",
            format!("AMI name {name} is already in use by AMI {}", ami.id),
        )),
        None => Ok(()),
    }
}

fn described(request: &mut Ec2Request<'_>, name: String, devices: Vec<BlockDevice>) -> Ami {
    let query = &request.query;
    let text = |parameter: &str| query.text(parameter).map(str::to_owned);
    let root = text("RootDeviceName").or_else(|| Some(devices.first()?.name.clone()));
    Ami {
        region: request.caller.region.clone(),
        owner: request.caller.account.clone(),
        owner_alias: None,
        name,
        description: text("Description"),
        architecture: text("Architecture").unwrap_or_else(|| "i386".to_owned()),
        platform: None,
        platform_details: "Linux/UNIX".to_owned(),
        usage_operation: "RunInstances".to_owned(),
        product_codes: Vec::new(),
        billing_products: query.list("BillingProduct"),
        root_device_name: root.unwrap_or_else(|| "/dev/sda1".to_owned()),
        devices,
        permissions: std::collections::BTreeSet::new(),
        tags: BTreeMap::new(),
        created: request.now,
        deprecated: None,
        state: AmiState::Available,
        protection: Protection::Off,
        last_launched: None,
        ena_support: query.flag("EnaSupport").unwrap_or_default(),
        boot_mode: text("BootMode"),
        imds_support: text("ImdsSupport"),
        tpm_support: text("TpmSupport"),
        source: None,
        id: request.ec2.mint("ami"),
    }
}

fn device(request: &mut Ec2Request<'_>, item: &Query) -> Result<BlockDevice, Refusal> {
    let name = item.required("DeviceName")?.to_owned();
    let virtual_name = item.text("VirtualName").map(str::to_owned);
    let ebs = if virtual_name.is_some() { None } else { Some(volume(request, item)?) };
    Ok(BlockDevice { name, ebs, virtual_name })
}

fn volume(request: &mut Ec2Request<'_>, item: &Query) -> Result<Ebs, Refusal> {
    let snapshot = match item.text("Ebs.SnapshotId") {
        Some(id) => existing(request, id)?,
        None => empty(request, item)?,
    };
    Ok(Ebs {
        snapshot: snapshot.id,
        size_gib: item.number("Ebs.VolumeSize")?.unwrap_or(snapshot.size_gib),
        kind: item.text("Ebs.VolumeType").unwrap_or("gp2").to_owned(),
        iops: item.number("Ebs.Iops")?,
        throughput: item.number("Ebs.Throughput")?,
        encrypted: snapshot.encrypted,
        delete_on_termination: item.flag("Ebs.DeleteOnTermination").unwrap_or(true),
    })
}

fn existing(request: &Ec2Request<'_>, id: &str) -> Result<Snapshot, Refusal> {
    Query::check_id(id, "snap", "InvalidSnapshotID.Malformed")?;
    let caller = request.caller;
    let ours = |snapshot: &&Snapshot| snapshot.owner == caller.account && snapshot.region == caller.region;
    request
        .ec2
        .snapshots
        .get(id)
        .filter(ours)
        .cloned()
        .ok_or_else(|| refused("InvalidSnapshot.NotFound", format!("The snapshot '{id}' does not exist.")))
}

fn empty(request: &mut Ec2Request<'_>, item: &Query) -> Result<Snapshot, Refusal> {
    let (region, account) = (&request.caller.region, &request.caller.account);
    let partition = arn::partition(region);
    let default_key = format!("arn:{partition}:kms:{region}:{account}:alias/aws/ebs");
    let encrypted = item.flag("Ebs.Encrypted").unwrap_or_default();
    let snapshot = Snapshot {
        id: request.ec2.mint("snap"),
        region: region.clone(),
        owner: account.clone(),
        volume: request.ec2.mint("vol"),
        size_gib: item.number("Ebs.VolumeSize")?.unwrap_or(DEFAULT_SIZE),
        encrypted,
        kms_key: encrypted.then_some(default_key),
        description: "Created for RegisterImage".to_owned(),
        started: request.now,
        tags: BTreeMap::new(),
    };
    request.ec2.snapshots.insert(snapshot.id.clone(), snapshot.clone());
    Ok(snapshot)
}

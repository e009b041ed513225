//! RegisterImage and DeregisterImage.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    api::ec2::{attribute, mapping, request::Ec2Request, tags},
    common::{ec2_error::client_error, error::ApiError, tags::OwnedTags, text::Text},
    records::ec2::{
        ami::{Ami, AmiState, BlockDevice, ProductCode, Protection, Traits},
        snapshot::Snapshot,
    },
    wire::{
        ec2_answer::{self, Answer},
        xml::Xml,
    },
};

/// The characters of an AMI's name besides letters and digits (API reference, RegisterImage).
const SPECIAL: &str = "()[] ./-'@_";

/// What RegisterImage knows and this does not.
const NOT_EMULATED: &[&str] = &[
    "ImageLocation",
    "KernelId",
    "RamdiskId",
    "SriovNetSupport",
    "UefiData",
];

/// RegisterImage, from snapshots or from plain sizes.
pub(crate) fn register_image(request: &mut Ec2Request<'_>) -> Answer {
    let name = request.query.required("Name")?.to_owned();
    check(request)?;
    check_name(request, &name)?;
    let tags = tags::specified(&request.query, "image", &["image"])?;
    let devices = mapping::devices(request)?;
    let mut ami = described(request, name, devices);
    ami.tag(&request.caller.account, tags);
    let id = ami.id.clone();
    request.ec2.add_ami(ami);
    Ok(vec![Xml::leaf("imageId", id)])
}

fn check(request: &Ec2Request<'_>) -> Result<(), ApiError> {
    let query = &request.query;
    query.refuse_not_emulated(NOT_EMULATED)?;
    if query.text("VirtualizationType") == Some("paravirtual") {
        return Err(ApiError::not_emulated("paravirtual virtualization"));
    }
    query.one_of(
        "Architecture",
        &["i386", "x86_64", "arm64", "x86_64_mac", "arm64_mac"],
    )?;
    query.one_of("BootMode", &["legacy-bios", "uefi", "uefi-preferred"])?;
    query.one_of("ImdsSupport", &["v2.0"])?;
    query.one_of("TpmSupport", &["v2.0"])
}

/// DeregisterImage. Snapshots stay, unless `DeleteAssociatedSnapshots` asks otherwise.
pub(crate) fn deregister_image(request: &mut Ec2Request<'_>) -> Answer {
    let id = attribute::owned(request)?;
    let with_snapshots = request.query.flag("DeleteAssociatedSnapshots") == Some(true);
    let results = request.ec2.deregister(&id, with_snapshots, request.now)?;
    let items = results.iter().map(|result| {
        let code = if result.deleted { "success" } else { "skipped" };
        Xml::new("item")
            .text("snapshotId", &result.snapshot)
            .text("returnCode", code)
    });
    let results = with_snapshots.then(|| Xml::list("deleteSnapshotResultSet", items));
    Ok(ec2_answer::done().into_iter().chain(results).collect())
}

/// Whether an AMI of the caller can be called so: it must be well-formed, and the only one.
pub(crate) fn check_name(request: &Ec2Request<'_>, name: &str) -> Result<(), ApiError> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || SPECIAL.contains(letter);
    if !(3..=128).contains(&name.chars().count()) || !name.chars().all(allowed) {
        let message = "AMI names must be between 3 and 128 characters long, and may contain letters, \
                       numbers, '(', ')', '.', '-', '/' and '_'";
        return Err(client_error("InvalidAMIName.Malformed", message));
    }
    let caller = request.caller;
    let same =
        |ami: &&Ami| ami.name == name && ami.owner == caller.account && ami.region == caller.region;
    match request.ec2.amis.values().find(same) {
        Some(ami) => Err(client_error(
            "InvalidAMIName.Duplicate",
            format!("AMI name {name} is already in use by AMI {}", ami.id),
        )),
        None => Ok(()),
    }
}

fn described(request: &mut Ec2Request<'_>, name: String, devices: Vec<BlockDevice>) -> Ami {
    let query = &request.query;
    let text = |parameter: &str| query.text(parameter).map(str::to_owned);
    let root = text("RootDeviceName").or_else(|| Some(devices.first()?.name.to_string()));
    let traits = Traits {
        architecture: text("Architecture").unwrap_or_else(|| "i386".to_owned()),
        platform: None,
        platform_details: "Linux/UNIX".to_owned(),
        usage_operation: "RunInstances".to_owned(),
        product_codes: product_codes(request, &devices),
        billing_products: query.list("BillingProduct"),
        root_device_name: root.unwrap_or_else(|| "/dev/sda1".to_owned()),
        ena_support: query.flag("EnaSupport").unwrap_or_default(),
        boot_mode: text("BootMode"),
        tpm_support: text("TpmSupport"),
    };
    Ami {
        region: request.caller.region.as_str().into(),
        owner: request.caller.account.as_str().into(),
        owner_alias: None,
        name: name.into(),
        description: text("Description").map(Text::from),
        devices,
        permissions: BTreeSet::new(),
        tags: OwnedTags::new(),
        created: request.now,
        deprecated: None,
        state: AmiState::Available,
        protection: Protection::Off,
        last_launched: None,
        imds_support: text("ImdsSupport").map(Text::from),
        source: None,
        traits: Arc::new(traits),
        id: request.ec2.new_id("ami"),
    }
}

/// The product codes of the snapshots are the AMI's (API reference, RegisterImage).
fn product_codes(request: &Ec2Request<'_>, devices: &[BlockDevice]) -> Vec<ProductCode> {
    let ids = devices
        .iter()
        .filter_map(|device| Some(&device.ebs.as_ref()?.snapshot));
    let snapshots = ids.filter_map(|id| request.ec2.snapshots.get(id));
    let mut codes = Vec::new();
    for code in snapshots.flat_map(|snapshot: &Snapshot| &snapshot.product_codes) {
        if !codes.contains(code) {
            codes.push(code.clone());
        }
    }
    codes
}

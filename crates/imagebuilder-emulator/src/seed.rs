//! Seeds: base images that exist before anybody builds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use crate::ec2::{
    Ami, AmiState, BlockDevice, Ebs, Ec2, LaunchPermission, Protection, Snapshot, ami::ProductCode,
};

/// Things to put into the emulator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Seed {
    /// AMIs, replaced if they are there already.
    #[serde(default)]
    pub images: Vec<SeedImage>,
}

/// An AMI to be seeded. Only the id is needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedImage {
    /// For example `ami-08bd941ae380bd3cd`.
    pub id: String,
    /// `us-east-1` by default.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// The owning account; Amazon's by default.
    #[serde(default = "amazon")]
    pub owner: String,
    /// The id by default.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// `x86_64` by default, or `arm64`.
    #[serde(default = "x86_64")]
    pub architecture: String,
    /// `Linux/UNIX` by default; one that starts with `Windows` makes the platform `windows`.
    #[serde(default = "linux")]
    pub platform_details: String,
    /// `RunInstances` by default.
    #[serde(default = "run_instances")]
    pub usage_operation: String,
    /// Marketplace product codes.
    #[serde(default)]
    pub product_codes: Vec<String>,
    /// The first device's name by default.
    pub root_device: Option<String>,
    /// One root volume `/dev/xvda` of 8 GiB gp3 by default.
    #[serde(default)]
    pub devices: Vec<SeedDevice>,
    /// Whether everybody may launch it, true by default.
    #[serde(default = "yes")]
    pub public: bool,
    /// Accounts that may launch it.
    #[serde(default)]
    pub launch_permissions: Vec<String>,
    /// The owner's tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A volume of a seeded AMI.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedDevice {
    /// For example `/dev/sdf`.
    pub name: String,
    /// 8 by default.
    #[serde(default = "eight")]
    pub size_gib: u32,
    /// `gp3` by default.
    #[serde(default = "gp3", rename = "type")]
    pub kind: String,
    /// Whether the snapshot is encrypted.
    #[serde(default)]
    pub encrypted: bool,
    /// The key's ARN, if encrypted.
    pub kms_key: Option<String>,
}

fn us_east_1() -> String {
    "us-east-1".to_owned()
}

fn amazon() -> String {
    "137112412989".to_owned()
}

fn x86_64() -> String {
    "x86_64".to_owned()
}

fn linux() -> String {
    "Linux/UNIX".to_owned()
}

fn run_instances() -> String {
    "RunInstances".to_owned()
}

fn gp3() -> String {
    "gp3".to_owned()
}

fn eight() -> u32 {
    8
}

fn yes() -> bool {
    true
}

impl SeedImage {
    /// A public image of Amazon's with one root volume.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            region: us_east_1(),
            owner: amazon(),
            name: None,
            description: None,
            architecture: x86_64(),
            platform_details: linux(),
            usage_operation: run_instances(),
            product_codes: Vec::new(),
            root_device: None,
            devices: Vec::new(),
            public: true,
            launch_permissions: Vec::new(),
            tags: BTreeMap::new(),
        }
    }

    fn devices(&self) -> Vec<SeedDevice> {
        if self.devices.is_empty() { vec![SeedDevice::new("/dev/xvda", 8)] } else { self.devices.clone() }
    }

    fn permissions(&self) -> BTreeSet<LaunchPermission> {
        let users = self.launch_permissions.iter().cloned().map(LaunchPermission::User);
        users.chain(self.public.then_some(LaunchPermission::All)).collect()
    }
}

impl SeedDevice {
    /// An unencrypted gp3 volume.
    pub fn new(name: impl Into<String>, size_gib: u32) -> Self {
        Self { name: name.into(), size_gib, kind: gp3(), encrypted: false, kms_key: None }
    }
}

/// What exists from the start: an image like Amazon Linux 2023, and one with a data volume.
pub(crate) fn defaults() -> Seed {
    let first = SeedImage {
        name: Some("al2023-ami-2023.8.20250818.0-kernel-6.1-x86_64".to_owned()),
        description: Some("Amazon Linux 2023 AMI x86_64 HVM kernel-6.1".to_owned()),
        ..SeedImage::new("ami-08bd941ae380bd3cd")
    };
    let second = SeedImage {
        name: Some("base-with-data-volume".to_owned()),
        devices: vec![SeedDevice::new("/dev/sda1", 10), SeedDevice::new("/dev/sdf", 20)],
        ..SeedImage::new("ami-0a1b2c3d4e5f60718")
    };
    Seed { images: vec![first, second] }
}

impl Seed {
    /// Puts the images into EC2.
    pub(crate) fn plant(&self, ec2: &mut Ec2, now: Timestamp) {
        for image in &self.images {
            let ami = ami(image, ec2, now);
            ec2.amis.insert(ami.id.clone(), ami);
        }
    }
}

fn ami(image: &SeedImage, ec2: &mut Ec2, now: Timestamp) -> Ami {
    let seeds = image.devices();
    let devices: Vec<_> = seeds.iter().map(|seed| device(image, seed, ec2, now)).collect();
    let root = image.root_device.clone().or_else(|| Some(devices.first()?.name.clone()));
    let code = |id: &String| ProductCode { id: id.clone(), kind: "marketplace".to_owned() };
    let windows = image.platform_details.starts_with("Windows");
    Ami {
        id: image.id.clone(),
        region: image.region.clone(),
        owner: image.owner.clone(),
        owner_alias: (image.owner == amazon()).then(|| "amazon".to_owned()),
        name: image.name.clone().unwrap_or_else(|| image.id.clone()),
        description: image.description.clone(),
        architecture: image.architecture.clone(),
        platform: windows.then(|| "windows".to_owned()),
        platform_details: image.platform_details.clone(),
        usage_operation: image.usage_operation.clone(),
        product_codes: image.product_codes.iter().map(code).collect(),
        billing_products: Vec::new(),
        root_device_name: root.unwrap_or_default(),
        devices,
        permissions: image.permissions(),
        tags: BTreeMap::from([(image.owner.clone(), image.tags.clone())]),
        created: now,
        deprecated: None,
        state: AmiState::Available,
        protection: Protection::Off,
        last_launched: None,
        ena_support: true,
        boot_mode: Some("uefi-preferred".to_owned()),
        imds_support: None,
        tpm_support: None,
        source: None,
    }
}

fn device(image: &SeedImage, seed: &SeedDevice, ec2: &mut Ec2, now: Timestamp) -> BlockDevice {
    let snapshot = Snapshot {
        id: ec2.mint("snap"),
        region: image.region.clone(),
        owner: image.owner.clone(),
        volume: ec2.mint("vol"),
        size_gib: seed.size_gib,
        encrypted: seed.encrypted,
        kms_key: seed.kms_key.clone(),
        description: String::new(),
        started: now,
        tags: BTreeMap::new(),
    };
    let ebs = Ebs {
        snapshot: snapshot.id.clone(),
        size_gib: seed.size_gib,
        kind: seed.kind.clone(),
        iops: (seed.kind == "gp3").then_some(3000),
        throughput: (seed.kind == "gp3").then_some(125),
        encrypted: seed.encrypted,
        delete_on_termination: true,
    };
    ec2.snapshots.insert(snapshot.id.clone(), snapshot);
    BlockDevice { name: seed.name.clone(), ebs: Some(ebs), virtual_name: None }
}

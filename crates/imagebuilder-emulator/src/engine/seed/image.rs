//! Seeded AMIs and their snapshots.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    common::{tags::OwnedTags, text::Text},
    engine::seed::us_east_1,
    records::ec2::{
        ami::{Ami, AmiState, BlockDevice, Ebs, LaunchPermission, ProductCode, Protection, Traits},
        snapshot::Snapshot,
    },
    state::ec2::Ec2,
};

/// The accounts that have an alias (API reference, DescribeImages): Amazon Linux, Amazon's Windows,
/// AWS Marketplace.
const ALIASES: [(&str, &str); 3] = [
    ("137112412989", "amazon"),
    ("801119661308", "amazon"),
    ("679593333241", "aws-marketplace"),
];

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
    /// What it is billed by; such an AMI cannot be copied into another account.
    #[serde(default)]
    pub billing_products: Vec<String>,
    /// `amazon` or `aws-marketplace`; by default that of the owner, if it has one.
    pub owner_alias: Option<String>,
    /// `uefi-preferred` by default, or `uefi` or `legacy-bios`.
    #[serde(default = "uefi_preferred")]
    pub boot_mode: String,
    /// `v2.0`, or absent.
    pub imds_support: Option<String>,
    /// `v2.0`, or absent.
    pub tpm_support: Option<String>,
    /// When it was made; now by default.
    pub created: Option<Timestamp>,
    /// When it becomes deprecated, or became so.
    pub deprecated: Option<Timestamp>,
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
    /// ARNs of organizations whose accounts may launch it.
    #[serde(default)]
    pub organization_arns: Vec<String>,
    /// ARNs of organizational units whose accounts may launch it.
    #[serde(default)]
    pub organizational_unit_arns: Vec<String>,
    /// Whether the accounts that may launch it may also read its snapshots, and so copy it. False by
    /// default; Amazon's AMIs can be copied anyway.
    #[serde(default)]
    pub share_snapshots: bool,
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

fn uefi_preferred() -> String {
    "uefi-preferred".to_owned()
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
            billing_products: Vec::new(),
            owner_alias: None,
            boot_mode: uefi_preferred(),
            imds_support: None,
            tpm_support: None,
            created: None,
            deprecated: None,
            root_device: None,
            devices: Vec::new(),
            public: true,
            launch_permissions: Vec::new(),
            organization_arns: Vec::new(),
            organizational_unit_arns: Vec::new(),
            share_snapshots: false,
            tags: BTreeMap::new(),
        }
    }

    fn devices(&self) -> Vec<SeedDevice> {
        if self.devices.is_empty() {
            vec![SeedDevice::new("/dev/xvda", 8)]
        } else {
            self.devices.clone()
        }
    }

    fn permissions(&self) -> BTreeSet<LaunchPermission> {
        let users = self
            .launch_permissions
            .iter()
            .cloned()
            .map(LaunchPermission::User);
        let organizations = self
            .organization_arns
            .iter()
            .cloned()
            .map(LaunchPermission::Organization);
        let units = self.organizational_unit_arns.iter().cloned();
        let units = units.map(LaunchPermission::OrganizationalUnit);
        let all = self.public.then_some(LaunchPermission::All);
        users.chain(organizations).chain(units).chain(all).collect()
    }

    /// Snapshots can be shared with accounts and everybody only.
    fn snapshot_permissions(&self) -> BTreeSet<LaunchPermission> {
        let users = self
            .launch_permissions
            .iter()
            .cloned()
            .map(LaunchPermission::User);
        let all = self.public.then_some(LaunchPermission::All);
        users.chain(all).filter(|_| self.share_snapshots).collect()
    }

    fn alias(&self) -> Option<String> {
        let known = ALIASES.iter().find(|(account, _)| *account == self.owner);
        self.owner_alias
            .clone()
            .or_else(|| known.map(|(_, alias)| (*alias).to_owned()))
    }

    fn codes(&self) -> Vec<ProductCode> {
        let code = |id: &String| ProductCode {
            id: id.clone(),
            kind: "marketplace".to_owned(),
        };
        self.product_codes.iter().map(code).collect()
    }
}

impl SeedDevice {
    /// An unencrypted gp3 volume.
    pub fn new(name: impl Into<String>, size_gib: u32) -> Self {
        Self {
            name: name.into(),
            size_gib,
            kind: gp3(),
            encrypted: false,
            kms_key: None,
        }
    }
}

/// The AMI; its snapshots are stored.
pub(crate) fn ami(image: &SeedImage, ec2: &mut Ec2, now: Timestamp) -> Ami {
    let seeds = image.devices();
    let devices: Vec<_> = seeds
        .iter()
        .map(|seed| device(image, seed, ec2, now))
        .collect();
    let tags = image
        .tags
        .iter()
        .map(|(key, value)| (key.into(), value.into()));
    Ami {
        id: image.id.as_str().into(),
        region: image.region.as_str().into(),
        owner: image.owner.as_str().into(),
        owner_alias: image.alias().map(Text::from),
        name: image
            .name
            .clone()
            .unwrap_or_else(|| image.id.clone())
            .into(),
        description: image.description.as_deref().map(Text::from),
        permissions: image.permissions(),
        tags: OwnedTags::from_iter([(image.owner.as_str().into(), tags.collect())]),
        created: image.created.unwrap_or(now),
        deprecated: image.deprecated,
        state: AmiState::Available,
        protection: Protection::Off,
        last_launched: None,
        imds_support: image.imds_support.as_deref().map(Text::from),
        source: None,
        traits: Arc::new(traits(image, &devices)),
        devices,
    }
}

fn traits(image: &SeedImage, devices: &[BlockDevice]) -> Traits {
    let root = image
        .root_device
        .clone()
        .or_else(|| Some(devices.first()?.name.to_string()));
    let windows = image.platform_details.starts_with("Windows");
    Traits {
        architecture: image.architecture.clone(),
        platform: windows.then(|| "windows".to_owned()),
        platform_details: image.platform_details.clone(),
        usage_operation: image.usage_operation.clone(),
        product_codes: image.codes(),
        billing_products: image.billing_products.clone(),
        root_device_name: root.unwrap_or_default(),
        ena_support: true,
        boot_mode: Some(image.boot_mode.clone()),
        tpm_support: image.tpm_support.clone(),
    }
}

fn device(image: &SeedImage, seed: &SeedDevice, ec2: &mut Ec2, now: Timestamp) -> BlockDevice {
    let snapshot = Snapshot {
        owner_alias: image.alias().map(Text::from),
        encrypted: seed.encrypted,
        kms_key: seed.kms_key.as_deref().map(Text::from),
        permissions: image.snapshot_permissions(),
        product_codes: image.codes(),
        ..ec2.new_snapshot(
            &image.region,
            &image.owner,
            seed.size_gib,
            image.created.unwrap_or(now),
        )
    };
    let ebs = Ebs {
        snapshot: ec2.add_snapshot(snapshot).into(),
        size_gib: seed.size_gib,
        kind: seed.kind.as_str().into(),
        iops: (seed.kind == "gp3").then_some(3000),
        throughput: (seed.kind == "gp3").then_some(125),
        encrypted: seed.encrypted,
        delete_on_termination: true,
    };
    BlockDevice {
        name: seed.name.as_str().into(),
        ebs: Some(ebs),
        virtual_name: None,
    }
}

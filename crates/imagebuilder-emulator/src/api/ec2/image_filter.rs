//! The filters of DescribeImages.

use std::borrow::Cow;

use crate::{
    common::date::Date,
    records::ec2::ami::{Ami, Ebs},
    wire::ec2_filter::{self, Filterable},
};

impl Filterable for Ami {
    const NAMES: &'static [&'static str] = &[
        "architecture",
        "block-device-mapping.delete-on-termination",
        "block-device-mapping.device-name",
        "block-device-mapping.encrypted",
        "block-device-mapping.snapshot-id",
        "block-device-mapping.volume-size",
        "block-device-mapping.volume-type",
        "boot-mode",
        "creation-date",
        "description",
        "ena-support",
        "hypervisor",
        "image-id",
        "image-type",
        "is-public",
        "kernel-id",
        "manifest-location",
        "name",
        "owner-alias",
        "owner-id",
        "platform",
        "platform-details",
        "product-code",
        "product-code.type",
        "ramdisk-id",
        "root-device-name",
        "root-device-type",
        "source-image-id",
        "source-image-region",
        "source-instance-id",
        "sriov-net-support",
        "state",
        "state-reason-code",
        "state-reason-message",
        "usage-operation",
        "virtualization-type",
    ];
    const NOT_EMULATED: &'static [&'static str] = &[
        "free-tier-eligible",
        "image-allowed",
        "image-watermark.",
        "instance-type-specification.",
        "public-ssm-parameter-name",
        "scan-result.",
    ];
    const TAGGED: bool = true;

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        let one = |text: &str| vec![Cow::from(text.to_owned())];
        let some = |text: Option<&str>| {
            text.map(|text| Cow::from(text.to_owned()))
                .into_iter()
                .collect()
        };
        match name {
            "image-id" => one(&self.id),
            "state" => one(self.state.as_str()),
            "name" => one(&self.name),
            "manifest-location" => one(&self.location()),
            "description" => some(self.description.as_deref()),
            "owner-id" => one(&self.owner),
            "owner-alias" => some(self.owner_alias.as_deref()),
            "architecture" => one(&self.architecture),
            "boot-mode" => some(self.boot_mode.as_deref()),
            "ena-support" => one(&self.ena_support.to_string()),
            "platform" => some(self.platform.as_deref()),
            "platform-details" => one(&self.platform_details),
            "usage-operation" => one(&self.usage_operation),
            "is-public" => one(&self.is_public().to_string()),
            "root-device-name" => one(&self.root_device_name),
            "creation-date" => one(&Date(self.created).to_string()),
            _ => constant(name).map_or_else(|| self.listed(name), one),
        }
    }

    fn tags(&self, account: &str) -> Vec<(&str, &str)> {
        ec2_filter::pairs(self.tags.get(account))
    }
}

impl Ami {
    /// The filters that look into lists. What no AMI here has, such as a kernel, matches nothing.
    fn listed(&self, name: &str) -> Vec<Cow<'_, str>> {
        if let Some(name) = name.strip_prefix("block-device-mapping.") {
            return self.mapped(name);
        }
        match name {
            "product-code" => self
                .product_codes
                .iter()
                .map(|code| Cow::from(&code.id))
                .collect(),
            "product-code.type" => self
                .product_codes
                .iter()
                .map(|code| Cow::from(&code.kind))
                .collect(),
            "source-image-id" => self
                .source
                .iter()
                .map(|(id, _)| Cow::from(id.as_str()))
                .collect(),
            "source-image-region" => self
                .source
                .iter()
                .map(|(_, region)| Cow::from(region.as_str()))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn mapped(&self, name: &str) -> Vec<Cow<'_, str>> {
        if name == "device-name" {
            return self
                .devices
                .iter()
                .map(|device| Cow::from(device.name.as_str()))
                .collect();
        }
        let field = |ebs: &Ebs| match name {
            "snapshot-id" => ebs.snapshot.clone(),
            "volume-size" => ebs.size_gib.to_string().into(),
            "volume-type" => ebs.kind.clone(),
            "encrypted" => ebs.encrypted.to_string().into(),
            _ => ebs.delete_on_termination.to_string().into(),
        };
        self.devices
            .iter()
            .filter_map(|device| device.ebs.as_ref())
            .map(|ebs| Cow::from(field(ebs).to_string()))
            .collect()
    }
}

/// What is the same for every AMI here.
fn constant(filter: &str) -> Option<&'static str> {
    match filter {
        "image-type" => Some("machine"),
        "root-device-type" => Some("ebs"),
        "virtualization-type" => Some("hvm"),
        "hypervisor" => Some("xen"),
        _ => None,
    }
}

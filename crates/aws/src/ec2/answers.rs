//! EC2's answers, as far as they are read.

use std::collections::BTreeSet;

use goldsmith_domain::desired::{Platform, VolumeType};
use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::{BaseAmi, Device, ProductCode, Provenance};
use serde::Deserialize;

/// A list: `<...Set><item>...</item>...</...Set>`.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    #[serde(rename = "item", default = "Vec::new")]
    pub(super) items: Vec<T>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

/// A tag of a resource.
#[derive(Debug, Deserialize)]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(default)]
    pub(super) value: String,
}

/// `DescribeInstanceTypesResponse`.
#[derive(Debug, Deserialize)]
pub(super) struct InstanceTypes {
    #[serde(rename = "instanceTypeSet", default)]
    set: List<InstanceTypeItem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InstanceTypeItem {
    instance_type: String,
    #[serde(default)]
    processor_info: ProcessorInfo,
}

#[derive(Debug, Default, Deserialize)]
struct ProcessorInfo {
    #[serde(rename = "supportedArchitectures", default)]
    architectures: List<String>,
}

impl InstanceTypes {
    /// The architectures by type.
    pub(super) fn architectures(self) -> impl Iterator<Item = (String, BTreeSet<String>)> {
        let items = self.set.items.into_iter();
        items.map(|item| {
            (
                item.instance_type,
                item.processor_info
                    .architectures
                    .items
                    .into_iter()
                    .collect(),
            )
        })
    }
}

/// `DescribeRegionsResponse`.
#[derive(Debug, Deserialize)]
pub(super) struct Regions {
    #[serde(rename = "regionInfo", default)]
    set: List<RegionItem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegionItem {
    region_name: String,
    #[serde(default)]
    opt_in_status: String,
}

impl Regions {
    /// The opt-in status by Region.
    pub(super) fn statuses(self) -> impl Iterator<Item = (Region, String)> {
        let items = self.set.items.into_iter();
        items.filter_map(|item| Some((item.region_name.parse().ok()?, item.opt_in_status)))
    }
}

/// `DescribeSubnetsResponse`.
#[derive(Debug, Deserialize)]
pub(super) struct Subnets {
    #[serde(rename = "subnetSet", default)]
    set: List<SubnetItem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubnetItem {
    subnet_id: String,
    #[serde(default)]
    map_public_ip_on_launch: bool,
}

impl Subnets {
    /// Whether the subnet gives instances a public address.
    pub(super) fn public_ip(&self, id: &str) -> Option<bool> {
        self.set
            .items
            .iter()
            .find(|item| item.subnet_id == id)
            .map(|item| item.map_public_ip_on_launch)
    }
}

/// `DescribeImagesResponse`.
#[derive(Debug, Deserialize)]
pub(super) struct Images {
    #[serde(rename = "imagesSet", default)]
    set: List<ImageItem>,
}

impl Images {
    /// The AMIs by id.
    pub(super) fn base_amis(self) -> impl Iterator<Item = (AmiId, BaseAmi)> {
        self.set.items.into_iter().filter_map(ImageItem::base_ami)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageItem {
    image_id: String,
    #[serde(default)]
    image_state: String,
    image_owner_id: Option<String>,
    image_owner_alias: Option<String>,
    #[serde(default)]
    name: String,
    creation_date: Option<String>,
    #[serde(default)]
    is_public: bool,
    platform: Option<String>,
    #[serde(default)]
    architecture: String,
    deprecation_time: Option<String>,
    #[serde(default)]
    platform_details: String,
    #[serde(default)]
    usage_operation: String,
    #[serde(default)]
    product_codes: List<ProductCodeItem>,
    #[serde(default)]
    root_device_name: String,
    #[serde(default)]
    block_device_mapping: List<BlockDevice>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductCodeItem {
    product_code: String,
    #[serde(rename = "type", default)]
    kind: String,
}

impl ProductCodeItem {
    fn code(self) -> ProductCode {
        ProductCode {
            id: self.product_code,
            kind: self.kind,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockDevice {
    device_name: String,
    ebs: Option<Ebs>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ebs {
    volume_size: Option<u32>,
    volume_type: Option<String>,
}

impl ImageItem {
    fn base_ami(self) -> Option<(AmiId, BaseAmi)> {
        let provenance = Provenance {
            account: self.image_owner_id.and_then(|owner| owner.parse().ok()),
            alias: self.image_owner_alias,
            name: self.name,
            created: self.creation_date.and_then(|time| time.parse().ok()),
            public: self.is_public,
        };
        let ami = BaseAmi {
            provenance,
            available: self.image_state == "available",
            // `platform` is `windows` or absent (API reference, `Image`).
            platform: if self.platform.is_some() {
                Platform::Windows
            } else {
                Platform::Linux
            },
            architecture: self.architecture,
            // A malformed or missing time is not known.
            deprecated: self.deprecation_time.and_then(|time| time.parse().ok()),
            platform_details: self.platform_details,
            usage_operation: self.usage_operation,
            product_codes: self
                .product_codes
                .items
                .into_iter()
                .map(ProductCodeItem::code)
                .collect(),
            root_device: self.root_device_name,
            devices: self
                .block_device_mapping
                .items
                .into_iter()
                .filter_map(BlockDevice::device)
                .collect(),
        };
        Some((self.image_id.parse().ok()?, ami))
    }
}

impl BlockDevice {
    /// The device if it is an EBS volume; instance stores have no snapshot to encrypt.
    fn device(self) -> Option<Device> {
        let ebs = self.ebs?;
        let named = |name: String| {
            VolumeType::ALL
                .into_iter()
                .find(|volume| volume.as_str() == name)
        };
        Some(Device {
            name: self.device_name,
            size_gib: ebs.volume_size.unwrap_or(1),
            volume_type: ebs.volume_type.and_then(named).unwrap_or(VolumeType::Gp2),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use goldsmith_domain::licence::{Licence, ProductCodeKind};

    use super::*;

    const ANSWER: &str = r#"<?xml version="1.0"?><DescribeImagesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
      <requestId>r</requestId><imagesSet><item><imageId>ami-08bd941ae380bd3cd</imageId><imageState>available</imageState>
      <rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping>
      <item><deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-1</snapshotId><volumeSize>8</volumeSize><volumeType>gp3</volumeType></ebs></item>
      <item><deviceName>/dev/sdb</deviceName><virtualName>ephemeral0</virtualName></item>
      </blockDeviceMapping></item></imagesSet></DescribeImagesResponse>"#;

    #[test]
    fn instance_stores_are_not_devices_of_ours() {
        let images: Images = quick_xml::de::from_str(ANSWER).expect("an answer");
        let amis: BTreeMap<_, _> = images.base_amis().collect();
        let device = Device {
            name: "/dev/xvda".to_owned(),
            size_gib: 8,
            volume_type: VolumeType::Gp3,
        };
        let ami = &amis[&"ami-08bd941ae380bd3cd".parse().expect("an AMI id")];
        assert_eq!(
            (ami.available, ami.platform, &ami.devices),
            (true, Platform::Linux, &vec![device])
        );
    }

    /// The members of `Image` in the API reference.
    #[test]
    fn an_ami_says_what_it_is_licensed_with() {
        let answer = "<DescribeImagesResponse><imagesSet><item><imageId>ami-08bd941ae380bd3cd</imageId>\
            <platform>windows</platform><platformDetails>Windows with SQL Server Web</platformDetails>\
            <usageOperation>RunInstances:0202</usageOperation><productCodes><item><productCode>abc</productCode>\
            <type>marketplace</type></item></productCodes></item></imagesSet></DescribeImagesResponse>";
        let images: Images = quick_xml::de::from_str(answer).expect("an answer");
        let (_, ami) = images.base_amis().next().expect("an AMI");
        let expected = Licence {
            usage_operation: "RunInstances:0202".to_owned(),
            platform_details: "Windows with SQL Server Web".to_owned(),
            platform: Platform::Windows,
            product_codes: [ProductCodeKind::Marketplace].into(),
        };
        assert_eq!(ami.licence(), expected);
        let silent: Images = quick_xml::de::from_str(ANSWER).expect("an answer");
        let (_, ami) = silent.base_amis().next().expect("an AMI");
        assert_eq!(ami.licence(), Licence::unknown());
    }

    /// The members of `Image` in the API reference; the alias is EC2's word, and the name the owner's.
    #[test]
    fn an_ami_says_whose_it_is() {
        let answer = "<DescribeImagesResponse><imagesSet><item><imageId>ami-08bd941ae380bd3cd</imageId>\
            <imageOwnerId>999999999999</imageOwnerId><name>amazon</name><isPublic>true</isPublic>\
            <creationDate>2026-01-02T03:04:05.000Z</creationDate></item></imagesSet></DescribeImagesResponse>";
        let images: Images = quick_xml::de::from_str(answer).expect("an answer");
        let (_, ami) = images.base_amis().next().expect("an AMI");
        let expected = Provenance {
            account: Some("999999999999".parse().expect("an account")),
            alias: None,
            name: "amazon".to_owned(),
            created: Some("2026-01-02T03:04:05Z".parse().expect("a time")),
            public: true,
        };
        assert_eq!(ami.provenance, expected);
        let silent: Images = quick_xml::de::from_str(ANSWER).expect("an answer");
        let (_, ami) = silent.base_amis().next().expect("an AMI");
        assert_eq!(ami.provenance, Provenance::default());
    }

    #[test]
    fn no_images_is_an_answer() {
        let empty =
            "<DescribeImagesResponse><requestId>r</requestId><imagesSet/></DescribeImagesResponse>";
        assert!(
            quick_xml::de::from_str::<Images>(empty)
                .expect("an answer")
                .set
                .items
                .is_empty()
        );
    }

    /// The shape of the API reference's example of `DescribeInstanceTypes`.
    #[test]
    fn an_instance_type_has_its_architectures() {
        let answer = "<DescribeInstanceTypesResponse><instanceTypeSet><item><instanceType>t2.micro</instanceType>\
            <processorInfo><supportedArchitectures><item>i386</item><item>x86_64</item></supportedArchitectures>\
            </processorInfo></item></instanceTypeSet></DescribeInstanceTypesResponse>";
        let types: InstanceTypes = quick_xml::de::from_str(answer).expect("an answer");
        let expected = ["i386", "x86_64"].map(str::to_owned).into();
        assert_eq!(
            types.architectures().collect::<Vec<_>>(),
            [("t2.micro".to_owned(), expected)]
        );
    }

    #[test]
    fn a_subnet_says_whether_addresses_are_public() {
        let answer = "<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId>\
            <mapPublicIpOnLaunch>true</mapPublicIpOnLaunch></item></subnetSet></DescribeSubnetsResponse>";
        let subnets: Subnets = quick_xml::de::from_str(answer).expect("an answer");
        assert_eq!(
            (subnets.public_ip("subnet-1"), subnets.public_ip("subnet-2")),
            (Some(true), None)
        );
    }
}

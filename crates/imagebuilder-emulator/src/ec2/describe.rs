//! DescribeImages.

use std::borrow::Cow;

use super::{
    Ami, BlockDevice, Ebs, Viewer,
    answer::{self, Answer},
    filter::Filterable,
    query::{Ec2Request, Query},
    refused,
    xml::Xml,
};
use crate::{date::Date, refusal::Refusal, state::Tags};

/// DescribeImages: what the account owns, what is shared with it, and what is public.
pub(crate) fn describe_images(request: &mut Ec2Request<'_>) -> Answer {
    let (region, account) = (&request.caller.region, &request.caller.account);
    let wanted = request.query.list("ImageId");
    check_ids(request, &wanted)?;
    let selection = Selection::of(&request.query, request.ec2.viewer(account));
    let filters = request.query.filters();
    let mut found = Vec::new();
    for ami in request.ec2.amis.values().filter(|ami| ami.region == *region) {
        let asked = wanted.is_empty() || wanted.contains(&ami.id);
        if asked && selection.admits(ami) && filters.admit(ami, account)? {
            found.push(view(ami, account));
        }
    }
    answer::page(&request.query, "imagesSet", found)
}

fn check_ids(request: &Ec2Request<'_>, wanted: &[String]) -> Result<(), Refusal> {
    let caller = request.caller;
    for id in wanted {
        Query::check_id(id, "ami", "InvalidAMIID.Malformed")?;
        if request.ec2.visible(id, &caller.region, &caller.account).is_none() {
            return Err(unknown_image(id));
        }
    }
    Ok(())
}

/// The refusal for an AMI that is not there, or that the account may not see.
pub(crate) fn unknown_image(id: &str) -> Refusal {
    refused("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist"))
}

/// `Owner.n` and `ExecutableBy.n`.
struct Selection<'a> {
    viewer: Viewer<'a>,
    owners: Vec<String>,
    executable_by: Vec<String>,
}

impl<'a> Selection<'a> {
    fn of(query: &Query, viewer: Viewer<'a>) -> Self {
        let (owners, executable_by) = (query.list("Owner"), query.list("ExecutableBy"));
        Self { viewer, owners, executable_by }
    }

    fn admits(&self, ami: &Ami) -> bool {
        let owned = self.owners.is_empty() || self.owners.iter().any(|owner| self.owns(owner, ami));
        let launchable =
            self.executable_by.is_empty() || self.executable_by.iter().any(|user| self.launches(user, ami));
        ami.is_visible_to(&self.viewer) && owned && launchable
    }

    fn owns(&self, owner: &str, ami: &Ami) -> bool {
        match owner {
            "self" => ami.owner == self.viewer.account,
            owner => ami.owner == owner || ami.owner_alias.as_deref() == Some(owner),
        }
    }

    fn launches(&self, user: &str, ami: &Ami) -> bool {
        match user {
            "self" => ami.is_shared_with(&self.viewer),
            "all" => ami.is_public(),
            user if user == self.viewer.account => ami.is_shared_with(&self.viewer),
            user => ami.is_shared_with(&Viewer::alone(user)),
        }
    }
}

/// An AMI as `account` sees it.
fn view(ami: &Ami, account: &str) -> Xml {
    let (source_id, source_region) = ami.source.clone().unzip();
    let codes = ami
        .product_codes
        .iter()
        .map(|code| Xml::new("item").text("productCode", &code.id).text("type", &code.kind));
    Xml::new("item")
        .text("imageId", &ami.id)
        .text("imageLocation", format!("{}/{}", ami.owner, ami.name))
        .text("imageState", ami.state.as_str())
        .text("imageOwnerId", &ami.owner)
        .optional("imageOwnerAlias", ami.owner_alias.as_ref())
        .text("creationDate", Date(ami.created))
        .text("isPublic", ami.is_public())
        .text("architecture", &ami.architecture)
        .text("imageType", "machine")
        .optional("platform", ami.platform.as_ref())
        .text("platformDetails", &ami.platform_details)
        .text("usageOperation", &ami.usage_operation)
        .child(Xml::list("productCodes", codes))
        .text("name", &ami.name)
        .optional("description", ami.description.as_ref())
        .text("rootDeviceType", "ebs")
        .text("rootDeviceName", &ami.root_device_name)
        .child(Xml::list("blockDeviceMapping", ami.devices.iter().map(device)))
        .text("virtualizationType", "hvm")
        .text("hypervisor", "xen")
        .text("enaSupport", ami.ena_support)
        .optional("bootMode", ami.boot_mode.as_ref())
        .optional("imdsSupport", ami.imds_support.as_ref())
        .optional("tpmSupport", ami.tpm_support.as_ref())
        .optional("deprecationTime", ami.deprecated.map(Date))
        .text("deregistrationProtection", ami.protection.as_str())
        .optional("lastLaunchedTime", ami.last_launched.map(Date))
        .optional("sourceImageId", source_id)
        .optional("sourceImageRegion", source_region)
        .child(answer::tag_set(ami.tags.get(account)))
}

fn device(device: &BlockDevice) -> Xml {
    Xml::new("item")
        .text("deviceName", &device.name)
        .optional("virtualName", device.virtual_name.as_ref())
        .children(device.ebs.as_ref().map(ebs))
}

/// As in life the key is not shown here, only by DescribeSnapshots.
fn ebs(ebs: &Ebs) -> Xml {
    Xml::new("ebs")
        .text("snapshotId", &ebs.snapshot)
        .text("volumeSize", ebs.size_gib)
        .text("deleteOnTermination", ebs.delete_on_termination)
        .text("volumeType", &ebs.kind)
        .optional("iops", ebs.iops)
        .optional("throughput", ebs.throughput)
        .text("encrypted", ebs.encrypted)
}

impl Filterable for Ami {
    fn field(&self, name: &str, _account: &str) -> Option<Vec<Cow<'_, str>>> {
        let one = |text: &'_ str| Some(vec![Cow::from(text.to_owned())]);
        match name {
            "image-id" => one(&self.id),
            "state" => one(self.state.as_str()),
            "name" => one(&self.name),
            "description" => Some(self.description.iter().map(Cow::from).collect()),
            "owner-id" => one(&self.owner),
            "owner-alias" => Some(self.owner_alias.iter().map(Cow::from).collect()),
            "architecture" => one(&self.architecture),
            "platform" => Some(self.platform.iter().map(Cow::from).collect()),
            "platform-details" => one(&self.platform_details),
            "usage-operation" => one(&self.usage_operation),
            "is-public" => one(if self.is_public() { "true" } else { "false" }),
            "root-device-name" => one(&self.root_device_name),
            "creation-date" => one(&Date(self.created).to_string()),
            _ => constant(name).map(|text| vec![Cow::from(text)]).or_else(|| self.listed(name)),
        }
    }

    fn tags(&self, account: &str) -> Option<&Tags> {
        self.tags.get(account)
    }
}

impl Ami {
    /// The filters that look into lists.
    fn listed(&self, name: &str) -> Option<Vec<Cow<'_, str>>> {
        let ebs = || self.devices.iter().filter_map(|device| device.ebs.as_ref());
        match name {
            "product-code" => Some(self.product_codes.iter().map(|c| Cow::from(&c.id)).collect()),
            "block-device-mapping.device-name" => {
                Some(self.devices.iter().map(|device| Cow::from(&device.name)).collect())
            }
            "block-device-mapping.snapshot-id" => Some(ebs().map(|ebs| Cow::from(&ebs.snapshot)).collect()),
            "block-device-mapping.encrypted" => {
                Some(ebs().map(|ebs| Cow::from(ebs.encrypted.to_string())).collect())
            }
            "source-image-id" => Some(self.source.iter().map(|(id, _)| Cow::from(id)).collect()),
            _ => None,
        }
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

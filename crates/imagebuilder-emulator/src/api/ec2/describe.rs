//! DescribeImages.

use jiff::Timestamp;

use crate::{
    api::ec2::request::Ec2Request,
    common::{date::Date, ec2_error::unknown_image, error::ApiError},
    records::ec2::{
        ami::{Ami, AmiState, BlockDevice, Ebs, ProductCode},
        viewer::Viewer,
    },
    wire::{
        ec2_answer::{self, Answer},
        ec2_filter::Filters,
        query::Query,
        xml::Xml,
    },
};

/// DescribeImages: what the account owns, what is shared with it, and what is public.
pub(crate) fn describe_images(request: &mut Ec2Request<'_>) -> Answer {
    let (region, account) = (&request.caller.region, &request.caller.account);
    let selection = Selection::of(request);
    selection.check_ids(request)?;
    let filters = Filters::of::<Ami>(&request.query)?;
    let found = request.ec2.amis.values().filter(|ami| {
        ami.region == *region && selection.admits(ami) && filters.admit(*ami, account)
    });
    ec2_answer::page(
        &request.query,
        "imagesSet",
        found.map(|ami| view(ami, account)).collect(),
    )
}

/// Everything that selects AMIs, but for the filters.
struct Selection<'a> {
    viewer: Viewer<'a>,
    now: Timestamp,
    ids: Vec<String>,
    owners: Vec<String>,
    executable_by: Vec<String>,
    deprecated: bool,
    disabled: bool,
}

impl<'a> Selection<'a> {
    fn of(request: &'a Ec2Request<'_>) -> Self {
        let query = &request.query;
        Self {
            viewer: request.ec2.viewer(&request.caller.account),
            now: request.now,
            ids: query.list("ImageId"),
            owners: query.list("Owner"),
            executable_by: query.list("ExecutableBy"),
            deprecated: query.flag("IncludeDeprecated") == Some(true),
            disabled: query.flag("IncludeDisabled") == Some(true),
        }
    }

    fn check_ids(&self, request: &Ec2Request<'_>) -> Result<(), ApiError> {
        let caller = request.caller;
        for id in &self.ids {
            Query::check_id(id, "ami", "InvalidAMIID.Malformed")?;
            if request
                .ec2
                .visible(id, &caller.region, &caller.account)
                .is_none()
            {
                return Err(unknown_image(id));
            }
        }
        Ok(())
    }

    fn admits(&self, ami: &Ami) -> bool {
        let asked = self.ids.is_empty() || self.ids.iter().any(|id| *id == ami.id);
        let owned = self.owners.is_empty() || self.owners.iter().any(|owner| self.owns(owner, ami));
        let launchable = self.executable_by.is_empty()
            || self
                .executable_by
                .iter()
                .any(|user| self.launches(user, ami));
        asked && owned && launchable && ami.is_visible_to(&self.viewer) && !self.hides(ami)
    }

    /// A deprecated AMI is shown to its owner, by its id, or if asked for (User Guide, "Deprecate an
    /// Amazon EC2 AMI"). A disabled one only if asked for, also by its owner; the User Guide makes no
    /// exception for its id.
    fn hides(&self, ami: &Ami) -> bool {
        let known = self.deprecated
            || ami.owner == self.viewer.account
            || self.ids.iter().any(|id| *id == ami.id);
        ami.state == AmiState::Disabled && !self.disabled || ami.is_deprecated(self.now) && !known
    }

    fn owns(&self, owner: &str, ami: &Ami) -> bool {
        match owner {
            "self" => ami.owner == self.viewer.account,
            owner => ami.owner == owner || ami.owner_alias.as_deref() == Some(owner),
        }
    }

    /// Of another account only its own permissions count, not those of its organization (API
    /// reference, DescribeImages).
    fn launches(&self, user: &str, ami: &Ami) -> bool {
        match user {
            "all" => ami.is_public(),
            "self" => ami.is_shared_with(&self.viewer),
            user if user == self.viewer.account => ami.is_shared_with(&self.viewer),
            user => ami.is_shared_with(&Viewer::alone(user)),
        }
    }
}

/// An AMI as `account` sees it; when it was last launched is the owner's to know.
fn view(ami: &Ami, account: &str) -> Xml {
    let (source_id, source_region) = ami.source.clone().unzip();
    let launched = ami.last_launched.filter(|_| ami.owner == account);
    let codes = (!ami.product_codes.is_empty()).then(|| product_codes(&ami.product_codes));
    Xml::new("item")
        .text("imageId", &ami.id)
        .text("imageLocation", ami.location())
        .text("imageState", ami.state.as_str())
        .text("imageOwnerId", &ami.owner)
        .optional("imageOwnerAlias", ami.owner_alias.as_ref())
        .text("creationDate", in_seconds(ami.created))
        .text("isPublic", ami.is_public())
        .text("architecture", &ami.architecture)
        .text("imageType", "machine")
        .optional("platform", ami.platform.as_ref())
        .text("platformDetails", &ami.platform_details)
        .text("usageOperation", &ami.usage_operation)
        .children(codes)
        .text("name", &ami.name)
        .optional("description", ami.description.as_ref())
        .text("rootDeviceType", "ebs")
        .text("rootDeviceName", &ami.root_device_name)
        .child(Xml::list(
            "blockDeviceMapping",
            ami.devices.iter().map(device),
        ))
        .text("virtualizationType", "hvm")
        .text("hypervisor", "xen")
        .text("enaSupport", ami.ena_support)
        .optional("bootMode", ami.boot_mode.as_ref())
        .optional("imdsSupport", ami.imds_support.as_ref())
        .optional("tpmSupport", ami.tpm_support.as_ref())
        .optional("deprecationTime", ami.deprecated.map(Date))
        .text("deregistrationProtection", ami.protection.as_str())
        .optional("lastLaunchedTime", launched.map(Date))
        .optional("sourceImageId", source_id)
        .optional("sourceImageRegion", source_region)
        .children(ec2_answer::tag_set(ami.tags.get(account)))
}

/// EC2 keeps whole seconds: each date ends in `.000Z` (API reference, the examples of DescribeImages).
fn in_seconds(at: Timestamp) -> Date {
    Date(Timestamp::from_second(at.as_second()).unwrap_or(at))
}

/// Product codes, of an AMI or of a snapshot.
pub(crate) fn product_codes(codes: &[ProductCode]) -> Xml {
    let item = |code: &ProductCode| {
        Xml::new("item")
            .text("productCode", &code.id)
            .text("type", &code.kind)
    };
    Xml::list("productCodes", codes.iter().map(item))
}

fn device(device: &BlockDevice) -> Xml {
    Xml::new("item")
        .text("deviceName", &device.name)
        .optional("virtualName", device.virtual_name.as_ref())
        .children(device.ebs.as_ref().map(ebs))
}

/// As on AWS the key is not shown here, only by DescribeSnapshots.
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

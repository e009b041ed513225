//! The AMI that a build makes at the end of BUILDING, in the Region and account of the build.

use jiff::Timestamp;

use crate::{
    common::{
        arn::Arn,
        tags::{OwnedTags, Tags},
        text::Text,
    },
    engine::{build::base_image::base_id, ec2::copy::key_arn},
    records::{
        distribution::AmiDistribution,
        ec2::{
            ami::{Ami, BlockDevice, Ebs},
            snapshot::Snapshot,
        },
        failure::Failure,
        image::{Image, OutputAmi},
        recipe::{BlockDeviceMapping, EbsSpecification},
    },
    state::State,
};

/// The size of a new volume that names none, in GiB.
const DEFAULT_SIZE: u32 = 8;

/// Fails the build early if its base image is gone or not shared with the account.
pub(crate) fn check_base(state: &mut State, image: &Image) -> Result<(), Failure> {
    base(state, image).map(|_| ())
}

/// Makes the AMI and its snapshots.
pub(crate) fn make(state: &mut State, image: &Image, at: Timestamp) -> Result<(), Failure> {
    let base = base(state, image)?.clone();
    let devices = devices(state, image, &base, at);
    let distribution = in_region(image, &image.arn.region)
        .cloned()
        .unwrap_or_default();
    let account = image.arn.account.clone();
    let name = name(image, &distribution, at);
    let id = state.ec2.new_id("ami");
    let ami = Ami {
        id: id.clone(),
        region: image.arn.region.clone(),
        owner: account.clone(),
        name: name.into(),
        description: distribution.description.as_deref().map(Text::from),
        devices,
        tags: OwnedTags::from_iter([(account, tags(image))]),
        created: at,
        ..base.as_source()
    };
    record(state, image, &ami);
    state.ec2.add_ami(ami);
    Ok(())
}

fn record(state: &mut State, image: &Image, ami: &Ami) {
    if let Some(stored) = state.images.get_mut(&image.arn) {
        stored.ami = Some(ami.id.clone());
        stored.outputs.push(listed(ami));
    }
}

/// An AMI as `outputResources` lists it.
pub(crate) fn listed(ami: &Ami) -> OutputAmi {
    OutputAmi {
        region: ami.region.clone(),
        image: ami.id.clone(),
        name: ami.name.clone(),
        description: ami.description.clone(),
        account_id: ami.owner.clone(),
    }
}

/// The tags that every AMI of Image Builder has, and the recipe's.
fn tags(image: &Image) -> Tags {
    let mut tags = image.recipe.settings.ami_tags.clone();
    tags.extend(automatic_tags(image));
    tags
}

/// `CreatedBy` and `Ec2ImageBuilderArn`.
pub(crate) fn automatic_tags(image: &Image) -> [(Text, Text); 2] {
    [
        ("CreatedBy".into(), "EC2 Image Builder".into()),
        ("Ec2ImageBuilderArn".into(), image.arn.text()),
    ]
}

/// What the distribution configuration says about a Region.
pub(crate) fn in_region<'i>(image: &'i Image, region: &str) -> Option<&'i AmiDistribution> {
    let mut entries = image.distribution.as_ref()?.settings.distributions.iter();
    entries
        .find(|entry| entry.region == region)?
        .ami_distribution_configuration
        .as_ref()
}

/// The AMI's name: the distribution's template, or the image's name and the date.
pub(crate) fn name(image: &Image, distribution: &AmiDistribution, at: Timestamp) -> String {
    let date = at.strftime("%Y-%m-%dT%H-%M-%S%.6fZ").to_string();
    let build = image.arn.build.unwrap_or_default().to_string();
    let Some(template) = &distribution.name else {
        return format!("{} {date}", image.recipe.name);
    };
    let filled = fill(template, "imagebuilder:buildDate", &date);
    fill(&filled, "imagebuilder:buildVersion", &build)
}

/// Replaces `{{ name }}`, with or without the spaces.
fn fill(template: &str, name: &str, value: &str) -> String {
    let spaced = template.replace(&format!("{{{{ {name} }}}}"), value);
    spaced.replace(&format!("{{{{{name}}}}}"), value)
}

/// The base image's AMI, if the account can launch it.
fn base<'s>(state: &'s State, image: &Image) -> Result<&'s Ami, Failure> {
    let Arn {
        region, account, ..
    } = &image.arn;
    let ami = base_id(state, image).and_then(|id| state.ec2.launchable(&id, region, account));
    ami.ok_or_else(|| {
        let parent = &image.recipe.settings.parent_image;
        let reason = format!(
            "The base image '{parent}' does not exist in {region} or is not accessible to account {account}."
        );
        Failure::early(image.status, reason)
    })
}

/// The operating system in the inventory of the build instance: guessed from the name
/// of the base image's AMI, as Amazon and the distributions choose them.
pub(crate) fn os_version(state: &State, image: &Image) -> Option<String> {
    const NAMES: [(&str, &str); 6] = [
        ("al2023", "Amazon Linux 2023"),
        ("amzn2", "Amazon Linux 2"),
        ("ubuntu", "Ubuntu"),
        ("RHEL", "Red Hat Enterprise Linux"),
        ("Windows_Server-2022", "Microsoft Windows Server 2022"),
        ("Windows_Server-2019", "Microsoft Windows Server 2019"),
    ];
    let base = base(state, image).ok()?;
    let known = NAMES.iter().find(|(part, _)| base.name.contains(part));
    known
        .map(|(_, system)| (*system).to_owned())
        .or_else(|| Some(image.recipe.platform.clone()))
}

/// The base image's devices, overlaid with the recipe's mappings.
fn devices(state: &mut State, image: &Image, base: &Ami, at: Timestamp) -> Vec<BlockDevice> {
    let mappings = &image.recipe.settings.block_device_mappings;
    let named = |name: &str| {
        mappings
            .iter()
            .find(|m| m.device_name.as_deref() == Some(name))
    };
    let mut devices = Vec::with_capacity(base.devices.len());
    for device in &base.devices {
        devices.extend(overlaid(
            state,
            image,
            (Some(device), named(&device.name)),
            at,
        ));
    }
    for mapping in mappings {
        let name = mapping.device_name.as_deref().unwrap_or_default();
        if base.devices.iter().all(|device| device.name != name) {
            devices.extend(overlaid(state, image, (None, Some(mapping)), at));
        }
    }
    devices
}

/// One device out of the base image's and the recipe's; none if the recipe leaves it out.
fn overlaid(
    state: &mut State,
    image: &Image,
    (base, mapping): (Option<&BlockDevice>, Option<&BlockDeviceMapping>),
    at: Timestamp,
) -> Option<BlockDevice> {
    if mapping.is_some_and(|mapping| mapping.no_device.is_some()) {
        return None;
    }
    let mapped_name = || mapping?.device_name.as_deref().map(Text::from);
    let name = base
        .map(|device| device.name.clone())
        .or_else(mapped_name)?;
    let virtual_name = mapping
        .and_then(|mapping| mapping.virtual_name.as_deref())
        .map(Text::from);
    let virtual_name = virtual_name.or_else(|| base?.virtual_name.clone());
    if virtual_name.is_some() {
        return Some(BlockDevice {
            name,
            ebs: None,
            virtual_name,
        });
    }
    let specification = mapping
        .and_then(|mapping| mapping.ebs.clone())
        .unwrap_or_default();
    let ebs = volume(
        state,
        image,
        (base.and_then(|device| device.ebs.as_ref()), &specification),
        at,
    );
    Some(BlockDevice {
        name,
        ebs: Some(ebs),
        virtual_name: None,
    })
}

/// A volume, and the snapshot that was taken of it.
fn volume(
    state: &mut State,
    image: &Image,
    (base, asked): (Option<&Ebs>, &EbsSpecification),
    at: Timestamp,
) -> Ebs {
    let before = base
        .and_then(|ebs| state.ec2.snapshots.get(&ebs.snapshot))
        .cloned();
    let size = asked
        .volume_size
        .or(base.map(|ebs| ebs.size_gib))
        .unwrap_or(DEFAULT_SIZE);
    let encrypted = asked.encrypted.unwrap_or_default() || base.is_some_and(|ebs| ebs.encrypted);
    let inherited = before.and_then(|snapshot| snapshot.kms_key);
    let key = asked.kms_key_id.as_deref().map(Text::from).or(inherited);
    let snapshot = snapshot(state, image, (size, encrypted, key.as_deref()), at);
    let kind = asked
        .volume_type
        .as_deref()
        .map(Text::from)
        .or_else(|| base.map(|ebs| ebs.kind.clone()));
    Ebs {
        snapshot: snapshot.into(),
        size_gib: size,
        kind: kind.unwrap_or_else(|| "gp2".into()),
        iops: asked.iops.or_else(|| base?.iops),
        throughput: asked.throughput.or_else(|| base?.throughput),
        encrypted,
        delete_on_termination: asked
            .delete_on_termination
            .or(base.map(|ebs| ebs.delete_on_termination))
            .unwrap_or(true),
    }
}

fn snapshot(
    state: &mut State,
    image: &Image,
    (size_gib, encrypted, key): (u32, bool, Option<&str>),
    at: Timestamp,
) -> String {
    let Arn {
        region, account, ..
    } = &image.arn;
    let snapshot = Snapshot {
        encrypted,
        kms_key: encrypted.then(|| key_arn(key, region, account)),
        description: format!("Created by EC2 Image Builder for {}", image.arn).into(),
        tags: OwnedTags::from_iter([(
            account.clone(),
            automatic_tags(image).into_iter().collect(),
        )]),
        ..state.ec2.new_snapshot(region, account, size_gib, at)
    };
    state.ec2.add_snapshot(snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_with_or_without_spaces() {
        for template in [
            "web {{ imagebuilder:buildDate }}",
            "web {{imagebuilder:buildDate}}",
        ] {
            assert_eq!(
                fill(template, "imagebuilder:buildDate", "today"),
                "web today"
            );
        }
    }
}

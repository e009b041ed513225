//! DISTRIBUTING: names, tags, launch permissions and copies, Region by Region.
//!
//! As on AWS it is not a transaction. What was done before a failure stays done. A failure in one
//! Region does not keep the others from their AMIs. In the Region of the build the AMI itself is
//! kept, and each target account gets a copy. In another Region the target accounts get copies, or
//! the building account if none is named. A retry copies nothing twice.

use jiff::Timestamp;

use crate::{
    engine::{
        build::{
            failure::RegionFailure,
            output::{automatic_tags, listed, name},
        },
        ec2::copy::CopyRequest,
    },
    records::{
        distribution::{AmiDistribution, Distribution, LaunchPermissions},
        ec2::ami::{Ami, LaunchPermission},
        failure::Failure,
        image::{Image, OutputAmi},
    },
    state::State,
};

/// Distributes to every Region of the configuration; without one the AMI stays where it is.
pub(crate) fn distribute(state: &mut State, image: &Image, at: Timestamp) -> Result<(), Failure> {
    let configuration = image.distribution.clone();
    let entries = configuration
        .as_ref()
        .map_or(&[][..], |one| &one.settings.distributions);
    place(state, image, entries, at)?;
    share(state, image, entries)
}

/// What the image's distribution configuration says, Region by Region.
pub(crate) fn entries(image: &Image) -> Vec<Distribution> {
    image
        .distribution
        .iter()
        .flat_map(|one| one.settings.distributions.clone())
        .collect()
}

/// Copies, names and tags; an image whose workflows made no AMI has none to place.
pub(crate) fn place(
    state: &mut State,
    image: &Image,
    entries: &[Distribution],
    at: Timestamp,
) -> Result<(), Failure> {
    let Some(id) = &image.ami else { return Ok(()) };
    let Some(built) = state.ec2.amis.get(id).cloned() else {
        return Err(Failure::in_region(
            image,
            &image.arn.region,
            "The AMI no longer exists",
        ));
    };
    for entry in entries {
        for ami in placed(state, image, (&built, entry), at) {
            tag(state, image, entry, &ami);
        }
    }
    Ok(())
}

/// Launch permissions, for every AMI of the image in a Region.
pub(crate) fn share(
    state: &mut State,
    image: &Image,
    entries: &[Distribution],
) -> Result<(), Failure> {
    let outputs = state
        .images
        .get(&image.arn)
        .map(|stored| stored.outputs.clone())
        .unwrap_or_default();
    let mut failures = Vec::new();
    for entry in entries {
        for ami in outputs
            .iter()
            .filter(|output| output.region == entry.region)
        {
            failures.extend(permit(state, image, entry, ami).err());
        }
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(Failure::in_regions(image, &failures))
    }
}

/// The AMIs that a Region is to have: the built one, or copies of it.
fn placed(
    state: &mut State,
    image: &Image,
    (built, entry): (&Ami, &Distribution),
    at: Timestamp,
) -> Vec<String> {
    let settings = entry
        .ami_distribution_configuration
        .clone()
        .unwrap_or_default();
    let own = &image.arn.account;
    let kept = entry.region == image.arn.region && built.owner == *own;
    let targets = settings.target_account_ids.clone().unwrap_or_default();
    let mut owners: Vec<String> = targets
        .into_iter()
        .filter(|id| !kept || id != own)
        .collect();
    if owners.is_empty() && !kept {
        owners.push(own.to_string());
    }
    if kept {
        record(state, image, Some(listed(built)));
    }
    let copies = owners.into_iter().map(|owner| {
        made_before(state, image, &entry.region, &owner).unwrap_or_else(|| {
            let request = copy_request(image, (built, entry, &settings), owner, at);
            copy(state, image, &request)
        })
    });
    kept.then(|| built.id.to_string())
        .into_iter()
        .chain(copies)
        .collect()
}

/// The copy that an earlier attempt made.
fn made_before(state: &State, image: &Image, region: &str, owner: &str) -> Option<String> {
    let outputs = &state.images.get(&image.arn)?.outputs;
    let mut found = outputs
        .iter()
        .filter(|one| Some(&one.image) != image.ami.as_ref());
    found
        .find(|one| one.region == region && one.account_id == owner)
        .map(|one| one.image.to_string())
}

fn copy_request(
    image: &Image,
    (built, entry, settings): (&Ami, &Distribution, &AmiDistribution),
    owner: String,
    at: Timestamp,
) -> CopyRequest {
    CopyRequest {
        source: built.clone(),
        region: entry.region.clone(),
        owner,
        name: name(image, settings, at),
        description: settings.description.clone(),
        kms_key: settings.kms_key_id.clone(),
        now: at,
    }
}

fn copy(state: &mut State, image: &Image, request: &CopyRequest) -> String {
    let id = state.ec2.copy(request);
    let output = state.ec2.amis.get(id.as_str()).map(listed);
    record(state, image, output);
    id
}

fn record(state: &mut State, image: &Image, output: Option<OutputAmi>) {
    let Some(stored) = state.images.get_mut(&image.arn) else {
        return;
    };
    let new = |output: &OutputAmi| stored.outputs.iter().all(|one| one.image != output.image);
    if let Some(output) = output.filter(new) {
        stored.outputs.push(output);
    }
}

/// An AMI that another image made keeps saying so.
fn tag(state: &mut State, image: &Image, entry: &Distribution, id: &str) {
    let settings = entry.ami_distribution_configuration.as_ref();
    let tags = settings
        .and_then(|settings| settings.ami_tags.clone())
        .unwrap_or_default();
    if let Some(ami) = state.ec2.amis.get_mut(id) {
        let owner = ami.owner.clone();
        if image.origin.makes_ami() || image.ami.as_deref() != Some(id) {
            ami.tag(&owner, automatic_tags(image));
        }
        ami.tag(&owner, tags);
    }
}

fn permit(
    state: &mut State,
    image: &Image,
    entry: &Distribution,
    output: &OutputAmi,
) -> Result<(), RegionFailure> {
    let asked = entry
        .ami_distribution_configuration
        .as_ref()
        .and_then(|one| one.launch_permission.as_ref());
    let permissions: Vec<_> = asked.into_iter().flat_map(permissions).collect();
    let failure = |text: &str| RegionFailure {
        region: entry.region.clone(),
        target_account: Some(&output.account_id)
            .filter(|owner| **owner != image.arn.account)
            .map(ToString::to_string),
        step: None,
        message: format!("EC2 Client Error: '{text}'"),
    };
    refuse_public(image, &permissions).map_err(failure)?;
    state
        .ec2
        .share(&output.image, permissions)
        .map_err(|error| failure(&error.message))
}

/// An AMI with watermarks cannot be public. AWS's text for it is not recorded.
fn refuse_public(image: &Image, permissions: &[LaunchPermission]) -> Result<(), &'static str> {
    let marked = image
        .recipe
        .settings
        .ami_watermarks
        .as_ref()
        .is_some_and(|marks| !marks.is_empty());
    if marked && permissions.contains(&LaunchPermission::All) {
        return Err("An AMI with watermarks can't be made public");
    }
    Ok(())
}

fn permissions(asked: &LaunchPermissions) -> Vec<LaunchPermission> {
    let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
    let users = list(&asked.user_ids)
        .into_iter()
        .map(LaunchPermission::User);
    let groups = list(&asked.user_groups)
        .into_iter()
        .filter(|group| group == "all");
    let organizations = list(&asked.organization_arns).into_iter();
    let units = list(&asked.organizational_unit_arns).into_iter();
    users
        .chain(groups.map(|_| LaunchPermission::All))
        .chain(organizations.map(LaunchPermission::Organization))
        .chain(units.map(LaunchPermission::OrganizationalUnit))
        .collect()
}

//! DISTRIBUTING: names, tags, launch permissions and copies, Region by Region.
//!
//! As in life it is not a transaction: what was done before a failure stays done. In the Region of
//! the build the AMI itself is kept, and each target account gets a copy. In another Region the
//! target accounts get copies, or the building account if none is named.

use jiff::Timestamp;

use super::{
    failure::Failure,
    output::{automatic_tags, listed, name},
};
use crate::{
    ec2::{Ami, LaunchPermission, copy::CopyOrder},
    resources::{
        distribution::{AmiDistribution, Distribution, LaunchPermissions},
        image::{Image, OutputAmi},
    },
    state::State,
};

/// Distributes to every Region of the configuration; without one the AMI stays where it is.
pub(super) fn distribute(state: &mut State, image: &Image, at: Timestamp) -> Result<(), Failure> {
    let Some(built) = image.ami.as_ref().and_then(|id| state.ec2.amis.get(id)).cloned() else {
        return Err(Failure::in_region(image, &image.arn.region, "The AMI no longer exists"));
    };
    let Some(configuration) = &image.distribution else { return Ok(()) };
    for entry in &configuration.settings.distributions {
        for ami in placed(state, image, (&built, entry), at) {
            apply(state, image, entry, &ami)?;
        }
    }
    Ok(())
}

/// The AMIs that a Region is to have: the built one, or copies of it.
fn placed(
    state: &mut State,
    image: &Image,
    (built, entry): (&Ami, &Distribution),
    at: Timestamp,
) -> Vec<String> {
    let settings = entry.ami_distribution_configuration.clone().unwrap_or_default();
    let own = &image.arn.account;
    let at_home = entry.region == image.arn.region;
    let targets = settings.target_account_ids.clone().unwrap_or_default();
    let mut owners: Vec<String> = targets.into_iter().filter(|id| !at_home || id != own).collect();
    if owners.is_empty() && !at_home {
        owners.push(own.clone());
    }
    let kept = at_home.then(|| built.id.clone());
    let copies = owners.into_iter().map(|owner| {
        let order = order(image, (built, entry, &settings), owner, at);
        copy(state, image, &order)
    });
    kept.into_iter().chain(copies).collect()
}

fn order(
    image: &Image,
    (built, entry, settings): (&Ami, &Distribution, &AmiDistribution),
    owner: String,
    at: Timestamp,
) -> CopyOrder {
    CopyOrder {
        source: built.clone(),
        region: entry.region.clone(),
        owner,
        name: name(image, settings, at),
        description: settings.description.clone(),
        kms_key: settings.kms_key_id.clone(),
        now: at,
    }
}

fn copy(state: &mut State, image: &Image, order: &CopyOrder) -> String {
    let id = state.ec2.copy(order);
    let output = state.ec2.amis.get(&id).map(listed);
    record(state, image, output);
    id
}

fn record(state: &mut State, image: &Image, output: Option<OutputAmi>) {
    if let Some(stored) = state.images.get_mut(&image.arn) {
        stored.outputs.extend(output);
    }
}

/// Tags and launch permissions of one AMI.
fn apply(state: &mut State, image: &Image, entry: &Distribution, id: &str) -> Result<(), Failure> {
    let Some(settings) = &entry.ami_distribution_configuration else { return Ok(()) };
    let permissions: Vec<_> = settings.launch_permission.iter().flat_map(permissions).collect();
    state.ec2.share(id, permissions).map_err(|refusal| {
        let message = format!("EC2 Client Error: '{}'", refusal.message);
        Failure::in_region(image, &entry.region, &message)
    })?;
    if let Some(ami) = state.ec2.amis.get_mut(id) {
        let owner = ami.owner.clone();
        ami.tag(&owner, automatic_tags(image));
        ami.tag(&owner, settings.ami_tags.clone().unwrap_or_default());
    }
    Ok(())
}

fn permissions(asked: &LaunchPermissions) -> Vec<LaunchPermission> {
    let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
    let users = list(&asked.user_ids).into_iter().map(LaunchPermission::User);
    let groups = list(&asked.user_groups).into_iter().filter(|group| group == "all");
    let organizations = list(&asked.organization_arns).into_iter();
    let units = list(&asked.organizational_unit_arns).into_iter();
    users
        .chain(groups.map(|_| LaunchPermission::All))
        .chain(organizations.map(LaunchPermission::Organization))
        .chain(units.map(LaunchPermission::OrganizationalUnit))
        .collect()
}

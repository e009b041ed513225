//! The instance that a failed build keeps, because its infrastructure configuration says so: it runs until somebody
//! terminates it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    common::{arn::Arn, tags::Tags, text::Text},
    engine::build::{base_image::base_id, output::automatic_tags},
    records::{
        ec2::{ami::Ami, instance::Instance, network::Network},
        image::Image,
    },
    state::State,
};

/// What an instance is here if the configuration names no type: Image Builder chooses one (API reference,
/// `instanceTypes`), and which one is not documented.
const TYPE: &str = "m5.large";

/// Leaves the instance that `image` was built or tested on. One that was launched from an AMI that is gone is not shown.
pub(crate) fn keep(state: &mut State, image: &Image, at: Timestamp) {
    if let Some(ami) = source(state, image).cloned() {
        let (id, reservation) = (state.ec2.new_id("i"), state.ec2.new_id("r"));
        let instance = Instance {
            id: id.clone(),
            reservation,
            index: 0,
            account: image.arn.account.as_str().into(),
            region: image.arn.region.as_str().into(),
            image: ami.id.clone(),
            traits: Arc::clone(&ami.traits),
            kind: kind(image),
            network: Network::default(),
            token: None,
            tags: tags(image),
            launched: at,
            end: None,
        };
        state.ec2.instances.insert(id.to_string(), instance);
    }
}

/// What it was launched from: what was built, where a test failed, and else the base image.
fn source<'s>(state: &'s State, image: &Image) -> Option<&'s Ami> {
    let Arn {
        region, account, ..
    } = &image.arn;
    let built = image.ami.as_ref().map(Text::to_string);
    let id = built.or_else(|| base_id(state, image))?;
    state.ec2.launchable(&id, region, account)
}

fn kind(image: &Image) -> String {
    let types = image.infrastructure.settings.instance_types.iter();
    types
        .flatten()
        .next()
        .map_or(TYPE, String::as_str)
        .to_owned()
}

/// Those of the configuration, and those by which Image Builder marks what it launches.
fn tags(image: &Image) -> Tags {
    let of_configuration = image.infrastructure.settings.resource_tags.clone();
    let mut tags = of_configuration.unwrap_or_default();
    tags.extend(automatic_tags(image));
    tags
}

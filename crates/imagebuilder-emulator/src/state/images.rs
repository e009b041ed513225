//! Questions about the images in the state.

use crate::{
    common::{
        arn::{Arn, Kind},
        caller::Caller,
        store::Store,
    },
    records::image::{Image, ImageStatus},
    state::State,
};

/// The build with this ARN, or the newest AVAILABLE one that a reference matches.
pub(crate) fn newest_available<'m>(
    images: &'m Store<Arn, Image>,
    reference: &Arn,
) -> Option<&'m Image> {
    if reference.build.is_some() {
        return images.get(reference);
    }
    let first = reference.series();
    let series = images
        .range(first..)
        .take_while(|(arn, _)| arn.same_series(reference));
    let available = series.filter(|(_, image)| image.status == ImageStatus::Available);
    available
        .filter(|(arn, _)| reference.covers(arn))
        .last()
        .map(|(_, image)| image)
}

/// How many builds of an account run in a Region.
pub(crate) fn count_running(state: &State, owner: &Caller) -> usize {
    running_builds(state, owner).count()
}

/// The builds of an account that run in a Region, in order.
pub(crate) fn running_builds<'s>(
    state: &'s State,
    owner: &Caller,
) -> impl Iterator<Item = &'s Image> {
    let first = Arn::new(&owner.region, &owner.account, Kind::Image, "");
    let ours = |arn: &&Arn| arn.account == owner.account && arn.region == owner.region;
    let running = state.running.range(first..).take_while(ours);
    running.filter_map(|arn| state.images.get(arn))
}

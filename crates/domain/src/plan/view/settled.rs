//! Which AMIs of today an hourly run looks at without waiting for their turn.
//!
//! Image Builder gives launch permissions while it distributes, and a run gives those that came later. A run that is
//! cut off in between leaves an AMI without them, and no list tells. What can have lacked a permission lately is
//! told by lists all the same: its configuration was changed, or it is not what is published yet.

use std::collections::BTreeMap;

use super::View;
use crate::names::RecipeName;
use crate::observed::{Depth, Image, Pipeline};
use crate::plan::tags::PUBLISHED_TAG;
use crate::plan::turns::{Slice, is_within_a_day};

impl View<'_> {
    /// The AMIs of ours that are looked at in this hour.
    pub(in crate::plan) fn slice(self) -> Slice {
        let in_turn = self.in_turn(Depth::Hour);
        let mut current = BTreeMap::new();
        for name in self.managed_recipes() {
            let Some((pipeline, image)) = self.current_image(&name) else {
                continue;
            };
            let is_due = in_turn.contains(&name) || !self.is_settled(&name, pipeline, image);
            current.extend(image.amis.values().map(|ami| (ami.clone(), is_due)));
        }
        let time = self.observed.time;
        Slice { time, current }
    }

    /// Whether nothing has happened in a day that gives an image's AMIs further launch permissions.
    fn is_settled(self, name: &RecipeName, pipeline: &Pipeline, image: &Image) -> bool {
        let published = pipeline.tags.get(PUBLISHED_TAG);
        let arn = self.wanted().names(name).distribution;
        let updated = self
            .distribution_configuration(&arn)
            .and_then(|it| it.updated);
        published == Some(&image.arn.to_string())
            && updated.is_some_and(|updated| !is_within_a_day(updated, self.observed.time))
    }
}

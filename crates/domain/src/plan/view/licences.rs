//! What images are licensed with.

use std::collections::BTreeSet;

use super::View;
use crate::consumers::DeliveryMode;
use crate::licence::{Barrier, Licence, Verdict, serve};
use crate::names::{AmiId, RecipeName};
use crate::plan::tags::tagged_licence;

impl View<'_> {
    /// The AMIs of ours whose licence has to be read: those of current images that a copy is missing
    /// of, where no tag gives it. Refused copies are missing for ever; their pipelines have the tag.
    pub(in crate::plan) fn licences_to_read(self) -> BTreeSet<AmiId> {
        let ami = |name: RecipeName| {
            let (pipeline, image) = self.current_image(&name)?;
            let unknown = pipeline.is_owned(&self.desired.environment)
                && tagged_licence(pipeline, image.arn.version()).is_none();
            image
                .amis
                .get(&self.stack.region)
                .filter(|_| unknown && !self.missing_copies(&image.arn).is_empty())
                .cloned()
        };
        self.managed_recipes().into_iter().filter_map(ami).collect()
    }

    /// Whether images with this licence are built again in accounts that do so.
    pub(in crate::plan) fn can_be_rebuilt(self, licence: &Licence) -> bool {
        matches!(
            serve(licence, self.desired.sysprep, DeliveryMode::Copy),
            Verdict::Rebuild(_)
        )
    }

    /// What prevents copies of an image with this licence.
    ///
    /// It says how the image can be built again in the account, where that is left.
    pub(in crate::plan) fn barrier(self, licence: &Licence) -> Option<Barrier> {
        match serve(licence, self.desired.sysprep, DeliveryMode::Copy) {
            Verdict::AsAsked => None,
            Verdict::Rebuild(barrier) | Verdict::Refused(barrier) => Some(barrier),
        }
    }
}

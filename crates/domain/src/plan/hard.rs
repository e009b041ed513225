//! Hard images: copies that are not made because of what an image is licensed with. They are told before
//! the image is built, and none is tried.
//!
//! A refused copy is missing for ever, and a run over a satisfied world reads neither base AMIs nor our
//! own. So what decides rides on a tag of the pipeline, which every run lists: it is set when the
//! pipeline is brought to a recipe version, from the base AMI that is known then. A pipeline whose tag is
//! missing or of another version (one of an earlier release, or of a version whose base is gone) has the
//! image's own AMI looked at, which inherits all of it, once: when a copy is missing.

use std::collections::{BTreeMap, BTreeSet};

use super::copies::{Wanted, made, missing};
use super::images::{current, newest_available};
use super::rebuild::builders;
use super::recipe::looked_after;
use super::{Change, Planner, Refused, TagPipeline, pipeline_arn};
use crate::arn::{Version, VersionArn};
use crate::consumers::DeliveryMode;
use crate::desired::{Desired, Platform, RecipeEntry};
use crate::document;
use crate::licence::{Barrier, Licence, Verdict, serve};
use crate::names::{AccountId, AmiId, RecipeName};
use crate::observed::{Image, Observed, Pipeline, Tags};
use crate::stack::StackContext;

/// The pipeline's tag for the licence of what it builds: `<recipe version>/<licence>`.
pub const LICENCE_TAG: &str = "goldsmith:licence";

/// The tag for the licence of a recipe version's images; none if it is not known.
pub(super) fn licence_tag(version: Version, licence: &Licence) -> Tags {
    let value = licence
        .to_tag()
        .map(|licence| format!("{version}/{licence}"));
    value
        .map(|value| (LICENCE_TAG.to_owned(), value))
        .into_iter()
        .collect()
}

/// The licence that a pipeline's tag tells of the images of this version.
pub(super) fn tagged(pipeline: &Pipeline, version: Version) -> Option<Licence> {
    let (of, licence) = pipeline.tags.get(LICENCE_TAG)?.split_once('/')?;
    Licence::from_tag(licence).filter(|_| of == version.to_string())
}

/// The AMIs of ours to ask for their licence: of current images that a copy is missing of, where no tag
/// tells it.
pub(super) fn licences_to_read(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> BTreeSet<AmiId> {
    let ami = |name: RecipeName| {
        let arn = pipeline_arn(desired, stack, &name);
        let pipeline = observed
            .pipelines
            .iter()
            .find(|pipeline| pipeline.arn == arn)?;
        let image = current(observed, pipeline, pipeline.recipe.as_ref()?)?;
        let lacks_copies =
            || !missing(desired, stack, &made(desired, observed, &image.arn)).is_empty();
        let unknown = pipeline.is_owned(&desired.environment)
            && tagged(pipeline, image.arn.version()).is_none();
        image
            .amis
            .get(&stack.region)
            .filter(|_| unknown && lacks_copies())
            .cloned()
    };
    looked_after(desired, &observed.pipelines, stack)
        .into_iter()
        .filter_map(ami)
        .collect()
}

/// Whether images with this licence are built again in accounts that do so.
pub(super) fn can_be_rebuilt(licence: &Licence, desired: &Desired) -> bool {
    matches!(
        serve(licence, desired.sysprep, DeliveryMode::Copy),
        Verdict::Rebuild(_)
    )
}

impl Planner<'_> {
    /// The licence of what `entry` is built on, if that can be seen in this run.
    pub(super) fn base_licence(&self, entry: &RecipeEntry) -> Option<Licence> {
        let base = self.base(entry, self.catalog()?).ok()?.ok()?;
        Some(base.known.licence()).filter(Licence::is_known)
    }

    /// Tells which consumers will get no copies of a version that has no image yet.
    pub(super) fn foretell(
        &mut self,
        name: &RecipeName,
        pipeline: Option<&Pipeline>,
        recipe: &VersionArn,
    ) {
        if newest_available(&self.observed.images, recipe).is_some() {
            return;
        }
        let Some(licence) = self.known_licence(name, pipeline, recipe.version()) else {
            return;
        };
        if let Some(barrier) = self.barrier(&licence) {
            self.bar(
                name,
                &barrier,
                &missing(self.desired, self.stack, &BTreeMap::new()),
            );
        }
    }

    /// The licence of a version's images, as this run saw it of their base or the pipeline's tag tells it.
    fn known_licence(
        &self,
        name: &RecipeName,
        pipeline: Option<&Pipeline>,
        version: Version,
    ) -> Option<Licence> {
        let seen = self.licences.get(&(name.folded(), version)).cloned();
        seen.or_else(|| tagged(pipeline?, version))
    }

    /// The licence of an image whose copies are missing; none if it was not asked for.
    ///
    /// What its own AMI told is put into the tag, so that no later run has to ask.
    pub(super) fn licence(
        &mut self,
        name: &RecipeName,
        pipeline: &Pipeline,
        image: &Image,
    ) -> Option<Licence> {
        let version = image.arn.version();
        if let Some(known) = self.known_licence(name, Some(pipeline), version) {
            return Some(known);
        }
        let licence = self
            .observed
            .licences
            .get(image.amis.get(&self.stack.region)?)?
            .clone();
        let tags = licence_tag(version, &licence);
        // The tag is about what the pipeline builds; an image of an earlier version is asked again.
        if !tags.is_empty() && self.points_at(pipeline, version) {
            self.change(Change::TagPipeline(TagPipeline {
                arn: pipeline.arn.clone(),
                tags,
                after: Vec::new(),
            }));
        }
        Some(licence)
    }

    /// Whether a pipeline builds this version, and this plan does not point it at another one.
    fn points_at(&self, pipeline: &Pipeline, version: Version) -> bool {
        let about = |change: &&Change| change.pipeline() == Some(&pipeline.arn);
        let next = self
            .plan
            .changes
            .iter()
            .filter(about)
            .find_map(Change::points_at);
        next.or(pipeline.recipe.as_ref())
            .is_some_and(|recipe| recipe.version() == version)
    }

    /// What bars copies of an image with this licence.
    ///
    /// It says how the image can be built again in the account, where that is left.
    pub(super) fn barrier(&self, licence: &Licence) -> Option<Barrier> {
        match serve(licence, self.desired.sysprep, DeliveryMode::Copy) {
            Verdict::AsAsked => None,
            Verdict::Rebuild(barrier) | Verdict::Refused(barrier) => Some(barrier),
        }
    }

    /// Tells that Sysprep is declared and that no recipe can have it, once that is known of all of them.
    /// Nothing else is refused for it: the declaration is of the environment's Windows images.
    pub(super) fn check_sysprep(&mut self) {
        let platform = |entry: &RecipeEntry| {
            let arn = pipeline_arn(self.desired, self.stack, &entry.name);
            let pipeline = self
                .observed
                .pipelines
                .iter()
                .find(|pipeline| pipeline.arn == arn);
            let tag = || tagged(pipeline?, pipeline?.recipe.as_ref()?.version());
            let mut seen = self
                .licences
                .iter()
                .filter(|((name, _), _)| *name == entry.name.folded());
            seen.next()
                .map(|(_, licence)| licence.platform)
                .or_else(|| Some(tag()?.platform))
        };
        let mut platforms = self.desired.recipes.iter().map(platform).peekable();
        let declared = self.desired.sysprep == Some(true) && platforms.peek().is_some();
        if declared && platforms.all(|platform| platform == Some(Platform::Linux)) {
            self.refuse(document::ENVIRONMENT, Refused::Sysprep);
        }
    }

    /// Leaves the accounts of these copies out, by name, but for those that build the image again.
    pub(super) fn bar(&mut self, name: &RecipeName, barrier: &Barrier, copies: &Wanted) {
        let accounts: BTreeSet<&AccountId> = copies
            .values()
            .flat_map(BTreeMap::keys)
            .map(|target| &target.account)
            .collect();
        let again = builders(self.desired, copies);
        let builds =
            |id: &AccountId| barrier.rebuild.is_some() && again.iter().any(|one| one.id == *id);
        for account in accounts.into_iter().filter(|account| !builds(account)) {
            self.refuse(name, Refused::Licence(account.clone(), barrier.clone()));
        }
    }
}

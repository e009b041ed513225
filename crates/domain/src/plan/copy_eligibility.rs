//! Hard images: copies that AWS does not make, because of what an image is licensed with. They are
//! reported before the image is built, and none is tried.
//!
//! Some copies can never be made. To avoid reading their AMIs in every run, the pipeline carries the
//! tag `goldsmith:licence`. It is set when the pipeline is brought to a recipe version, from the base
//! AMI that is known then. If the tag is missing or of another version, the image's own AMI is read
//! once, when a copy is missing: it inherits all of the licence.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, TagPipeline};
use super::reason::Refused;
use super::record::Plan;
use super::tags::{licence_tag, tagged_licence};
use super::view::{MissingCopies, View};
use crate::arn::{Version, VersionArn};
use crate::desired::{Platform, RecipeEntry};
use crate::document;
use crate::licence::{Barrier, Licence};
use crate::names::{AccountId, RecipeName};
use crate::observed::{Image, Pipeline};

/// The licences of the recipe versions whose base was seen in this run, by folded name and version.
#[derive(Default)]
pub(super) struct SeenLicences(BTreeMap<(String, Version), Licence>);

impl SeenLicences {
    pub(super) fn insert(&mut self, name: &RecipeName, version: Version, seen: Option<&Licence>) {
        let key = (name.folded(), version);
        self.0.extend(seen.map(|licence| (key, licence.clone())));
    }

    /// The licence of a version's images, as this run saw it of their base, or as the pipeline's tag
    /// gives it.
    fn known(
        &self,
        name: &RecipeName,
        pipeline: Option<&Pipeline>,
        version: Version,
    ) -> Option<Licence> {
        let seen = self.0.get(&(name.folded(), version)).cloned();
        seen.or_else(|| tagged_licence(pipeline?, version))
    }

    /// The platform of a recipe's base, if it was seen.
    fn platform(&self, name: &RecipeName) -> Option<Platform> {
        let mut seen = self.0.iter().filter(|((of, _), _)| *of == name.folded());
        seen.next().map(|(_, licence)| licence.platform)
    }
}

/// Reports which consumers will get no copies of a version that has no image yet.
pub(super) fn warn_before_build(
    view: View<'_>,
    name: &RecipeName,
    pipeline: Option<&Pipeline>,
    recipe: &VersionArn,
    licences: &SeenLicences,
    plan: &mut Plan,
) {
    if view.newest_promotable(recipe).is_some() {
        return;
    }
    let barrier = licences
        .known(name, pipeline, recipe.version())
        .and_then(|licence| view.barrier(&licence));
    if let Some(barrier) = barrier {
        exclude(view, name, &barrier, &view.wanted_copies(), plan);
    }
}

/// An image that consumers launch, and what there is to know of its recipe.
pub(super) struct ServedImage<'a> {
    pub(super) name: RecipeName,
    pub(super) pipeline: &'a Pipeline,
    /// The version that the pipeline builds once the plan is carried out.
    pub(super) builds: Option<VersionArn>,
    pub(super) image: &'a Image,
}

/// The licence of an image whose copies are missing; none if it was not asked for.
///
/// The licence of its own AMI goes into the tag, so that no later run has to ask. The tag is about
/// what the pipeline `builds`; an image of an earlier version is asked again.
pub(super) fn licence_of(
    view: View<'_>,
    served: &ServedImage<'_>,
    licences: &SeenLicences,
    plan: &mut Plan,
) -> Option<Licence> {
    let ServedImage {
        name,
        pipeline,
        builds,
        image,
    } = served;
    let version = image.arn.version();
    if let Some(known) = licences.known(name, Some(pipeline), version) {
        return Some(known);
    }
    let ami = image.amis.get(&view.stack.region)?;
    let licence = view.observed.licences.get(ami)?.clone();
    let tags = licence_tag(version, &licence);
    if !tags.is_empty()
        && builds
            .as_ref()
            .is_some_and(|recipe| recipe.version() == version)
    {
        let arn = pipeline.arn.clone();
        plan.change(Action::TagPipeline(TagPipeline { arn, tags }));
    }
    Some(licence)
}

/// Refuses a declaration of Sysprep that no recipe can have, once that is known of all of them.
/// Nothing else is refused for it: the declaration is about the environment's Windows images.
pub(super) fn check_sysprep(view: View<'_>, licences: &SeenLicences, plan: &mut Plan) {
    let platform = |entry: &RecipeEntry| {
        licences.platform(&entry.name).or_else(|| {
            let pipeline = view.pipeline(&entry.name)?;
            let licence = tagged_licence(pipeline, pipeline.recipe.as_ref()?.version())?;
            Some(licence.platform)
        })
    };
    let mut platforms = view.desired.recipes.iter().map(platform).peekable();
    let declared = view.desired.sysprep == Some(true) && platforms.peek().is_some();
    if declared && platforms.all(|platform| platform == Some(Platform::Linux)) {
        plan.refuse(document::ENVIRONMENT, Refused::Sysprep);
    }
}

/// Leaves the accounts of these copies out, by name, except those that build the image again.
pub(super) fn exclude(
    view: View<'_>,
    name: &RecipeName,
    barrier: &Barrier,
    copies: &MissingCopies,
    plan: &mut Plan,
) {
    let accounts: BTreeSet<&AccountId> = copies
        .values()
        .flat_map(BTreeMap::keys)
        .map(|target| &target.account)
        .collect();
    let builders = view.builders(copies);
    let builds = |id: &AccountId| {
        barrier.rebuild.is_some() && builders.iter().any(|builder| builder.id == *id)
    };
    for account in accounts.into_iter().filter(|account| !builds(account)) {
        plan.refuse(name, Refused::Licence(account.clone(), barrier.clone()));
    }
}

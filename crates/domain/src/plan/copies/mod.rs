//! Copies of an image in its consumers' accounts, and publication of the image.
//!
//! `DistributeImage` makes copies after the build: one batch under our keys, and one for each account
//! that has keys of its own, since a distribution configuration takes one key a Region. A target that
//! cannot take a copy never fails a build.

mod batch;
mod clean_up;
mod distribution;
mod proof;

use std::collections::{BTreeMap, BTreeSet};

use self::batch::make_batch;
pub(super) use self::clean_up::clean_up;
use self::proof::{Proved, proved};
use super::change::{Action, Change, Publish, PublishCopies};
use super::copy_eligibility::{ServedImage, exclude, licence_of};
use super::digests;
use super::keys::KeyAccess;
use super::manifest::Manifest;
use super::publisher::Publisher;
use super::reason::Waiting;
use super::recipes::{Recipes, Served};
use super::record::Plan;
use super::tags::{PUBLISHED_COPIES_TAG, published_tag};
use super::view::{MissingCopies, RebuildJob, View};
use crate::announcement::MessageKind;
use crate::arn::ImageArn;
use crate::names::{AccountId, RecipeName};
use crate::observed::Damage;
use crate::proof::LeftOut;
use crate::publication::{Publication, replaces};

/// What became of the copies of all recipes.
#[derive(Default)]
pub(super) struct Copies<'a> {
    /// The images that accounts build again, because they cannot be copied into them.
    pub(super) rebuild_jobs: Vec<RebuildJob<'a>>,
    /// The images that copies are missing of and that are not copied, whatever was begun, each with the accounts that
    /// get none.
    excluded: BTreeMap<ImageArn, BTreeSet<AccountId>>,
    /// The distribution configurations that copies are made with.
    distributions: BTreeSet<String>,
}

/// Whether anything is left to wait for before an image is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// All copies are there, or given up.
    Settled,
    /// Some are still being made.
    Pending,
}

/// Makes the copies of every recipe's current image, then publishes the image.
pub(super) fn copies<'a>(
    view: View<'a>,
    keys: &KeyAccess,
    recipes: &Recipes<'a>,
    publisher: Publisher,
    plan: &mut Plan,
) -> Copies<'a> {
    let mut copies = Copies::default();
    for served in &recipes.served {
        let Some(image) = current_image(view, served) else {
            continue;
        };
        let possible = copies.possible(view, &image, recipes, plan);
        let Some(possible) = possible else {
            plan.wait(&image.name, Waiting::Observation(image.name.clone()));
            continue;
        };
        // Whoever reads what is published finds all the copies there.
        if copies.make(view, keys, &image, possible, plan) == Progress::Settled {
            copies.publish(view, &image, served, publisher, plan);
        }
    }
    copies
}

/// The image of a recipe that consumers launch. As long as the current version has none, joining
/// consumers get copies of the one that is published.
fn current_image<'a>(view: View<'a>, served: &Served<'a>) -> Option<ServedImage<'a>> {
    let pipeline = served.pipeline?;
    let image = view.launched_image(pipeline, &served.recipe)?;
    let image = ServedImage {
        name: served.name.clone(),
        pipeline,
        builds: served.builds.clone(),
        image,
    };
    Some(image).filter(|served| !served.image.amis.is_empty())
}

impl<'a> Copies<'a> {
    /// Those of the missing copies that AWS makes of such an image; none if that is not known.
    fn possible(
        &mut self,
        view: View<'a>,
        served: &ServedImage<'a>,
        recipes: &Recipes<'a>,
        plan: &mut Plan,
    ) -> Option<MissingCopies> {
        let missing = view.missing_copies(&served.image.arn);
        if missing.is_empty() {
            return Some(missing);
        }
        let licence = licence_of(view, served, &recipes.licences, plan)?;
        let Some(barrier) = view.barrier(&licence) else {
            return Some(missing);
        };
        exclude(view, &served.name, &barrier, &missing, plan);
        let accounts = view.builders(&missing);
        if barrier.rebuild.is_some() && !accounts.is_empty() {
            self.rebuild_jobs.push(RebuildJob {
                name: served.name.clone(),
                pipeline: served.pipeline,
                image: served.image,
                accounts,
            });
        }
        let accounts = missing.values().flat_map(BTreeMap::keys);
        let accounts = accounts.map(|target| target.account.clone()).collect();
        self.excluded.insert(served.image.arn.clone(), accounts);
        Some(MissingCopies::new())
    }

    /// Publishes an image and its copies together, once it is proved that consumers can use them. Until then what is
    /// published stays, and is still looked after.
    fn publish(
        &self,
        view: View<'_>,
        image: &ServedImage<'_>,
        served: &Served<'_>,
        publisher: Publisher,
        plan: &mut Plan,
    ) {
        let none = BTreeSet::new();
        let excluded = self.excluded.get(&image.image.arn).unwrap_or(&none);
        let Proved::Yes(left_out) = proved(view, image, excluded, publisher, plan) else {
            return keep_published(view, image, served, publisher, plan);
        };
        publish_copies(view, image, plan);
        if publisher == Publisher::Reconcile {
            publish(view, image, served, left_out, plan);
        }
    }

    /// Takes the next step for every batch of missing copies.
    fn make(
        &mut self,
        view: View<'a>,
        keys: &KeyAccess,
        served: &ServedImage<'a>,
        missing: MissingCopies,
        plan: &mut Plan,
    ) -> Progress {
        let mut progress = Progress::Settled;
        for (batch, missing) in missing {
            let made = make_batch(view, keys, served, &batch, missing, plan);
            self.distributions.extend(made.distributions);
            if made.progress == Progress::Pending {
                progress = Progress::Pending;
            }
        }
        progress
    }
}

/// Repairs what consumers read of the image that is published, while another one may not take its place.
fn keep_published(
    view: View<'_>,
    image: &ServedImage<'_>,
    served: &Served<'_>,
    publisher: Publisher,
    plan: &mut Plan,
) {
    let Some(standing) = view.published_image(image.pipeline) else {
        return;
    };
    let standing = ServedImage {
        name: image.name.clone(),
        pipeline: image.pipeline,
        builds: image.builds.clone(),
        image: standing,
    };
    publish_copies(view, &standing, plan);
    if publisher == Publisher::Reconcile {
        publish(view, &standing, served, None, plan);
    }
}

/// Publishes the copies that are there and wanted, once each, and again if somebody damaged what is
/// published of them.
fn publish_copies(view: View<'_>, served: &ServedImage<'_>, plan: &mut Plan) {
    let copies = view.copies_to_publish(served.image);
    if copies.is_empty() {
        return;
    }
    let publication = view.publication_of_copies(&served.name, served.image, &copies);
    let damage = damage(view, &served.name, &publication, plan);
    let digest = digests::published_copies(&copies).to_string();
    let today = served.pipeline.tags.get(PUBLISHED_COPIES_TAG);
    if today == Some(&digest) && damage.is_none() {
        return;
    }
    let publish = Action::PublishCopies(PublishCopies {
        recipename: served.name.clone(),
        pipeline: served.pipeline.arn.clone(),
        image: served.image.arn.clone(),
        copies,
        tag: PUBLISHED_COPIES_TAG,
        digest,
    });
    plan.change(Change::from(publish).repairing(damage));
}

/// Publishes an image, unless the pipeline says that it or a newer one is published, and again if somebody
/// damaged what is published, or if its manifest has to say something else.
fn publish(
    view: View<'_>,
    image: &ServedImage<'_>,
    served: &Served<'_>,
    left_out: Option<LeftOut>,
    plan: &mut Plan,
) {
    let publication = view.publication(&image.name, image.pipeline, image.image);
    let damage = damage(view, &image.name, &publication, plan);
    let published = view.published_image(image.pipeline).map(|image| &image.arn);
    let (name, pipeline) = (&image.name, image.pipeline);
    let is_known = |previous: &ImageArn| view.is_image_of(previous, pipeline);
    let manifest = Manifest::of(view.stack, name, pipeline, image.image, left_out, is_known);
    let is_told = published != Some(&image.image.arn) || manifest.is_written(pipeline);
    if !replaces(&image.image.arn, published) && damage.is_none() && is_told {
        return;
    }
    let publish = Action::Publish(Publish {
        recipename: image.name.clone(),
        pipeline: image.pipeline.arn.clone(),
        recipe: served.recipe.clone(),
        image: image.image.arn.clone(),
        amis: image.image.amis.clone(),
        previous: published_tag(image.pipeline),
        manifest,
        notifies_people: view.desired.notifies(MessageKind::Promoted),
    });
    plan.change(Change::from(publish).repairing(damage));
}

/// What somebody damaged of a publication, as a sentence; none if there is nothing to repair.
pub(super) fn damage(
    view: View<'_>,
    name: &RecipeName,
    publication: &Publication,
    plan: &mut Plan,
) -> Option<String> {
    let mut damaged = Vec::new();
    for (part, damage) in view.damages(publication) {
        if let Damage::Unreadable(reason) = damage {
            let (part, reason) = (part.clone(), reason.clone());
            plan.wait(name, Waiting::NotCompared { part, reason });
        } else {
            damaged.push(format!("{part} {damage}"));
        }
    }
    (!damaged.is_empty()).then(|| damaged.join("; "))
}

//! The finalizer of builds in accounts: what a build takes there is deleted, whatever its result.
//!
//! # Expected flow
//!
//! 1. [`begin`] names the account and Region in a tag of the pipeline (`goldsmith:rebuilding`), before
//!    anything is made there.
//! 2. The build starts: it makes a recipe, an infrastructure and a distribution configuration there.
//! 3. Once no build needs them, [`clean_up`] deletes them.
//! 4. When nothing is left, the place leaves the tag.
//!
//! # Guarantees
//!
//! - Nothing is made in a place that the tag does not name. If the tag cannot be set, no build starts.
//! - A place leaves the tag only after its clean-up succeeded. A run that is interrupted is continued
//!   by the next one.
//! - So nothing stays behind in an account that does not say `rebuild` any more, in a Region that it
//!   moved away from, or of a recipe whose image can be copied by now.
//! - The image and its AMIs are never deleted.
//!
//! # Assumptions
//!
//! - Everything that a build makes carries our tags, and so can be told from what others made.
//! - The role of the account lets us list and delete. While it does not, the place stays in the tag and
//!   every run reports it.
//!
//! # Caveats
//!
//! - Two runs at the same time may overwrite each other's tag. Places are cleaned up wherever something
//!   was seen, named or not.
//! - The tag has room for nine places. Further builds wait for their turn.
//! - The recipe is made last and deleted first. Whether its image keeps it from being deleted is not
//!   documented, so that a recipe which is left alone stays.

use std::collections::BTreeSet;

use super::Begun;
use crate::names::{AmiId, PipelineArn, RecipeName, RoleArn};
use crate::observed::{Image, ImageState, Pipeline, Rebuilds, Resource, Tags, Target};
use crate::plan::change::{self, Action, Change, CleanUpRebuild, RebuildImage, TagPipeline};
use crate::plan::reason::{Blocked, Refused, Waiting};
use crate::plan::record::Plan;
use crate::plan::sharing::Shares;
use crate::plan::tags::{REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG, REBUILDING_TAG};
use crate::plan::view::{RebuildJob, View, named_places};
use crate::stack::DIGEST_TAG;

/// In how many places builds of one recipe may be begun: a tag's value has at most 256 characters (API
/// reference, `TagResource`), and a place takes 28 of them with the longest Region name, `ap-southeast-1`.
const MOST_PLACES: usize = 9;

/// Whether something with these tags belongs to the same build as something with those.
fn is_same_build(one: &Tags, other: &Tags) -> bool {
    [REBUILD_OF_TAG, DIGEST_TAG, REBUILD_ATTEMPT_TAG]
        .iter()
        .all(|key| one.get(*key) == other.get(*key))
}

/// Starts builds, once the pipeline names their places; a build that finds no room there waits for its
/// turn. Those that are started.
pub(super) fn begin(
    view: View<'_>,
    job: &RebuildJob<'_>,
    builds: Vec<RebuildImage>,
    shares: &mut Shares,
    plan: &mut Plan,
) -> Vec<RebuildImage> {
    let named = named_places(job.pipeline);
    let mut places = named.clone();
    let mut started = Vec::new();
    for build in builds {
        let place = build.place();
        let fits = places.contains(&place) || places.len() < MOST_PLACES;
        let state = if fits {
            "asked for"
        } else {
            "to be asked for when others have ended"
        };
        let waiting = Waiting::Rebuild {
            account: build.account.clone(),
            image: job.image.arn.clone(),
            state: state.to_owned(),
        };
        plan.wait(&job.name, waiting);
        if fits {
            places.insert(place);
            let needs = let_build(view, &build, shares, plan);
            started.push((build, needs));
        }
    }
    if places != named {
        plan.change(name_places(&job.pipeline.arn, &places));
    }
    let mut builds = Vec::new();
    for (build, needs) in started {
        builds.push(build.clone());
        plan.change(Change::from(Action::Rebuild(Box::new(build))).needing(needs));
    }
    builds
}

/// Provides the permission and the key without which the account cannot launch our AMI.
fn let_build(
    view: View<'_>,
    build: &RebuildImage,
    shares: &mut Shares,
    plan: &mut Plan,
) -> Vec<change::Resource> {
    let Ok(ami) = build.recipe.parent.parse::<AmiId>() else {
        return Vec::new();
    };
    let permission = shares.let_launch(view, &build.account, &ami, &build.region, plan);
    let key = view.our_key(&build.region);
    let access = key.map(|key| change::Resource::KeyAccess(key.clone()));
    std::iter::once(permission).chain(access).collect()
}

/// The change that names these places in the pipeline's tag. Of none it is empty and stays, which saves
/// the permission to take tags away.
fn name_places(pipeline: &PipelineArn, places: &BTreeSet<Target>) -> Change {
    let places: Vec<String> = places
        .iter()
        .map(|place| format!("{}:{}", place.account, place.region))
        .collect();
    let tags = [(REBUILDING_TAG.to_owned(), places.join(" "))].into();
    let arn = pipeline.clone();
    Change::from(Action::TagPipeline(TagPipeline { arn, tags }))
        .providing(change::Resource::RebuildPlaces(pipeline.clone()))
}

/// Deletes what was made for builds that ended, or were never started.
pub(super) fn clean_up(view: View<'_>, begun: &Begun, plan: &mut Plan) {
    for pipeline in view.owned_pipelines() {
        let Some(name) = pipeline.recipename() else {
            continue;
        };
        let about = About {
            view,
            pipeline,
            name,
            begun,
        };
        about.clean_up(plan);
    }
}

/// What is cleaned up together.
struct About<'a> {
    view: View<'a>,
    pipeline: &'a Pipeline,
    name: RecipeName,
    begun: &'a Begun,
}

/// What is in a place: its images, and the other resources.
type Inventory<'a> = (&'a [Image], &'a [Resource]);

/// What the clean-up of a place leaves.
enum Left {
    /// Something is needed there.
    Something,
    /// Nothing.
    Nothing,
    /// Nothing, once the change has succeeded that provides this.
    NothingAfter(change::Resource),
}

impl<'a> About<'a> {
    fn clean_up(&self, plan: &mut Plan) {
        let mut named = named_places(self.pipeline);
        named.extend(self.builds().map(RebuildImage::place));
        let places: BTreeSet<Target> = named.iter().cloned().chain(self.seen()).collect();
        let mut left = places.clone();
        let (mut cleaning, mut needs) = (BTreeSet::new(), Vec::new());
        for place in &places {
            match self.clean_up_place(place, plan) {
                Ok(Left::Something) => {}
                Ok(Left::Nothing) => {
                    left.remove(place);
                }
                Ok(Left::NothingAfter(clean)) => {
                    left.remove(place);
                    cleaning.insert(place.clone());
                    needs.push(clean);
                }
                Err(reason) => plan.block(&self.name, reason),
            }
        }
        // What is clean already waits for no clean-up, which may fail.
        let for_now: BTreeSet<Target> = left.union(&cleaning).cloned().collect();
        if for_now != named {
            plan.change(name_places(&self.pipeline.arn, &for_now));
        }
        if left != for_now {
            plan.change(name_places(&self.pipeline.arn, &left).needing(needs));
        }
    }

    /// The builds that this plan starts of the pipeline's images.
    fn builds(&self) -> impl Iterator<Item = &'a RebuildImage> {
        let builds = self.begun.builds.iter();
        builds.filter(|build| build.pipeline == self.pipeline.arn)
    }

    /// The places in which something of the recipe was seen, whether they are named or not: of two runs
    /// at the same time, the tag of the first is lost.
    fn seen(&self) -> impl Iterator<Item = Target> {
        let accounts = self.view.observed.rebuilds.iter();
        let places = accounts.flat_map(|(account, regions)| {
            regions
                .iter()
                .map(move |(region, seen)| (account, region, seen))
        });
        places.filter_map(|(account, region, seen)| {
            let Rebuilds::Seen { resources, .. } = seen else {
                return None;
            };
            let mut tags = resources.iter().map(|resource| &resource.tags);
            let is_seen = tags.any(|tags| self.view.is_about_rebuild(tags, &self.name));
            is_seen.then(|| Target {
                account: account.clone(),
                region: region.clone(),
            })
        })
    }

    /// Deletes what is not needed in a place.
    fn clean_up_place(&self, place: &Target, plan: &mut Plan) -> Result<Left, Blocked> {
        let Some(role) = self.view.rebuild_role(&place.account) else {
            return Ok(Left::Something);
        };
        let Some((images, resources)) = self.resources_in(place, &role)? else {
            return Ok(Left::Something);
        };
        let about = resources
            .iter()
            .filter(|resource| self.view.is_about_rebuild(&resource.tags, &self.name));
        let (needed, idle): (Vec<&Resource>, Vec<&Resource>) =
            about.partition(|resource| self.is_needed(&resource.tags, images));
        let mut arns: Vec<String> = idle.iter().map(|resource| resource.arn.clone()).collect();
        arns.sort();
        let starts = self.builds().any(|build| build.place() == *place);
        let deletes = arns.iter().any(|arn| !arn.contains(":image-recipe/"));
        let clean = deletes.then(|| {
            let delete = self.delete(place, role, arns);
            let clean = delete.provides.clone();
            plan.change(delete);
            clean
        });
        if starts || !needed.is_empty() {
            return Ok(Left::Something);
        }
        Ok(clean.flatten().map_or(Left::Nothing, Left::NothingAfter))
    }

    /// What is in a place; none if it cannot be seen, which is refused already.
    fn resources_in(
        &self,
        place: &Target,
        role: &RoleArn,
    ) -> Result<Option<Inventory<'a>>, Blocked> {
        let reason = match self.view.observed.rebuilds_in(place) {
            Some(Rebuilds::Seen { images, resources }) => return Ok(Some((images, resources))),
            Some(Rebuilds::Unseen(reason)) => reason,
            None => return Err(Waiting::Observation(self.name.clone()).into()),
        };
        let denied = (self.name.to_string(), place.account.clone());
        if self.begun.denied.contains(&denied) {
            return Ok(None);
        }
        Err(Blocked::Refused(Refused::RebuildLeft {
            account: place.account.clone(),
            region: place.region.clone(),
            role: role.clone(),
            reason: reason.clone(),
        }))
    }

    fn delete(&self, place: &Target, role: RoleArn, arns: Vec<String>) -> Change {
        let Target { account, region } = place.clone();
        Change::from(Action::CleanUpRebuild(CleanUpRebuild {
            recipename: self.name.clone(),
            account,
            region,
            role,
            arns,
        }))
    }

    /// Whether a build with these tags runs, or is started by this plan.
    fn is_needed(&self, tags: &Tags, images: &[Image]) -> bool {
        let runs = |image: &Image| {
            matches!(
                image.state,
                ImageState::Running(_) | ImageState::Unrecognized(_)
            )
        };
        let mut images = images.iter();
        images.any(|image| runs(image) && is_same_build(&image.tags, tags))
            || self.builds().any(|build| is_same_build(&build.tags, tags))
    }
}

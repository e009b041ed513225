//! What builds in accounts take, and how it is deleted whatever becomes of them.
//!
//! A tag of the pipeline names the places before anything is made in them and until nothing of it is left:
//! what Kubernetes calls a finalizer. So nothing stays in an account that does not say `rebuild` any more, in
//! a Region that it moved away from, or of a recipe whose image can be copied by now.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{
    Change, CleanUpRebuild, Planner, REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG, REBUILDING_TAG,
    RebuildImage, Refused, TagPipeline, Waiting, owned,
};
use super::Job;
use crate::desired::Desired;
use crate::names::{AccountId, PipelineArn, RecipeName, RoleArn};
use crate::observed::{Image, ImageState, Pipeline, Rebuilds, Resource, Tags, Target, is_owned};
use crate::stack::{DIGEST_TAG, RECIPENAME_TAG, StackContext};

/// In how many places builds of one recipe may be begun: a tag's value has at most 256 characters (API
/// reference, `TagResource`), and a place takes 28 of them with the longest Region name, `ap-southeast-1`.
const MOST_PLACES: usize = 9;

/// The places in which builds were begun, by what the pipeline tells.
pub(super) fn begun(pipeline: &Pipeline) -> BTreeSet<Target> {
    let places = pipeline
        .tags
        .get(REBUILDING_TAG)
        .map(String::as_str)
        .unwrap_or_default();
    places.split_whitespace().filter_map(place).collect()
}

fn place(text: &str) -> Option<Target> {
    let (account, region) = text.split_once(':')?;
    Some(Target {
        account: account.parse().ok()?,
        region: region.parse().ok()?,
    })
}

/// The tag that names these places. Of none it is empty and stays, which saves the permission to take tags
/// away.
fn tag(places: &BTreeSet<Target>) -> Tags {
    let places: Vec<String> = places
        .iter()
        .map(|place| format!("{}:{}", place.account, place.region))
        .collect();
    [(REBUILDING_TAG.to_owned(), places.join(" "))].into()
}

/// The places to look into because builds were begun there, each with the role to use.
pub(super) fn places(
    desired: &Desired,
    pipelines: &[Pipeline],
    stack: &StackContext,
) -> BTreeMap<Target, RoleArn> {
    let places = owned(desired, pipelines).flat_map(begun);
    places
        .filter_map(|place| Some((place.clone(), role(&place.account, desired, stack)?)))
        .collect()
}

/// The role to use in an account: the one that it names, or the one that `infra/consumer-rebuild.yaml` makes
/// if it names none any more.
fn role(account: &AccountId, desired: &Desired, stack: &StackContext) -> Option<RoleArn> {
    let named = desired
        .consumers
        .accounts
        .iter()
        .find(|one| one.id == *account);
    let usual = || {
        format!(
            "arn:{}:iam::{account}:role/goldsmith-{}-rebuild",
            stack.partition(),
            stack.environment
        )
        .parse()
        .ok()
    };
    named
        .and_then(|one| Some(one.rebuild.as_ref()?.role.clone()))
        .or_else(usual)
}

/// Whether these tags are of something that was made for a build of this recipe's images.
pub(super) fn is_about(tags: &Tags, name: &RecipeName, desired: &Desired) -> bool {
    let of_recipe = tags
        .get(RECIPENAME_TAG)
        .and_then(|of| of.parse::<RecipeName>().ok());
    of_recipe.is_some_and(|of| of.folded() == name.folded())
        && tags.contains_key(REBUILD_OF_TAG)
        && is_owned(tags, &desired.environment)
}

/// Whether something with these tags belongs to the same build as something with those.
fn same(one: &Tags, other: &Tags) -> bool {
    [REBUILD_OF_TAG, DIGEST_TAG, REBUILD_ATTEMPT_TAG]
        .iter()
        .all(|key| one.get(*key) == other.get(*key))
}

impl<'a> Planner<'a> {
    /// Starts builds, once the pipeline names their places; what finds no room there waits for its turn.
    pub(super) fn begin(&mut self, job: &Job, builds: Vec<RebuildImage>) {
        let mut places = job.begun.clone();
        let mut begins = Vec::new();
        for mut build in builds {
            let place = build.place();
            let fits = places.contains(&place) || places.len() < MOST_PLACES;
            let state = if fits {
                "asked for"
            } else {
                "to be asked for when others have ended"
            };
            let (account, image, state) = (
                build.account.clone(),
                job.image.arn.clone(),
                state.to_owned(),
            );
            self.wait(
                &job.name,
                Waiting::Rebuild {
                    account,
                    image,
                    state,
                },
            );
            if fits {
                places.insert(place);
                build.after = self.let_build(&build);
                begins.push(build);
            }
        }
        if places != job.begun {
            self.name_places(&job.pipeline, &places, Vec::new());
        }
        for build in begins {
            self.change(Change::Rebuild(Box::new(build)));
        }
    }

    /// Deletes what was made for builds that ended, or were never started.
    pub(super) fn clean_up_rebuilds(&mut self) {
        for pipeline in owned(self.desired, &self.observed.pipelines) {
            let Some(name) = pipeline.recipename() else {
                continue;
            };
            let mut named = begun(pipeline);
            named.extend(self.starting(&pipeline.arn).map(RebuildImage::place));
            let places: BTreeSet<Target> = named.iter().cloned().chain(self.found(&name)).collect();
            let mut left = places.clone();
            let mut cleaned = Vec::new();
            for place in &places {
                if let Some(target) = self.clean_up_rebuilds_in(pipeline, &name, place) {
                    left.remove(place);
                    cleaned.extend(target.into_iter().map(|target| (place.clone(), target)));
                }
            }
            // What is clean already waits for no clean-up, which may fail.
            let (cleaning, after): (BTreeSet<Target>, Vec<String>) = cleaned.into_iter().unzip();
            let for_now: BTreeSet<Target> = left.union(&cleaning).cloned().collect();
            if for_now != named {
                self.name_places(&pipeline.arn, &for_now, Vec::new());
            }
            if left != for_now {
                self.name_places(&pipeline.arn, &left, after);
            }
        }
    }

    fn name_places(
        &mut self,
        pipeline: &PipelineArn,
        places: &BTreeSet<Target>,
        after: Vec<String>,
    ) {
        let (arn, tags) = (pipeline.clone(), tag(places));
        self.change(Change::TagPipeline(TagPipeline { arn, tags, after }));
    }

    /// The places in which something of a recipe was seen, whether they are named or not: of two runs at the
    /// same time, the tag of the first is lost.
    fn found(&self, name: &RecipeName) -> impl Iterator<Item = Target> {
        let seen = self
            .observed
            .rebuilds
            .iter()
            .flat_map(|(account, regions)| {
                regions.iter().map(move |(region, seen)| {
                    (
                        Target {
                            account: account.clone(),
                            region: region.clone(),
                        },
                        seen,
                    )
                })
            });
        seen.filter(|(_, seen)| match seen {
            Rebuilds::Seen { resources, .. } => resources
                .iter()
                .any(|resource| is_about(&resource.tags, name, self.desired)),
            Rebuilds::Unseen(_) => false,
        })
        .map(|(place, _)| place)
    }

    /// The builds that this plan starts of a pipeline's images.
    fn starting(&self, pipeline: &PipelineArn) -> impl Iterator<Item = &RebuildImage> {
        let builds = self.plan.changes.iter().filter_map(Change::builds_again);
        builds.filter(move |build| build.pipeline == *pipeline)
    }

    /// Deletes what is not needed in a place; the targets of the changes, or none as long as something is
    /// needed there or cannot be seen.
    fn clean_up_rebuilds_in(
        &mut self,
        pipeline: &Pipeline,
        name: &RecipeName,
        place: &Target,
    ) -> Option<Vec<String>> {
        let role = role(&place.account, self.desired, self.stack)?;
        let (images, resources) = self.seen_there(name, place, &role)?;
        let about = resources
            .iter()
            .filter(|resource| is_about(&resource.tags, name, self.desired));
        let (needed, idle): (Vec<&Resource>, Vec<&Resource>) =
            about.partition(|resource| self.is_needed(&pipeline.arn, &resource.tags, images));
        let mut arns: Vec<String> = idle
            .into_iter()
            .map(|resource| resource.arn.clone())
            .collect();
        arns.sort();
        let starts = self
            .starting(&pipeline.arn)
            .any(|build| build.place() == *place);
        // The recipe is made last and deleted first; whether its image keeps it is not documented, so that one
        // which is left alone stays.
        let deletes = arns.iter().any(|arn| !arn.contains(":image-recipe/"));
        let target = deletes.then(|| self.delete_there(name, place, role, arns));
        (needed.is_empty() && !starts).then(|| target.into_iter().collect())
    }

    /// What is in a place; none, which is told, if we could not look.
    fn seen_there(
        &mut self,
        name: &RecipeName,
        place: &Target,
        role: &RoleArn,
    ) -> Option<(&'a [Image], &'a [Resource])> {
        match self.observed.rebuilds_in(place) {
            Some(Rebuilds::Seen { images, resources }) => return Some((images, resources)),
            Some(Rebuilds::Unseen(reason)) => self.left_there(name, place, role, reason),
            None => self.wait(name, Waiting::Observation(name.clone())),
        }
        None
    }

    fn delete_there(
        &mut self,
        name: &RecipeName,
        place: &Target,
        role: RoleArn,
        arns: Vec<String>,
    ) -> String {
        let Target { account, region } = place.clone();
        let change = Change::CleanUpRebuild(CleanUpRebuild {
            recipename: name.clone(),
            account,
            region,
            role,
            arns,
        });
        let target = change.target();
        self.change(change);
        target
    }

    /// Tells that an account does not let us clean up, if it is not told that it lets us do nothing.
    fn left_there(&mut self, name: &RecipeName, place: &Target, role: &RoleArn, reason: &str) {
        let builds = |why: &Refused| matches!(why, Refused::RebuildRole { account, .. } if *account == place.account);
        if !self
            .plan
            .refused
            .iter()
            .any(|(of, why)| *of == name.to_string() && builds(why))
        {
            let Target { account, region } = place.clone();
            let (role, reason) = (role.clone(), reason.to_owned());
            self.refuse(
                name,
                Refused::RebuildLeft {
                    account,
                    region,
                    role,
                    reason,
                },
            );
        }
    }

    /// Whether a build with these tags runs, or is started by this plan.
    fn is_needed(&self, pipeline: &PipelineArn, tags: &Tags, images: &[Image]) -> bool {
        let runs = |image: &Image| {
            matches!(
                image.state,
                ImageState::Running(_) | ImageState::Unrecognized(_)
            )
        };
        images
            .iter()
            .any(|image| runs(image) && same(&image.tags, tags))
            || self.starting(pipeline).any(|build| same(&build.tags, tags))
    }
}

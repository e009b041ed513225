//! How the factory is, whatever a run did: what an hour measures, and alarms watch.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desired::Desired;
use crate::names::RecipeName;
use crate::observed::{Image, ImageState, Observed, Pipeline};
use crate::{bucket_policy, key_policy};

/// What an hour measures. Each is the worst of its kind, so that one alarm watches all recipes or policies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Health {
    /// Days since a recipe of the schedule was last built with success. A recipe that never was does not count here.
    pub days_without_build: u64,
    /// Builds of one recipe that failed or were cancelled since its last good one.
    pub failures_in_a_row: u64,
    /// Percent of what KMS or S3 takes that the policy of a key, or of the output bucket, has.
    pub policy_percent: u64,
}

impl Health {
    /// What `observed` tells of the recipes of `desired`.
    pub fn of(desired: &Desired, observed: &Observed) -> Self {
        let scheduled = desired.scheduled.iter().map(|scheduled| &scheduled.name);
        let without_build = scheduled.filter_map(|name| days_without_build(name, observed));
        let entries = desired.recipes.iter();
        let in_a_row = entries.map(|entry| failures_in_a_row(&entry.name, observed));
        Self {
            days_without_build: without_build.max().unwrap_or_default(),
            failures_in_a_row: in_a_row.max().unwrap_or_default(),
            policy_percent: policy_percent(observed),
        }
    }
}

fn days_without_build(name: &RecipeName, observed: &Observed) -> Option<u64> {
    let good = builds(name, observed).filter(|image| image.state == ImageState::Available);
    let newest: Timestamp = good.filter_map(|image| image.created).max()?;
    let hours = observed.time.duration_since(newest).as_hours();
    Some(u64::try_from(hours).unwrap_or_default() / 24)
}

/// By the time at which builds began: a version that a document went back to has lower numbers.
fn failures_in_a_row(name: &RecipeName, observed: &Observed) -> u64 {
    let mut ended: Vec<&Image> = builds(name, observed).collect();
    ended.retain(|image| !matches!(image.state, ImageState::Running(_)));
    ended.sort_by_key(|image| image.created);
    let has_failed =
        |image: &&&Image| matches!(image.state, ImageState::Failed | ImageState::Cancelled);
    ended.iter().rev().take_while(has_failed).count() as u64
}

/// The builds of a recipe, by its pipeline's name: all versions of it together.
fn builds<'a>(name: &RecipeName, observed: &'a Observed) -> impl Iterator<Item = &'a Image> {
    let of_recipe = |pipeline: &&Pipeline| pipeline.recipename().as_ref() == Some(name);
    let pipeline = observed.pipelines.iter().find(of_recipe);
    let slug = pipeline.and_then(|pipeline| pipeline.arn.as_str().rsplit('/').next());
    let images = observed.images.iter();
    images.filter(move |image| Some(image.arn.slug()) == slug)
}

fn policy_percent(observed: &Observed) -> u64 {
    let keys = [&observed.key_policy].into_iter();
    let keys = keys.chain(observed.further_key_policies.values());
    let keys = keys.map(|policy| policy.len() * 100 / key_policy::LARGEST_POLICY);
    let bucket = observed.bucket_policy.len() * 100 / bucket_policy::LARGEST_POLICY;
    keys.chain([bucket]).max().unwrap_or_default() as u64
}

//! The plan: what to change, what to wait for, and what to refuse, from what is wanted and what is.
//!
//! Entry point: [`plan`]. It is total and pure: the same arguments give the same plan, on the pull
//! request and in the function. The order of its changes is safe at every prefix: whatever is cut
//! off, the next run ends in the same world.

mod base;
mod change;
mod content;
mod copies;
mod delivery;
mod digests;
mod hard;
mod images;
mod inputs;
mod keys;
pub mod look;
mod moving;
mod preflight;
pub mod quota;
mod reason;
mod rebuild;
mod recipe;
mod sharing;
mod stack;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use self::base::AsParent;
pub use change::Change;
pub use copies::wants_copies;
pub use delivery::{
    COPIES_OF_TAG, CleanUpRebuild, DistributeImage, LaunchPermissions, PUBLISHED_COPIES_TAG,
    PublishCopies, PublishedCopy, PutBucketPolicy, Quarantine, REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG,
    REBUILDING_TAG, REBUILT_TAG, RETRIES_TAG, RebuildImage, RetryImage, RevokeGrant,
};
pub use hard::LICENCE_TAG;
pub use images::{PUBLISHED_TAG, token};
pub use inputs::{
    ComponentWithParameters, Configured, CreateComponent, CreatePipeline, CreateRecipe,
    EncryptedDevice, Publish, PutKeyPolicy, RecipeComponent, StartBuild, TagPipeline,
    UpdatePipeline,
};
pub use reason::{Refused, Waiting};
pub use recipe::pipeline_arn;

use crate::arn::{ComponentBuildArn, ImageArn, Version};
use crate::desired::Desired;
use crate::document;
use crate::licence::Licence;
use crate::names::{KeyArn, Region};
use crate::observed::{Catalog, Observed, Pipeline};
use crate::problem::Problem;
use crate::stack::StackContext;

/// What to do about the difference between documents and world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Mutations, in an order that is safe at every prefix.
    pub changes: Vec<Change>,
    /// What will be right later, with what it is about.
    pub waiting: Vec<(String, Waiting)>,
    /// What needs a person, with what it is about.
    pub refused: Vec<(String, Refused)>,
}

/// The next safe steps from `observed` to `desired`.
///
/// Assumption: `observed.catalog` is there if [`look::needs_catalog`] says so; without it, what would
/// need it is not planned.
pub fn plan(desired: &Desired, observed: &Observed, stack: &StackContext) -> Plan {
    let served = desired.without(&keys::unknown(desired, observed, stack));
    let mut planner = Planner::new(&served, observed, stack);
    if desired.environment == stack.environment {
        planner.quarantined(desired);
        planner.stack();
        planner.recipes();
        planner.share();
        planner.rebuild();
        planner.readers();
        planner.forgotten();
        // Who leaves loses the key last: after distribution, launch permissions and grants.
        planner.withdraw();
        planner.expel();
        planner.clean_up();
        planner.pause();
    } else {
        let documents = desired.environment.clone();
        let refused = Refused::Environment {
            documents,
            stack: stack.environment.clone(),
        };
        planner.refuse(document::ENVIRONMENT, refused);
    }
    planner.plan
}

/// The plan while documents are missing: to wait for them.
pub fn awaiting(documents: &[String]) -> Plan {
    let waiting = documents
        .iter()
        .map(|key| (key.clone(), Waiting::Document(key.clone())));
    Plan {
        waiting: waiting.collect(),
        ..Plan::default()
    }
}

/// The documents that may not be acted upon although they parsed: one of another environment, and one
/// that schedules what is nowhere.
pub fn refused_documents(
    desired: &Desired,
    pipelines: &[Pipeline],
    stack: &StackContext,
) -> BTreeSet<String> {
    let environment = (desired.environment != stack.environment).then_some(document::ENVIRONMENT);
    let unknown = !unknown_scheduled(desired, pipelines).is_empty();
    let scheduled = unknown.then_some(document::AMI_VERSIONS);
    environment
        .into_iter()
        .chain(scheduled)
        .map(str::to_owned)
        .collect()
}

/// Scheduled names that are neither in `ami-version` nor a pipeline of ours.
pub fn unknown_scheduled(desired: &Desired, pipelines: &[Pipeline]) -> Vec<Problem> {
    let known: BTreeSet<String> = desired
        .recipes
        .iter()
        .map(|entry| entry.name.folded())
        .chain(
            owned(desired, pipelines)
                .filter_map(Pipeline::recipename)
                .map(|name| name.folded()),
        )
        .collect();
    let unknown = desired
        .scheduled
        .iter()
        .filter(|scheduled| !known.contains(&scheduled.name.folded()));
    unknown
        .map(|scheduled| {
            let expected = "a recipename of ami-version, or a recipe that still has a pipeline";
            let problem = scheduled.place.problem(scheduled.name.as_str(), expected);
            match document::nearest(scheduled.name.as_str(), known.iter().map(String::as_str)) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            }
        })
        .collect()
}

/// The pipelines that belong to the documents' environment.
fn owned<'a>(desired: &Desired, pipelines: &'a [Pipeline]) -> impl Iterator<Item = &'a Pipeline> {
    pipelines
        .iter()
        .filter(|pipeline| pipeline.is_owned(&desired.environment))
}

/// A plan in the making.
struct Planner<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    stack: &'a StackContext,
    plan: Plan,
    /// The component builds that this plan uses, by name: each is created at most once.
    components: BTreeMap<String, ComponentBuildArn>,
    /// What the recipes planned so far are to those that are built on them, by folded name.
    as_parents: BTreeMap<String, AsParent>,
    /// The licences of the recipe versions planned so far whose base was seen, by folded name and version.
    licences: BTreeMap<(String, Version), Licence>,
    /// The images that copies are missing of and that are not copied, whatever was begun.
    barred: BTreeSet<ImageArn>,
    /// The images that accounts build again.
    jobs: Vec<rebuild::Job>,
    /// Whose copies the keys whose policies were read let nobody make.
    closed: BTreeMap<KeyArn, keys::Closed>,
    /// Further Regions that images cannot be copied to, with the reason.
    unusable: BTreeMap<Region, String>,
}

impl<'a> Planner<'a> {
    fn new(desired: &'a Desired, observed: &'a Observed, stack: &'a StackContext) -> Self {
        let unusable = preflight::unusable_regions(desired, &observed.facts);
        Self {
            desired,
            observed,
            stack,
            plan: Plan::default(),
            components: BTreeMap::new(),
            as_parents: BTreeMap::new(),
            licences: BTreeMap::new(),
            barred: BTreeSet::new(),
            jobs: Vec::new(),
            closed: BTreeMap::new(),
            unusable,
        }
    }

    /// Keeps every change back but the revocation of access, if the documents say so.
    fn pause(&mut self) {
        if !self.desired.pause {
            return;
        }
        let (revoking, held): (Vec<_>, Vec<_>) = std::mem::take(&mut self.plan.changes)
            .into_iter()
            .partition(Change::revokes);
        self.plan.changes = revoking;
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for change in &held {
            *counts.entry(change.kind()).or_default() += 1;
        }
        if !counts.is_empty() {
            self.wait(document::ENVIRONMENT, Waiting::Paused(counts));
        }
    }

    /// Tells who is left out because KMS does not take them as principals.
    fn quarantined(&mut self, desired: &Desired) {
        for (account, reason) in &self.observed.quarantined {
            if desired
                .consumers
                .accounts
                .iter()
                .any(|consumer| consumer.id == *account)
            {
                let (account, reason) = (account.clone(), reason.clone());
                self.refuse(&account.clone(), Refused::Quarantined { account, reason });
            }
        }
    }

    fn change(&mut self, change: Change) {
        self.plan.changes.push(change);
    }

    fn wait(&mut self, subject: &(impl ToString + ?Sized), reason: Waiting) {
        self.plan.waiting.push((subject.to_string(), reason));
    }

    fn refuse(&mut self, subject: &(impl ToString + ?Sized), reason: Refused) {
        let refused = (subject.to_string(), reason);
        if !self.plan.refused.contains(&refused) {
            self.plan.refused.push(refused);
        }
    }

    fn catalog(&self) -> Option<&'a Catalog> {
        self.observed.catalog.as_ref()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            changes,
            waiting,
            refused,
        } = self;
        for change in changes {
            writeln!(f, "change  {change}")?;
        }
        for (subject, reason) in waiting {
            writeln!(f, "waiting {subject}: {reason}")?;
        }
        for (subject, reason) in refused {
            writeln!(f, "refused {subject}: {reason}")?;
        }
        Ok(())
    }
}

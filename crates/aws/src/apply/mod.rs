//! Applies a plan: one mutation after the other, in the plan's order.
//!
//! Guarantees: a change is attempted at most once. A change that needs what a failed one provides is not
//! attempted. If a run is interrupted, the next run's plan continues from there.

mod component;
mod delivery;
mod distribution;
mod imagebuilder;
mod rebuild;
mod rule;

use std::collections::BTreeMap;

use goldsmith_domain::plan::{Action, Change, Plan, Resource};
use goldsmith_domain::report::Entry;

pub use imagebuilder::start_build;

use crate::fault::{CallError, Fault, chain};
use crate::publication::{self, copies};
use crate::tagging::tag;
use crate::{Aws, bucket_policy, key_policy};

/// What came of a plan.
#[derive(Debug, Default)]
pub struct Applied {
    /// Changes made.
    pub changes: Vec<Entry>,
    /// Changes that failed.
    pub failed: Vec<Entry>,
    /// Changes not attempted.
    pub not_attempted: Vec<Entry>,
    /// Changes made that cannot be seen yet.
    pub unconfirmed: Vec<Entry>,
    /// Whether something changed since it was observed, so that the run looks again at once.
    pub conflict: bool,
    /// What another run holds at the moment, so that a person's run is worth repeating.
    pub busy: Option<String>,
    /// Whether a temporary error occurred, so that the same event is worth a retry.
    pub transient: bool,
}

/// Describes a resource that a change failed to provide.
const NOT_MADE: &str = "was not made";
/// Describes a target that cannot be read back yet.
const NOT_SEEN: &str = "cannot be seen yet";

/// Carries out `plan` as far as AWS lets it.
pub async fn apply(aws: &Aws, plan: &Plan) -> Applied {
    let mut applied = Applied::default();
    let mut missing = BTreeMap::new();
    let mut stopped = None;
    for change in &plan.changes {
        if let Some(reason) = stopped.clone().or_else(|| blocked(change, &missing)) {
            missing.extend(change.provides.clone().map(|resource| (resource, NOT_MADE)));
            applied
                .not_attempted
                .push(Entry::change(change).because(&reason));
            continue;
        }
        match make(aws, change).await {
            Ok(()) => applied.changes.push(Entry::change(change)),
            Err(error) => {
                let unseen = error.fault == Fault::Unconfirmed;
                let why = if unseen { NOT_SEEN } else { NOT_MADE };
                missing.extend(change.provides.clone().map(|resource| (resource, why)));
                stopped = (error.fault == Fault::Throttled)
                    .then(|| format!("stopped, because {}", chain(&error)));
                applied.record(change, &error);
            }
        }
    }
    applied
}

impl Applied {
    fn record(&mut self, change: &Change, error: &CallError) {
        let (kind, target) = (change.kind(), change.target());
        let reason = chain(error);
        let entry = Entry::change(change).because(&reason);
        self.transient |= error.fault.is_temporary();
        if error.fault == Fault::Unconfirmed {
            tracing::info!(
                change.kind = kind,
                change.target = target,
                "made, and not seen yet"
            );
            self.unconfirmed.push(entry);
        } else if matches!(error.fault, Fault::Conflict | Fault::Busy) {
            tracing::info!(
                change.kind = kind,
                change.target = target,
                error = reason,
                "overtaken by another run"
            );
            self.conflict |= error.fault == Fault::Conflict;
            if error.fault == Fault::Busy {
                self.busy.get_or_insert(reason);
            }
            self.not_attempted.push(entry);
        } else {
            tracing::warn!(
                change.kind = kind,
                change.target = target,
                error = reason,
                "change failed"
            );
            self.failed.push(entry);
        }
    }
}

/// Why a change is not attempted after what failed.
fn blocked(change: &Change, missing: &BTreeMap<Resource, &str>) -> Option<String> {
    let mut needs = change.needs.iter();
    let (needed, why) = needs.find_map(|needed| Some((needed, missing.get(needed)?)))?;
    Some(format!("it needs {needed}, which {why}"))
}

async fn make(aws: &Aws, change: &Change) -> Result<(), CallError> {
    match &change.action {
        Action::GrantKeyAccess(change) | Action::RevokeKeyAccess(change) => {
            key_policy::put(aws, change).await
        }
        Action::PutRule(rule) => rule::put(aws, rule).await,
        Action::CreateComponent(change) => component::create(aws, change).await,
        Action::CreateInfrastructure(change) => {
            imagebuilder::create_infrastructure(aws, change).await
        }
        Action::UpdateInfrastructure(change) => {
            imagebuilder::update_infrastructure(aws, change).await
        }
        Action::CreateDistribution(change) => distribution::create_distribution(aws, change).await,
        Action::UpdateDistribution(change) => distribution::update_distribution(aws, change).await,
        Action::CreateRecipe(change) => imagebuilder::create_recipe(aws, change).await,
        Action::CreatePipeline(change) => imagebuilder::create_pipeline(aws, change).await,
        Action::UpdatePipeline(change) => imagebuilder::update_pipeline(aws, change).await,
        Action::TagPipeline(change) => tag(aws, change.arn.as_str(), &change.tags).await,
        Action::Publish(change) => published(publication::publish(aws, change).await?),
        Action::StartBuild(change) => start_build(aws, change).await.map(drop),
        Action::PutBucketPolicy(change) => bucket_policy::put(aws, change).await,
        Action::Share(change) => delivery::share(aws, change).await,
        Action::Withdraw(change) => delivery::withdraw(aws, change).await,
        Action::RevokeGrant(change) => delivery::revoke_grant(aws, change).await,
        Action::DistributeImage(change) => delivery::distribute(aws, change).await,
        Action::RetryImage(change) => delivery::retry(aws, change).await,
        Action::DeleteDistribution(arn) => distribution::delete_distribution(aws, arn).await,
        Action::PublishCopies(change) => copies::publish(aws, change).await,
        Action::Rebuild(change) => Box::pin(rebuild::rebuild(aws, change))
            .await
            .map_err(CallError::elsewhere),
        Action::CleanUpRebuild(change) => rebuild::clean_up(aws, change)
            .await
            .map_err(CallError::elsewhere),
    }
}

/// A publication that a newer one has replaced is not made.
fn published(outcome: publication::Outcome) -> Result<(), CallError> {
    match outcome {
        publication::Outcome::Published => Ok(()),
        publication::Outcome::Superseded => Err(publication::superseded()),
    }
}

/// A resource to delete that is gone already is as it should be.
fn ignore_not_found(answer: Result<(), CallError>) -> Result<(), CallError> {
    match answer {
        Err(error) if error.fault == Fault::NotFound => Ok(()),
        other => other,
    }
}

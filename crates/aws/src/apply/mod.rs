//! Applies a plan: one mutation after the other, in the plan's order.
//!
//! Guarantees: a change is attempted at most once. A change that needs the target of a failed one is not
//! attempted. If a run is interrupted, the next run's plan continues from there.

mod delivery;
mod distribution;
mod imagebuilder;
mod rebuild;

use std::collections::BTreeMap;

use goldsmith_domain::plan::{Change, Plan};
use goldsmith_domain::report::Entry;

pub use imagebuilder::start_build;
pub(crate) use imagebuilder::tag;

use crate::fault::{CallError, Fault, chain};
use crate::publication::{self, copies};
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
    /// Whether a temporary error occurred, so that the same event is worth a retry.
    pub transient: bool,
}

/// Describes a target whose change failed.
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
            missing.insert(change.target(), NOT_MADE);
            applied
                .not_attempted
                .push(Entry::change(change).because(&reason));
            continue;
        }
        match make(aws, change).await {
            Ok(()) => applied.changes.push(Entry::change(change)),
            Err(error) => {
                let unseen = error.fault == Fault::Unconfirmed;
                missing.insert(change.target(), if unseen { NOT_SEEN } else { NOT_MADE });
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
fn blocked(change: &Change, missing: &BTreeMap<String, &str>) -> Option<String> {
    let needed = change
        .needs()
        .into_iter()
        .find(|target| missing.contains_key(target))?;
    Some(format!("it needs {needed}, which {}", missing[&needed]))
}

async fn make(aws: &Aws, change: &Change) -> Result<(), CallError> {
    match change {
        Change::PutKeyPolicy(change) => key_policy::put(aws, change).await,
        Change::PutRule(rule) => put_rule(aws, rule).await,
        Change::CreateComponent(change) => imagebuilder::create_component(aws, change).await,
        Change::CreateInfrastructure(change) => {
            imagebuilder::create_infrastructure(aws, change).await
        }
        Change::UpdateInfrastructure(change) => {
            imagebuilder::update_infrastructure(aws, change).await
        }
        Change::CreateDistribution(change) => distribution::create_distribution(aws, change).await,
        Change::UpdateDistribution(change) => distribution::update_distribution(aws, change).await,
        Change::CreateRecipe(change) => imagebuilder::create_recipe(aws, change).await,
        Change::CreatePipeline(change) => imagebuilder::create_pipeline(aws, change).await,
        Change::UpdatePipeline(change) => imagebuilder::update_pipeline(aws, change).await,
        Change::TagPipeline(change) => {
            imagebuilder::tag(aws, change.arn.as_str(), &change.tags).await
        }
        Change::Publish(change) => publication::publish(aws, change).await.map(drop),
        Change::StartBuild(change) => start_build(aws, change).await.map(drop),
        Change::PutBucketPolicy(change) => bucket_policy::put(aws, change).await,
        Change::Share(change) => delivery::share(aws, change).await,
        Change::Withdraw(change) => delivery::withdraw(aws, change).await,
        Change::RevokeGrant(change) => delivery::revoke_grant(aws, change).await,
        Change::DistributeImage(change) => delivery::distribute(aws, change).await,
        Change::RetryImage(change) => delivery::retry(aws, change).await,
        Change::DeleteDistribution(arn) => distribution::delete_distribution(aws, arn).await,
        Change::PublishCopies(change) => copies::publish(aws, change).await,
        Change::Rebuild(change) => Box::pin(rebuild::rebuild(aws, change))
            .await
            .map_err(CallError::elsewhere),
        Change::CleanUpRebuild(change) => rebuild::clean_up(aws, change)
            .await
            .map_err(CallError::elsewhere),
    }
}

/// A resource to delete that is gone already is as it should be.
fn ignore_not_found(answer: Result<(), CallError>) -> Result<(), CallError> {
    match answer {
        Err(error) if error.fault == Fault::NotFound => Ok(()),
        other => other,
    }
}

/// Replaces the build rule with everything that was observed: `PutRule` removes what it is not given.
async fn put_rule(aws: &Aws, rule: &goldsmith_domain::observed::Rule) -> Result<(), CallError> {
    let call = aws
        .events
        .put_rule()
        .name(&rule.name)
        .set_schedule_expression(rule.schedule.clone())
        .set_event_pattern(rule.event_pattern.clone())
        .set_description(rule.description.clone())
        .set_role_arn(rule.role_arn.clone())
        .set_state(rule.state.as_deref().map(Into::into));
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("events:PutRule", error))
}

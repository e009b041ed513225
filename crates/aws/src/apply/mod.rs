//! Applies a plan, in the order of `order`.
//!
//! Guarantees: a change is attempted at most once. A change that needs what a failed one provides is not
//! attempted, and after a used-up quota nothing more that takes of it. If a run is interrupted, the next run's
//! plan continues from there.

mod component;
mod delivery;
mod distribution;
mod failures;
mod imagebuilder;
mod instances;
mod labels;
mod order;
mod rebuild;
mod rule;

use goldsmith_domain::plan::quota::Limit;
use goldsmith_domain::plan::{Action, Change, Plan};
use goldsmith_domain::report::Entry;

pub use imagebuilder::start_build;

use self::order::Ended;

use crate::fault::{CallError, Fault, chain};
use crate::publication::{self, copies};
use crate::tagging::tag;
use crate::{Aws, Deadline, bucket_policy, key_policy};

/// What came of a plan.
#[derive(Debug, Default)]
pub struct Applied {
    /// Changes made.
    pub changes: Vec<Entry>,
    /// Changes that failed.
    pub failed: Vec<Entry>,
    /// Changes not attempted.
    pub not_attempted: Vec<Entry>,
    /// Changes that were made and cannot be seen yet, or that a quota has no room for at the moment.
    pub waiting: Vec<Entry>,
    /// Whether something changed since it was observed, so that the run looks again at once.
    pub conflict: bool,
    /// What another run holds at the moment, so that a person's run is worth repeating.
    pub busy: Option<String>,
    /// Whether a temporary error occurred, so that the same event is worth a retry.
    pub transient: bool,
    /// Whether something was not attempted because the run's time was nearly over.
    pub out_of_time: bool,
}

/// Carries out `plan` as far as AWS lets it.
pub async fn apply(aws: &Aws, plan: &Plan) -> Applied {
    apply_until(aws, plan, Deadline::default()).await
}

/// Carries out `plan` as far as AWS lets it, and begins nothing more shortly before `deadline`.
pub async fn apply_until(aws: &Aws, plan: &Plan, deadline: Deadline) -> Applied {
    let mut applied = Applied::default();
    let ended = order::carry_out(aws, &plan.changes, deadline).await;
    for (change, ended) in plan.changes.iter().zip(ended) {
        let entry = Entry::change(change);
        match ended {
            Ended::Made => applied.changes.push(entry),
            Ended::NotAttempted(reason) => applied.not_attempted.push(entry.because(&reason)),
            Ended::OutOfTime => {
                applied.out_of_time = true;
                applied.not_attempted.push(entry.because(OUT_OF_TIME));
            }
            Ended::WithoutRoom(quota) => applied.waiting.push(entry.because(&no_room(quota))),
            Ended::Failed(error) => applied.record(change, &error),
        }
    }
    applied
}

/// Why a change was not attempted for which no time was left.
const OUT_OF_TIME: &str = "the run's time was nearly over; the next run goes on at once";

/// Why a change waits that a quota has no room for at the moment.
fn no_room(quota: Limit) -> String {
    let name = quota.name;
    format!("there is no room in the quota of {name}; a later run makes it as soon as there is")
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
            self.waiting.push(entry);
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
        Action::CleanUpImage(change) => failures::clean_up(aws, change).await,
        Action::LabelImage(change) => labels::label(aws, change).await,
        Action::EndInstance(change) => instances::end(aws, change).await,
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

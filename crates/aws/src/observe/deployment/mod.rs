//! Compares what the deployment made with what infra/template.yaml says, as far as everything else depends on it.
//!
//! A rule that is disabled or a notification that is gone makes no noise of its own: nothing happens any more.

mod bucket;
mod functions;
mod keys;
mod profile;
mod rules;
mod topic;

use futures_util::future::join_all;
use goldsmith_domain::deployment::{Function, StackRule};
use goldsmith_domain::observed::DeploymentFault;

use crate::Aws;
use crate::fault::{CallError, Fault, chain};

/// What was found so far of one part, and how many calls that took.
struct Inspection<'a> {
    aws: &'a Aws,
    found: Inspected,
    calls: usize,
}

/// What is not as the deployment made it.
#[derive(Debug)]
pub(super) struct Inspected {
    /// What only a deployment mends.
    pub faults: Vec<DeploymentFault>,
    /// Whether the build rule invokes what it should, as far as one can see; reconcile mends that.
    pub build_rule_has_target: bool,
}

/// What is not as the deployment made it. What cannot be read is left out: people's roles see less.
pub(super) async fn read(aws: &Aws) -> Inspected {
    let rules = [StackRule::Hourly, StackRule::ImageEvents]
        .map(|rule| inspect(aws, async move |one| one.rule(rule).await));
    let functions =
        Function::ALL.map(|function| inspect(aws, async move |one| one.function(function).await));
    let (rules, functions, build_rule, bucket, topic, image_key, signing_key, profile) = tokio::join!(
        join_all(rules),
        join_all(functions),
        inspect(aws, async |one| one.build_rule().await),
        inspect(aws, async |one| one.notifications().await),
        inspect(aws, async |one| one.topic().await),
        inspect(aws, async |one| one.image_key().await),
        inspect(aws, async |one| one.signing_key().await),
        inspect(aws, async |one| one.instance_profile().await),
    );
    let others = [build_rule, bucket, topic, image_key, signing_key, profile];
    let all = rules.into_iter().chain(functions).chain(others);
    all.fold(Inspected::default(), Inspected::and)
}

/// What one part is not.
async fn inspect<'a>(aws: &'a Aws, look: impl AsyncFnOnce(&mut Inspection<'a>)) -> Inspected {
    let mut inspection = Inspection {
        aws,
        found: Inspected::default(),
        calls: 0,
    };
    look(&mut inspection).await;
    aws.count_drift_calls(inspection.calls);
    inspection.found
}

impl Default for Inspected {
    fn default() -> Self {
        Self {
            faults: Vec::new(),
            build_rule_has_target: true,
        }
    }
}

impl Inspected {
    fn and(mut self, other: Self) -> Self {
        self.faults.extend(other.faults);
        self.build_rule_has_target &= other.build_rule_has_target;
        self
    }
}

impl Inspection<'_> {
    fn fault(&mut self, resource: &str, fault: impl Into<String>) {
        self.found.faults.push(DeploymentFault {
            resource: resource.to_owned(),
            fault: fault.into(),
            hint: None,
        });
    }

    /// The answer to a call; none if it fails. What only informs must keep nothing else from being done: IAM,
    /// for example, is one service for all Regions.
    fn allowed<T>(&mut self, answer: Result<T, CallError>) -> Option<T> {
        self.calls += 1;
        answer
            .inspect_err(|error| {
                let error = chain(error);
                tracing::warn!(error, "a part of the deployment is not compared");
            })
            .ok()
    }

    /// What `read` makes of an answer, where that the thing is not there is an answer, too.
    fn existing<T, R>(
        &mut self,
        answer: Result<T, CallError>,
        read: impl FnOnce(Option<T>) -> R,
    ) -> Option<R> {
        let answer = match answer {
            Err(error) if error.fault == Fault::NotFound => Ok(None),
            other => other.map(Some),
        };
        self.allowed(answer).map(read)
    }
}

//! Compares what the deployment made with what infra/template.yaml says, as far as everything else depends on it.
//!
//! A rule that is disabled or a notification that is gone makes no noise of its own: nothing happens any more.

mod bucket;
mod functions;
mod keys;
mod profile;
mod rules;
mod topic;

use goldsmith_domain::observed::DeploymentFault;

use crate::Aws;
use crate::fault::{CallError, Fault, chain};

/// What was found so far, and how many calls that took.
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
    let mut inspection = Inspection {
        aws,
        found: Inspected {
            faults: Vec::new(),
            build_rule_has_target: true,
        },
        calls: 0,
    };
    inspection.rules().await;
    inspection.functions().await;
    inspection.notifications().await;
    inspection.topic().await;
    inspection.keys().await;
    inspection.instance_profile().await;
    aws.count_drift_calls(inspection.calls);
    inspection.found
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

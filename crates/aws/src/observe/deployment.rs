//! Compares what the deployment made with what infra/template.yaml says, as far as everything else depends on it.
//!
//! A rule that is disabled or a notification that is gone makes no noise of its own: nothing happens any more.

use aws_sdk_eventbridge::types::RuleState;
use aws_sdk_s3::types::{LambdaFunctionConfiguration, S3KeyFilter};
use goldsmith_domain::names::KeyArn;
use goldsmith_domain::observed::DeploymentFault;

use crate::Aws;
use crate::fault::{CallError, Fault, chain};

/// What documents end with; infra/template.yaml has a notification for each.
const SUFFIXES: [&str; 3] = [".json", ".yml", ".yaml"];

/// The faults that were found so far, and how many calls that took.
struct Inspection<'a> {
    aws: &'a Aws,
    faults: Vec<DeploymentFault>,
    calls: usize,
}

/// What is not as the deployment made it. What this role may not read is left out: people's roles see less.
///
/// Errors: a temporary one.
pub(super) async fn read(aws: &Aws) -> Result<Vec<DeploymentFault>, CallError> {
    let mut inspection = Inspection {
        aws,
        faults: Vec::new(),
        calls: 0,
    };
    inspection.rules().await?;
    inspection.notifications().await?;
    inspection.keys().await?;
    aws.count_drift_calls(inspection.calls);
    Ok(inspection.faults)
}

impl Inspection<'_> {
    fn found(&mut self, resource: &str, fault: &str) {
        self.faults.push(DeploymentFault {
            resource: resource.to_owned(),
            fault: fault.to_owned(),
        });
    }

    /// The answer to a call; none if it fails for good, which must keep nothing else from being done.
    fn allowed<T>(&mut self, answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
        self.calls += 1;
        match answer {
            Err(error) if !error.fault.is_temporary() => {
                let error = chain(&error);
                tracing::warn!(error, "a part of the deployment is not compared");
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    async fn rules(&mut self) -> Result<(), CallError> {
        let environment = &self.aws.stack.environment;
        let looks =
            ["hourly", "image-events"].map(|name| format!("goldsmith-{environment}-{name}"));
        for rule in &looks {
            if self.is_enabled(rule).await? == Some(false) {
                self.found(rule, "the rule is disabled or deleted");
            }
        }
        let build = self.aws.resources.build_rule.clone();
        for rule in looks.iter().chain([&build]) {
            if self.has_target(rule).await? == Some(false) {
                self.found(rule, "the rule has no target");
            }
        }
        Ok(())
    }

    async fn is_enabled(&mut self, rule: &str) -> Result<Option<bool>, CallError> {
        let call = self.aws.events.describe_rule().name(rule).send().await;
        let answer = call.map_err(|error| CallError::new("events:DescribeRule", error));
        if matches!(&answer, Err(error) if error.fault == Fault::NotFound) {
            return Ok(Some(false));
        }
        let rule = self.allowed(answer)?;
        Ok(rule.map(|rule| rule.state != Some(RuleState::Disabled)))
    }

    async fn has_target(&mut self, rule: &str) -> Result<Option<bool>, CallError> {
        let call = self.aws.events.list_targets_by_rule().rule(rule).send();
        let answer = call
            .await
            .map_err(|error| CallError::new("events:ListTargetsByRule", error));
        if matches!(&answer, Err(error) if error.fault == Fault::NotFound) {
            return Ok(Some(false));
        }
        let targets = self.allowed(answer)?;
        Ok(targets.map(|answer| !answer.targets().is_empty()))
    }

    async fn notifications(&mut self) -> Result<(), CallError> {
        let bucket = self.aws.resources.document_bucket.clone();
        let call = self.aws.s3.get_bucket_notification_configuration();
        let answer = call
            .bucket(&bucket)
            .send()
            .await
            .map_err(|error| CallError::new("s3:GetBucketNotificationConfiguration", error));
        let Some(found) = self.allowed(answer)? else {
            return Ok(());
        };
        let found = found.lambda_function_configurations();
        for suffix in SUFFIXES.iter().filter(|suffix| !announces(found, suffix)) {
            self.found(&bucket, &format!("uploads of *{suffix} start no run"));
        }
        Ok(())
    }

    async fn keys(&mut self) -> Result<(), CallError> {
        let image_key = self.aws.stack.key.clone();
        if self.rotates(&image_key).await? == Some(false) {
            self.found(image_key.as_str(), "the key is not rotated");
        }
        let signing_key = self.aws.resources.signing_key.clone();
        if self.is_usable(&signing_key).await? == Some(false) {
            self.found(
                signing_key.as_str(),
                "the key cannot be used, so that nothing can be signed",
            );
        }
        Ok(())
    }

    async fn rotates(&mut self, key: &KeyArn) -> Result<Option<bool>, CallError> {
        let call = self.aws.kms.get_key_rotation_status().key_id(key.as_str());
        let answer = call.send().await;
        let answer = answer.map_err(|error| CallError::new("kms:GetKeyRotationStatus", error));
        let status = self.allowed(answer)?;
        Ok(status.map(|status| status.key_rotation_enabled))
    }

    async fn is_usable(&mut self, key: &KeyArn) -> Result<Option<bool>, CallError> {
        let answer = self.aws.kms.describe_key().key_id(key.as_str()).send();
        let answer = answer
            .await
            .map_err(|error| CallError::new("kms:DescribeKey", error));
        let found = self.allowed(answer)?;
        let metadata = found.and_then(|found| found.key_metadata);
        Ok(metadata.map(|key| key.enabled))
    }
}

/// Whether an upload of a key that ends so starts a run.
fn announces(found: &[LambdaFunctionConfiguration], suffix: &str) -> bool {
    found.iter().any(|one| {
        let rules = one
            .filter()
            .and_then(|filter| filter.key())
            .map(S3KeyFilter::filter_rules);
        let value = rules.into_iter().flatten().find_map(|rule| rule.value());
        value.is_none_or(|value| value == suffix)
    })
}

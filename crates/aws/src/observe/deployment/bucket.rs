//! The notifications of the document bucket.

use aws_sdk_s3::types::{Event, LambdaFunctionConfiguration, S3KeyFilter};
use goldsmith_domain::deployment::Function;

use super::Inspection;
use crate::fault::CallError;

/// What documents end with; infra/template.yaml has a notification for each.
const SUFFIXES: [&str; 3] = [".json", ".yml", ".yaml"];

impl Inspection<'_> {
    pub(super) async fn notifications(&mut self) {
        let bucket = self.aws.resources.document_bucket.clone();
        let call = self.aws.s3.get_bucket_notification_configuration();
        let answer = call
            .bucket(&bucket)
            .send()
            .await
            .map_err(|error| CallError::new("s3:GetBucketNotificationConfiguration", error));
        let Some(found) = self.allowed(answer) else {
            return;
        };
        let reconcile = Function::Reconcile.arn(&self.aws.stack);
        let found = found.lambda_function_configurations();
        for suffix in SUFFIXES {
            if !found.iter().any(|one| announces(one, suffix, &reconcile)) {
                self.fault(&bucket, format!("uploads of *{suffix} start no run"));
            }
        }
    }
}

/// Whether an upload of any key that ends so starts a run of `function`.
fn announces(found: &LambdaFunctionConfiguration, suffix: &str, function: &str) -> bool {
    let rules = found
        .filter()
        .and_then(|filter| filter.key())
        .map(S3KeyFilter::filter_rules);
    let every_key = rules.into_iter().flatten().all(|rule| {
        let is_prefix = rule
            .name()
            .is_some_and(|name| name.as_str().eq_ignore_ascii_case("prefix"));
        let value = rule.value().unwrap_or_default();
        value.is_empty() || (!is_prefix && value == suffix)
    });
    let every_upload = found.events().contains(&Event::S3ObjectCreated);
    found.lambda_function_arn() == function && every_upload && every_key
}

//! Reads and replaces the output bucket's policy.

use std::collections::BTreeSet;

use goldsmith_domain::bucket_policy::{BucketPolicy, BucketPolicyError, Readers};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::plan::PutBucketPolicy;

use crate::fault::{CallError, Fault};
use crate::isolate::ReplaceablePolicy;
use crate::{Aws, isolate};

const PUT: &str = "s3:PutBucketPolicy";

/// The policy of the output bucket; an empty text if it has none.
pub(crate) async fn read(aws: &Aws) -> Result<String, CallError> {
    let answer = aws
        .s3
        .get_bucket_policy()
        .bucket(&aws.resources.output_bucket)
        .send()
        .await;
    match answer.map_err(|error| CallError::new("s3:GetBucketPolicy", error)) {
        Err(error) if error.fault == Fault::NotFound => Ok(String::new()),
        other => Ok(other?.policy.unwrap_or_default()),
    }
}

/// Replaces the policy under the lease, if it is still the one that the plan is based on: like a key's
/// policy it has no conditional write.
///
/// Errors: those of [`isolate::replace`].
pub(crate) async fn put(aws: &Aws, change: &PutBucketPolicy) -> Result<(), CallError> {
    let (existing, wanted) = (readers(&change.expected).accounts, readers(&change.policy));
    let write = BucketPolicyWrite {
        aws,
        change,
        existing,
        wanted,
    };
    isolate::replace(aws, &write).await
}

/// A write of the bucket's policy.
struct BucketPolicyWrite<'a> {
    aws: &'a Aws,
    change: &'a PutBucketPolicy,
    existing: BTreeSet<AccountId>,
    wanted: Readers,
}

impl ReplaceablePolicy for BucketPolicyWrite<'_> {
    const PUT: &'static str = PUT;
    const SERVICE: &'static str = "S3";
    const NAME: &'static str = "bucket policy";

    fn resource(&self) -> &str {
        &self.aws.resources.output_bucket
    }

    fn expected(&self) -> &str {
        &self.change.expected
    }

    fn planned(&self) -> &str {
        &self.change.policy
    }

    fn existing(&self) -> BTreeSet<AccountId> {
        self.existing.clone()
    }

    fn wanted(&self) -> BTreeSet<AccountId> {
        self.wanted.accounts.clone()
    }

    fn without(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError> {
        let readers = Readers {
            accounts: &self.wanted.accounts - accounts,
            ..self.wanted.clone()
        };
        let policy = BucketPolicy::parse(&self.change.expected).map_err(unfit)?;
        let text = policy.with(&readers).map_err(unfit)?;
        Ok(text.unwrap_or_else(|| self.change.expected.clone()))
    }

    fn reason(&self, answer: &str) -> String {
        format!("S3, for the output bucket: {answer}")
    }

    async fn read(&self) -> Result<String, CallError> {
        read(self.aws).await
    }

    /// S3 stores no policy without statements. If the bucket had none, there is nothing to store.
    async fn write(&self, text: &str) -> Result<(), CallError> {
        if text.is_empty() && self.change.expected.is_empty() {
            return Ok(());
        }
        let call = self
            .aws
            .s3
            .put_bucket_policy()
            .bucket(&self.aws.resources.output_bucket)
            .policy(text);
        call.send()
            .await
            .map(drop)
            .map_err(|error| CallError::new(PUT, error))
    }

    /// Nothing in a run relies on it: consumers simply read again.
    async fn confirm(&self, _: &str) -> Result<(), CallError> {
        Ok(())
    }
}

fn unfit(error: BucketPolicyError) -> CallError {
    CallError::rejected(PUT, Fault::Permanent, error)
}

/// The readers in our statements of a policy; none in a text that is not a policy.
fn readers(policy: &str) -> Readers {
    BucketPolicy::parse(policy)
        .map(|policy| policy.readers())
        .unwrap_or_default()
}

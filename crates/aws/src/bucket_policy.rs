//! Reads and replaces the output bucket's policy.

use std::collections::BTreeSet;

use goldsmith_domain::bucket_policy::{BucketPolicy, Readers};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::plan::PutBucketPolicy;

use crate::fault::{CallError, Fault};
use crate::isolate::WholePolicy;
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
    match answer.map_err(|error| CallError::new("s3:GetBucketPolicy", &error)) {
        Err(error) if error.fault == Fault::NotFound => Ok(String::new()),
        other => Ok(other?.policy.unwrap_or_default()),
    }
}

/// Replaces the policy, under the lease and only if it still is the one that was planned upon: like the
/// key's it knows no conditional write.
///
/// Errors: those of [`isolate::put`].
pub(crate) async fn put(aws: &Aws, change: &PutBucketPolicy) -> Result<(), CallError> {
    let (standing, invited) = (readers(&change.expected), readers(&change.policy));
    isolate::put(
        aws,
        &BucketPut {
            aws,
            change,
            standing,
            invited,
        },
    )
    .await
}

/// The bucket's policy that is to be replaced.
struct BucketPut<'a> {
    aws: &'a Aws,
    change: &'a PutBucketPolicy,
    standing: Readers,
    invited: Readers,
}

impl WholePolicy for BucketPut<'_> {
    const PUT: &'static str = PUT;
    const SERVICE: &'static str = "S3";
    const NAME: &'static str = "bucket policy";

    fn resource(&self) -> &str {
        &self.aws.resources.output_bucket
    }

    fn expected(&self) -> &str {
        &self.change.expected
    }

    fn wanted(&self) -> &str {
        &self.change.policy
    }

    fn standing(&self) -> BTreeSet<AccountId> {
        self.standing.accounts.clone()
    }

    fn invited(&self) -> BTreeSet<AccountId> {
        self.invited.accounts.clone()
    }

    fn among(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError> {
        let readers = Readers {
            accounts: accounts.clone(),
            ..self.invited.clone()
        };
        let unfit =
            |error: &dyn ToString| CallError::local(PUT, Fault::Permanent, error.to_string());
        let policy = BucketPolicy::parse(&self.change.expected).map_err(|error| unfit(&error))?;
        let text = policy.with(&readers).map_err(|error| unfit(&error))?;
        Ok(text.unwrap_or_else(|| self.change.expected.clone()))
    }

    fn wanted_without(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError> {
        self.among(
            &self
                .invited
                .accounts
                .difference(accounts)
                .cloned()
                .collect(),
        )
    }

    fn reason(&self, answer: &str) -> String {
        format!("S3, for the output bucket: {answer}")
    }

    async fn read(&self) -> Result<String, CallError> {
        read(self.aws).await
    }

    /// S3 stores no policy without statements: where there was none, nothing is to be stored.
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
            .map_err(|error| CallError::new(PUT, &error))
    }

    /// Nothing relies on it within a run: who reads what is published asks again.
    async fn confirm(&self, _: &str) -> Result<(), CallError> {
        Ok(())
    }
}

/// Whom our statements of a policy let read; nobody by a text that is no policy.
fn readers(policy: &str) -> Readers {
    BucketPolicy::parse(policy)
        .map(|policy| policy.readers())
        .unwrap_or_default()
}

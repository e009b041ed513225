//! Reads and replaces the output bucket's policy.

use goldsmith_domain::key_policy;
use goldsmith_domain::plan::PutBucketPolicy;

use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::lease::Lease;

/// The policy of the output bucket; an empty text if it has none.
pub(crate) async fn read(aws: &Aws) -> Result<String, CallError> {
    let answer = aws.s3.get_bucket_policy().bucket(&aws.names.output_bucket).send().await;
    match answer.map_err(|error| CallError::new("s3:GetBucketPolicy", &error)) {
        Err(error) if error.fault == Fault::NotFound => Ok(String::new()),
        other => Ok(other?.policy.unwrap_or_default()),
    }
}

/// Replaces the policy, under the lease and only if it still is the one that was planned upon: like the
/// key's it knows no conditional write.
pub(crate) async fn put(aws: &Aws, change: &PutBucketPolicy) -> Result<(), CallError> {
    let lease = Lease::take(aws).await?;
    let result = replace(aws, change).await;
    lease.release().await;
    result
}

async fn replace(aws: &Aws, change: &PutBucketPolicy) -> Result<(), CallError> {
    const OPERATION: &str = "s3:PutBucketPolicy";
    if !key_policy::same(&read(aws).await?, &change.expected) {
        let moved = "the bucket policy changed since it was observed";
        return Err(CallError::local(OPERATION, Fault::Conflict, moved));
    }
    let call = aws.s3.put_bucket_policy().bucket(&aws.names.output_bucket).policy(&change.policy);
    call.send().await.map(drop).map_err(|error| CallError::new(OPERATION, &error))
}

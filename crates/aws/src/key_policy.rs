//! Reads and replaces the key's policy.

use goldsmith_domain::plan::PutKeyPolicy;

use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::lease::Lease;

/// The only policy name that KMS knows.
const POLICY_NAME: &str = "default";

/// The policy of the stack's key.
pub(crate) async fn read(aws: &Aws) -> Result<String, CallError> {
    let call = aws.kms.get_key_policy().key_id(aws.site.key.as_str()).policy_name(POLICY_NAME);
    let answer = call.send().await.map_err(|error| CallError::new("kms:GetKeyPolicy", &error))?;
    Ok(answer.policy.unwrap_or_default())
}

/// Replaces the policy, under the lease and only if it still is the one that was planned upon.
pub(crate) async fn put(aws: &Aws, change: &PutKeyPolicy) -> Result<(), CallError> {
    let lease = Lease::take(aws).await?;
    let result = replace(aws, change).await;
    lease.release().await;
    result
}

async fn replace(aws: &Aws, change: &PutKeyPolicy) -> Result<(), CallError> {
    if read(aws).await? != change.expected {
        let moved = "the key policy changed since it was observed";
        return Err(CallError::local("kms:PutKeyPolicy", Fault::Conflict, moved));
    }
    let call =
        aws.kms.put_key_policy().key_id(change.key.as_str()).policy_name(POLICY_NAME).policy(&change.policy);
    call.send().await.map(drop).map_err(|error| CallError::new("kms:PutKeyPolicy", &error))
}

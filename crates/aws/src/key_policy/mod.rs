//! Reads and replaces the keys' policies.

mod isolate;

use goldsmith_domain::key_policy::same;
use goldsmith_domain::names::KeyArn;
use goldsmith_domain::plan::PutKeyPolicy;

use self::isolate::isolate;
use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::lease::Lease;

/// The only policy name that KMS knows.
const POLICY_NAME: &str = "default";
const PUT: &str = "kms:PutKeyPolicy";

/// The policy of a key, asked for in the key's own Region.
pub(crate) async fn read(aws: &Aws, key: &KeyArn) -> Result<String, CallError> {
    let call = aws.kms_of(key).get_key_policy().key_id(key.as_str()).policy_name(POLICY_NAME);
    let answer = call.send().await.map_err(|error| CallError::new("kms:GetKeyPolicy", &error))?;
    Ok(answer.policy.unwrap_or_default())
}

/// Replaces a key's policy, under the lease and only if it still is the one that was planned upon.
///
/// Errors: `Fault::Conflict` if it is another one by now; `Fault::Busy` if what was written cannot be
/// seen yet; `Fault::Permanent`, with their names, if some accounts had to be left out.
pub(crate) async fn put(aws: &Aws, change: &PutKeyPolicy) -> Result<(), CallError> {
    let lease = Lease::take(aws).await?;
    let result = replace(aws, change).await;
    lease.release().await;
    result
}

async fn replace(aws: &Aws, change: &PutKeyPolicy) -> Result<(), CallError> {
    if !same(&read(aws, &change.key).await?, &change.expected) {
        let moved = "the key policy changed since it was observed";
        return Err(CallError::local(PUT, Fault::Conflict, moved));
    }
    match write(aws, &change.key, &change.policy).await {
        Err(error) if error.is_unknown_principal() => isolate(aws, change, error).await,
        Err(error) => Err(error),
        Ok(()) => confirm(aws, &change.key, &change.policy).await,
    }
}

async fn write(aws: &Aws, key: &KeyArn, policy: &str) -> Result<(), CallError> {
    let call = aws.kms_of(key).put_key_policy().key_id(key.as_str()).policy_name(POLICY_NAME).policy(policy);
    call.send().await.map(drop).map_err(|error| CallError::new(PUT, &error))
}

/// Reads back what was written: KMS is eventually consistent, in minutes at worst (KMS developer guide,
/// "AWS KMS eventual consistency"), and nothing that relies on the write may be told as done before.
async fn confirm(aws: &Aws, key: &KeyArn, written: &str) -> Result<(), CallError> {
    if same(&read(aws, key).await?, written) {
        return Ok(());
    }
    let unseen = "the key policy that was written cannot be seen yet; the next run confirms it";
    Err(CallError::local(PUT, Fault::Busy, unseen))
}

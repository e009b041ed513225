//! Reads and replaces the keys' policies.

mod write;

use goldsmith_domain::names::KeyArn;
use goldsmith_domain::plan::PutKeyPolicy;

use self::write::KeyPolicyWrite;
use crate::fault::CallError;
use crate::{Aws, isolate};

/// The only policy name that KMS knows.
const POLICY_NAME: &str = "default";
const PUT: &str = "kms:PutKeyPolicy";

/// The policy of a key, asked for in the key's own Region.
pub(crate) async fn read(aws: &Aws, key: &KeyArn) -> Result<String, CallError> {
    let call = aws
        .kms_of(key)
        .get_key_policy()
        .key_id(key.as_str())
        .policy_name(POLICY_NAME);
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new("kms:GetKeyPolicy", error))?;
    Ok(answer.policy.unwrap_or_default())
}

/// Replaces a key's policy under the lease, if it is still the one that the plan is based on.
///
/// Errors: those of [`isolate::replace`].
pub(crate) async fn put(aws: &Aws, change: &PutKeyPolicy) -> Result<(), CallError> {
    isolate::replace(aws, &KeyPolicyWrite::of(aws, change)?).await
}

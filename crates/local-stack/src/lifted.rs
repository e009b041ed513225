//! What the policies of the template say that cannot hold on the embedded AWS, and no more than that.

use serde_json::Value;

use crate::aws::{Aws, CallError};
use crate::error::StartError;

/// The buckets refuse plain HTTP, and the embedded AWS speaks nothing else.
const PLAIN_HTTP: &str = "RefusePlainHttp";

/// Where IAM is not enforced, the functions act as the account's root, which may not sign.
const ONLY_PUBLISHERS: &str = "OnlyPublishersSign";

/// Lets the buckets be called over plain HTTP.
pub(crate) async fn admit_plain_http(aws: &Aws, buckets: [&str; 2]) -> Result<(), StartError> {
    for bucket in buckets {
        lift(aws, bucket).await.map_err(StartError::Policy)?;
    }
    Ok(())
}

async fn lift(aws: &Aws, bucket: &str) -> Result<(), CallError> {
    let policy = without(&aws.bucket_policy(bucket).await?, PLAIN_HTTP)?;
    aws.put_bucket_policy(bucket, &policy).await
}

/// ministack's `CloudFormation` writes key policies itself, past KMS: written again through it, the
/// template's are judged as AWS would have judged them.
pub(crate) async fn write_key_policies_again(
    aws: &Aws,
    image_key: &str,
    signing_key: &str,
    enforce_iam: bool,
) -> Result<(), CallError> {
    let policy = aws.key_policy(image_key).await?;
    aws.put_key_policy(image_key, &policy).await?;
    let mut policy = aws.key_policy(signing_key).await?;
    if !enforce_iam {
        policy = without(&policy, ONLY_PUBLISHERS)?;
    }
    aws.put_key_policy(signing_key, &policy).await
}

/// A policy without the statement that has this Sid.
///
/// # Errors
///
/// There is no such statement: the template has changed, and this module with it.
fn without(policy: &str, sid: &str) -> Result<String, CallError> {
    let unreadable = |reason: String| CallError::Answer {
        operation: format!("the policy with {sid}"),
        reason,
    };
    let mut policy: Value =
        serde_json::from_str(policy).map_err(|error| unreadable(error.to_string()))?;
    let statements = policy["Statement"]
        .as_array_mut()
        .ok_or_else(|| unreadable("it has no list of statements".to_owned()))?;
    let before = statements.len();
    statements.retain(|statement| statement["Sid"] != sid);
    if statements.len() == before {
        return Err(unreadable("it has no such statement".to_owned()));
    }
    Ok(policy.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_named_statement_goes() {
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "RefusePlainHttp", "Effect": "Deny" },
            { "Sid": "OnlyPublishersWrite", "Effect": "Deny" },
        ] });
        let left = without(&policy.to_string(), PLAIN_HTTP).expect("a policy");
        let left: Value = serde_json::from_str(&left).expect("JSON");
        assert_eq!(left["Statement"], json!([policy["Statement"][1]]));
    }

    #[test]
    fn a_statement_that_is_not_there_is_not_passed_over() {
        for policy in [r#"{"Statement": []}"#, "{}", "no JSON"] {
            assert!(without(policy, PLAIN_HTTP).is_err(), "{policy}");
        }
    }
}

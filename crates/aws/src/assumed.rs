//! Roles of consumers' accounts, assumed with our credentials.

use aws_credential_types::Credentials;
use goldsmith_domain::names::{AccountId, Region, RoleArn};

use crate::Aws;
use crate::fault::{CallError, Fault};

const ASSUME: &str = "sts:AssumeRole";

/// The credentials of a session of `role`.
pub(crate) async fn assume(aws: &Aws, role: &RoleArn) -> Result<Credentials, CallError> {
    let session = format!("goldsmith-{}", aws.stack.environment);
    let call = aws
        .sts
        .assume_role()
        .role_arn(role.as_str())
        .role_session_name(session);
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new(ASSUME, error))?;
    let given = answer.credentials.ok_or_else(|| {
        CallError::rejected(ASSUME, Fault::Transient, "the answer has no credentials")
    })?;
    let token = Some(given.session_token);
    // Used at once, and never beyond this run: a session lasts an hour, a run minutes.
    Ok(Credentials::new(
        given.access_key_id,
        given.secret_access_key,
        token,
        None,
        "AssumeRole",
    ))
}

/// Clients that act in `account` as `role`.
pub(crate) async fn clients_in_account(
    aws: &Aws,
    role: &RoleArn,
    account: &AccountId,
    region: &Region,
) -> Result<Aws, CallError> {
    Ok(aws.in_account(assume(aws, role).await?, account, region))
}

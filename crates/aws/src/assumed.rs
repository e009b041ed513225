//! Roles of consumers' accounts, assumed with our credentials.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use goldsmith_domain::names::{AccountId, Region, RoleArn};

use crate::fault::{CallError, Fault};
use crate::{Aws, ssm};

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

/// The roles that were assumed so far. A role that is refused in one Region is refused in all of them.
pub(crate) struct Roles<'a> {
    aws: &'a Aws,
    assumed: BTreeMap<RoleArn, Result<Credentials, CallError>>,
}

impl<'a> Roles<'a> {
    /// None so far; `aws` assumes them.
    pub(crate) fn new(aws: &'a Aws) -> Self {
        Self {
            aws,
            assumed: BTreeMap::new(),
        }
    }

    /// The clients that assume the roles.
    pub(crate) fn aws(&self) -> &'a Aws {
        self.aws
    }

    /// The SSM of a Region, as `role`.
    pub(crate) async fn ssm(
        &mut self,
        role: &RoleArn,
        region: &Region,
    ) -> Result<ssm::Client, CallError> {
        Ok(self.aws.ssm_as(self.assume(role).await?, region))
    }

    async fn assume(&mut self, role: &RoleArn) -> Result<Credentials, CallError> {
        if let Some(answer) = self.assumed.get(role) {
            return answer.clone();
        }
        let answer = assume(self.aws, role).await;
        self.assumed.insert(role.clone(), answer.clone());
        answer
    }
}

//! Who calls. The access key of the signature's scope tells; signatures are not verified.
//!
//! Twelve digits are the root of that account. The key of a session is told by ministack, whose
//! launcher leaves a file for each session it registers: STS itself tells only the account of a key.
//! The functions of a stack have sessions only where IAM is enforced; otherwise ministack gives them
//! their account's twelve digits, and they act as its root.

use std::time::{SystemTime, UNIX_EPOCH};

use iam_policy::is_account;
use serde::Deserialize;
use serde_json::Value;

use super::caller::{Caller, Scope, Who};
use super::refusal::Refusal;
use super::state::KmsProxy;

/// A session as the launcher of ministack writes it down.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session {
    arn: String,
    #[serde(default)]
    user_id: String,
    expiration: Option<f64>,
    #[serde(rename = "SessionPolicies")]
    policies: Option<Value>,
}

impl KmsProxy {
    /// Who has this access key.
    pub async fn caller(&self, scope: &Scope) -> Result<Caller, Refusal> {
        let (account, who) = if is_account(&scope.key) {
            (scope.key.clone(), Who::Root)
        } else if let Some(session) = self.session(&scope.key)? {
            self.role_of(session).await?
        } else {
            self.user_of(&scope.key).await?
        };
        Ok(Caller {
            account,
            region: scope.region.clone(),
            who,
        })
    }

    fn session(&self, key: &str) -> Result<Option<Session>, Refusal> {
        if !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(unknown_key());
        }
        let Ok(text) = std::fs::read(self.sessions.join(key)) else {
            return Ok(None);
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|_| unknown_key())
    }

    async fn role_of(&self, session: Session) -> Result<(String, Who), Refusal> {
        if session.expiration.is_some_and(|end| end < now()) {
            let message = "The security token included in the request is expired";
            return Err(Refusal::new("ExpiredTokenException", message));
        }
        if session.policies.is_some_and(|policies| !policies.is_null()) {
            return Err(Refusal::unsupported("a session with policies of its own"));
        }
        let parts: Vec<_> = session.arn.split([':', '/']).collect();
        let [_, _, "sts", _, account, "assumed-role", name, ..] = parts[..] else {
            return Err(Refusal::unsupported(&format!("a call of {}", session.arn)));
        };
        let role = self
            .upstream
            .in_account(account)
            .role(name)
            .await?
            .ok_or_else(unknown_key)?;
        // The session of a role that was deleted does not speak for the one that now has its name.
        let id = session.user_id.split(':').next().unwrap_or_default();
        if id.starts_with("AROA") && id != role.id {
            return Err(unknown_key());
        }
        Ok((
            account.to_owned(),
            Who::Role {
                role,
                session: session.arn,
            },
        ))
    }

    async fn user_of(&self, key: &str) -> Result<(String, Who), Refusal> {
        let account = self
            .upstream
            .account_of_key(key)
            .await
            .map_err(|_| unknown_key())?;
        let iam = self.upstream.in_account(&account);
        let name = iam.user_of_key(key).await?.ok_or_else(unknown_key)?;
        let user = iam.user(&name).await?.ok_or_else(unknown_key)?;
        Ok((account, Who::User(user)))
    }
}

/// What AWS says of an access key that it does not know.
pub(super) fn unknown_key() -> Refusal {
    let message = "The security token included in the request is invalid.";
    Refusal::new("UnrecognizedClientException", message)
}

/// Seconds since 1970, as ministack writes them.
fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |passed| passed.as_secs_f64())
}

//! Who calls. The access key of the signature's scope tells; signatures are not verified.
//!
//! Twelve digits are the root of that account. The key of a session is told by ministack, whose
//! launcher leaves a file for each session it registers: STS itself tells only the account of a key.
//! The functions of a stack have sessions only where IAM is enforced; otherwise ministack gives them
//! their account's twelve digits, and they act as its root.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, header::AUTHORIZATION};
use iam_policy::is_account;
use serde::Deserialize;
use serde_json::Value;

use super::proxy::KmsProxy;
use super::refusal::Refusal;
use crate::aws::Entity;

/// The access key and Region of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// The access key id.
    pub key: String,
    /// For example `us-east-1`.
    pub region: String,
}

/// Who calls, from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    /// Twelve digits.
    pub account: String,
    /// The Region that is called.
    pub region: String,
    /// Which principal of the account.
    pub who: Who,
}

/// A principal that can call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// The account's root.
    Root,
    /// A session of a role.
    Role {
        /// The role.
        role: Entity,
        /// The session's ARN.
        session: String,
    },
    /// A user.
    User(Entity),
}

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

impl Scope {
    /// The scope, if there is a version 4 signature.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let credential = header
            .split_once("Credential=")?
            .1
            .split([',', ' '])
            .next()?;
        let mut parts = credential.rsplit('/');
        let (_terminator, _service, region, _date, key) = (
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
        );
        Some(Self {
            key: key.to_owned(),
            region: region.to_owned(),
        })
        .filter(|scope| !scope.key.is_empty())
    }
}

impl Caller {
    /// What `aws:PrincipalArn` is: of a session, the role's ARN with its path.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>
    pub fn arn(&self) -> String {
        match &self.who {
            Who::Root => format!("arn:aws:iam::{}:root", self.account),
            Who::Role { role, .. } => role.arn.clone(),
            Who::User(user) => user.arn.clone(),
        }
    }

    /// The ARN in messages: of a session, the session's.
    pub fn shown(&self) -> String {
        match &self.who {
            Who::Role { session, .. } => session.clone(),
            Who::Root | Who::User(_) => self.arn(),
        }
    }

    /// What `aws:PrincipalType` is.
    pub fn kind(&self) -> &'static str {
        match self.who {
            Who::Root => "Account",
            Who::Role { .. } => "AssumedRole",
            Who::User(_) => "User",
        }
    }

    /// The role or user in IAM; the root is none.
    pub fn entity(&self) -> Option<&Entity> {
        match &self.who {
            Who::Root => None,
            Who::Role { role, .. } => Some(role),
            Who::User(user) => Some(user),
        }
    }
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

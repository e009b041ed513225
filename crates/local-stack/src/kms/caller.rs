//! Who calls: the parts of a signature that say so, and the principal.

use http::{HeaderMap, header::AUTHORIZATION};

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

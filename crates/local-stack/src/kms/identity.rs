//! What a caller's own policies allow: inline, attached, and those of a user's groups, within a
//! permissions boundary. A policy that AWS manages and ministack does not hold allows nothing.

use iam_policy::Policy;

use super::caller::{Caller, Who};
use super::evaluate::{self, Asked, ByIdentity};
use super::policy;
use super::refusal::Refusal;
use super::state::KmsProxy;
use crate::aws::Authorizations;

/// The policies of a caller.
#[derive(Debug)]
pub(super) enum Identity {
    /// The root may do everything in its account.
    Root,
    /// A role or a user.
    Bound {
        /// Its policies.
        policies: Vec<Policy>,
        /// What bounds them, if something does.
        boundary: Option<Policy>,
    },
}

impl Identity {
    /// What the policies say of a call, boundary included.
    pub fn says(&self, asked: &Asked<'_>) -> ByIdentity {
        let Self::Bound { policies, .. } = self else {
            return ByIdentity::Allowed;
        };
        match (
            evaluate::by_identity(policies, asked),
            self.by_boundary(asked),
        ) {
            (ByIdentity::Denied, _) | (_, Some(ByIdentity::Denied)) => ByIdentity::Denied,
            (ByIdentity::Nothing, _) | (_, Some(ByIdentity::Nothing)) => ByIdentity::Nothing,
            (ByIdentity::Allowed, None | Some(ByIdentity::Allowed)) => ByIdentity::Allowed,
        }
    }

    /// Whether nothing bounds the caller in this.
    pub fn is_within_boundary(&self, asked: &Asked<'_>) -> bool {
        self.by_boundary(asked)
            .is_none_or(|said| said == ByIdentity::Allowed)
    }

    fn by_boundary(&self, asked: &Asked<'_>) -> Option<ByIdentity> {
        match self {
            Self::Bound {
                boundary: Some(boundary),
                ..
            } => Some(evaluate::by_identity(std::slice::from_ref(boundary), asked)),
            Self::Bound { boundary: None, .. } | Self::Root => None,
        }
    }
}

impl KmsProxy {
    /// The caller's policies, as IAM has them now; the root's cost no call.
    pub async fn identity(&self, caller: &Caller) -> Result<Identity, Refusal> {
        let (Who::Role { role: entity, .. } | Who::User(entity)) = &caller.who else {
            return Ok(Identity::Root);
        };
        let all = self
            .upstream
            .in_account(&caller.account)
            .authorizations()
            .await?;
        let held = all.of(&entity.arn);
        let mut documents = held.inline;
        for arn in &held.attached {
            documents.extend(self.managed(&all, arn).await?);
        }
        let policies = documents
            .iter()
            .map(|text| read(text, &entity.arn))
            .collect::<Result<_, _>>()?;
        let boundary = match entity.boundary() {
            Some(arn) => self
                .managed(&all, arn)
                .await?
                .map(|text| read(&text, arn))
                .transpose()?,
            None => None,
        };
        Ok(Identity::Bound { policies, boundary })
    }

    async fn managed(&self, all: &Authorizations, arn: &str) -> Result<Option<String>, Refusal> {
        match all.document(arn) {
            Some(document) => Ok(Some(document.to_owned())),
            None => Ok(self.upstream.managed_policy(arn).await?),
        }
    }
}

fn read(text: &str, owner: &str) -> Result<Policy, Refusal> {
    policy::read(text)
        .map_err(|error| Refusal::unsupported(&format!("the policy of {owner}, {error},")))
}

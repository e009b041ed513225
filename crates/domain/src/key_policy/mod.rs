//! The consumers' statements in a key policy: at most five, found by their Sids.
//!
//! Invariants: every other statement stays byte for byte as it is; a policy that KMS would refuse, or
//! that would lock the account out, is never handed out.
//!
//! Principals are account roots narrowed by `aws:PrincipalArn`: unlike a role's ARN they survive the
//! role's deletion and re-creation, and a role that does not exist yet does not make the write fail
//! (KMS developer guide, "Key policies in AWS KMS"; knowledge-center article on invalid principals).

mod access;
mod checks;
mod statements;

use serde_json::Value;

pub use self::access::Access;
pub(crate) use self::access::{BUILDING_ROLE, last_id};
pub use self::statements::GRANT_OPERATIONS;
use crate::names::AccountId;
use crate::policy::{Deleted, Policy, fitting, too_large};

/// The statement that lets accounts use the key.
pub const USE_SID: &str = "GoldsmithConsumersUse";
/// The statement that lets accounts' instances get grants.
pub const GRANT_SID: &str = "GoldsmithConsumersGrant";
/// The statement that lets organizations use the key.
pub const ORGANIZATIONS_USE_SID: &str = "GoldsmithOrganizationsUse";
/// The statement that lets organizations' instances get grants.
pub const ORGANIZATIONS_GRANT_SID: &str = "GoldsmithOrganizationsGrant";
/// The statement that lets people make grants for their service-linked roles.
pub const GRANT_ADMINS_SID: &str = "GoldsmithGrantAdmins";

const SIDS: [&str; 5] = [
    USE_SID,
    GRANT_SID,
    ORGANIZATIONS_USE_SID,
    ORGANIZATIONS_GRANT_SID,
    GRANT_ADMINS_SID,
];

/// KMS refuses a key policy beyond 32 KiB, in bytes (KMS developer guide, "Creating a key policy").
pub const LARGEST_POLICY: usize = 32 * 1024;

/// Why a key policy cannot be brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyPolicyError {
    /// What KMS returned is not a policy.
    #[error("the key policy is not a policy document: {0}")]
    Malformed(String),
    /// KMS would refuse to store it.
    #[error(
        "the key policy would have {bytes} bytes, and KMS takes at most {LARGEST_POLICY}: {}",
        too_large(*.fit, *.of)
    )]
    TooLarge {
        /// How large it would be.
        bytes: usize,
        /// How many accounts fit.
        fit: usize,
        /// How many there are.
        of: usize,
    },
    /// KMS takes tab, line feed, carriage return and U+0020 to U+00FF (API reference, `PutKeyPolicy`).
    #[error(
        "{place} of the key policy has the character `{character}` (U+{:04X}), and KMS takes Latin-1 only; write it \
         without that character",
        u32::from(*.character)
    )]
    NotLatin1 {
        /// Which part of the policy.
        place: String,
        /// The first such character.
        character: char,
    },
    /// KMS shows a deleted principal by its unique id and refuses it when it is written back.
    #[error(
        "statement {sid} of the key policy names {principal}, a role or user that was deleted, and KMS refuses every \
         write while it is there; take it out, or put the ARN of what replaces it in its place: {statement}"
    )]
    DeletedPrincipal {
        /// The Sid of the statement, or its place.
        sid: String,
        /// The unique id of what was deleted.
        principal: String,
        /// The statement, cut if it is long.
        statement: String,
    },
    /// Nothing would let us or the account change the policy again.
    #[error(
        "no statement of the key policy but ours lets the key's own account change it, so that a write might lock \
         everybody out; add one that allows the account's root kms:* on `*` without a condition"
    )]
    LocksOut,
}

impl From<Deleted> for KeyPolicyError {
    fn from(
        Deleted {
            sid,
            principal,
            statement,
        }: Deleted,
    ) -> Self {
        Self::DeletedPrincipal {
            sid,
            principal,
            statement,
        }
    }
}

/// Whether two texts are the same policy, however the service spells them; texts that are no policies are
/// compared as they are.
pub fn same(left: &str, right: &str) -> bool {
    match (Policy::parse(left, &[]), Policy::parse(right, &[])) {
        (Ok(left), Ok(right)) => left.is_same(&right),
        _ => left == right,
    }
}

/// A key policy as it is, with our statements taken out.
pub struct KeyPolicy<'a> {
    policy: Policy<'a>,
    access: Access,
    owner: Option<AccountId>,
}

impl<'a> KeyPolicy<'a> {
    /// Reads a policy as `GetKeyPolicy` returns it.
    pub fn parse(text: &'a str) -> Result<Self, KeyPolicyError> {
        let policy = Policy::parse(text, &SIDS).map_err(KeyPolicyError::Malformed)?;
        let access = statements::read(policy.statements_of_ours());
        Ok(Self {
            policy,
            access,
            owner: None,
        })
    }

    /// The policy of a key of `account`, whose root has to keep administering it. Where the account is
    /// not said, any account's root will do.
    #[must_use]
    pub fn owned_by(self, account: &AccountId) -> Self {
        Self {
            owner: Some(account.clone()),
            ..self
        }
    }

    /// Who has access through our statements.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Our statements, as indented JSON; an empty text if there are none.
    pub fn statements(&self) -> String {
        let pretty = |statement| serde_json::to_string_pretty(statement).unwrap_or_default();
        self.policy
            .ours()
            .iter()
            .map(pretty)
            .collect::<Vec<_>>()
            .join(",\n")
    }

    /// The policy whose statements of ours let in exactly `access`, or `None` if they do already.
    pub fn with(&self, access: &Access) -> Result<Option<String>, KeyPolicyError> {
        let ours = statements::write(access);
        if self.policy.says(&ours) {
            return Ok(None);
        }
        if let Some(deleted) = self.policy.deleted_principal() {
            return Err(deleted.into());
        }
        checks::administers(&self.policy, self.owner.as_ref())?;
        checks::latin1(&self.policy, &ours)?;
        self.fitting(access, &ours).map(Some)
    }

    fn fitting(&self, access: &Access, ours: &[Value]) -> Result<String, KeyPolicyError> {
        let text = self.policy.with(ours);
        if text.len() <= LARGEST_POLICY {
            return Ok(text);
        }
        let of = access.accounts.len();
        let size = |count| {
            self.policy
                .with(&statements::write(&access.first(count)))
                .len()
        };
        Err(KeyPolicyError::TooLarge {
            bytes: text.len(),
            fit: fitting(of, LARGEST_POLICY, size),
            of,
        })
    }
}

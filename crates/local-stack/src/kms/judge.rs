//! Whether a caller may do something with a key: its policy, the caller's own policies, grants.
//!
//! In the key's account the key policy allows a principal by itself, or lets the account decide by
//! identity policies; across accounts both must allow; a grant allows by itself; a Deny wins.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>

use serde_json::{Value, json};

use super::caller::Caller;
use super::context::Context;
use super::evaluate::{self, Asked, ByIdentity, ByKey, Ids};
use super::front::{Front, Input};
use super::identity::Identity;
use super::keys::Key;
use super::policy::Policy;
use super::refusal::Refusal;

/// A key policy in force.
#[derive(Debug)]
pub(super) struct InForce {
    /// As it was written.
    pub text: String,
    /// What it says.
    pub policy: Policy,
    /// Whom it means.
    pub ids: Ids,
}

/// What let a caller in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LetIn {
    /// Policies.
    ByPolicy,
    /// Grants, and all the operations that they allow together.
    ByGrant(Vec<String>),
}

/// Why a caller is not let in, in AWS's words.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    DeniedByKey,
    DeniedByIdentity,
    NotByKey,
    NotByIdentity,
}

impl Reason {
    fn words(self, action: &str) -> String {
        match self {
            Self::DeniedByKey => "with an explicit deny in a resource-based policy".to_owned(),
            Self::DeniedByIdentity => {
                "with an explicit deny in an identity-based policy".to_owned()
            }
            Self::NotByKey => {
                format!("because no resource-based policy allows the {action} action")
            }
            Self::NotByIdentity => {
                format!("because no identity-based policy allows the {action} action")
            }
        }
    }
}

impl Front {
    /// The policy of a key as it is now.
    pub async fn in_force(&self, key: &Key, caller: &Caller) -> Result<InForce, Refusal> {
        let input = json!({ "KeyId": key.arn, "PolicyName": "default" });
        let answer = self.owner(key, caller).kms("GetKeyPolicy", &input).await?;
        let text = answer["Policy"].as_str().unwrap_or_default().to_owned();
        let policy = Policy::read(&text).map_err(|error| Refusal::malformed(error.to_string()))?;
        let ids = self.ids_in_force(&key.arn, &text, &policy).await?;
        Ok(InForce { text, policy, ids })
    }

    /// Lets the caller do `operation` with this input, or tells why not.
    pub async fn judge(
        &self,
        caller: &Caller,
        key: &Key,
        operation: &str,
        input: &Input,
    ) -> Result<(LetIn, InForce), Refusal> {
        let in_force = self.in_force(key, caller).await?;
        let context = Context::of(caller, &self.knobs(), operation, input);
        let action = format!("kms:{operation}");
        let asked = Asked {
            caller,
            action: &action,
            key: &key.arn,
            context: &context,
        };
        let by_key = evaluate::by_key(&in_force.policy, &in_force.ids, &asked);
        let identity = self.identity(caller).await?;
        let reason = match decide(by_key, &identity, &asked, key.account == caller.account) {
            Ok(()) => return Ok((LetIn::ByPolicy, in_force)),
            Err(reason) => reason,
        };
        if !matches!(reason, Reason::DeniedByKey | Reason::DeniedByIdentity) {
            let granted = self.granted(caller, key, operation, input).await?;
            if !granted.is_empty() {
                return Ok((LetIn::ByGrant(granted), in_force));
            }
        }
        Err(denied(caller, &action, &key.arn, reason))
    }
}

/// What policies decide, without grants.
pub(super) fn decide(
    by_key: ByKey,
    identity: &Identity,
    asked: &Asked<'_>,
    is_own_account: bool,
) -> Result<(), Reason> {
    let by_identity = identity.says(asked);
    match (by_key, by_identity) {
        (ByKey::Denied, _) => Err(Reason::DeniedByKey),
        (_, ByIdentity::Denied) => Err(Reason::DeniedByIdentity),
        (ByKey::Nothing, _) => Err(Reason::NotByKey),
        (_, ByIdentity::Allowed) => Ok(()),
        (ByKey::Itself, ByIdentity::Nothing) if is_own_account => Ok(()),
        (ByKey::Bounded, ByIdentity::Nothing)
            if is_own_account && identity.is_within_boundary(asked) =>
        {
            Ok(())
        }
        (ByKey::Account | ByKey::Bounded | ByKey::Itself, ByIdentity::Nothing) => {
            Err(Reason::NotByIdentity)
        }
    }
}

/// The refusal of a caller.
pub(super) fn denied(caller: &Caller, action: &str, key: &str, reason: Reason) -> Refusal {
    let (who, why) = (caller.shown(), reason.words(action));
    let message =
        format!("User: {who} is not authorized to perform: {action} on resource: {key} {why}");
    Refusal::new("AccessDeniedException", message)
}

/// Whether an input asks for a dry run.
pub(super) fn is_dry_run(input: &Input) -> bool {
    input
        .get("DryRun")
        .and_then(Value::as_bool)
        .unwrap_or(false)
}

//! Whether a caller may do something with a key: its policy, the caller's own policies, grants.
//!
//! In the key's account the key policy allows a principal by itself, or lets the account decide by
//! identity policies; across accounts both must allow; a grant allows by itself; a Deny wins.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>

use iam_policy::Policy;
use serde_json::{Value, json};

use super::caller::Caller;
use super::context::context_of;
use super::evaluate::{self, Asked, ByIdentity, ByKey, Ids};
use super::identity::Identity;
use super::key::Key;
use super::policy;
use super::refusal::Refusal;
use super::state::{Input, KmsProxy};

/// The policy of a key as it is now.
#[derive(Debug)]
pub(super) struct EffectivePolicy {
    /// As it was written.
    pub text: String,
    /// What it says.
    pub policy: Policy,
    /// Whom it means.
    pub ids: Ids,
}

/// What authorized a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Authorization {
    /// Policies.
    ByPolicy,
    /// Grants, and all the operations that they allow together.
    ByGrant(Vec<String>),
}

/// Why a call is not authorized, in AWS's words.
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

impl KmsProxy {
    /// The policy of a key as it is now.
    pub async fn effective_policy(
        &self,
        key: &Key,
        caller: &Caller,
    ) -> Result<EffectivePolicy, Refusal> {
        let input = json!({ "KeyId": key.arn, "PolicyName": "default" });
        let answer = self.owner(key, caller).kms("GetKeyPolicy", &input).await?;
        let text = answer["Policy"].as_str().unwrap_or_default().to_owned();
        let policy = policy::read(&text).map_err(|error| Refusal::malformed(error.to_string()))?;
        let ids = self.effective_ids(&key.arn, &text, &policy).await?;
        Ok(EffectivePolicy { text, policy, ids })
    }

    /// Authorizes `operation` with this input, or says why not.
    pub async fn authorize(
        &self,
        caller: &Caller,
        key: &Key,
        operation: &str,
        input: &Input,
    ) -> Result<(Authorization, EffectivePolicy), Refusal> {
        let effective = self.effective_policy(key, caller).await?;
        let context = context_of(caller, &self.overrides(), operation, input);
        let action = format!("kms:{operation}");
        let asked = Asked {
            caller,
            action: &action,
            key: &key.arn,
            context: &context,
        };
        let by_key = evaluate::by_key(&effective.policy, &effective.ids, &asked);
        let identity = self.identity(caller).await?;
        let reason = match decide(by_key, &identity, &asked, key.account == caller.account) {
            Ok(()) => return Ok((Authorization::ByPolicy, effective)),
            Err(reason) => reason,
        };
        if !matches!(reason, Reason::DeniedByKey | Reason::DeniedByIdentity) {
            let granted = self.granted(caller, key, operation, input).await?;
            if !granted.is_empty() {
                return Ok((Authorization::ByGrant(granted), effective));
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

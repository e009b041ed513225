//! Writing and reading key policies.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>

use iam_policy::Policy;
use serde_json::{Value, json};

use super::authorize::EffectivePolicy;
use super::caller::Caller;
use super::context::context_of;
use super::evaluate::{self, Asked, ByKey, Ids};
use super::key::Key;
use super::policy::{self, PolicyError};
use super::refusal::Refusal;
use super::state::{Input, KmsProxy, locked};

/// What stands for a key that is about to be made: statements about one key do not fit it.
const NEW: &str = "00000000-0000-0000-0000-000000000000";

impl From<PolicyError> for Refusal {
    fn from(error: PolicyError) -> Self {
        let code = match error {
            PolicyError::TooLong(_) => "LimitExceededException",
            PolicyError::Character(_) | PolicyError::Shape(_) | PolicyError::Nobody => {
                "MalformedPolicyDocumentException"
            }
        };
        Self::new(code, error.to_string())
    }
}

impl KmsProxy {
    /// Writes a policy if it can become effective.
    pub async fn put_key_policy(
        &self,
        caller: &Caller,
        key: &Key,
        input: &Input,
    ) -> Result<Value, Refusal> {
        let text = input
            .get("Policy")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let ids = self.check_new(caller, &key.arn, input, text).await?;
        let answer = self
            .owner(key, caller)
            .kms("PutKeyPolicy", &Value::Object(input.clone()))
            .await?;
        locked(&self.bindings).bind(&key.arn, text, ids);
        Ok(answer)
    }

    /// Whom a policy means that `CreateKey`, `PutKeyPolicy` or `ReplicateKey` would write, if it can
    /// be in force.
    pub async fn check_new(
        &self,
        caller: &Caller,
        key: &str,
        input: &Input,
        text: &str,
    ) -> Result<Ids, Refusal> {
        let policy = policy::read_new(text)?;
        let ids = self.ids_of_new(&policy).await?;
        let bypass = input
            .get("BypassPolicyLockoutSafetyCheck")
            .and_then(Value::as_bool);
        if !bypass.unwrap_or(false) {
            self.check_lockout(caller, key, &policy, &ids)?;
        }
        Ok(ids)
    }

    /// The check looks at the new key policy alone, so a statement for the caller's account passes
    /// whatever its identity policies allow.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
    fn check_lockout(
        &self,
        caller: &Caller,
        key: &str,
        policy: &Policy,
        ids: &Ids,
    ) -> Result<(), Refusal> {
        let context = context_of(caller, &self.overrides(), "PutKeyPolicy", &Input::new());
        let asked = Asked {
            caller,
            action: "kms:PutKeyPolicy",
            key,
            context: &context,
        };
        match evaluate::by_key(policy, ids, &asked) {
            ByKey::Account | ByKey::Bounded | ByKey::Itself => Ok(()),
            ByKey::Nothing | ByKey::Denied => Err(Refusal::malformed(
                "The new key policy will not allow you to update the key policy in the future.",
            )),
        }
    }

    /// The effective policy, with ids where principals are gone.
    pub async fn get_key_policy(&self, effective: &EffectivePolicy) -> Result<Value, Refusal> {
        let policy = self.policy_shown(&effective.text, &effective.ids).await?;
        Ok(json!({ "Policy": policy, "PolicyName": "default" }))
    }

    /// Checks the policy of a key that is about to be made, if there is one.
    pub async fn check_created(
        &self,
        caller: &Caller,
        input: &Input,
    ) -> Result<Option<(String, Ids)>, Refusal> {
        let Some(text) = input.get("Policy").and_then(Value::as_str) else {
            return Ok(None);
        };
        let key = format!("arn:aws:kms:{}:{}:key/{NEW}", caller.region, caller.account);
        Ok(Some((
            text.to_owned(),
            self.check_new(caller, &key, input, text).await?,
        )))
    }
}

//! A write of a key's policy.

use std::collections::BTreeSet;

use goldsmith_domain::key_policy::{KeyPolicy, KeyPolicyError, same};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::plan::PutKeyPolicy;

use super::{POLICY_NAME, PUT, read};
use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::isolate::ReplaceablePolicy;

pub(super) struct KeyPolicyWrite<'a> {
    aws: &'a Aws,
    change: &'a PutKeyPolicy,
    /// The policy that the plan is based on.
    base: KeyPolicy<'a>,
}

impl<'a> KeyPolicyWrite<'a> {
    pub(super) fn of(aws: &'a Aws, change: &'a PutKeyPolicy) -> Result<Self, CallError> {
        let base = KeyPolicy::parse(&change.expected).map_err(unfit)?;
        let base = base.owned_by(&aws.stack.account);
        Ok(Self { aws, change, base })
    }
}

impl ReplaceablePolicy for KeyPolicyWrite<'_> {
    const PUT: &'static str = PUT;
    const SERVICE: &'static str = "KMS";
    const NAME: &'static str = "key policy";

    fn resource(&self) -> &str {
        self.change.key.as_str()
    }

    fn expected(&self) -> &str {
        &self.change.expected
    }

    fn planned(&self) -> &str {
        &self.change.policy
    }

    fn existing(&self) -> BTreeSet<AccountId> {
        self.base.access().accounts.keys().cloned().collect()
    }

    fn wanted(&self) -> BTreeSet<AccountId> {
        self.change.access.accounts.keys().cloned().collect()
    }

    fn without(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError> {
        let access = self.change.access.excluding(accounts);
        let text = self.base.with(&access).map_err(unfit)?;
        Ok(text.unwrap_or_else(|| self.change.expected.clone()))
    }

    fn reason(&self, answer: &str) -> String {
        answer.to_owned()
    }

    async fn read(&self) -> Result<String, CallError> {
        read(self.aws, &self.change.key).await
    }

    async fn write(&self, text: &str) -> Result<(), CallError> {
        let key = &self.change.key;
        let call = self
            .aws
            .kms_of(key)
            .put_key_policy()
            .key_id(key.as_str())
            .policy_name(POLICY_NAME);
        call.policy(text)
            .send()
            .await
            .map(drop)
            .map_err(|error| CallError::new(PUT, error))
    }

    /// Reads back what was written. KMS is eventually consistent, in minutes at worst (KMS developer guide,
    /// "AWS KMS eventual consistency"), and later changes rely on the write.
    async fn confirm(&self, written: &str) -> Result<(), CallError> {
        if same(&self.read().await?, written) {
            return Ok(());
        }
        let unseen = "the key policy that was written cannot be seen yet; the next run confirms it";
        Err(CallError::rejected(PUT, Fault::Unconfirmed, unseen))
    }
}

fn unfit(error: KeyPolicyError) -> CallError {
    CallError::rejected(PUT, Fault::Permanent, error)
}

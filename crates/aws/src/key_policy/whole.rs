//! A key's policy as one that lets accounts in, all of them or nobody new.

use std::collections::BTreeSet;

use goldsmith_domain::key_policy::{Access, KeyPolicy, same};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::plan::PutKeyPolicy;

use super::{POLICY_NAME, PUT, read};
use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::isolate::WholePolicy;

/// A key's policy that is to be replaced.
pub(super) struct KeyPut<'a> {
    aws: &'a Aws,
    change: &'a PutKeyPolicy,
    base: KeyPolicy<'a>,
    /// Who is let in by what was planned upon.
    access: Access,
}

impl<'a> KeyPut<'a> {
    pub(super) fn of(aws: &'a Aws, change: &'a PutKeyPolicy) -> Result<Self, CallError> {
        let base = KeyPolicy::parse(&change.expected).map_err(|error| unfit(&error))?;
        let base = base.owned_by(&aws.stack.account);
        Ok(Self {
            aws,
            change,
            access: base.access().clone(),
            base,
        })
    }

    fn text(&self, access: &Access) -> Result<String, CallError> {
        let text = self.base.with(access).map_err(|error| unfit(&error))?;
        Ok(text.unwrap_or_else(|| self.change.expected.clone()))
    }
}

impl WholePolicy for KeyPut<'_> {
    const PUT: &'static str = PUT;
    const SERVICE: &'static str = "KMS";
    const NAME: &'static str = "key policy";

    fn resource(&self) -> &str {
        self.change.key.as_str()
    }

    fn expected(&self) -> &str {
        &self.change.expected
    }

    fn wanted(&self) -> &str {
        &self.change.policy
    }

    fn standing(&self) -> BTreeSet<AccountId> {
        self.access.accounts.keys().cloned().collect()
    }

    fn invited(&self) -> BTreeSet<AccountId> {
        self.change.access.accounts.keys().cloned().collect()
    }

    fn among(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError> {
        let mut access = self
            .access
            .excluding(&self.standing().difference(accounts).cloned().collect());
        let joins = |account: &&AccountId| !self.access.accounts.contains_key(*account);
        let wanted = &self.change.access.accounts;
        let joining = accounts
            .iter()
            .filter(joins)
            .filter_map(|account| wanted.get_key_value(account));
        access
            .accounts
            .extend(joining.map(|(account, patterns)| (account.clone(), patterns.clone())));
        self.text(&access)
    }

    fn wanted_without(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError> {
        self.text(&self.change.access.excluding(accounts))
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
            .map_err(|error| CallError::new(PUT, &error))
    }

    /// Reads back what was written: KMS is eventually consistent, in minutes at worst (KMS developer guide,
    /// "AWS KMS eventual consistency"), and nothing that relies on the write may be told as done before.
    async fn confirm(&self, written: &str) -> Result<(), CallError> {
        if same(&self.read().await?, written) {
            return Ok(());
        }
        let unseen = "the key policy that was written cannot be seen yet; the next run confirms it";
        Err(CallError::local(PUT, Fault::Unconfirmed, unseen))
    }
}

fn unfit(error: &impl ToString) -> CallError {
    CallError::local(PUT, Fault::Permanent, error.to_string())
}

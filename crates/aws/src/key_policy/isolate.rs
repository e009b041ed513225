//! Finds out which new accounts KMS does not take as principals, and lets everybody else in.
//!
//! KMS names no principal when it refuses one ("one or more invalid principals"), and stores all of a
//! policy or nothing: one mistyped account id would keep every other consumer waiting.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::key_policy::{Access, KeyPolicy};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::plan::PutKeyPolicy;

use super::{PUT, confirm, write};
use crate::fault::{CallError, Fault};
use crate::{Aws, quarantine};

/// Up to here the new accounts are tried one at a time; more are halved. One bad account among a
/// thousand costs some twenty writes that way.
const MOST_SINGLES: usize = 20;

/// Writes the policy of `change` without the accounts that KMS refuses, and puts those into quarantine.
///
/// Errors: `refused`, the answer to the whole policy, if what stands is refused as well, so that no new
/// account is to blame; `Fault::Permanent` with the names of those who were left out.
pub(super) async fn isolate(aws: &Aws, change: &PutKeyPolicy, refused: CallError) -> Result<(), CallError> {
    let mut trial = Trial::of(aws, change)?;
    match write(aws, &change.key, &change.expected).await {
        Err(error) if error.is_unknown_principal() => return Err(refused),
        other => other?,
    }
    let unknown = trial.unknown().await?;
    if unknown.is_empty() {
        // Each of them is known by now: one that was made a moment ago was not, everywhere.
        write(aws, &change.key, &change.policy).await?;
        return confirm(aws, &change.key, &change.policy).await;
    }
    // First of all: whatever comes next, the next run must not have to find this out again.
    quarantine::add(aws, &unknown).await?;
    trial.finish(&change.access.without(&unknown.keys().cloned().collect())).await?;
    Err(left_out(&unknown))
}

/// The policy in the making.
struct Trial<'a> {
    aws: &'a Aws,
    change: &'a PutKeyPolicy,
    base: KeyPolicy<'a>,
    /// Who is let in by what stands.
    access: Access,
    /// What stands.
    policy: String,
    /// New accounts.
    joining: Vec<AccountId>,
}

impl<'a> Trial<'a> {
    fn of(aws: &'a Aws, change: &'a PutKeyPolicy) -> Result<Self, CallError> {
        let base = KeyPolicy::parse(&change.expected).map_err(|error| unfit(&error))?;
        let base = base.owned_by(&aws.site.account);
        let access = base.access().clone();
        let known = |account: &&AccountId| access.accounts.contains_key(*account);
        let joining = change.access.accounts.keys().filter(|account| !known(account)).cloned().collect();
        Ok(Self { aws, change, access, base, policy: change.expected.clone(), joining })
    }

    /// The new accounts that KMS refuses, each with its answer; all others are let in.
    async fn unknown(&mut self) -> Result<BTreeMap<AccountId, String>, CallError> {
        let mut unknown = BTreeMap::new();
        let mut groups: Vec<Vec<AccountId>> = match self.joining.len() {
            0..=MOST_SINGLES => self.joining.iter().map(|account| vec![account.clone()]).collect(),
            _ => halves(&self.joining),
        };
        while let Some(group) = groups.pop() {
            match self.admit(&group).await {
                Err(error) if error.is_unknown_principal() => match group.as_slice() {
                    [account] => drop(unknown.insert(account.clone(), error.detail)),
                    several => groups.extend(halves(several)),
                },
                other => other?,
            }
        }
        Ok(unknown)
    }

    /// Lets a group in beside those who are.
    async fn admit(&mut self, group: &[AccountId]) -> Result<(), CallError> {
        let entries = group.iter().filter_map(|account| self.change.access.accounts.get_key_value(account));
        let mut access = self.access.clone();
        access.accounts.extend(entries.map(|(account, patterns)| (account.clone(), patterns.clone())));
        self.put(access).await
    }

    async fn put(&mut self, access: Access) -> Result<(), CallError> {
        let text = self.base.with(&access).map_err(|error| unfit(&error))?;
        let text = text.unwrap_or_else(|| self.change.expected.clone());
        if text != self.policy {
            write(self.aws, &self.change.key, &text).await?;
            self.policy = text;
        }
        self.access = access;
        Ok(())
    }

    /// Brings the policy to everything else that the change says.
    async fn finish(mut self, access: &Access) -> Result<(), CallError> {
        self.put(access.clone()).await?;
        confirm(self.aws, &self.change.key, &self.policy).await
    }
}

fn halves(group: &[AccountId]) -> Vec<Vec<AccountId>> {
    let (left, right) = group.split_at(group.len() / 2);
    vec![left.to_vec(), right.to_vec()]
}

fn unfit(error: &impl ToString) -> CallError {
    CallError::local(PUT, Fault::Permanent, error.to_string())
}

fn left_out(unknown: &BTreeMap<AccountId, String>) -> CallError {
    let accounts: Vec<&str> = unknown.keys().map(AccountId::as_str).collect();
    let answers: BTreeSet<&str> = unknown.values().map(String::as_str).collect();
    let answers: Vec<&str> = answers.into_iter().collect();
    let detail = format!(
        "KMS does not know {}, which the key policy leaves out for 24 hours; everybody else is in it ({})",
        accounts.join(", "),
        answers.join("; ")
    );
    CallError::local(PUT, Fault::Permanent, detail)
}

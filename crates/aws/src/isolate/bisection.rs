//! Finds the joining accounts that a service refuses, by writing the policy with groups of them.

use std::collections::BTreeSet;

use goldsmith_domain::names::AccountId;

use super::{ReplaceablePolicy, refusal, without};
use crate::fault::CallError;
use crate::quarantine::Reasons;

/// A policy that gains joining accounts, group by group.
///
/// Guarantee: only joining accounts are ever left out of what is written.
pub(super) struct PrincipalBisection<'a, P> {
    policy: &'a P,
    /// The joining accounts that are not in the policy.
    left_out: BTreeSet<AccountId>,
    /// The policy that the service accepted last.
    pub(super) accepted: String,
    /// The accounts that the service refuses, each with its answer.
    pub(super) refused: Reasons,
}

impl<'a, P: ReplaceablePolicy> PrincipalBisection<'a, P> {
    pub(super) fn new(policy: &'a P) -> Self {
        Self {
            policy,
            left_out: BTreeSet::new(),
            accepted: policy.expected().to_owned(),
            refused: Reasons::new(),
        }
    }

    /// Writes the planned policy without `accounts`; the service's answer if it refuses a principal.
    pub(super) async fn leave_out(
        &mut self,
        accounts: BTreeSet<AccountId>,
    ) -> Result<Option<String>, CallError> {
        let text = without(self.policy, &accounts)?;
        let answer = refusal(self.policy.write(&text).await)?;
        if answer.is_none() {
            (self.accepted, self.left_out) = (text, accounts);
        }
        Ok(answer)
    }

    /// Adds `joining`, except the accounts that the service refuses. A group that is refused is halved: one
    /// bad account among a thousand costs about twenty writes.
    pub(super) async fn add(&mut self, joining: Vec<AccountId>) -> Result<(), CallError> {
        let mut groups = vec![joining];
        while let Some(group) = groups.pop() {
            let others = |account: &&AccountId| !group.contains(account);
            let left_out = self.left_out.iter().filter(others).cloned().collect();
            match (self.leave_out(left_out).await?, group.as_slice()) {
                (None, _) | (_, []) => {}
                (Some(answer), [account]) => {
                    let reason = self.policy.reason(&answer);
                    self.refused.insert(account.clone(), reason);
                }
                (Some(_), several) => {
                    let halves = several.chunks(several.len().div_ceil(2));
                    groups.extend(halves.map(<[AccountId]>::to_vec));
                }
            }
        }
        Ok(())
    }
}

//! Finds out by writes which accounts a service refuses.

use std::collections::BTreeSet;

use goldsmith_domain::names::AccountId;

use super::WholePolicy;
use super::groups::{Group, halves, newcomers, suspects};
use crate::fault::CallError;
use crate::quarantine::Reasons;

/// The policy in the making. A write that is refused changes nothing, so that whoever is in stays in.
pub(super) struct Trial<'a, P> {
    policy: &'a P,
    /// What stands.
    current: String,
    /// Who is let in by what stands, once something was written.
    inside: BTreeSet<AccountId>,
    unknown: Reasons,
}

impl<'a, P: WholePolicy> Trial<'a, P> {
    /// A trial that begins with `staying`, who are in and are to stay.
    pub(super) fn new(policy: &'a P, staying: BTreeSet<AccountId>) -> Self {
        let current = policy.expected().to_owned();
        Self {
            policy,
            current,
            inside: staying,
            unknown: Reasons::new(),
        }
    }

    /// Brings about a policy that the service takes: of those who stay, or of all but a group of them.
    /// That group, which is shut out until it is admitted again; none if every policy is refused.
    pub(super) async fn found_a_footing(&mut self) -> Result<Option<Group>, CallError> {
        let staying = self.inside.clone();
        let text = self.policy.among(&staying)?;
        // Also if it is what stands: that it was taken once does not say that it is today.
        if refusal(self.policy.write(&text).await)?.is_none() {
            self.current = text;
            return Ok(Some(Group::new()));
        }
        for group in suspects(&staying.iter().cloned().collect::<Vec<_>>()) {
            let others = staying
                .iter()
                .filter(|account| !group.contains(account))
                .cloned()
                .collect();
            if self.put(others).await?.is_none() {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    /// Lets accounts in beside those who are, but for those that the service refuses.
    pub(super) async fn admit_all(&mut self, accounts: &[AccountId]) -> Result<(), CallError> {
        let mut groups = newcomers(accounts);
        while let Some(group) = groups.pop() {
            let among = self.inside.iter().chain(&group).cloned().collect();
            match (self.put(among).await?, group.as_slice()) {
                (None, _) => {}
                (Some(answer), [account]) => {
                    drop(
                        self.unknown
                            .insert(account.clone(), self.policy.reason(&answer)),
                    );
                }
                (Some(_), several) => groups.extend(halves(several)),
            }
        }
        Ok(())
    }

    /// Who is refused, and what stands.
    pub(super) fn outcome(self) -> (Reasons, String) {
        (self.unknown, self.current)
    }

    /// Lets in just `accounts`; the answer if that is refused.
    async fn put(&mut self, accounts: BTreeSet<AccountId>) -> Result<Option<String>, CallError> {
        let text = self.policy.among(&accounts)?;
        if text != self.current
            && let Some(answer) = refusal(self.policy.write(&text).await)?
        {
            return Ok(Some(answer));
        }
        (self.current, self.inside) = (text, accounts);
        Ok(None)
    }
}

/// The service's answer if it does not take a principal; every other error is one.
fn refusal(answer: Result<(), CallError>) -> Result<Option<String>, CallError> {
    match answer {
        Err(error) if error.is_unknown_principal() => Ok(Some(error.detail)),
        other => other.map(|()| None),
    }
}

//! Replaces a policy that its service stores as a whole or not at all, and finds the accounts that keep it
//! from doing so: they are named and quarantined, and everybody else gets in.
//!
//! KMS and S3 name no principal when they refuse one ("one or more invalid principals", "Invalid principal
//! in policy"): one mistyped account id, or one that was in and is not taken any more, would keep every
//! other account waiting. Whether AWS refuses the root of a closed account is not documented, and was not
//! tried: what is found here is found by what the service answers, whatever its reason.

mod groups;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::digest::of_refused_policy;
use goldsmith_domain::key_policy::same;
use goldsmith_domain::names::{AccountId, Digest};

use self::trial::Trial;
use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::lease::Lease;
use crate::quarantine::{self, Reasons};

/// A policy that lets accounts in, all of them or nobody new.
pub(crate) trait WholePolicy {
    /// The operation that replaces it.
    const PUT: &'static str;
    /// Who stores it.
    const SERVICE: &'static str;
    /// What people call it.
    const NAME: &'static str;

    /// Whose policy it is.
    fn resource(&self) -> &str;
    /// The policy that was planned upon.
    fn expected(&self) -> &str;
    /// The policy to store.
    fn wanted(&self) -> &str;
    /// The accounts that are let in by [`WholePolicy::expected`].
    fn standing(&self) -> BTreeSet<AccountId>;
    /// The accounts that are let in by [`WholePolicy::wanted`].
    fn invited(&self) -> BTreeSet<AccountId>;
    /// The policy that lets in just `accounts`: who stands as today, a new one as is wanted.
    fn among(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError>;
    /// What is wanted, without `accounts`.
    fn wanted_without(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError>;
    /// Why an account is quarantined, from the service's answer.
    fn reason(&self, answer: &str) -> String;
    /// The policy that stands now.
    async fn read(&self) -> Result<String, CallError>;
    /// Stores a policy.
    async fn write(&self, text: &str) -> Result<(), CallError>;
    /// Looks whether what was written can be seen.
    async fn confirm(&self, text: &str) -> Result<(), CallError>;
}

/// Replaces a policy, under the lease and only if it still is the one that was planned upon. Who is in
/// quarantine and not in it stays out; where nothing else is left to do, nothing is written.
///
/// Errors: `Fault::Conflict` if it is another one by now; `Fault::Unconfirmed` if what was written cannot be seen
/// yet; `Fault::Permanent`, with their names, if some accounts had to be left out, or if the same was
/// refused within the last day and nobody was found to blame.
pub(crate) async fn put<P: WholePolicy>(aws: &Aws, policy: &P) -> Result<(), CallError> {
    let kept_out = kept_out(aws, policy).await?;
    let text = without(policy, &kept_out)?;
    if !kept_out.is_empty() && same(&text, policy.expected()) {
        return Err(quarantined::<P>(&kept_out));
    }
    let lease = Lease::take(aws).await?;
    let result = replace(aws, policy, &text, &kept_out).await;
    lease.release().await;
    result
}

/// The new accounts that are in quarantine. A policy without accounts has none to remember.
async fn kept_out<P: WholePolicy>(aws: &Aws, policy: &P) -> Result<Reasons, CallError> {
    let (standing, invited) = (policy.standing(), policy.invited());
    if standing.is_empty() && invited.is_empty() {
        return Ok(Reasons::new());
    }
    let mut memory = quarantine::recall(aws).await?;
    if let Some(reason) = memory.attempts.remove(&attempt(policy)) {
        return Err(CallError::local(P::PUT, Fault::Permanent, reason));
    }
    memory
        .accounts
        .retain(|account, _| invited.contains(account) && !standing.contains(account));
    Ok(memory.accounts)
}

async fn replace<P: WholePolicy>(
    aws: &Aws,
    policy: &P,
    text: &str,
    kept_out: &Reasons,
) -> Result<(), CallError> {
    if !same(&policy.read().await?, policy.expected()) {
        let moved = format!("the {} changed since it was observed", P::NAME);
        return Err(CallError::local(P::PUT, Fault::Conflict, moved));
    }
    match policy.write(text).await {
        Err(error) if error.is_unknown_principal() => isolate(aws, policy, kept_out, &error).await,
        Err(error) => Err(error),
        Ok(()) => {
            policy.confirm(text).await?;
            if kept_out.is_empty() {
                Ok(())
            } else {
                Err(quarantined::<P>(kept_out))
            }
        }
    }
}

/// Writes what is wanted without the accounts that the service refuses, and quarantines those.
async fn isolate<P: WholePolicy>(
    aws: &Aws,
    policy: &P,
    kept_out: &Reasons,
    refused: &CallError,
) -> Result<(), CallError> {
    let invited: BTreeSet<AccountId> = policy
        .invited()
        .into_iter()
        .filter(|account| !kept_out.contains_key(account))
        .collect();
    let standing = policy.standing();
    let joining: Vec<AccountId> = invited.difference(&standing).cloned().collect();
    let mut trial = Trial::new(policy, invited.intersection(&standing).cloned().collect());
    let Some(suspects) = trial.found_a_footing().await? else {
        return Err(unexplained(aws, policy, &joining, refused).await?);
    };
    trial.admit_all(&suspects).await?;
    trial.admit_all(&joining).await?;
    let (unknown, current) = trial.outcome();
    // First of all: whatever comes next, the next run must not have to find this out again.
    quarantine::add(aws, &unknown).await?;
    let out: Reasons = unknown
        .iter()
        .chain(kept_out)
        .map(|(a, why)| (a.clone(), why.clone()))
        .collect();
    let text = without(policy, &out)?;
    if unknown.is_empty() || !same(&text, &current) {
        match policy.write(&text).await {
            Err(error) if error.is_unknown_principal() => {
                return Err(unexplained(aws, policy, &[], &error).await?);
            }
            other => other?,
        }
    }
    policy.confirm(&text).await?;
    if out.is_empty() {
        Ok(())
    } else {
        Err(left_out::<P>(&out))
    }
}

fn without<P: WholePolicy>(policy: &P, out: &Reasons) -> Result<String, CallError> {
    if out.is_empty() {
        return Ok(policy.wanted().to_owned());
    }
    policy.wanted_without(&out.keys().cloned().collect())
}

/// Tells apart what is asked for: the same over another policy may be taken.
fn attempt<P: WholePolicy>(policy: &P) -> Digest {
    of_refused_policy(policy.resource(), policy.expected(), policy.wanted())
}

/// Remembers that a policy is refused and that nobody was found to blame; the error that says so.
async fn unexplained<P: WholePolicy>(
    aws: &Aws,
    policy: &P,
    joining: &[AccountId],
    refused: &CallError,
) -> Result<CallError, CallError> {
    let (service, name, answer) = (P::SERVICE, P::NAME, &refused.detail);
    let standing = names(&policy.standing());
    let detail = format!(
        "{service} refuses the {name}, and leaving out one account, or half of them, does not help: several of \
         those that stand in it are not known, or a statement that is not ours names somebody who is not; it stays \
         as it is, and the same is not tried again for 24 hours; accounts that stand: {standing} ({answer})"
    );
    let why = format!(
        "what stands in the {name} is refused as well, so that nobody new gets in: {answer}"
    );
    let newcomers = joining
        .iter()
        .map(|account| (account.clone(), why.clone()))
        .collect();
    quarantine::add_attempt(aws, &attempt(policy), &detail, &newcomers).await?;
    Ok(CallError::local(P::PUT, Fault::Permanent, detail))
}

fn left_out<P: WholePolicy>(out: &Reasons) -> CallError {
    let (service, name) = (P::SERVICE, P::NAME);
    let detail = format!(
        "{service} does not know {}, which the {name} leaves out for 24 hours; everybody else is in it ({})",
        names(out.keys()),
        answers(out)
    );
    CallError::local(P::PUT, Fault::Permanent, detail)
}

fn quarantined<P: WholePolicy>(out: &Reasons) -> CallError {
    let detail = format!(
        "the {} leaves out {} until the quarantine is over; everybody else is in it ({})",
        P::NAME,
        names(out.keys()),
        answers(out)
    );
    CallError::local(P::PUT, Fault::Permanent, detail)
}

fn names<'a>(accounts: impl IntoIterator<Item = &'a AccountId>) -> String {
    let names: Vec<&str> = accounts.into_iter().map(AccountId::as_str).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn answers(out: &BTreeMap<AccountId, String>) -> String {
    let answers: BTreeSet<&str> = out.values().map(String::as_str).collect();
    answers.into_iter().collect::<Vec<_>>().join("; ")
}

//! Replaces a policy that its service stores as a whole or not at all, and isolates the joining accounts that
//! the service refuses.
//!
//! KMS and S3 name no principal when they refuse one ("one or more invalid principals", "Invalid principal
//! in policy"). One mistyped account id would keep every other joining account waiting.
//!
//! Expected flow: write the planned policy. If the service refuses a principal, write it without the
//! joining accounts. Then add those, and halve each group that is refused. Quarantine each account that is
//! refused alone.
//!
//! Guarantees: every policy that is written contains everybody who has access today and is still wanted. If
//! the service refuses even the policy without joining accounts, the policy stays as it is.
//!
//! Assumptions: the lease is held, so that there is one writer; a refused write changes nothing.
//!
//! Caveats: an interrupted isolation leaves some joining accounts without access; the next run adds them.
//! AWS does not document whether it refuses the root of a closed account. Only the service's answer counts
//! here.

mod bisection;

use std::collections::BTreeSet;

use goldsmith_domain::digest::of_refused_policy;
use goldsmith_domain::key_policy::same;
use goldsmith_domain::names::{AccountId, Digest};

use self::bisection::PrincipalBisection;
use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::lease::Lease;
use crate::quarantine::{self, Quarantine, Reasons};

/// A policy that gives accounts access and is replaced as a whole.
pub(crate) trait ReplaceablePolicy {
    /// The operation that replaces it.
    const PUT: &'static str;
    /// The service that stores it.
    const SERVICE: &'static str;
    /// Its name in messages.
    const NAME: &'static str;

    /// The resource that has the policy.
    fn resource(&self) -> &str;
    /// The policy that the plan is based on.
    fn expected(&self) -> &str;
    /// The policy to store.
    fn planned(&self) -> &str;
    /// The accounts that have access by [`ReplaceablePolicy::expected`].
    fn existing(&self) -> BTreeSet<AccountId>;
    /// The accounts that have access by [`ReplaceablePolicy::planned`].
    fn wanted(&self) -> BTreeSet<AccountId>;
    /// The planned policy without `accounts`.
    fn without(&self, accounts: &BTreeSet<AccountId>) -> Result<String, CallError>;
    /// The reason for an account's quarantine, from the service's answer.
    fn reason(&self, answer: &str) -> String;
    /// Reads the current policy.
    async fn read(&self) -> Result<String, CallError>;
    /// Stores a policy.
    async fn write(&self, text: &str) -> Result<(), CallError>;
    /// Checks that a stored policy can be read back.
    async fn confirm(&self, text: &str) -> Result<(), CallError>;
}

/// Replaces a policy under the lease, if it is still the one that the plan is based on. Joining accounts in
/// quarantine stay out. If nothing else is left to do, nothing is written.
///
/// Errors: `Fault::Conflict` if the policy has changed; `Fault::Unconfirmed` if what was written cannot be
/// read back yet; `Fault::Permanent` if accounts were left out, which it names, or if accounts join and the
/// service refused the same policy within the last day without them.
pub(crate) async fn replace<P: ReplaceablePolicy>(aws: &Aws, policy: &P) -> Result<(), CallError> {
    let left_out = quarantined(aws, policy).await?;
    let text = without(policy, &left_out.keys().cloned().collect())?;
    if !left_out.is_empty() && same(&text, policy.expected()) {
        return outcome::<P>(&left_out);
    }
    let lease = Lease::of_policies(aws).await?;
    let result = replace_under_lease(aws, policy, &text, left_out).await;
    lease.release().await;
    result
}

/// The joining accounts that are in quarantine. A policy without accounts needs no look at it.
async fn quarantined<P: ReplaceablePolicy>(aws: &Aws, policy: &P) -> Result<Reasons, CallError> {
    let (existing, wanted) = (policy.existing(), policy.wanted());
    if existing.is_empty() && wanted.is_empty() {
        return Ok(Reasons::new());
    }
    let joins = |account: &AccountId| wanted.contains(account) && !existing.contains(account);
    // What only takes access away is always tried: nothing that is remembered may prevent it.
    if !wanted.iter().any(joins) {
        return Ok(Reasons::new());
    }
    let mut quarantine = quarantine::read(aws).await?;
    if let Some(reason) = quarantine.attempts.remove(&attempt(policy)) {
        return Err(CallError::rejected(P::PUT, Fault::Permanent, reason));
    }
    quarantine.accounts.retain(|account, _| joins(account));
    Ok(quarantine.accounts)
}

async fn replace_under_lease<P: ReplaceablePolicy>(
    aws: &Aws,
    policy: &P,
    text: &str,
    left_out: Reasons,
) -> Result<(), CallError> {
    if !same(&policy.read().await?, policy.expected()) {
        let changed = format!("the {} changed since it was observed", P::NAME);
        return Err(CallError::rejected(P::PUT, Fault::Conflict, changed));
    }
    if refusal(policy.write(text).await)?.is_some() {
        return isolate(aws, policy, left_out).await;
    }
    policy.confirm(text).await?;
    outcome::<P>(&left_out)
}

/// Gives every joining account access except those that the service refuses, and quarantines these.
async fn isolate<P: ReplaceablePolicy>(
    aws: &Aws,
    policy: &P,
    mut left_out: Reasons,
) -> Result<(), CallError> {
    let joining = &policy.wanted() - &policy.existing();
    let mut bisection = PrincipalBisection::new(policy);
    if let Some(answer) = bisection.leave_out(joining.clone()).await? {
        return Err(refuse(aws, policy, joining, &answer).await?);
    }
    let untried = |account: &AccountId| !left_out.contains_key(account);
    bisection
        .add(joining.into_iter().filter(untried).collect())
        .await?;
    let refused = Quarantine {
        accounts: bisection.refused,
        ..Quarantine::default()
    };
    // Comes first: whatever fails from here on, the next run need not isolate again.
    quarantine::add(aws, &refused).await?;
    policy.confirm(&bisection.accepted).await?;
    left_out.extend(refused.accounts);
    outcome::<P>(&left_out)
}

/// Remembers that the service refuses the policy without its joining accounts; the error that says so.
async fn refuse<P: ReplaceablePolicy>(
    aws: &Aws,
    policy: &P,
    joining: BTreeSet<AccountId>,
    answer: &str,
) -> Result<CallError, CallError> {
    let (service, name) = (P::SERVICE, P::NAME);
    let again = if joining.is_empty() {
        "the next run tries again"
    } else {
        "the same is not tried again for 24 hours"
    };
    let reason = format!("{service} refuses the {name} also without this account: {answer}");
    let detail = format!(
        "{service} refuses the {name} also without joining accounts: an account that has access today does not \
         exist any more, or a statement that is not ours names a principal that does not; the policy stays as it \
         is, and {again}; accounts that have access today: {} ({answer})",
        names(&policy.existing())
    );
    if !joining.is_empty() {
        let refused = Quarantine {
            accounts: joining
                .into_iter()
                .map(|account| (account, reason.clone()))
                .collect(),
            attempts: [(attempt(policy), detail.clone())].into(),
        };
        quarantine::add(aws, &refused).await?;
    }
    Ok(CallError::rejected(P::PUT, Fault::Permanent, detail))
}

/// An error that names the accounts that were left out, if there are any.
fn outcome<P: ReplaceablePolicy>(left_out: &Reasons) -> Result<(), CallError> {
    if left_out.is_empty() {
        return Ok(());
    }
    let answers: BTreeSet<&str> = left_out.values().map(String::as_str).collect();
    let detail = format!(
        "the {} leaves out {} until a quarantine of 24 hours is over; everybody else is in it ({})",
        P::NAME,
        names(left_out.keys()),
        answers.into_iter().collect::<Vec<_>>().join("; ")
    );
    Err(CallError::rejected(P::PUT, Fault::Permanent, detail))
}

/// Identifies an attempt: the service may accept the same policy when it replaces another one.
fn attempt<P: ReplaceablePolicy>(policy: &P) -> Digest {
    of_refused_policy(policy.resource(), policy.expected(), policy.planned())
}

fn names<'a>(accounts: impl IntoIterator<Item = &'a AccountId>) -> String {
    let names: Vec<&str> = accounts.into_iter().map(AccountId::as_str).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// The planned policy without `accounts`; as it was planned if there are none.
fn without<P: ReplaceablePolicy>(
    policy: &P,
    accounts: &BTreeSet<AccountId>,
) -> Result<String, CallError> {
    if accounts.is_empty() {
        return Ok(policy.planned().to_owned());
    }
    policy.without(accounts)
}

/// The service's answer if it refuses a principal; every other error stays one.
fn refusal(answer: Result<(), CallError>) -> Result<Option<String>, CallError> {
    match answer {
        Err(error) if error.is_unknown_principal() => Ok(Some(error.source.to_string())),
        other => other.map(|()| None),
    }
}

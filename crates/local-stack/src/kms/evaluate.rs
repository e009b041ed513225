//! What policies say of a call, without asking anybody.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::BTreeMap;

use super::caller::{Caller, Who};
use super::conditions::{self, Verdict};
use super::context::Context;
use super::policy::{Effect, Policy, Statement};
use super::principal::Principal;

/// The unique ids of the roles and users that a policy names, as they were when it was written.
pub(super) type Ids = BTreeMap<String, String>;

/// The call that is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Who calls.
    pub caller: &'a Caller,
    /// Such as `kms:Decrypt`.
    pub action: &'a str,
    /// The key's ARN.
    pub key: &'a str,
    /// What conditions can ask.
    pub context: &'a Context,
}

/// What a key policy says, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ByKey {
    /// Nothing.
    Nothing,
    /// It lets the caller's account decide.
    Account,
    /// It allows the caller, as far as a permissions boundary goes.
    Bounded,
    /// It allows the very user or session, whatever bounds it.
    Itself,
    /// It denies.
    Denied,
}

/// What identity policies say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByIdentity {
    /// Nothing.
    Nothing,
    /// They allow.
    Allowed,
    /// They deny.
    Denied,
}

/// What the key policy says of the call. The account's root is allowed, not delegated to.
pub(super) fn by_key(policy: &Policy, ids: &Ids, asked: &Asked<'_>) -> ByKey {
    let said = policy.statements.iter().filter_map(|statement| {
        let named = named(statement, ids, asked.caller)?;
        let said = if statement.effect == Effect::Deny {
            ByKey::Denied
        } else {
            named
        };
        applies(statement, asked).then_some(said)
    });
    said.max().unwrap_or(ByKey::Nothing)
}

/// What identity policies say of the call.
pub(super) fn by_identity(policies: &[Policy], asked: &Asked<'_>) -> ByIdentity {
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    let effects: Vec<_> = statements
        .filter(|one| applies(one, asked))
        .map(|one| one.effect)
        .collect();
    if effects.contains(&Effect::Deny) {
        ByIdentity::Denied
    } else if effects.is_empty() {
        ByIdentity::Nothing
    } else {
        ByIdentity::Allowed
    }
}

fn applies(statement: &Statement, asked: &Asked<'_>) -> bool {
    if !statement.is_about(asked.action, asked.key) {
        return false;
    }
    match conditions::hold(&statement.condition, asked.context) {
        Verdict::Yes => true,
        Verdict::No => false,
        Verdict::Unknown => statement.effect == Effect::Deny,
    }
}

/// How a statement names the caller, if it does.
fn named(statement: &Statement, ids: &Ids, caller: &Caller) -> Option<ByKey> {
    let texts = statement.principal.as_ref()?.aws();
    texts
        .iter()
        .filter_map(|text| names(text, ids, caller))
        .max()
}

fn names(text: &str, ids: &Ids, caller: &Caller) -> Option<ByKey> {
    let is_same =
        |arn: &str, id: &str| arn == text && ids.get(text).is_some_and(|bound| bound == id);
    match (Principal::read(text)?, &caller.who) {
        (Principal::Everyone, _) => Some(ByKey::Bounded),
        (Principal::Account(account), _) if account != caller.account => None,
        (Principal::Account(_), Who::Root) => Some(ByKey::Itself),
        (Principal::Account(_), _) => Some(ByKey::Account),
        (Principal::Role { .. }, Who::Role { role, .. }) => {
            is_same(&role.arn, &role.id).then_some(ByKey::Bounded)
        }
        (Principal::Session { .. }, Who::Role { role, session }) => {
            is_same(session, &role.id).then_some(ByKey::Itself)
        }
        (Principal::User { .. }, Who::User(user)) => {
            is_same(&user.arn, &user.id).then_some(ByKey::Itself)
        }
        (Principal::Role { .. } | Principal::User { .. } | Principal::Session { .. }, _) => None,
    }
}

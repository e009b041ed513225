//! What policies say of a call, without asking anybody.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::BTreeMap;

use iam_policy::{Context, Effect, Policy, Principal, Request, Statement, Truth};

use super::caller::{Caller, Who};
use super::principal;

/// The unique ids of the roles and users that a policy names, as they were when it was written.
pub(super) type Ids = BTreeMap<String, String>;

/// The call that is to be authorized.
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
        applies(policy, statement, asked).then_some(said)
    });
    said.max().unwrap_or(ByKey::Nothing)
}

/// What identity policies say of the call.
pub(super) fn by_identity(policies: &[Policy], asked: &Asked<'_>) -> ByIdentity {
    let statements = policies
        .iter()
        .flat_map(|policy| policy.statements.iter().map(move |one| (policy, one)));
    let effects: Vec<_> = statements
        .filter(|(policy, one)| applies(policy, one, asked))
        .map(|(_, one)| one.effect)
        .collect();
    if effects.contains(&Effect::Deny) {
        ByIdentity::Denied
    } else if effects.is_empty() {
        ByIdentity::Nothing
    } else {
        ByIdentity::Allowed
    }
}

/// What is unknown allows nothing, and denies what it might.
fn applies(policy: &Policy, statement: &Statement, asked: &Asked<'_>) -> bool {
    let request = Request {
        principal: &asked.caller.arn(),
        action: asked.action,
        resource: asked.key,
        context: asked.context,
    };
    match policy.matches(statement, &request) {
        Truth::Yes => true,
        Truth::No => false,
        Truth::Unknown(_) => statement.effect == Effect::Deny,
    }
}

/// How a statement names the caller, if it does.
fn named(statement: &Statement, ids: &Ids, caller: &Caller) -> Option<ByKey> {
    let texts = statement.aws_principals().iter();
    texts.filter_map(|text| names(text, ids, caller)).max()
}

fn names(text: &str, ids: &Ids, caller: &Caller) -> Option<ByKey> {
    let is_same =
        |arn: &str, id: &str| arn == text && ids.get(text).is_some_and(|bound| bound == id);
    match (principal::read(text)?, &caller.who) {
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

//! What KMS refuses, checked before it is asked.

use iam_policy::{Effect, Principals, Statement};
use serde_json::Value;

use super::KeyPolicyError;
use crate::names::AccountId;
use crate::policy::{Foreign, Policy, account_of};

/// What nobody may lose: changing the policy.
const ADMINISTERS: &str = "kms:PutKeyPolicy";

/// Refuses a policy with a character that KMS does not take, in a statement of ours or in anybody's.
pub(super) fn latin1(policy: &Policy<'_>, ours: &[Value]) -> Result<(), KeyPolicyError> {
    for (place, text) in policy.foreign_parts() {
        check(place, text)?;
    }
    for statement in ours {
        let sid = statement["Sid"].as_str().unwrap_or_default();
        check(format!("our statement {sid}"), &statement.to_string())?;
    }
    Ok(())
}

fn check(place: String, text: &str) -> Result<(), KeyPolicyError> {
    let taken = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FF}');
    match text.chars().find(|c| !taken(*c)) {
        Some(character) => Err(KeyPolicyError::NotLatin1 { place, character }),
        None => Ok(()),
    }
}

/// Refuses a policy in which no foreign statement lets the account's root change it, or in which one
/// forbids it. KMS itself only looks whether the caller still may (API reference, `PutKeyPolicy`,
/// `BypassPolicyLockoutSafetyCheck`).
pub(super) fn administers(
    policy: &Policy<'_>,
    owner: Option<&AccountId>,
) -> Result<(), KeyPolicyError> {
    let foreign = policy.foreign().iter();
    let covering: Vec<Effect> = foreign
        .filter_map(Foreign::statement)
        .filter(|statement| covers_root(statement, owner))
        .map(|statement| statement.effect)
        .collect();
    if covering.contains(&Effect::Allow) && !covering.contains(&Effect::Deny) {
        Ok(())
    } else {
        Err(KeyPolicyError::LocksOut)
    }
}

/// Whether a statement is about the root's changing the policy, under no condition.
fn covers_root(statement: &Statement, owner: Option<&AccountId>) -> bool {
    let has_root = |principals: &Principals| principals.aws().iter().any(|one| is_root(one, owner));
    let names_root = match (&statement.principal, &statement.not_principal) {
        (_, Some(excepted)) => !has_root(excepted),
        (Some(named), None) => has_root(named),
        (None, None) => false,
    };
    let has_resource = statement
        .resource
        .as_ref()
        .is_some_and(|resources| !resources.is_empty());
    names_root
        && has_resource
        && statement.conditions.is_empty()
        && statement.matches_action(ADMINISTERS)
}

/// Whether a principal is the root of `owner`, or of any account if it is not known whose key it is. An
/// account's number stands for its root, and `*` for everybody.
fn is_root(principal: &str, owner: Option<&AccountId>) -> bool {
    let account = account_of(principal);
    let root =
        principal.ends_with(":root") || account.as_ref().is_some_and(|a| a.as_str() == principal);
    let right = |account: &AccountId| owner.is_none_or(|owner| owner == account);
    principal == "*" || (root && account.as_ref().is_some_and(right))
}

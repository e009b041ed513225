//! What KMS refuses, checked before it is asked.

use serde_json::Value;

use super::KeyPolicyError;
use crate::names::AccountId;
use crate::policy::{Foreign, Policy, account_of, matches, principals, strings};

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
    let by = |effect| {
        policy
            .foreign()
            .iter()
            .any(|statement| covers_root(statement, effect, owner))
    };
    if by("Allow") && !by("Deny") {
        Ok(())
    } else {
        Err(KeyPolicyError::LocksOut)
    }
}

/// Whether a statement is about the root's changing the policy, under no condition.
fn covers_root(statement: &Foreign<'_>, effect: &str, owner: Option<&AccountId>) -> bool {
    let statement = statement.value();
    let action = |pattern: &&str| {
        matches(
            &pattern.to_ascii_lowercase(),
            &ADMINISTERS.to_ascii_lowercase(),
        )
    };
    let actions = |element: &str| strings(&statement[element]).iter().any(action);
    let roots = |element: &str| {
        principals(&statement[element])
            .iter()
            .any(|one| is_root(one, owner))
    };
    let covered = |element: &str, but: &str, covers: &dyn Fn(&str) -> bool| {
        if statement[but].is_null() {
            covers(element)
        } else {
            !covers(but)
        }
    };
    statement["Effect"] == effect
        && statement["Condition"]
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
        && !strings(&statement["Resource"]).is_empty()
        && covered("Action", "NotAction", &actions)
        && covered("Principal", "NotPrincipal", &roots)
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

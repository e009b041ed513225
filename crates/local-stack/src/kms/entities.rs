//! Which role or user a name means: the one that existed when the policy or grant was written. After
//! it is deleted, its unique id is shown. A later role of the same name is not authorized.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>,
//! <https://repost.aws/knowledge-center/kms-policy-error-invalid-principals>

use std::collections::{BTreeSet, HashMap};

use iam_policy::{Policy, Principal, Principals};
use serde_json::Value;

use super::evaluate::Ids;
use super::principal;
use super::refusal::Refusal;
use super::state::{KmsProxy, locked};
use crate::aws::Entity;

impl KmsProxy {
    /// The role or user that a principal is, if it exists.
    pub async fn entity(
        &self,
        text: &str,
        principal: &Principal<'_>,
    ) -> Result<Option<Entity>, Refusal> {
        let (account, name) = match principal {
            Principal::Everyone | Principal::Account(_) => return Ok(None),
            Principal::User { account, name }
            | Principal::Role { account, name }
            | Principal::Session {
                account,
                role: name,
            } => (account, name),
        };
        let iam = self.upstream.in_account(account);
        let is_user = matches!(principal, Principal::User { .. });
        let found = if is_user {
            iam.user(name).await?
        } else {
            iam.role(name).await?
        };
        // The same name in another path is another principal; a session's ARN has no path.
        let is_meant =
            |found: &Entity| matches!(principal, Principal::Session { .. }) || found.arn == text;
        Ok(found.filter(is_meant))
    }

    /// The ids of the principals of a policy that somebody wants to write. All of them must exist.
    pub async fn ids_of_new(&self, policy: &Policy) -> Result<Ids, Refusal> {
        let overrides = self.overrides();
        let mut ids = Ids::new();
        for (text, principal) in principal::of_new(policy)? {
            if principal
                .account()
                .is_some_and(|account| !overrides.is_known(account))
            {
                return Err(principal::invalid());
            }
            if !matches!(principal, Principal::Everyone | Principal::Account(_))
                && !ids.contains_key(text)
            {
                let entity = self
                    .entity(text, &principal)
                    .await?
                    .ok_or_else(principal::invalid)?;
                ids.insert(text.to_owned(), entity.id);
            }
        }
        Ok(ids)
    }

    /// The ids that the policy of `key` means. A policy that was not written through here, as
    /// ministack's own `CloudFormation` does it, is bound when it is first seen; who of it does not
    /// exist then is nobody.
    pub async fn effective_ids(
        &self,
        key: &str,
        text: &str,
        policy: &Policy,
    ) -> Result<Ids, Refusal> {
        if let Some(ids) = locked(&self.bindings).of(key, text) {
            return Ok(ids);
        }
        let mut ids = Ids::new();
        for name in named(policy) {
            let Some(principal) = principal::read(name) else {
                continue;
            };
            if let Some(entity) = self.entity(name, &principal).await? {
                ids.insert(name.to_owned(), entity.id);
            }
        }
        locked(&self.bindings).bind(key, text, ids.clone());
        Ok(ids)
    }

    /// What stands now where `name` was bound to `id`: the name, or the id if the name is gone or
    /// somebody else's.
    pub async fn shown(&self, name: &str, id: &str) -> Result<String, Refusal> {
        let entity = match principal::read(name) {
            Some(principal) => self.entity(name, &principal).await?,
            None => None,
        };
        let is_there = entity.is_some_and(|entity| entity.id == id);
        Ok(if is_there { name } else { id }.to_owned())
    }

    /// The policy as `GetKeyPolicy` shows it: byte for byte what was written, unless a principal is
    /// gone; then written anew, with the ids in their places.
    pub async fn policy_shown(&self, text: &str, ids: &Ids) -> Result<String, Refusal> {
        let mut gone = HashMap::new();
        for (name, id) in ids {
            let shown = self.shown(name, id).await?;
            if shown != *name {
                gone.insert(name.as_str(), shown);
            }
        }
        if gone.is_empty() {
            return Ok(text.to_owned());
        }
        let mut policy: Value = serde_json::from_str(text).unwrap_or_default();
        for statement in one_or_many(&mut policy["Statement"]) {
            replace(statement, &gone);
        }
        Ok(policy.to_string())
    }
}

fn named(policy: &Policy) -> BTreeSet<&str> {
    let principals = policy
        .statements
        .iter()
        .filter_map(|statement| statement.principal.as_ref());
    principals
        .flat_map(Principals::aws)
        .map(String::as_str)
        .collect()
}

fn replace(statement: &mut Value, gone: &HashMap<&str, String>) {
    let Some(principals) = statement.pointer_mut("/Principal/AWS") else {
        return;
    };
    for principal in one_or_many(principals) {
        if let Some(id) = principal.as_str().and_then(|name| gone.get(name)) {
            *principal = Value::String(id.clone());
        }
    }
}

/// IAM writes a list of one as the one.
fn one_or_many(value: &mut Value) -> &mut [Value] {
    if value.is_array() {
        return value.as_array_mut().map_or(&mut [], Vec::as_mut_slice);
    }
    std::slice::from_mut(value)
}

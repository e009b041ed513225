//! What a grant is, and what ministack does not keep of one.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::caller::Caller;
use super::key::Key;

/// What ministack does not keep of grants.
#[derive(Debug, Default)]
pub(super) struct Grants {
    /// What was true when each grant was made, by its id.
    pub by_id: HashMap<String, Fact>,
    /// The key and the id of each grant, by its token.
    pub by_token: HashMap<String, (Key, String)>,
}

/// What was true when a grant was made.
#[derive(Debug, Clone, Default)]
pub(super) struct Fact {
    /// The unique ids of its principals, by their names.
    pub ids: BTreeMap<String, String>,
    /// The root of the account that made it.
    pub issuer: String,
}

/// A grant as ministack lists it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Grant {
    #[serde(rename = "GrantId")]
    pub id: String,
    pub grantee_principal: String,
    pub retiring_principal: Option<String>,
    #[serde(default)]
    pub operations: Vec<String>,
    #[serde(default)]
    pub constraints: Option<Constraints>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Constraints {
    encryption_context_equals: Option<Map<String, Value>>,
    encryption_context_subset: Option<Map<String, Value>>,
}

impl Grant {
    /// A constraint is about operations with an encryption context; others it does not narrow.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>
    pub fn allows(&self, operation: &str, input: &Map<String, Value>) -> bool {
        let takes_context = !matches!(operation, "CreateGrant" | "DescribeKey" | "RetireGrant");
        let none = Map::new();
        let context = input
            .get("EncryptionContext")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        let fits = self
            .constraints
            .as_ref()
            .is_none_or(|constraints| constraints.fit(context));
        self.operations.iter().any(|one| one == operation) && (fits || !takes_context)
    }
}

impl Constraints {
    fn fit(&self, context: &Map<String, Value>) -> bool {
        let equals = self
            .encryption_context_equals
            .as_ref()
            .is_none_or(|wanted| wanted == context);
        let has = |(key, value): (&String, &Value)| context.get(key) == Some(value);
        equals
            && self
                .encryption_context_subset
                .as_ref()
                .is_none_or(|wanted| wanted.iter().all(has))
    }
}

impl Grants {
    /// Whether a principal of a grant, by name, is this caller, not one that has the name since.
    pub fn means(&self, grant: &Grant, name: &str, caller: &Caller) -> bool {
        let bound = self
            .by_id
            .get(&grant.id)
            .and_then(|fact| fact.ids.get(name));
        let is_same = |id: &String| caller.entity().is_some_and(|entity| entity.id == *id);
        (name == caller.arn() || name == caller.shown()) && bound.is_none_or(is_same)
    }
}

//! The shape of a policy: what is JSON, and what of it is a policy.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The largest key policy, in bytes: 32 KB.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const MAX_BYTES: usize = 32_768;

/// What is wrong with the text of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PolicyError {
    /// More than 32,768 bytes.
    #[error("The key policy has {0} bytes, the limit is {MAX_BYTES}")]
    TooLong(usize),
    /// A character that KMS does not take.
    #[error(
        "The key policy has the character {0:?}, which is neither tab, line feed, carriage return nor U+0020 to U+00FF"
    )]
    Character(char),
    /// Not JSON, or not a policy.
    #[error("The policy is not well-formed: {0}")]
    Shape(String),
    /// A statement names nobody.
    #[error("Policy contains a statement with no principal.")]
    Nobody,
}

/// A key policy or an identity policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Policy {
    #[serde(rename = "Version")]
    _version: Option<LanguageVersion>,
    #[serde(rename = "Id")]
    _id: Option<String>,
    /// In the order of the text.
    #[serde(rename = "Statement", deserialize_with = "one_or_many")]
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum LanguageVersion {
    #[serde(rename = "2012-10-17")]
    Current,
    #[serde(rename = "2008-10-17")]
    Old,
}

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Statement {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// Whom it is about; identity policies have none.
    pub principal: Option<Principals>,
    action: Option<Many>,
    not_action: Option<Many>,
    resource: Option<Many>,
    not_resource: Option<Many>,
    /// Operator, then key, then values.
    #[serde(default)]
    pub condition: BTreeMap<String, BTreeMap<String, Many>>,
}

/// The principals of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Principals {
    /// `"*"`.
    Text(String),
    /// `{"AWS": [...], "Service": [...]}`.
    ByKind(BTreeMap<String, Many>),
}

/// One text or a list of them; IAM writes a list of one as the one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Many(pub Vec<String>);

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values: Vec<Value> = one_or_many(deserializer)?;
        values
            .iter()
            .map(text)
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// Conditions may hold booleans and numbers, which IAM reads as text.
fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(format!("expected text, found {value}"))
        }
    }
}

fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    let values = if let Value::Array(values) = value {
        values
    } else {
        vec![value]
    };
    let read = values
        .into_iter()
        .map(T::deserialize)
        .collect::<Result<_, _>>();
    read.map_err(serde::de::Error::custom)
}

impl Policy {
    /// Reads an identity policy, or a key policy that is in force.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        serde_json::from_str(text).map_err(|error| PolicyError::Shape(error.to_string()))
    }

    /// Reads a key policy that somebody wants to write.
    pub fn read_new(text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_BYTES {
            return Err(PolicyError::TooLong(text.len()));
        }
        if let Some(foreign) = text.chars().find(|&one| !is_allowed(one)) {
            return Err(PolicyError::Character(foreign));
        }
        let policy = Self::read(text)?;
        if policy.statements.is_empty() {
            return Err(PolicyError::Shape("no statement in it".to_owned()));
        }
        policy.statements.iter().try_for_each(Statement::check)?;
        Ok(policy)
    }
}

/// The `Policy` parameter of
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html#API_PutKeyPolicy_RequestSyntax>.
fn is_allowed(one: char) -> bool {
    matches!(one, '\t' | '\n' | '\r' | ' '..='\u{ff}')
}

impl Statement {
    fn check(&self) -> Result<(), PolicyError> {
        let twice = |what: &str| {
            Err(PolicyError::Shape(format!(
                "both {what} and Not{what} in a statement"
            )))
        };
        if self.action.is_some() && self.not_action.is_some() {
            return twice("Action");
        }
        if self.resource.is_some() && self.not_resource.is_some() {
            return twice("Resource");
        }
        match &self.principal {
            Some(Principals::ByKind(kinds)) if kinds.values().all(|many| many.0.is_empty()) => {
                Err(PolicyError::Nobody)
            }
            Some(_) => Ok(()),
            None => Err(PolicyError::Nobody),
        }
    }

    /// Whether it is about an action, such as `kms:Decrypt`, on a key. A statement without actions or
    /// without resources has no effect.
    pub fn is_about(&self, action: &str, key: &str) -> bool {
        let by = |pattern: &str| super::pattern::matches_any_case(pattern, action);
        let on = |pattern: &str| super::pattern::matches(pattern, key);
        Self::covers(self.action.as_ref(), self.not_action.as_ref(), by)
            && Self::covers(self.resource.as_ref(), self.not_resource.as_ref(), on)
    }

    fn covers(named: Option<&Many>, others: Option<&Many>, matches: impl Fn(&str) -> bool) -> bool {
        let any = |many: &Many| many.0.iter().any(|pattern| matches(pattern));
        match (named, others) {
            (Some(named), _) => any(named),
            (None, Some(others)) => !any(others),
            (None, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str =
        r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#;

    fn policy_of(bytes: usize) -> String {
        let (start, end) = (r#"{"Id":""#, format!(r#"","Statement":{ROOT}}}"#));
        start.to_owned() + &"x".repeat(bytes - start.len() - end.len()) + &end
    }

    #[test]
    fn a_policy_has_32768_bytes_at_most() {
        assert!(Policy::read_new(&policy_of(32_768)).is_ok());
        assert_eq!(
            Policy::read_new(&policy_of(32_769)),
            Err(PolicyError::TooLong(32_769))
        );
    }

    #[test]
    fn a_policy_is_latin_1() {
        let with = |text: &str| format!(r#"{{"Id":"{text}","Statement":[{ROOT}]}}"#);
        assert!(Policy::read_new(&with("Schlüssel\u{ff}")).is_ok());
        assert_eq!(
            Policy::read_new(&with("\u{100}")),
            Err(PolicyError::Character('\u{100}'))
        );
        assert_eq!(
            Policy::read_new(&with("\u{7}")),
            Err(PolicyError::Character('\u{7}'))
        );
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let refused = |text: &str| Policy::read_new(text).is_err();
        assert!(refused("{"));
        assert!(refused("[]"));
        assert!(refused(r#"{"Statement":[]}"#));
        assert!(refused(&format!(
            r#"{{"Version":"2020-01-01","Statement":[{ROOT}]}}"#
        )));
        assert!(refused(&format!(r#"{{"Statements":[{ROOT}]}}"#)));
        assert!(refused(&format!(
            r#"{{"Statement":[{}]}}"#,
            ROOT.replace("Allow", "Permit")
        )));
        assert!(refused(&format!(
            r#"{{"Statement":[{}]}}"#,
            ROOT.replace("Action", "Actions")
        )));
        let nobody = r#"{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
        assert_eq!(Policy::read_new(nobody), Err(PolicyError::Nobody));
    }

    #[test]
    fn a_statement_without_action_or_resource_has_no_effect() {
        let about = |text: &str| {
            let policy = Policy::read_new(text).unwrap();
            policy.statements[0].is_about("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/k")
        };
        assert!(about(&format!(r#"{{"Statement":{ROOT}}}"#)));
        assert!(!about(
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Resource":"*"}}"#
        ));
        assert!(!about(
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*"}}"#
        ));
        assert!(!about(
            r#"{"Statement":{"Effect":"Deny","Principal":"*","NotAction":"KMS:decrypt","Resource":"*"}}"#
        ));
    }
}

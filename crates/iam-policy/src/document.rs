//! The text of a policy: its elements (IAM User Guide, "Grammar of the IAM JSON policy language").

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::condition::Condition;

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(String),
    /// It is not a JSON object.
    #[error("{0} is not a JSON object")]
    NotAnObject(&'static str),
    /// An element is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An element that no policy has.
    #[error("{0} is not an element of a policy")]
    UnknownElement(String),
    /// An element has a value that it cannot have.
    #[error("{element} cannot be {value}")]
    Value {
        /// Which element.
        element: String,
        /// Its value.
        value: String,
    },
}

/// A policy of a resource or an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The version of the policy language.
    pub version: Version,
    /// In the order of the text.
    pub statements: Vec<Statement>,
}

/// A version of the policy language (IAM User Guide, "IAM JSON policy elements: Version").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// `2008-10-17`, also that of a policy without a version.
    #[default]
    V2008,
    /// `2012-10-17`.
    V2012,
}

impl Version {
    /// Whether `${...}` is a variable, or a text like any other.
    pub(crate) fn has_variables(self) -> bool {
        self == Self::V2012
    }
}

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its name, if it has one.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// Whom it is about; statements of identity policies have none.
    pub principal: Option<Principals>,
    /// Whom it is not about.
    pub not_principal: Option<Principals>,
    /// Patterns of actions.
    pub action: Option<Vec<String>>,
    /// Patterns of the actions that it is not about.
    pub not_action: Option<Vec<String>>,
    /// Patterns of ARNs.
    pub resource: Option<Vec<String>>,
    /// Patterns of the ARNs that it is not about.
    pub not_resource: Option<Vec<String>>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// The principals of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principals {
    /// `"*"`.
    Text(String),
    /// `{"AWS": [...], "Service": [...]}`.
    ByKind(BTreeMap<String, Vec<String>>),
}

impl Policy {
    /// Reads a policy.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| ParseError::Json(error.to_string()))?;
        let mut version = Version::default();
        let mut statements = None;
        for (name, value) in object(&value, "the policy")? {
            match name.as_str() {
                "Version" => version = read_version(value)?,
                "Id" => drop(text_of(name, value)?),
                "Statement" => statements = Some(one_or_many(value)),
                _ => return Err(ParseError::UnknownElement(name.clone())),
            }
        }
        let statements = statements.ok_or(ParseError::Missing("Statement"))?;
        let statements = statements
            .iter()
            .map(Statement::read)
            .collect::<Result<_, _>>();
        Ok(Self {
            version,
            statements: statements?,
        })
    }
}

impl Statement {
    /// Reads one statement.
    pub fn read(value: &Value) -> Result<Self, ParseError> {
        let elements = object(value, "a statement")?;
        let effect = elements
            .get("Effect")
            .ok_or(ParseError::Missing("Effect"))?;
        let mut statement = Self::new(read_effect(effect)?);
        for (name, value) in elements {
            statement.read_element(name, value)?;
        }
        Ok(statement)
    }

    fn new(effect: Effect) -> Self {
        Self {
            sid: None,
            effect,
            principal: None,
            not_principal: None,
            action: None,
            not_action: None,
            resource: None,
            not_resource: None,
            conditions: Vec::new(),
        }
    }

    fn read_element(&mut self, name: &str, value: &Value) -> Result<(), ParseError> {
        match name {
            "Sid" => self.sid = Some(text_of(name, value)?),
            "Effect" => {}
            "Principal" => self.principal = Some(Principals::read(name, value)?),
            "NotPrincipal" => self.not_principal = Some(Principals::read(name, value)?),
            "Action" => self.action = Some(texts_of(name, value)?),
            "NotAction" => self.not_action = Some(texts_of(name, value)?),
            "Resource" => self.resource = Some(texts_of(name, value)?),
            "NotResource" => self.not_resource = Some(texts_of(name, value)?),
            "Condition" => self.conditions = read_conditions(value)?,
            _ => return Err(ParseError::UnknownElement(name.to_owned())),
        }
        Ok(())
    }

    /// What to call the statement that is at `index` in its policy.
    pub fn label(&self, index: usize) -> String {
        let number = || format!("{} (which has no Sid)", index + 1);
        self.sid.clone().unwrap_or_else(number)
    }

    /// Every value that a condition compares `key` with; nothing if no condition does.
    pub fn condition_values(&self, key: &str) -> Option<Vec<&str>> {
        let mut found = self
            .conditions
            .iter()
            .filter(|condition| condition.key.eq_ignore_ascii_case(key))
            .peekable();
        found.peek()?;
        Some(
            found
                .flat_map(|condition| &condition.values)
                .map(String::as_str)
                .collect(),
        )
    }

    /// The texts of `Principal` that name accounts, roles, users and sessions.
    pub fn aws_principals(&self) -> &[String] {
        self.principal.as_ref().map_or(&[], Principals::aws)
    }
}

impl Principals {
    fn read(element: &str, value: &Value) -> Result<Self, ParseError> {
        if let Value::String(text) = value {
            return Ok(Self::Text(text.clone()));
        }
        let kinds = value.as_object().ok_or_else(|| wrong(element, value))?;
        let kinds = kinds
            .iter()
            .map(|(kind, texts)| Ok((kind.clone(), texts_of(element, texts)?)));
        kinds.collect::<Result<_, _>>().map(Self::ByKind)
    }

    /// The texts of one kind, such as `Service`; `"*"` is of no kind.
    pub fn of_kind(&self, kind: &str) -> &[String] {
        match self {
            Self::Text(_) => &[],
            Self::ByKind(kinds) => kinds.get(kind).map_or(&[], Vec::as_slice),
        }
    }

    /// The texts that name accounts, roles, users and sessions; `"*"` is the same as `{"AWS": "*"}`.
    pub fn aws(&self) -> &[String] {
        match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::ByKind(_) => self.of_kind("AWS"),
        }
    }
}

fn read_version(value: &Value) -> Result<Version, ParseError> {
    match value.as_str() {
        Some("2012-10-17") => Ok(Version::V2012),
        Some("2008-10-17") => Ok(Version::V2008),
        Some(_) | None => Err(wrong("Version", value)),
    }
}

fn read_effect(value: &Value) -> Result<Effect, ParseError> {
    match value.as_str() {
        Some("Allow") => Ok(Effect::Allow),
        Some("Deny") => Ok(Effect::Deny),
        Some(_) | None => Err(wrong("Effect", value)),
    }
}

fn read_conditions(value: &Value) -> Result<Vec<Condition>, ParseError> {
    let mut conditions = Vec::new();
    for (operator, keys) in object(value, "Condition")? {
        for (key, values) in object(keys, "an operator of Condition")? {
            conditions.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: texts_of(key, values)?,
            });
        }
    }
    Ok(conditions)
}

fn object<'v>(value: &'v Value, what: &'static str) -> Result<&'v Map<String, Value>, ParseError> {
    value.as_object().ok_or(ParseError::NotAnObject(what))
}

/// A list, or the one value that stands for a list of one.
fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            std::slice::from_ref(value)
        }
    }
}

fn texts_of(element: &str, value: &Value) -> Result<Vec<String>, ParseError> {
    let values = one_or_many(value).iter();
    values.map(|value| text_of(element, value)).collect()
}

/// Conditions may hold booleans and numbers, which IAM reads as text.
fn text_of(element: &str, value: &Value) -> Result<String, ParseError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(wrong(element, value)),
    }
}

fn wrong(element: &str, value: &Value) -> ParseError {
    ParseError::Value {
        element: element.to_owned(),
        value: value.to_string(),
    }
}

//! A policy of a key or a bucket as a list of statements: those of ours, and everybody else's, which
//! stay byte for byte as they are. What the statements mean is in the crate `iam-policy`.

mod checks;
mod same;

use iam_policy::Statement;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) use self::checks::{Deleted, fitting, too_large};
use self::same::same;
use crate::names::AccountId;

/// A policy document, its statements parted into ours and foreign ones.
pub(crate) struct Policy<'a> {
    version: Option<String>,
    id: Option<String>,
    foreign: Vec<Foreign<'a>>,
    ours: Vec<Value>,
}

/// A statement that is not ours.
pub(crate) struct Foreign<'a> {
    /// As it stands in the document.
    raw: &'a RawValue,
    /// What it says.
    value: Value,
}

/// The elements of a policy (IAM user guide, "Grammar of the IAM JSON policy language").
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    #[serde(rename = "Version")]
    version: Option<String>,
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(rename = "Statement", borrow)]
    statements: &'a RawValue,
}

impl Policy<'_> {
    /// Whether both say the same, in statements of ours and of others.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let statements = |policy: &Self| -> Vec<Value> {
            let foreign = policy.foreign.iter().map(|foreign| foreign.value.clone());
            policy.ours.iter().cloned().chain(foreign).collect()
        };
        (&self.version, &self.id) == (&other.version, &other.id)
            && same(&statements(self), &statements(other))
    }
}

impl<'a> Policy<'a> {
    /// Reads a policy; statements with a Sid of `sids` are ours. The error says what is wrong with the
    /// text, and where.
    pub(crate) fn parse(text: &'a str, sids: &[&str]) -> Result<Self, String> {
        let document: Document<'a> =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let Document {
            version,
            id,
            statements,
        } = document;
        let mut policy = Self {
            version,
            id,
            foreign: Vec::new(),
            ours: Vec::new(),
        };
        for (place, raw) in list(statements)?.into_iter().enumerate() {
            let value: Value =
                serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
            match &value {
                Value::Object(statement) if is_one_of(sids, statement.get("Sid")) => {
                    policy.ours.push(value);
                }
                Value::Object(_) => policy.foreign.push(Foreign { raw, value }),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_) => {
                    return Err(format!("statement {} is no JSON object", place + 1));
                }
            }
        }
        Ok(policy)
    }

    /// A policy without statements, in this version of the language.
    pub(crate) fn empty(version: &str) -> Self {
        Self {
            version: Some(version.to_owned()),
            id: None,
            foreign: Vec::new(),
            ours: Vec::new(),
        }
    }

    /// Our statements.
    pub(crate) fn ours(&self) -> &[Value] {
        &self.ours
    }

    /// Our statements, read; a service stores none that cannot be read.
    pub(crate) fn statements_of_ours(&self) -> impl Iterator<Item = Statement> {
        self.ours
            .iter()
            .filter_map(|statement| Statement::read(statement).ok())
    }

    /// Everybody else's statements.
    pub(crate) fn foreign(&self) -> &[Foreign<'a>] {
        &self.foreign
    }

    /// Whether our statements say the same as `statements`, however the service spells them.
    pub(crate) fn says(&self, statements: &[Value]) -> bool {
        same(&self.ours, statements)
    }

    /// The text of the policy with `ours` in the place of our statements.
    pub(crate) fn with(&self, ours: &[Value]) -> String {
        let text = |text: &String| Value::from(text.as_str()).to_string();
        let version = self
            .version
            .as_ref()
            .map(|version| format!(r#""Version":{},"#, text(version)));
        let id = self.id.as_ref().map(|id| format!(r#""Id":{},"#, text(id)));
        let foreign = self
            .foreign
            .iter()
            .map(|statement| statement.raw.get().to_owned());
        let statements: Vec<String> = foreign.chain(ours.iter().map(Value::to_string)).collect();
        let (version, id) = (version.unwrap_or_default(), id.unwrap_or_default());
        format!(r#"{{{version}{id}"Statement":[{}]}}"#, statements.join(","))
    }

    /// The parts of the policy that are not ours, each with what to call it.
    pub(crate) fn foreign_parts(&self) -> impl Iterator<Item = (String, &str)> {
        let head = [("Version", &self.version), ("Id", &self.id)];
        let head = head
            .into_iter()
            .filter_map(|(name, part)| Some((name.to_owned(), part.as_deref()?)));
        let statement = |(place, statement): (usize, &'_ Foreign<'a>)| {
            (
                format!("statement {}", statement.name(place)),
                statement.raw.get(),
            )
        };
        head.chain(self.foreign.iter().enumerate().map(statement))
    }
}

impl Foreign<'_> {
    /// What it says; nothing if it cannot be read.
    pub(crate) fn statement(&self) -> Option<Statement> {
        Statement::read(&self.value).ok()
    }

    /// Its Sid, or its place among the foreign statements, counted from 0.
    fn name(&self, place: usize) -> String {
        let number = || format!("{} (which has no Sid)", place + 1);
        self.value["Sid"]
            .as_str()
            .map_or_else(number, str::to_owned)
    }
}

/// The account in an ARN, or the account that a principal of twelve digits is.
pub(crate) fn account_of(principal: &str) -> Option<AccountId> {
    principal
        .parse()
        .ok()
        .or_else(|| principal.split(':').nth(4)?.parse().ok())
}

/// The statements of a policy: a list, or one that stands alone.
fn list(statements: &RawValue) -> Result<Vec<&RawValue>, String> {
    if statements.get().starts_with('[') {
        serde_json::from_str(statements.get()).map_err(|error| error.to_string())
    } else {
        Ok(vec![statements])
    }
}

fn is_one_of(sids: &[&str], sid: Option<&Value>) -> bool {
    sid.and_then(Value::as_str)
        .is_some_and(|sid| sids.contains(&sid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_an_account_by_its_arn_or_by_its_digits() {
        let account = |text| account_of(text).map(String::from);
        assert_eq!(
            account("arn:aws:iam::222222222222:root").as_deref(),
            Some("222222222222")
        );
        assert_eq!(account("222222222222").as_deref(), Some("222222222222"));
        assert_eq!(account("AROAEXAMPLE"), None);
    }
}

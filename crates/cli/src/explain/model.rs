//! What is explained, as programs get it.

use goldsmith_domain::document::Json;
use goldsmith_layers::table::is_secret;
use goldsmith_layers::{Origin, Spot, Use, Variable, plain};
use serde::Serialize;
use serde_json::Value;

use crate::configuration::Pulled;

/// Instead of the value of a secret.
const HIDDEN: &str = "(not shown: its name says that it is a secret)";

/// Variables, with where they come from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explanation {
    /// The variables, by name.
    pub variables: Vec<Explained>,
    /// Names that have no value.
    pub without_value: Vec<String>,
    /// The configuration that was pulled.
    pub configuration: Option<Pulled>,
}

/// A variable, with where it comes from and what it becomes.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explained {
    /// Its name.
    pub name: String,
    /// The value that counts.
    #[serde(flatten)]
    pub given: Given,
    /// The values that it overrode, the nearest first.
    pub overrode: Vec<Given>,
    /// The members of documents that have its value.
    pub becomes: Vec<Member>,
    /// The member that says something else, and is nearer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<Member>,
    /// What it is used for beside documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<&'static str>,
    /// Why it has no use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unused: Option<String>,
}

/// A value, and where it is.
#[derive(Debug, Default, Serialize)]
pub struct Given {
    /// The value.
    pub value: Value,
    /// The layer.
    pub layer: &'static str,
    /// What holds it there.
    pub from: String,
}

/// A member of a document.
#[derive(Debug, Serialize)]
pub struct Member {
    /// The document.
    pub document: &'static str,
    /// The JSON pointer.
    pub pointer: String,
}

impl Explained {
    /// The explanation of a variable that becomes `used`.
    pub fn of(variable: &Variable, used: Option<&Use>) -> Self {
        let name = variable.name.as_str();
        let overrode = variable.overrode.iter();
        let explained = Self {
            name: name.to_owned(),
            given: given(name, &variable.value, &variable.origin),
            overrode: overrode
                .map(|one| given(name, &one.value, &one.origin))
                .collect(),
            ..Self::default()
        };
        match used {
            Some(Use::Members(spots)) => Self {
                becomes: spots.iter().map(member).collect(),
                ..explained
            },
            Some(Use::Kept(spot)) => Self {
                kept: Some(member(spot)),
                ..explained
            },
            Some(Use::Elsewhere(what)) => Self {
                elsewhere: Some(what),
                ..explained
            },
            Some(Use::Unused(reason)) => Self {
                unused: Some(reason.clone()),
                ..explained
            },
            None => explained,
        }
    }
}

fn given(name: &str, value: &Json, origin: &Origin) -> Given {
    let value = if is_secret(name) {
        Value::String(HIDDEN.to_owned())
    } else {
        plain(value)
    };
    Given {
        value,
        layer: origin.layer.as_str(),
        from: origin.to_string(),
    }
}

fn member(spot: &Spot) -> Member {
    Member {
        document: spot.document,
        pointer: spot.pointer.clone(),
    }
}

//! `--set`: a plan for another value of `environment.json`, without editing it.

use std::fmt;
use std::str::FromStr;

use goldsmith_domain::document::{DocumentFile, ENVIRONMENT};
use serde_json::Value;

/// A member of `environment.json` and the value it is to have.
#[derive(Debug, PartialEq)]
pub struct Setting {
    key: String,
    value: Value,
}

/// Why a setting cannot be followed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// It is not `key=value`.
    #[error("found `{0}`, expected `key=value`")]
    Shape(String),
    /// There is no such place.
    #[error("environment.json has no place for `{key}`: {why}")]
    NoPlace {
        /// The key.
        key: String,
        /// Which part of it leads nowhere.
        why: String,
    },
    /// The document is no JSON.
    #[error("environment.json is not an object")]
    NoObject,
}

impl SetError {
    /// What would help.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Shape(_) | Self::NoPlace { .. } => Some(
                "a path has dots, and numbers in lists: --set instance-types.0=m7i.large"
                    .to_owned(),
            ),
            Self::NoObject => None,
        }
    }
}

impl FromStr for Setting {
    type Err = SetError;

    /// `key=value`; a value that is JSON is taken as such, anything else as a string.
    fn from_str(text: &str) -> Result<Self, SetError> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| SetError::Shape(text.to_owned()))?;
        if key.split('.').any(str::is_empty) {
            return Err(SetError::Shape(text.to_owned()));
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Ok(Self {
            key: key.to_owned(),
            value,
        })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.value)
    }
}

/// Puts the settings into `environment.json`.
pub fn apply(settings: &[Setting], files: &mut [DocumentFile]) -> Result<(), SetError> {
    let Some(file) = files.iter_mut().find(|file| file.key == ENVIRONMENT) else {
        return Err(SetError::NoObject);
    };
    let mut document: Value =
        serde_json::from_slice(&file.bytes).map_err(|_| SetError::NoObject)?;
    for setting in settings {
        let place = place(&mut document, &setting.key)?;
        place.clone_from(&setting.value);
    }
    file.bytes = format!("{document:#}\n").into_bytes();
    file.size = file.bytes.len() as u64;
    Ok(())
}

/// The value under a dotted path; its last part may be new, the one after the last item of a list too.
fn place<'v>(document: &'v mut Value, key: &str) -> Result<&'v mut Value, SetError> {
    let no_place = |why: String| SetError::NoPlace {
        key: key.to_owned(),
        why,
    };
    let (mut value, mut left) = (document, key);
    loop {
        let (part, rest) = left
            .split_once('.')
            .map_or((left, None), |(part, rest)| (part, Some(rest)));
        let last = rest.is_none();
        value = match value {
            Value::Object(members) => {
                if last {
                    members.entry(part).or_insert(Value::Null);
                }
                members
                    .get_mut(part)
                    .ok_or_else(|| no_place(format!("there is no `{part}`")))?
            }
            Value::Array(items) => item(items, part, last).map_err(no_place)?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Err(no_place(format!(
                    "nothing is below the value above `{part}`"
                )));
            }
        };
        let Some(rest) = rest else { return Ok(value) };
        left = rest;
    }
}

fn item<'v>(items: &'v mut Vec<Value>, part: &str, last: bool) -> Result<&'v mut Value, String> {
    let count = items.len();
    let index: usize = part
        .parse()
        .map_err(|_| format!("`{part}` is not the number of an item"))?;
    if last && index == count {
        items.push(Value::Null);
    }
    items
        .get_mut(index)
        .ok_or_else(|| format!("the list has {count} items, counted from 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str =
        r#"{"family": "a", "instance-types": ["m6i.large"], "volumes": [{"size-gib": 30}]}"#;

    fn set(settings: &[&str]) -> Result<String, SetError> {
        let settings = settings
            .iter()
            .map(|text| text.parse())
            .collect::<Result<Vec<Setting>, _>>()?;
        let bytes = DOCUMENT.as_bytes().to_vec();
        let file = DocumentFile {
            key: ENVIRONMENT.to_owned(),
            version_id: String::new(),
            size: bytes.len() as u64,
            bytes,
        };
        let mut files = [file];
        apply(&settings, &mut files)?;
        assert_eq!(files[0].size, files[0].bytes.len() as u64);
        let document: Value = serde_json::from_slice(&files[0].bytes).expect("JSON");
        Ok(document.to_string())
    }

    #[test]
    fn a_value_is_replaced_added_and_appended() {
        let settings = [
            "instance-types.0=m7i.large",
            "instance-types.1=m5.large",
            "volumes.0.size-gib=40",
            "pause=true",
        ];
        assert_eq!(
            set(&settings).expect("places"),
            r#"{"family":"a","instance-types":["m7i.large","m5.large"],"volumes":[{"size-gib":40}],"pause":true}"#
        );
    }

    #[test]
    fn a_value_may_hold_an_equals_sign_and_need_not_be_json() {
        assert_eq!(
            "tags.x=a=b".parse(),
            Ok(Setting {
                key: "tags.x".to_owned(),
                value: Value::String("a=b".to_owned())
            })
        );
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused() {
        for wrong in ["instance-types", "=x", "a..b=x"] {
            assert!(matches!(set(&[wrong]), Err(SetError::Shape(_))), "{wrong}");
        }
        for wrong in [
            "a.b=1",
            "family.x=1",
            "instance-types.2=x",
            "instance-types.x=1",
            "volumes.1.size-gib=1",
        ] {
            assert!(
                matches!(set(&[wrong]), Err(SetError::NoPlace { .. })),
                "{wrong}"
            );
        }
    }
}

//! `--set`: a plan with another value in `environment.json`, without editing the file.

use std::fmt;
use std::str::FromStr;

use goldsmith_domain::document::{DocumentFile, ENVIRONMENT, Parsed, place_in};
use goldsmith_domain::problem::{Problem, Problems};
use serde_json::Value;

use crate::error::Hint;

/// A member of `environment.json` and its value for this plan.
#[derive(Debug, PartialEq)]
pub struct Override {
    key: String,
    value: Value,
}

/// A value of `--set` cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// It is not `key=value`.
    #[error("found `{0}`, expected `key=value`")]
    Shape(String),
    /// There is no such member.
    #[error("environment.json has no member `{key}`: {why}")]
    NoMember {
        /// The path.
        key: String,
        /// Which part of it does not exist.
        why: String,
    },
    /// There is no document to change.
    #[error("environment.json is missing, or is not a JSON object")]
    NoObject,
}

impl Hint for OverrideError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Shape(_) | Self::NoMember { .. } => Some(
                "write a path with dots, and list items as numbers: --set instance-types.0=m7i.large"
                    .to_owned(),
            ),
            Self::NoObject => None,
        }
    }
}

impl FromStr for Override {
    type Err = OverrideError;

    /// Reads `key=value`. The value is JSON if it can be read as JSON, or else a string.
    fn from_str(text: &str) -> Result<Self, OverrideError> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| OverrideError::Shape(text.to_owned()))?;
        if key.split('.').any(str::is_empty) {
            return Err(OverrideError::Shape(text.to_owned()));
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Ok(Self {
            key: key.to_owned(),
            value,
        })
    }
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.value)
    }
}

/// Writes the overrides into `environment.json`.
pub fn apply(overrides: &[Override], files: &mut [DocumentFile]) -> Result<(), OverrideError> {
    let Some(file) = files.iter_mut().find(|file| file.key == ENVIRONMENT) else {
        return Err(OverrideError::NoObject);
    };
    let mut document: Value =
        serde_json::from_slice(&file.bytes).map_err(|_| OverrideError::NoObject)?;
    for each in overrides {
        member(&mut document, &each.key)?.clone_from(&each.value);
    }
    file.bytes = format!("{document:#}\n").into_bytes();
    file.size = file.bytes.len() as u64;
    Ok(())
}

/// The same with each problem of `environment.json` where `written` has it. With overrides the file was written
/// anew, and has other lines.
pub fn relocated(parsed: Parsed, files: &[DocumentFile], written: &[DocumentFile]) -> Parsed {
    let Parsed::Rejected(problems) = parsed else {
        return parsed;
    };
    let of_environment = |files: &[DocumentFile]| {
        let mut files = files.iter();
        files.find(|file| file.key == ENVIRONMENT).cloned()
    };
    let (now, before) = (of_environment(files), of_environment(written));
    let Some(before) = before.filter(|before| now.is_none_or(|now| now.bytes != before.bytes))
    else {
        return Parsed::Rejected(problems);
    };
    let (problems, more) = problems.into_parts();
    let moved = problems.into_iter().map(|problem| {
        if problem.file != ENVIRONMENT {
            return problem;
        }
        let place = place_in(&before, &problem.pointer);
        Problem {
            line: place.line,
            column: place.column,
            ..problem
        }
    });
    let moved: Vec<Problem> = moved.collect();
    Parsed::Rejected(Problems::from(moved).and_more(more))
}

/// The value at a dotted path. Its last part may be a new member, or the number after a list's last item.
fn member<'v>(document: &'v mut Value, key: &str) -> Result<&'v mut Value, OverrideError> {
    let no_member = |why: String| OverrideError::NoMember {
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
                    .ok_or_else(|| no_member(format!("`{part}` does not exist")))?
            }
            Value::Array(items) => item(items, part, last).map_err(no_member)?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Err(no_member(format!("`{part}` is not in an object or a list")));
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
        .map_err(|_| format!("`{part}` is not an item number"))?;
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

    fn with(overrides: &[&str]) -> Result<String, OverrideError> {
        let overrides = overrides
            .iter()
            .map(|text| text.parse())
            .collect::<Result<Vec<Override>, _>>()?;
        let bytes = DOCUMENT.as_bytes().to_vec();
        let file = DocumentFile {
            key: ENVIRONMENT.to_owned(),
            version_id: String::new(),
            size: bytes.len() as u64,
            bytes,
        };
        let mut files = [file];
        apply(&overrides, &mut files)?;
        assert_eq!(files[0].size, files[0].bytes.len() as u64);
        let document: Value = serde_json::from_slice(&files[0].bytes).expect("JSON");
        Ok(document.to_string())
    }

    #[test]
    fn a_value_is_replaced_added_and_appended() {
        let overrides = [
            "instance-types.0=m7i.large",
            "instance-types.1=m5.large",
            "volumes.0.size-gib=40",
            "pause=true",
        ];
        assert_eq!(
            with(&overrides).expect("members"),
            r#"{"family":"a","instance-types":["m7i.large","m5.large"],"volumes":[{"size-gib":40}],"pause":true}"#
        );
    }

    #[test]
    fn a_problem_is_told_where_the_file_has_it() {
        let file = |text: &str| crate::documents::from_text(ENVIRONMENT, text);
        let written = [file(DOCUMENT)];
        let mut files = written.clone();
        let instances: Override = "instance-types.0=m6i".parse().expect("an override");
        apply(&[instances], &mut files).expect("a member");
        let parsed = goldsmith_domain::document::parse(&files);
        let Parsed::Rejected(problems) = relocated(parsed, &files, &written) else {
            panic!("m6i is an instance type")
        };
        let (problems, _) = problems.into_parts();
        assert!(
            problems.iter().all(|problem| problem.line == 1),
            "{problems:?}"
        );
        let of_type = problems
            .iter()
            .find(|problem| problem.found.contains("m6i"));
        assert_eq!(of_type.map(|problem| problem.column), Some(36));
    }

    #[test]
    fn a_value_may_hold_an_equals_sign_and_need_not_be_json() {
        assert_eq!(
            "tags.x=a=b".parse(),
            Ok(Override {
                key: "tags.x".to_owned(),
                value: Value::String("a=b".to_owned())
            })
        );
    }

    #[test]
    fn a_path_that_does_not_exist_is_refused() {
        for wrong in ["instance-types", "=x", "a..b=x"] {
            assert!(
                matches!(with(&[wrong]), Err(OverrideError::Shape(_))),
                "{wrong}"
            );
        }
        for wrong in [
            "a.b=1",
            "family.x=1",
            "instance-types.2=x",
            "instance-types.x=1",
            "volumes.1.size-gib=1",
        ] {
            assert!(
                matches!(with(&[wrong]), Err(OverrideError::NoMember { .. })),
                "{wrong}"
            );
        }
    }
}

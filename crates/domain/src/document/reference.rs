//! How a document names a component: somebody else's by ARN, or a document of ours by its key.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::parameters::Given;
use crate::names::{ComponentArn, NameError, fold};
use crate::problem::{Place, Problem};

/// A component as a document names it.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) target: Target,
    pub(super) parameters: BTreeMap<String, Given>,
    pub(super) place: Place,
}

/// What a reference points at.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Arn(ComponentArn),
    Document(DocumentKey),
}

/// The key of a component document, such as `components/harden.yml`.
#[derive(Debug, Clone)]
pub(super) struct DocumentKey {
    pub(super) key: String,
    /// The last part without its ending: it becomes the last part of the component's name.
    pub(super) stem: String,
}

impl FromStr for DocumentKey {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        const EXPECTED: &str = "a component ARN, or a document such as `components/harden.yml`, its \
            name 1 to 64 letters, digits, `-` or `_`";
        let name = text.strip_prefix("components/");
        let stem = name.and_then(|n| n.strip_suffix(".yml").or_else(|| n.strip_suffix(".yaml")));
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        match stem {
            Some(stem) if (1..=64).contains(&stem.len()) && stem.bytes().all(allowed) => Ok(Self {
                key: text.to_owned(),
                stem: stem.to_owned(),
            }),
            _ => Err(NameError {
                found: text.to_owned(),
                expected: EXPECTED,
            }),
        }
    }
}

impl Reference {
    /// The document, if it is one of ours.
    pub(super) fn document(&self) -> Option<&DocumentKey> {
        match &self.target {
            Target::Arn(_) => None,
            Target::Document(document) => Some(document),
        }
    }

    /// The text of the reference.
    pub(super) fn as_str(&self) -> &str {
        match &self.target {
            Target::Arn(arn) => arn.as_str(),
            Target::Document(document) => &document.key,
        }
    }

    /// What must not be there twice: an ARN up to its version, or a document's folded name.
    pub(super) fn identity(&self) -> String {
        match &self.target {
            Target::Arn(arn) => arn
                .as_str()
                .split('/')
                .take(2)
                .collect::<Vec<_>>()
                .join("/"),
            Target::Document(document) => fold(&document.stem),
        }
    }

    /// The problem that `first` is this component, too.
    pub(super) fn repeats(&self, first: &Self) -> Problem {
        let problem = self.place.problem(self.as_str(), "each component once");
        let (line, file) = (first.place.line, &first.place.file);
        let elsewhere = if self.place.file == *file {
            String::new()
        } else {
            format!(" of {file}")
        };
        problem.hint(if first.as_str() == self.as_str() {
            format!("line {line}{elsewhere} lists it already; a component runs all of its phases")
        } else {
            format!(
                "Image Builder takes it for `{}` in line {line}{elsewhere}",
                first.as_str()
            )
        })
    }
}

//! The documents that Image Builder takes: component documents (AWSTOE) and workflow documents.

pub(crate) mod component;
pub(crate) mod workflow;
mod yaml;

use std::fmt;

/// Largest document: the default quotas "component size" and "workflow size" of the AWS General
/// Reference, 64 KB.
pub(crate) const MAX_BYTES: usize = 65_536;

/// Why a text is not a document: the place, from the outermost inwards, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentError {
    /// Such as `phase 'build'`, `step 'Install'`, `inputs`.
    places: Vec<String>,
    /// Counted from one; absent if the problem is the whole document's.
    line: Option<usize>,
    problem: String,
    /// Whether `problem` says everything, the place included.
    complete: bool,
}

impl DocumentError {
    /// A problem of the whole document.
    fn new(problem: impl Into<String>) -> Self {
        Self {
            places: Vec::new(),
            line: None,
            problem: problem.into(),
            complete: false,
        }
    }

    /// A problem at a line, counted from one.
    fn at(line: usize, problem: impl Into<String>) -> Self {
        Self {
            places: Vec::new(),
            line: Some(line),
            problem: problem.into(),
            complete: false,
        }
    }

    /// The same problem, said to be inside of `place`.
    fn within(mut self, place: impl fmt::Display) -> Self {
        if !self.complete {
            self.places.insert(0, place.to_string());
        }
        self
    }

    /// A problem in AWS's own words, which name the place themselves.
    fn said(text: impl Into<String>) -> Self {
        Self {
            complete: true,
            ..Self::new(text)
        }
    }
}

impl fmt::Display for DocumentError {
    /// For example `phase 'build', step 'Install' (line 7): 'action' is missing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.places.join(", "))?;
        if let Some(line) = self.line {
            let space = if self.places.is_empty() { "" } else { " " };
            write!(f, "{space}(line {line})")?;
        }
        let colon = if self.places.is_empty() && self.line.is_none() {
            ""
        } else {
            ": "
        };
        write!(f, "{colon}{}", self.problem)
    }
}

impl std::error::Error for DocumentError {}

/// Whether a name has no other characters than documents allow in the names of phases, steps,
/// parameters, constants and outputs. AWS's text was seen for a step (aws-cdk, issue 19909).
fn has_allowed_characters(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// What AWS says of a name with other characters.
const ALLOWED_CHARACTERS: &str = "Allowed characters are combinations of numbers [0-9], english letters [a-z,A-Z] and \
                                  special characters [-_].";

/// The only version that either kind of document has; `1` is what YAML makes of some spellings. The
/// text was seen for a component (a PowerShell user's notes on New-EC2IBComponent).
fn check_schema(root: &yaml::Fields<'_>) -> Result<String, DocumentError> {
    match root.get("schemaVersion").and_then(yaml::Node::scalar) {
        Some(text @ ("1.0" | "1")) => Ok(text.to_owned()),
        Some(_) | None => Err(DocumentError::said(
            "Invalid schema version. Supported versions include: 1.0.",
        )),
    }
}

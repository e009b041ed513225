//! What an import returns: files to write, what was chosen, and what was left.

use std::fmt;

use serde::Serialize;

use crate::source::SourceFile;

/// Where something is in the source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Place {
    /// The file, by its path below the folder.
    pub file: String,
    /// The line, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What it is in the file, such as `builders[0].source_ami_filter`; empty for the whole file.
    pub path: String,
}

impl Place {
    /// A whole file.
    pub fn file(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }

    /// What is below it under the name `key`.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let path = match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        Self {
            path,
            ..self.clone()
        }
    }

    /// The item of it with this number, from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            ..self.clone()
        }
    }

    /// The same, with the line of something in it, if that has one.
    #[must_use]
    pub fn at(&self, line: Option<usize>) -> Self {
        Self {
            line: line.or(self.line),
            ..self.clone()
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if self.path.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.path)
    }
}

/// Why something was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftKind {
    /// It is, or may be, a secret. Its value is shown nowhere.
    Secret,
    /// Its value is only known when the other tool runs.
    Computed,
    /// It names a file that was not read.
    Missing,
    /// Its value has a form that goldsmith does not take.
    Invalid,
    /// goldsmith has nothing like it.
    Unsupported,
    /// Something else in goldsmith does the job, so that nobody has to do anything.
    Unneeded,
}

/// Something that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Where it is.
    pub place: Place,
    /// The kind of the reason.
    pub kind: LeftKind,
    /// What was found, in short; of a secret only its name.
    pub found: String,
    /// The reason, as a sentence without its full stop.
    pub why: String,
    /// What a person can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Left {
    /// Whether a person has to look at it.
    pub fn needs_a_person(&self) -> bool {
        self.kind != LeftKind::Unneeded
    }
}

/// A value in the documents that the source does not have in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What it was made from; none if the source says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The member of a document, such as `instance-types`.
    pub what: String,
    /// What was chosen.
    pub value: String,
    /// The reason, as a sentence without its full stop.
    pub why: String,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// The documents and components to write, by their paths in the environment's folder.
    pub files: Vec<SourceFile>,
    /// What was not taken over.
    pub left: Vec<Left>,
    /// What was chosen.
    pub decisions: Vec<Decision>,
}

/// Nothing could be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// No file of the folder is what was asked for.
    #[error("found no {expected}")]
    Nothing {
        /// What was looked for, as a noun phrase.
        expected: &'static str,
    },
    /// Several files could be meant.
    #[error("found {first} and {second}, expected one template in the folder")]
    Several {
        /// One of them.
        first: String,
        /// Another one.
        second: String,
    },
    /// A file that everything depends on cannot be read.
    #[error("{place}: found {found}, expected {expected}")]
    Unreadable {
        /// The file, with the line if it is known.
        place: Place,
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
}

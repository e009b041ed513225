//! What is wrong with the documents of a folder, and what has no effect.

use std::path::{Path, PathBuf};

use goldsmith_domain::desired::Note;
use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed};
use goldsmith_domain::escape::printable;
use goldsmith_domain::problem::Problem;
use serde::Serialize;

use super::environments;
use crate::shell::word;

/// The result of checking the documents of a folder.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckReport {
    /// The first problems.
    pub problems: Vec<Problem>,
    /// How many more problems there are.
    pub more_problems: usize,
    /// Documents that are needed and missing.
    pub absent: Vec<String>,
    /// Main documents that another repository of the environment may hold: a plan takes them from the bucket.
    pub elsewhere: Vec<String>,
    /// Values that have no effect.
    pub notes: Vec<Remark>,
}

/// A value that has no effect, with its place and the reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remark {
    /// The document.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The value as a JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// The reason, as a sentence.
    pub text: String,
}

impl From<&Note> for Remark {
    fn from(note: &Note) -> Self {
        let place = &note.place;
        Self {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            pointer: place.pointer.clone(),
            text: note.text.clone(),
        }
    }
}

impl CheckReport {
    /// The report on parsed documents.
    pub fn of(parsed: &Parsed) -> Self {
        match parsed {
            Parsed::Desired(desired) => Self {
                notes: desired.notes.iter().map(Remark::from).collect(),
                ..Self::default()
            },
            Parsed::Absent(keys) => Self {
                absent: keys.clone(),
                ..Self::default()
            },
            Parsed::Rejected(problems) => {
                let (problems, more_problems) = problems.clone().into_parts();
                Self {
                    problems,
                    more_problems,
                    ..Self::default()
                }
            }
        }
    }

    /// The same for a folder that has some documents: it need not have both main ones.
    #[must_use]
    pub fn of_some(mut self, files: &[DocumentFile]) -> Self {
        let is_main = |key: &String| [AMI_VERSIONS, ENVIRONMENT].contains(&key.as_str());
        if !files.is_empty() {
            (self.elsewhere, self.absent) = self.absent.into_iter().partition(is_main);
        }
        self
    }

    /// The same, with `folder` before each file name.
    #[must_use]
    pub fn below(self, folder: &Path) -> Self {
        let path = |file: &str| folder.join(file).display().to_string();
        let problem = |problem: Problem| Problem {
            file: path(&problem.file),
            ..problem
        };
        let remark = |remark: Remark| Remark {
            file: path(&remark.file),
            ..remark
        };
        Self {
            problems: self.problems.into_iter().map(problem).collect(),
            absent: self.absent.iter().map(|file| path(file)).collect(),
            elsewhere: self.elsewhere.iter().map(|file| path(file)).collect(),
            notes: self.notes.into_iter().map(remark).collect(),
            ..self
        }
    }

    /// Whether the documents can be used.
    pub fn is_usable(&self) -> bool {
        self.problems.is_empty() && self.absent.is_empty()
    }

    /// For people, a line each.
    pub fn text(&self) -> String {
        let problems = self.problems.iter().map(|problem| format!("{problem}\n"));
        let more =
            (self.more_problems > 0).then(|| format!("... and {} more\n", self.more_problems));
        let absent = self
            .absent
            .iter()
            .map(|file| format!("{}: found nothing, expected a document\n", printable(file)));
        let note = |note: &Remark| {
            let (file, text) = (printable(&note.file), printable(&note.text));
            format!("{file}:{}:{}: {text}\n", note.line, note.column)
        };
        let elsewhere = self.elsewhere.iter().map(|file| {
            let file = printable(file);
            format!("{file}: not in this folder, so what depends on it is not checked; a plan takes it from the bucket\n")
        });
        problems
            .chain(more)
            .chain(absent)
            .chain(elsewhere)
            .chain(self.notes.iter().map(note))
            .collect()
    }

    /// In a few words; `read` is the number of documents.
    pub fn summary(&self, read: usize) -> String {
        let count =
            |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let problems = self.problems.len() + self.more_problems;
        let parts = [
            (problems > 0).then(|| count(problems, "problem", "problems")),
            (!self.absent.is_empty()).then(|| {
                count(
                    self.absent.len(),
                    "document is missing",
                    "documents are missing",
                )
            }),
            (self.is_usable()).then(|| "nothing is wrong".to_owned()),
            (!self.notes.is_empty()).then(|| count(self.notes.len(), "note", "notes")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!(
            "{} read: {}",
            count(read, "document", "documents"),
            parts.join(", ")
        )
    }
}

/// What helps if the folder holds no document at all.
pub fn empty_folder_hint(folder: &Path, files: &[DocumentFile]) -> Option<String> {
    if !files.is_empty() {
        return None;
    }
    let environments: Vec<PathBuf> = environments(folder)
        .iter()
        .map(|name| folder.join(name))
        .collect();
    let Some(first) = environments.first() else {
        return Some(format!(
            "`goldsmith init {}` creates the documents of a new environment",
            word(&folder.display().to_string())
        ));
    };
    let several = if environments.len() > 1 {
        ", then the others"
    } else {
        ""
    };
    Some(format!(
        "{} holds environments, and a command takes one of them: try {}{several}",
        folder.display(),
        first.display()
    ))
}

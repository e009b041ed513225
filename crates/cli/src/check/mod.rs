//! `goldsmith check`: everything that is wrong with the documents of a folder.

mod github;

use std::path::{Path, PathBuf};

use goldsmith_domain::desired::Note;
use goldsmith_domain::document::{DocumentFile, Parsed, parse};
use goldsmith_domain::problem::Problem;
use serde::Serialize;

use crate::arguments::{Check, CheckFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::voice::Voice;
use crate::{documents, repository};

/// What is to be said of the documents of a folder.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Verdict {
    /// What is wrong, the first of it.
    pub problems: Vec<Problem>,
    /// How much more is wrong.
    pub more_problems: usize,
    /// The documents that are needed and not there.
    pub absent: Vec<String>,
    /// What has no effect.
    pub notes: Vec<Remark>,
}

/// Something that has no effect, where it stands and why.
#[derive(Debug, PartialEq, Serialize)]
pub struct Remark {
    /// The document.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The value as a JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// Why, as a sentence.
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

impl Verdict {
    /// What is to be said of what came of parsing.
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

    /// The same, with `folder` before each file.
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
            notes: self.notes.into_iter().map(remark).collect(),
            ..self
        }
    }

    /// Whether the documents may be acted upon.
    pub fn is_fine(&self) -> bool {
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
            .map(|file| format!("{file}: found nothing, expected a document\n"));
        let note = |note: &Remark| {
            format!(
                "{}:{}:{}: {}\n",
                note.file, note.line, note.column, note.text
            )
        };
        problems
            .chain(more)
            .chain(absent)
            .chain(self.notes.iter().map(note))
            .collect()
    }

    /// In a few words.
    fn summary(&self, read: usize) -> String {
        let count =
            |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let problems = self.problems.len() + self.more_problems;
        let told = [
            (problems > 0).then(|| count(problems, "problem", "problems")),
            (!self.absent.is_empty()).then(|| {
                count(
                    self.absent.len(),
                    "document is missing",
                    "documents are missing",
                )
            }),
            (self.is_fine()).then(|| "nothing is wrong".to_owned()),
            (!self.notes.is_empty()).then(|| count(self.notes.len(), "note", "notes")),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        format!(
            "{} read: {}",
            count(read, "document", "documents"),
            told.join(", ")
        )
    }
}

/// Reads the documents and tells what is wrong.
pub fn run(arguments: &Check, voice: Voice) -> Result<Exit, Failure> {
    let files = documents::read(&arguments.dir)?;
    let verdict = Verdict::of(&parse(&files));
    let summary = verdict.summary(files.len());
    let hint = hint(&arguments.dir, &files);
    let exit = if verdict.is_fine() {
        Exit::Done
    } else {
        Exit::Error
    };
    voice.data(&draw(verdict, arguments)?);
    voice.say(&summary);
    if let Some(hint) = hint {
        voice.hint(&hint);
    }
    Ok(exit)
}

fn draw(verdict: Verdict, arguments: &Check) -> Result<String, Failure> {
    Ok(match arguments.format {
        CheckFormat::Text => verdict.below(&arguments.dir).text(),
        CheckFormat::Json => format!("{}\n", serde_json::to_string_pretty(&verdict)?),
        CheckFormat::Github => {
            github::annotations(&verdict.below(&repository::relative(&arguments.dir)))
        }
    })
}

/// What helps if the folder holds no document at all.
pub fn hint(folder: &Path, files: &[DocumentFile]) -> Option<String> {
    if !files.is_empty() {
        return None;
    }
    let environments: Vec<PathBuf> = documents::environments(folder)
        .iter()
        .map(|name| folder.join(name))
        .collect();
    let Some(first) = environments.first() else {
        return Some(format!(
            "`goldsmith init {}` makes the documents of an environment",
            folder.display()
        ));
    };
    let several = if environments.len() > 1 {
        ", and the others one by one"
    } else {
        ""
    };
    Some(format!(
        "{} holds environments, and one is looked at at a time: try {}{several}",
        folder.display(),
        first.display()
    ))
}

#[cfg(test)]
mod tests;

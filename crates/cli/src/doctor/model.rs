//! What the checks say.

use goldsmith_domain::release::Release;
use serde::Serialize;

/// Everything that was checked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Diagnosis {
    /// The release of this command.
    pub release: Release,
    /// The folder of the documents; none if there is no one folder.
    pub directory: Option<String>,
    /// The stack; none if nothing names one.
    pub stack: Option<String>,
    /// Whether nothing failed.
    pub passes: bool,
    /// Each check, in the order in which one needs the other.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// What was found, as a sentence.
    pub found: String,
    /// The command that helps, or the page; none where nothing has to be done.
    pub remedy: Option<String>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is as it should be.
    Ok,
    /// Nothing was looked at, for the reason that is found.
    Skipped,
    /// It works, and a person should look at it.
    Warning,
    /// Something does not work.
    Failed,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Warning, Self::Failed, Self::Skipped];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

impl Check {
    /// All is well.
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, State::Ok, found, None)
    }

    /// Nothing was looked at.
    pub fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self::new(name, State::Skipped, why, None)
    }

    /// A person should look at it; `remedy` is what helps.
    pub fn warning(
        name: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(name, State::Warning, found, Some(remedy.into()))
    }

    /// Something does not work; `remedy` is what helps.
    pub fn failed(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(name, State::Failed, found, Some(remedy.into()))
    }

    fn new(
        name: &'static str,
        state: State,
        found: impl Into<String>,
        remedy: Option<String>,
    ) -> Self {
        Self {
            name,
            state,
            found: found.into(),
            remedy,
        }
    }
}

impl Diagnosis {
    /// The checks of a folder and a stack together.
    pub fn new(directory: Option<String>, stack: Option<String>, checks: Vec<Check>) -> Self {
        Self {
            release: Release::current(),
            directory,
            stack,
            passes: checks.iter().all(|check| check.state != State::Failed),
            checks,
        }
    }
}

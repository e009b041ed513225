//! What the exit code says to a script.

use std::process::ExitCode;

use goldsmith_domain::review::Verdict;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well, or there is nothing to do but wait.
    Done,
    /// A document is wrong, or the command could not be carried out.
    Error,
    /// The plan changes something.
    Changes,
    /// Something is refused or failed, and needs a person.
    Refused,
}

impl Exit {
    /// The end of a command that did what was asked for, or did not.
    pub fn refused_unless(done: bool) -> Self {
        if done { Self::Done } else { Self::Refused }
    }

    /// This end, or the other one if this one is fine.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self == Self::Done { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Error => 1,
            Exit::Changes => 2,
            Exit::Refused => 3,
        })
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Settled => Self::Done,
            Verdict::Changes => Self::Changes,
            Verdict::Refused => Self::Refused,
        }
    }
}

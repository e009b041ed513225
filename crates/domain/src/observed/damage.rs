//! What somebody damaged by hand of what consumers read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is wrong with an object or a parameter that consumers read.
///
/// What was found is not kept: it is a stranger's, and nobody needs it for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// It is not there.
    Missing,
    /// It does not name the AMIs of the image.
    Content,
    /// Its metadata name another image.
    Image,
    /// Its signature is missing or wrong.
    Signature,
    /// It could not be read, with the reason; only ever shown.
    Unreadable(String),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Content => f.write_str("does not name the image's AMI"),
            Self::Image => f.write_str("says that it is of another image"),
            Self::Signature => f.write_str("has no valid signature"),
            Self::Unreadable(reason) => write!(f, "cannot be read ({reason})"),
        }
    }
}

//! What was found of an image in a place where it is used. [`verify`](crate::verify) finds it out, and
//! [`proof`](crate::proof) counts it.

use serde::{Deserialize, Serialize};

use crate::names::{RecipeName, Region};

/// Whether something is as the documents want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Status {
    /// It is.
    Correct,
    /// It is there, and not as it should be.
    Incorrect,
    /// It is not there.
    Missing,
    /// It could not be found out.
    Unknown,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The AMI in the building account, before anything names it.
    Ami,
    /// The launch permission on our AMI, or the consumer's own copy.
    Image,
    /// The policy of the key and the grants on it, as our side tells them.
    Key,
    /// Whether the policies of a role that launches allow the use of the key.
    KeyUse,
    /// A dry run of a launch.
    Launch,
    /// An instance that was started and ended.
    Probe,
}

/// One thing that was held against the documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The account, or the ARN of the organization or unit.
    pub consumer: String,
    /// Where.
    pub region: Region,
    /// The recipe; none if it is the same for all of them.
    #[serde(deserialize_with = "Option::deserialize")]
    pub recipename: Option<RecipeName>,
    /// What was looked at.
    pub check: Check,
    /// What came of it.
    pub status: Status,
    /// What the documents want.
    pub expected: String,
    /// What was found.
    pub actual: String,
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "Correct",
            Self::Incorrect => "Incorrect",
            Self::Missing => "Missing",
            Self::Unknown => "Unknown",
        }
    }
}

impl Check {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ami => "ami",
            Self::Image => "image",
            Self::Key => "key",
            Self::KeyUse => "key-use",
            Self::Launch => "launch",
            Self::Probe => "probe",
        }
    }
}

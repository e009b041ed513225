//! Image usage reports.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::common::tags::OwnedTags;

/// A report begins as `pending` (User Guide, "View your AMI usage"). For how long is not documented.
const PENDING: SignedDuration = SignedDuration::from_secs(10);

/// EC2 deletes a report thirty days after its creation (same page).
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A report, with what it found when it was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    pub id: String,
    pub image: String,
    /// The account that made it, which owns the AMI.
    pub account: String,
    pub region: String,
    pub created: Timestamp,
    pub tags: OwnedTags,
    pub kinds: Vec<Kind>,
    pub accounts: Vec<String>,
    pub entries: Vec<Entry>,
}

/// A resource type of a report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kind {
    pub name: String,
    pub options: Vec<(String, Vec<String>)>,
}

/// How many resources of a type refer to the AMI in an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub account: String,
    pub kind: String,
    pub count: u64,
}

impl Report {
    pub fn is_pending(&self, now: Timestamp) -> bool {
        now < self
            .created
            .saturating_add(PENDING)
            .unwrap_or(Timestamp::MAX)
    }

    pub fn expires(&self) -> Timestamp {
        self.created.saturating_add(KEPT).unwrap_or(Timestamp::MAX)
    }

    pub fn state(&self, now: Timestamp) -> &'static str {
        if self.is_pending(now) {
            "pending"
        } else {
            "available"
        }
    }
}

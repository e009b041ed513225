//! What earlier runs have left in the output bucket, and how far it is believed.
//!
//! Leases, the quarantine and the last report say what to leave alone. Whoever can write to the bucket could
//! otherwise stop revocations and alarms for ever. So what no run can have written is discarded and reported.

use std::time::Duration;

use goldsmith_domain::report::Entry;
use jiff::Timestamp;

use crate::Aws;

/// How far the clock of another run may be ahead of ours. Lambda keeps its clocks to less than a second; most
/// services of AWS tolerate five minutes in a signature (IAM user guide, "Signing AWS API requests").
pub(crate) const CLOCK_SKEW: Duration = Duration::from_mins(5);

/// Whether a run can have written, by now, that something holds until `end`, if it holds for `term`.
pub(crate) fn is_plausible_end(end: Timestamp, term: Duration) -> bool {
    end <= Timestamp::now() + term + CLOCK_SKEW
}

/// The latest time that a run can have written by now.
pub(crate) fn latest_time() -> Timestamp {
    Timestamp::now() + CLOCK_SKEW
}

impl Aws {
    /// Reports that the object at `key` in the output bucket is not believed, and why.
    pub(crate) fn discard(&self, key: &str, why: &str) {
        tracing::warn!(key, why, "discarded what no run can have written");
        self.discarded().push(Entry {
            kind: "discarded".to_owned(),
            target: key.to_owned(),
            reason: Some(format!(
                "{why}; no run writes that, so it was discarded: find out who can write to the output bucket"
            )),
        });
    }

    /// What was discarded since the last time.
    pub fn take_discarded(&self) -> Vec<Entry> {
        let mut all = std::mem::take(&mut *self.discarded());
        all.dedup();
        all
    }
}

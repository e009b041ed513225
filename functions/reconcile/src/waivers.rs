//! Waivers that end: no plan depends on them, and people should know before a rule fails again.

use goldsmith_aws::documents::Documents;
use goldsmith_aws::fault::chain;
use goldsmith_aws::{Aws, results};
use goldsmith_domain::report::Entry;

use crate::event::{Request, Trigger};

/// The kind of these entries in a report.
pub const KIND: &str = "waiver-ends";

/// Entries for waivers that have ended or end soon. Only the hourly run and a person's look: the documents cost a call
/// each, and a day changes nothing in an hour.
pub async fn ending(aws: &Aws, request: &Request, documents: &Documents) -> Vec<Entry> {
    match request.trigger {
        Trigger::Event | Trigger::Image => return Vec::new(),
        Trigger::Hour | Trigger::Person => {}
    }
    match results::ending_waivers(aws, &documents.waivers).await {
        Ok(warnings) => warnings.into_iter().map(entry).collect(),
        Err(error) => {
            let error = chain(&error);
            tracing::warn!(error, "whether waivers end is not in the report");
            Vec::new()
        }
    }
}

fn entry((rule, warning): (String, String)) -> Entry {
    Entry {
        kind: KIND.to_owned(),
        target: rule,
        reason: Some(warning),
    }
}

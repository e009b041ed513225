//! What the function is invoked with.

use std::collections::BTreeMap;

use goldsmith_function::FunctionError;
use serde::Deserialize;
use serde_json::Value;

/// Why the function was invoked.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// Something happened: Lambda retries if the run fails.
    Event,
    /// Somebody asks, and waits for the report.
    Direct(Direct),
}

/// What a caller may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Direct {
    /// Only list the changes.
    #[serde(default)]
    pub dry_run: bool,
    /// Documents, texts by key, to plan for as if they were uploaded; in a dry run only.
    #[serde(default)]
    pub documents: BTreeMap<String, String>,
}

impl Request {
    /// The request as a caller could have made it.
    pub fn direct(&self) -> Direct {
        match self {
            Self::Event => Direct::default(),
            Self::Direct(direct) => direct.clone(),
        }
    }
}

/// The request in an event; `None` for the test event that S3 sends when a notification is set up.
///
/// An unknown field of a direct invoke is refused: `{"dry_run": true}` must not become a run that
/// is not dry.
pub fn read(payload: &Value) -> Result<Option<Request>, FunctionError> {
    if payload["Event"] == "s3:TestEvent" {
        return Ok(None);
    }
    if payload["Records"].is_array() || payload["detail-type"].is_string() {
        return Ok(Some(Request::Event));
    }
    let expected = "an S3 or EventBridge event, `{}`, `{\"dry-run\": true}`, or that with `documents`";
    let wrong =
        |why: &str| FunctionError::Event { found: format!("{} ({why})", shortened(payload)), expected };
    let direct = Direct::deserialize(payload).map_err(|error| wrong(&error.to_string()))?;
    if !direct.dry_run && !direct.documents.is_empty() {
        return Err(wrong("S3 is the truth: documents are uploaded, and only a dry run takes others"));
    }
    Ok(Some(Request::Direct(direct)))
}

/// The beginning of a payload, which may be megabytes of documents.
fn shortened(payload: &Value) -> String {
    payload.to_string().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_test_event_of_s3_is_not_a_request() {
        let event = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"});
        assert_eq!(read(&event).expect("an event"), None);
    }

    #[test]
    fn triggers_carry_no_decision() {
        for event in [json!({"Records": []}), json!({"detail-type": "Scheduled Event"})] {
            assert_eq!(read(&event).expect("an event"), Some(Request::Event));
        }
    }

    #[test]
    fn only_the_exact_spelling_is_a_dry_run() {
        let dry_run = |event| read(&event).expect("an event").map(|request| request.direct().dry_run);
        assert_eq!(dry_run(json!({"dry-run": true})), Some(true));
        assert_eq!(dry_run(json!({})), Some(false));
        assert!(read(&json!({"dry_run": true})).is_err() && read(&json!("dry-run")).is_err());
    }

    #[test]
    fn documents_come_with_a_dry_run_only() {
        let documents = json!({"ami-versions.json": "{}"});
        let request = read(&json!({"dry-run": true, "documents": documents})).expect("a request");
        assert_eq!(request.expect("a request").direct().documents["ami-versions.json"], "{}");
        let refused = read(&json!({"documents": documents})).expect_err("not a dry run").to_string();
        assert!(refused.contains("only a dry run takes others"), "{refused}");
    }
}

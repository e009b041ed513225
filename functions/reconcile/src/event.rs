//! What the function is invoked with.

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
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Direct {
    /// Only list the changes.
    #[serde(default)]
    pub dry_run: bool,
}

impl Request {
    /// Whether changes are only listed.
    pub fn dry_run(&self) -> bool {
        matches!(self, Self::Direct(Direct { dry_run: true }))
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
    let expected = "an S3 or EventBridge event, `{}` or `{\"dry-run\": true}`";
    Direct::deserialize(payload)
        .map(|direct| Some(Request::Direct(direct)))
        .map_err(|error| FunctionError::Event { found: format!("{payload} ({error})"), expected })
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
        let dry_run = |event| read(&event).expect("an event").map(|request| request.dry_run());
        assert_eq!(dry_run(json!({"dry-run": true})), Some(true));
        assert_eq!(dry_run(json!({})), Some(false));
        assert!(read(&json!({"dry_run": true})).is_err() && read(&json!("dry-run")).is_err());
    }
}

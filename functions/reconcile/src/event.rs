//! What the function is invoked with.

use std::collections::BTreeMap;

use goldsmith_domain::observed::Depth;
use goldsmith_function::FunctionError;
use serde::Deserialize;
use serde_json::Value;

/// What is asked for, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who invoked the function.
    pub by: By,
    /// What is asked for.
    pub direct: Direct,
}

/// Who invoked the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Something happened: Lambda retries if the run fails.
    Event,
    /// An image ended: what is built on it, or copied from it, may go on.
    Image,
    /// The hour, in search of what no event tells.
    Hour,
    /// Somebody who waits for the report.
    Person,
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
    /// How closely to look: what was changed by hand is only searched for by the hour, and shown to
    /// whoever asks what would happen.
    pub fn depth(&self) -> Depth {
        if self.by == By::Hour || self.direct.dry_run {
            Depth::Content
        } else {
            Depth::Digest
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
    let by = match payload["detail-type"].as_str() {
        Some("Scheduled Event") => By::Hour,
        Some("EC2 Image Builder Image State Change") => By::Image,
        Some(_) => By::Event,
        None if payload["Records"].is_array() => By::Event,
        None => {
            return direct(payload).map(|direct| {
                Some(Request {
                    by: By::Person,
                    direct,
                })
            });
        }
    };
    Ok(Some(Request {
        by,
        direct: Direct::default(),
    }))
}

fn direct(payload: &Value) -> Result<Direct, FunctionError> {
    let expected =
        "an S3 or EventBridge event, `{}`, `{\"dry-run\": true}`, or that with `documents`";
    let wrong = |why: &str| FunctionError::Event {
        found: format!("{} ({why})", shortened(payload)),
        expected,
    };
    let direct = Direct::deserialize(payload).map_err(|error| wrong(&error.to_string()))?;
    if !direct.dry_run && !direct.documents.is_empty() {
        return Err(wrong(
            "S3 is the truth: documents are uploaded, and only a dry run takes others",
        ));
    }
    Ok(direct)
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
        let events = [
            (json!({"Records": []}), By::Event),
            (json!({"detail-type": "Scheduled Event"}), By::Hour),
            (
                json!({"detail-type": "EC2 Image Builder Image State Change"}),
                By::Image,
            ),
        ];
        for (event, by) in events {
            let request = read(&event).expect("an event").expect("a request");
            assert_eq!(
                request,
                Request {
                    by,
                    direct: Direct::default()
                }
            );
        }
    }

    #[test]
    fn only_the_hour_and_a_dry_run_look_at_contents() {
        let depth = |event| read(&event).expect("an event").expect("a request").depth();
        assert_eq!(depth(json!({"Records": []})), Depth::Digest);
        assert_eq!(depth(json!({})), Depth::Digest);
        assert_eq!(
            depth(json!({"detail-type": "Scheduled Event"})),
            Depth::Content
        );
        assert_eq!(depth(json!({"dry-run": true})), Depth::Content);
    }

    #[test]
    fn only_the_exact_spelling_is_a_dry_run() {
        let dry_run = |event| {
            read(&event)
                .expect("an event")
                .map(|request| request.direct.dry_run)
        };
        assert_eq!(dry_run(json!({"dry-run": true})), Some(true));
        assert_eq!(dry_run(json!({})), Some(false));
        assert!(read(&json!({"dry_run": true})).is_err() && read(&json!("dry-run")).is_err());
    }

    #[test]
    fn documents_come_with_a_dry_run_only() {
        let documents = json!({"ami-versions.json": "{}"});
        let request = read(&json!({"dry-run": true, "documents": documents})).expect("a request");
        assert_eq!(
            request.expect("a request").direct.documents["ami-versions.json"],
            "{}"
        );
        let refused = read(&json!({"documents": documents}))
            .expect_err("not a dry run")
            .to_string();
        assert!(refused.contains("only a dry run takes others"), "{refused}");
    }
}

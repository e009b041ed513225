//! What the function is invoked with.

use std::collections::BTreeMap;

use goldsmith_domain::observed::Depth;
use goldsmith_function::FunctionError;
use serde::Deserialize;
use serde_json::Value;

/// What started a run, and what it has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What invoked the function.
    pub trigger: Trigger,
    /// What the caller asks for.
    pub invoke: InvokeRequest,
}

/// What invoked the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Something happened: Lambda retries if the run fails.
    Event,
    /// A build ended: what is built on its image, or copied from it, may continue.
    Image,
    /// The hourly rule, which finds what no event reports.
    Hour,
    /// A caller that waits for the report.
    Person,
}

/// What a caller may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InvokeRequest {
    /// Only list the changes.
    #[serde(default)]
    pub dry_run: bool,
    /// Documents, texts by key, to plan for as if they were uploaded; in a dry run only.
    #[serde(default)]
    pub documents: BTreeMap<String, String>,
}

impl Request {
    /// How deeply the run reads the stack. Only the hourly run and dry runs search for changes that were
    /// made by hand.
    pub fn depth(&self) -> Depth {
        if self.trigger == Trigger::Hour || self.invoke.dry_run {
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
    let trigger = match payload["detail-type"].as_str() {
        Some("Scheduled Event") => Trigger::Hour,
        Some("EC2 Image Builder Image State Change") => Trigger::Image,
        Some(_) => Trigger::Event,
        None if payload["Records"].is_array() => Trigger::Event,
        None => {
            return invoke_request(payload).map(|invoke| {
                Some(Request {
                    trigger: Trigger::Person,
                    invoke,
                })
            });
        }
    };
    Ok(Some(Request {
        trigger,
        invoke: InvokeRequest::default(),
    }))
}

/// The request of a direct invoke.
fn invoke_request(payload: &Value) -> Result<InvokeRequest, FunctionError> {
    let expected =
        "an S3 or EventBridge event, `{}`, `{\"dry-run\": true}`, or that with `documents`";
    let wrong = |why: &str| FunctionError::Event {
        found: format!("{} ({why})", shortened(payload)),
        expected,
    };
    let request = InvokeRequest::deserialize(payload).map_err(|error| wrong(&error.to_string()))?;
    if !request.dry_run && !request.documents.is_empty() {
        return Err(wrong(
            "documents are uploaded to S3; only a dry run takes others",
        ));
    }
    Ok(request)
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
            (json!({"Records": []}), Trigger::Event),
            (json!({"detail-type": "Scheduled Event"}), Trigger::Hour),
            (
                json!({"detail-type": "EC2 Image Builder Image State Change"}),
                Trigger::Image,
            ),
        ];
        for (event, trigger) in events {
            let request = read(&event).expect("an event").expect("a request");
            assert_eq!(
                request,
                Request {
                    trigger,
                    invoke: InvokeRequest::default()
                }
            );
        }
    }

    #[test]
    fn only_the_hourly_run_and_dry_runs_read_contents() {
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
                .map(|request| request.invoke.dry_run)
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
            request.expect("a request").invoke.documents["ami-versions.json"],
            "{}"
        );
        let refused = read(&json!({"documents": documents}))
            .expect_err("not a dry run")
            .to_string();
        assert!(refused.contains("only a dry run takes others"), "{refused}");
    }
}

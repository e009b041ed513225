//! What the function is invoked with.

use std::collections::BTreeMap;

use goldsmith_aws::output;
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::report::{LONGEST_SINCE, is_long_ago, is_time};
use goldsmith_function::{Event, FunctionError, Object, Payload, event, refusal};

const EXPECTED: &str = "an S3, scheduled or image state change event as AWS sends it, `{}`, `{\"since\": \"<time>\"}`, `{\"dry-run\": true}`, that with `documents`, or `{\"continue\": true}`";

/// What started a run, and what it has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What invoked the function.
    pub trigger: Trigger,
    /// The image that ended, if one did.
    pub image: Option<ImageArn>,
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvokeRequest {
    /// Only list the changes.
    pub dry_run: bool,
    /// Documents, texts by key, to plan for as if they were uploaded; in a dry run only.
    pub documents: BTreeMap<String, String>,
    /// Answer with what every run has done that reported since this time, in the form of a report's time.
    pub since: Option<String>,
}

impl Request {
    /// How deeply the run reads the stack. The hourly run and people's runs search for changes that were made
    /// by hand: a person who confirmed a plan gets all of it.
    pub fn depth(&self) -> Depth {
        match self.trigger {
            Trigger::Hour => Depth::Hour,
            Trigger::Person => Depth::Content,
            Trigger::Event | Trigger::Image => Depth::Digest,
        }
    }
}

/// The request in an event; `None` for the test event that S3 sends when a notification is set up.
///
/// An unknown field of a direct invoke is refused: `{"dry_run": true}` must not become a run that
/// is not dry.
///
/// Errors: [`FunctionError::Event`] for any other payload, and nothing is run.
pub fn read(payload: &Payload) -> Result<Option<Request>, FunctionError> {
    let (trigger, image) = match event(payload, EXPECTED)? {
        Event::Test => return Ok(None),
        Event::Objects => (Trigger::Event, None),
        Event::Schedule { .. } => (Trigger::Hour, None),
        Event::Image(image) => (Trigger::Image, Some(image)),
        Event::Request(fields) if fields.has(CONTINUE) => {
            let goes_on = goes_on(&fields);
            goes_on.map_err(|why| refusal(payload, &why, EXPECTED))?;
            (Trigger::Event, None)
        }
        Event::Request(fields) => {
            let invoke = invoke_request(&fields).map_err(|why| refusal(payload, &why, EXPECTED))?;
            return Ok(Some(Request {
                trigger: Trigger::Person,
                image: None,
                invoke,
            }));
        }
    };
    Ok(Some(Request {
        trigger,
        image,
        invoke: InvokeRequest::default(),
    }))
}

/// The request of a direct invoke.
fn invoke_request(fields: &Object) -> Result<InvokeRequest, String> {
    fields.only(&["dry-run", "documents", "since"])?;
    let dry_run = fields.optional_flag("dry-run")?.unwrap_or_default();
    let since = since(fields, dry_run)?;
    if !fields.has("documents") {
        return Ok(InvokeRequest {
            dry_run,
            since,
            ..InvokeRequest::default()
        });
    }
    if !dry_run {
        return Err("documents are uploaded to S3; only a dry run takes others".to_owned());
    }
    let documents = fields.object("documents")?;
    let documents = documents.texts()?;
    let documents = documents.map(|(key, text)| (key.to_owned(), text.to_owned()));
    Ok(InvokeRequest {
        dry_run,
        documents: documents.collect(),
        since: None,
    })
}

/// The field of the request with which a run that had no time left starts the next one.
const CONTINUE: &str = "continue";

fn goes_on(fields: &Object) -> Result<(), String> {
    fields.only(&[CONTINUE])?;
    match fields.optional_flag(CONTINUE)? {
        Some(true) => Ok(()),
        Some(false) | None => Err(format!("`{CONTINUE}` can only be `true`")),
    }
}

/// The time since which the caller wants to know what was done.
fn since(fields: &Object, dry_run: bool) -> Result<Option<String>, String> {
    let Some(since) = fields.optional_text("since")? else {
        return Ok(None);
    };
    if dry_run {
        return Err("a dry run does nothing that `since` could ask for".to_owned());
    }
    if !is_time(since) {
        return Err("`since` is not a time as reports have it".to_owned());
    }
    if is_long_ago(since, &output::now()) {
        let hours = LONGEST_SINCE.as_hours();
        return Err(format!(
            "`since` is more than {hours} hours ago; `goldsmith history` shows what was done before"
        ));
    }
    Ok(Some(since.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reading(value: Value) -> Result<Option<Request>, String> {
        read(&value.into()).map_err(|error| error.to_string())
    }

    fn request(value: Value) -> Request {
        reading(value).expect("an event").expect("a request")
    }

    fn uploaded() -> Value {
        json!({"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "b"}, "object": {"key": "ami-versions.json"}}}]})
    }

    fn from_bus(source: &str, kind: &str, resource: &str, detail: &Value) -> Value {
        json!({"version": "0", "id": "e", "detail-type": kind, "source": source, "account": "111122223333",
            "time": "2024-01-18T17:50:56Z", "region": "us-east-1", "resources": [resource], "detail": detail})
    }

    fn hourly() -> Value {
        from_bus(
            "aws.events",
            "Scheduled Event",
            "arn:aws:events:us-east-1:111122223333:rule/r",
            &json!({}),
        )
    }

    #[test]
    fn the_test_event_of_s3_is_not_a_request() {
        let event = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"});
        assert_eq!(reading(event), Ok(None));
    }

    #[test]
    fn triggers_carry_no_decision() {
        let image = "arn:aws:imagebuilder:us-east-1:111122223333:image/a/1.0.0/1";
        let changed = from_bus(
            "aws.imagebuilder",
            "EC2 Image Builder Image State Change",
            image,
            &json!({"state": {"status": "AVAILABLE"}}),
        );
        let events = [
            (uploaded(), Trigger::Event),
            (hourly(), Trigger::Hour),
            (changed, Trigger::Image),
        ];
        for (event, trigger) in events {
            let expected = Request {
                trigger,
                image: (trigger == Trigger::Image).then(|| image.parse().expect("an image")),
                invoke: InvokeRequest::default(),
            };
            assert_eq!(request(event), expected);
        }
    }

    #[test]
    fn a_persons_run_looks_as_closely_as_the_plan_before_it() {
        let depth = |event| request(event).depth();
        assert_eq!(depth(uploaded()), Depth::Digest);
        assert_eq!(depth(json!({})), Depth::Content);
        assert_eq!(depth(hourly()), Depth::Hour);
        assert_eq!(depth(json!({"dry-run": true})), Depth::Content);
    }

    #[test]
    fn a_run_that_goes_on_is_as_one_that_an_upload_started() {
        assert_eq!(request(json!({"continue": true})), request(uploaded()));
    }

    #[test]
    fn only_the_exact_spelling_is_a_dry_run() {
        let dry_run = |event| request(event).invoke.dry_run;
        assert!(dry_run(json!({"dry-run": true})));
        assert!(!dry_run(json!({})) && !dry_run(json!({"dry-run": false})));
    }

    #[test]
    fn what_is_not_understood_is_no_run() {
        for payload in [
            json!([]),
            json!([{"dry-run": true}]),
            json!("dry-run"),
            json!(null),
            json!({"dry_run": true}),
            json!({"Dry-Run": true}),
            json!({"dry-run": "true"}),
            json!({"dry-run": null}),
            json!({"dry-run": 1}),
            json!({"dry-run": [true]}),
            json!({"dry-run": true, "documents": []}),
            json!({"dry-run": true, "documents": null}),
            json!({"dry-run": true, "documents": {"environment.json": {}}}),
            json!({"dry-run": true, "recipenames": "110304"}),
            json!({"continue": false}),
            json!({"continue": "true"}),
            json!({"continue": true, "dry-run": true}),
            json!({"since": "yesterday"}),
            json!({"since": ""}),
            json!({"since": "2026-01-01"}),
            json!({"since": "2026-01-01T00:00:00.000Z/../../x"}),
            json!({"since": "2026-01-01T00:00:00.000Z", "dry-run": true}),
            json!({"Records": []}),
            json!({"Records": [], "dry-run": true}),
            json!({"detail-type": "Scheduled Event"}),
            json!({"detail-type": "Scheduled Event", "dry-run": true}),
            json!({"Event": "s3:TestEvent", "dry-run": true}),
        ] {
            let error = reading(payload.clone()).expect_err(&payload.to_string());
            assert!(
                error.contains("expected an S3, scheduled"),
                "{payload}: {error}"
            );
        }
    }

    #[test]
    fn a_person_may_ask_for_what_was_done_since_a_time() {
        let now = output::now();
        let asked = request(json!({"since": now}));
        assert_eq!(asked.invoke.since, Some(now));
        let refused = reading(json!({"since": "2026-01-01T00:00:00.000Z"}));
        let refused = refused.expect_err("too long ago");
        assert!(refused.contains("more than 6 hours ago"), "{refused}");
    }

    #[test]
    fn documents_come_with_a_dry_run_only() {
        let documents = json!({"ami-versions.json": "{}", "components/empty.yml": ""});
        let given = request(json!({"dry-run": true, "documents": documents}));
        assert_eq!(given.invoke.documents["ami-versions.json"], "{}");
        for real in [
            json!({"documents": documents}),
            json!({"documents": {}}),
            json!({"dry-run": false, "documents": documents}),
        ] {
            let refused = reading(real).expect_err("not a dry run");
            assert!(refused.contains("only a dry run takes others"), "{refused}");
        }
    }
}

//! Which payloads are events, and what is none.

use serde_json::{Value, json};

use super::*;

const IMAGE: &str = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/1";

/// A record as "Event message structure" of the S3 user guide has it.
fn record() -> Value {
    json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-west-2",
        "eventTime": "1970-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AIDAJDPLRKLG7UEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8"},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "testConfigRule",
            "bucket": {"name": "documents", "ownerIdentity": {"principalId": "A3NL1KOZZKExample"}, "arn": "arn:aws:s3:::documents"},
            "object": {"key": "ami-versions.json", "size": 1024, "eTag": "d41d8", "versionId": "096f", "sequencer": "0055AED6"},
        },
    })
}

/// The event that "Using EventBridge" of the S3 and EventBridge guides shows for a rule with a schedule.
fn scheduled() -> Value {
    json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
        "source": "aws.events", "account": "111122223333", "time": "2015-10-08T16:53:06Z", "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:111122223333:rule/my-scheduled-rule"], "detail": {},
    })
}

/// The event of integ-eventbridge in the Image Builder user guide.
fn state_change() -> Value {
    json!({
        "version": "0", "id": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
        "detail-type": "EC2 Image Builder Image State Change", "source": "aws.imagebuilder",
        "account": "111122223333", "time": "2024-01-18T17:50:56Z", "region": "us-east-1", "resources": [IMAGE],
        "detail": {"previous-state": {"status": "TESTING"}, "state": {"status": "AVAILABLE"}},
    })
}

fn test_event() -> Value {
    json!({
        "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2014-10-13T15:57:02.089Z",
        "Bucket": "documents", "RequestId": "5582815E1AEA5ADF", "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR",
    })
}

/// `value` with the field at a JSON pointer replaced, or added.
fn with(mut value: Value, pointer: &str, field: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    value.pointer_mut(parent).expect("a parent")[name] = field;
    value
}

fn without(mut value: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = value.pointer_mut(parent).and_then(Value::as_object_mut);
    parent.expect("an object").remove(name).expect("the field");
    value
}

fn records(records: &[Value]) -> Value {
    json!({ "Records": records })
}

/// The kind of event, or why it is none.
fn kind(value: Value) -> Result<&'static str, String> {
    match event(&value.into(), "an event").map_err(|error| error.to_string())? {
        Event::Objects => Ok("objects"),
        Event::Test => Ok("test"),
        Event::Schedule { .. } => Ok("schedule"),
        Event::Image(_) => Ok("image"),
        Event::Request(_) => Ok("request"),
    }
}

#[test]
fn what_aws_documents_is_an_event() {
    let newer = with(
        with(record(), "/eventVersion", json!("2.6")),
        "/s3/added",
        json!(1),
    );
    let replayed = with(state_change(), "/replay-name", json!("again"));
    let events = [
        (records(&[record()]), "objects"),
        (
            records(&[
                record(),
                newer,
                with(record(), "/eventName", json!("ObjectRemoved:Delete")),
            ]),
            "objects",
        ),
        (test_event(), "test"),
        (scheduled(), "schedule"),
        (state_change(), "image"),
        (replayed, "image"),
        (json!({}), "request"),
        (json!({"dry-run": true}), "request"),
    ];
    for (value, expected) in events {
        assert_eq!(kind(value.clone()).as_deref(), Ok(expected), "{value:#}");
    }
}

#[test]
fn what_is_no_object_is_no_event() {
    for value in [
        json!([]),
        json!([{}]),
        json!(null),
        json!("{}"),
        json!(0),
        json!(true),
        json!([records(&[record()])]),
    ] {
        let error = kind(value.clone()).expect_err("no event");
        assert!(error.contains("not an object"), "{value}: {error}");
    }
}

/// The fields of a record of S3, of what EventBridge wraps every event in, and of S3's test event.
const OF_RECORD: [&str; 8] = [
    "/eventVersion",
    "/eventSource",
    "/eventName",
    "/s3",
    "/s3/bucket",
    "/s3/bucket/name",
    "/s3/object",
    "/s3/object/key",
];
const OF_ENVELOPE: [&str; 9] = [
    "/version",
    "/id",
    "/account",
    "/time",
    "/region",
    "/resources",
    "/detail",
    "/source",
    "/detail-type",
];
const OF_TEST: [&str; 3] = ["/Service", "/Event", "/Bucket"];

#[test]
fn every_field_of_an_event_must_have_its_type() {
    for wrong in [
        json!(null),
        json!(""),
        json!([]),
        json!(7),
        json!({"x": 1}),
        json!(["x"]),
        json!("other"),
    ] {
        for pointer in OF_RECORD {
            let text_is_free = ["/s3/bucket/name", "/s3/object/key"].contains(&pointer);
            if !(text_is_free && wrong == "other") {
                let value = records(&[record(), with(record(), pointer, wrong.clone())]);
                kind(value).expect_err(&format!("{pointer} is {wrong}"));
            }
        }
        for pointer in OF_ENVELOPE {
            let text_is_free = ["/id", "/account", "/time", "/region"].contains(&pointer);
            if !(text_is_free && wrong == "other") {
                kind(with(state_change(), pointer, wrong.clone()))
                    .expect_err(&format!("{pointer} is {wrong}"));
            }
        }
        for pointer in OF_TEST {
            if !(pointer == "/Bucket" && wrong == "other") {
                kind(with(test_event(), pointer, wrong.clone()))
                    .expect_err(&format!("{pointer} is {wrong}"));
            }
        }
    }
    for pointer in OF_RECORD {
        kind(records(&[without(record(), pointer)])).expect_err(pointer);
    }
    for pointer in OF_ENVELOPE
        .into_iter()
        .filter(|pointer| !["/source", "/detail-type"].contains(pointer))
    {
        kind(without(scheduled(), pointer)).expect_err(pointer);
    }
}

#[test]
fn a_mixture_is_no_event() {
    for value in [
        json!({"Records": [], "dry-run": true}),
        json!({"Records": []}),
        json!({"Records": {}}),
        json!({"Records": [[]]}),
        json!({"Records": [["2.1", "aws:s3", "ObjectCreated:Put", {}]]}),
        with(records(&[record()]), "/dry-run", json!(true)),
        with(test_event(), "/Records", json!([record()])),
        with(test_event(), "/dry-run", json!(true)),
        with(scheduled(), "/dry-run", json!(true)),
        with(scheduled(), "/recipenames", json!("110304")),
        with(scheduled(), "/detail", json!({"dry-run": true})),
        with(scheduled(), "/Records", json!([record()])),
        with(scheduled(), "/source", json!("aws.imagebuilder")),
        with(state_change(), "/source", json!("aws.events")),
        with(state_change(), "/source", json!("somebody")),
        with(
            state_change(),
            "/detail-type",
            json!("EC2 Image Builder CVE Detected"),
        ),
        with(state_change(), "/resources", json!([IMAGE, IMAGE])),
        with(
            state_change(),
            "/resources",
            json!(["arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/a/1.0.0"]),
        ),
        with(state_change(), "/detail/state", json!("AVAILABLE")),
    ] {
        kind(value.clone()).expect_err(&format!("{value:#}"));
    }
}

#[test]
fn an_event_of_another_source_or_kind_is_no_event() {
    for value in [
        with(
            records(&[record()]),
            "/Records/0/eventSource",
            json!("aws:sns"),
        ),
        with(
            records(&[record()]),
            "/Records/0/eventName",
            json!("s3:ObjectCreated:Put"),
        ),
        with(
            records(&[record()]),
            "/Records/0/eventName",
            json!("ReducedRedundancyLostObject"),
        ),
        with(
            records(&[record()]),
            "/Records/0/eventVersion",
            json!("3.0"),
        ),
    ] {
        kind(value.clone()).expect_err(&format!("{value:#}"));
    }
}

#[test]
fn a_name_that_stands_twice_is_refused_before_anything_else() {
    for text in [
        r#"{"dry-run": true, "dry-run": false}"#,
        r#"{"dry-run": true, "documents": {"a": "", "a": "x"}}"#,
        r#"{"Records": [], "Records": []}"#,
    ] {
        let payload: Payload = serde_json::from_str(text).expect("JSON");
        let error = event(&payload, "an event").expect_err(text).to_string();
        assert!(error.contains("stands twice"), "{error}");
    }
}

#[test]
fn an_error_is_short_and_obeys_nobody() {
    let value = json!({"Records": ["\u{202E}\u{9b}2J\n", "x".repeat(5000)]});
    let error = kind(value).expect_err("no event");
    assert!(error.chars().count() < 400, "{error}");
    assert!(
        error.chars().all(|c| !c.is_control() && c != '\u{202E}'),
        "{error:?}"
    );
    assert!(
        error.ends_with("(Records[0] is a text, not an object), expected an event"),
        "{error}"
    );
}

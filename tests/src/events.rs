//! The events that AWS sends to the functions, as it sends them.

use local_stack::REGION;
use serde_json::{Value, json};

/// The event of a scheduled rule.
pub fn scheduled_event(id: &str) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": local_stack::ACCOUNT,
        "time": "2026-08-02T06:00:00Z",
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{}:rule/goldsmith-nonprod-build", local_stack::ACCOUNT)],
        "detail": {},
    })
}

/// The event of an image that has come into a state.
pub fn image_event(image: &str, state: &str) -> Value {
    json!({
        "version": "0",
        "id": "a-late-event",
        "detail-type": "EC2 Image Builder Image State Change",
        "source": "aws.imagebuilder",
        "account": local_stack::ACCOUNT,
        "time": "2026-08-02T06:00:00Z",
        "region": REGION,
        "resources": [image],
        "detail": { "previous-state": { "status": "TESTING" }, "state": { "status": state } },
    })
}

/// The event of a document that was uploaded.
pub fn upload_event() -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": "documents" }, "object": { "key": "ami-versions.json" } },
    }] })
}

//! The events that AWS sends to the functions, in exactly the shapes that AWS documents.
//!
//! A payload that nearly is an event must not start a run: somebody who wrote it meant something else, perhaps
//! a dry run.

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::escape::printable;
use serde_json::Value;

use crate::FunctionError;
use crate::payload::{Object, Payload};

/// What the fields of an EventBridge event are ("Events structure" of its user guide); `replay-name` is only
/// in events that are replayed from an archive.
const ENVELOPE: [&str; 10] = [
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
    "replay-name",
];
/// The fields of the event that S3 sends to a new destination ("Event message structure" of its user guide).
const TEST_EVENT: [&str; 6] = ["Service", "Event", "Time", "Bucket", "RequestId", "HostId"];
/// Enough to recognise a payload, which may be megabytes of documents.
const SHOWN: usize = 200;

/// What invoked a function.
#[derive(Debug)]
pub enum Event<'p> {
    /// Objects were created in a bucket that notifies us, or removed.
    Objects,
    /// S3 tries whether it reaches us.
    Test,
    /// The time of a rule has come.
    Schedule {
        /// The event's id, the same each time that it is delivered.
        id: &'p str,
    },
    /// An image has another state.
    Image(ImageArn),
    /// A person or a program asks for something.
    Request(Object<'p>),
}

/// The event in a payload.
///
/// Errors: [`FunctionError::Event`] for anything that is neither an event of AWS as a whole nor an object
/// without the field of one; `expected` is what the function takes.
pub fn event<'p>(payload: &'p Payload, expected: &'static str) -> Result<Event<'p>, FunctionError> {
    if let Some(name) = &payload.repeated {
        let why = format!("the field `{name}` stands twice in an object");
        return Err(refusal(payload, &why, expected));
    }
    read(&payload.value).map_err(|why| refusal(payload, &why, expected))
}

/// The error for a payload that a function does not take.
pub fn refusal(payload: &Payload, why: &str, expected: &'static str) -> FunctionError {
    let start: String = payload.value.to_string().chars().take(SHOWN).collect();
    FunctionError::Event {
        found: printable(&format!("{start} ({why})")),
        expected,
    }
}

fn read(value: &Value) -> Result<Event<'_>, String> {
    let payload = Object::of(value, "the payload")?;
    if payload.has("Records") {
        return objects(&payload);
    }
    if payload.has("Event") {
        return test(&payload);
    }
    if payload.has("detail-type") || payload.has("source") {
        return envelope(&payload);
    }
    Ok(Event::Request(payload))
}

fn objects<'p>(payload: &Object<'p>) -> Result<Event<'p>, String> {
    payload.only(&["Records"])?;
    for (n, value) in payload.list("Records")?.iter().enumerate() {
        record(&Object::of(value, format!("Records[{n}]"))?)?;
    }
    Ok(Event::Objects)
}

/// A record of S3. A new minor version adds fields, which are ignored; another major version may say anything
/// ("Event message structure" of the S3 user guide).
fn record(record: &Object) -> Result<(), String> {
    record.is("eventSource", "aws:s3")?;
    let version = record.text("eventVersion")?;
    if !version.starts_with("2.") {
        return Err(format!("eventVersion is `{version}`, not 2.x"));
    }
    // With `s3:` before it, it would be the name in a notification's configuration.
    let name = record.text("eventName")?;
    if !["ObjectCreated:", "ObjectRemoved:"]
        .iter()
        .any(|kind| name.starts_with(kind))
    {
        return Err(format!(
            "eventName is `{name}`, not ObjectCreated:* or ObjectRemoved:*"
        ));
    }
    let s3 = record.object("s3")?;
    s3.object("bucket")?.text("name")?;
    s3.object("object")?.text("key").map(drop)
}

fn test<'p>(payload: &Object<'p>) -> Result<Event<'p>, String> {
    payload.only(&TEST_EVENT)?;
    payload.is("Service", "Amazon S3")?;
    payload.is("Event", "s3:TestEvent")?;
    payload.text("Bucket")?;
    Ok(Event::Test)
}

fn envelope<'p>(payload: &Object<'p>) -> Result<Event<'p>, String> {
    payload.only(&ENVELOPE)?;
    payload.is("version", "0")?;
    for name in ["account", "time", "region"] {
        payload.text(name)?;
    }
    let id = payload.text("id")?;
    let resources = payload.list("resources")?;
    let detail = payload.object("detail")?;
    match (payload.text("source")?, payload.text("detail-type")?) {
        ("aws.events", "Scheduled Event") => {
            detail.only(&[])?;
            Ok(Event::Schedule { id })
        }
        ("aws.imagebuilder", "EC2 Image Builder Image State Change") => {
            detail.object("state")?.text("status")?;
            image(resources).map(Event::Image)
        }
        (source, kind) => Err(format!("nobody waits for `{kind}` of {source}")),
    }
}

/// The one image that an event is about.
fn image(resources: &[Value]) -> Result<ImageArn, String> {
    let [Value::String(arn)] = resources else {
        return Err("`resources` is not the ARN of one image".to_owned());
    };
    arn.parse()
        .map_err(|_| "`resources` has no ARN of an image build version".to_owned())
}

#[cfg(test)]
mod tests;

//! What the function is invoked with.

use goldsmith_domain::names::RecipeName;
use goldsmith_domain::schedule::Trigger;
use goldsmith_function::{Event, FunctionError, Object, Payload, event, refusal};

const EXPECTED: &str = "a scheduled event as EventBridge sends it, or `{\"recipenames\": \"110304;110302\", \"token\": \"...\"}`, both optional";

/// What to build, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// The recipes that the caller named; none means those of `ami-scheduled`.
    pub recipes: Option<Vec<RecipeName>>,
    /// Whether the rule fired or a person asked.
    pub trigger: Trigger,
    /// What the client tokens are derived from: the same cause builds once.
    pub cause: String,
}

/// The request in an event. The cause is the event's id, the caller's token, or else `request_id`,
/// which stays the same when Lambda retries.
///
/// Errors: [`FunctionError::Event`] for any other payload, and nothing is built.
pub fn read(payload: &Payload, request_id: &str) -> Result<Request, FunctionError> {
    let refused = |why: &str| refusal(payload, why, EXPECTED);
    match event(payload, EXPECTED)? {
        Event::Schedule { id } => Ok(Request {
            recipes: None,
            trigger: Trigger::Schedule,
            cause: id.to_owned(),
        }),
        Event::Request(fields) => invoke_request(&fields, request_id).map_err(|why| refused(&why)),
        Event::Objects | Event::Test | Event::Image(_) => {
            Err(refused("it is an event for another function"))
        }
    }
}

/// The request of a direct invoke.
fn invoke_request(fields: &Object, request_id: &str) -> Result<Request, String> {
    fields.only(&["recipenames", "token"])?;
    let recipes = fields.optional_text("recipenames")?;
    let cause = fields.optional_text("token")?.unwrap_or(request_id);
    Ok(Request {
        recipes: recipes.map(names).transpose()?,
        trigger: Trigger::Request,
        cause: cause.to_owned(),
    })
}

/// The names between semicolons, at least one: a list that came out empty by mistake must not pass for the
/// whole schedule, nor for a build of nothing that went well.
fn names(text: &str) -> Result<Vec<RecipeName>, String> {
    let names = text
        .split(';')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let names: Vec<RecipeName> = names
        .map(|name| {
            name.parse()
                .map_err(|error: goldsmith_domain::names::NameError| error.to_string())
        })
        .collect::<Result<_, _>>()?;
    if names.is_empty() {
        return Err("`recipenames` has no name".to_owned());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reading(value: Value) -> Result<Request, FunctionError> {
        read(&value.into(), "r-1")
    }

    #[test]
    fn a_rule_builds_the_schedule_for_the_events_id() {
        let event = json!({"version": "0", "id": "e-1", "detail-type": "Scheduled Event", "source": "aws.events",
            "account": "111122223333", "time": "2026-08-02T06:00:00Z", "region": "us-east-1",
            "resources": ["arn:aws:events:us-east-1:111122223333:rule/build"], "detail": {}});
        let expected = Request {
            recipes: None,
            trigger: Trigger::Schedule,
            cause: "e-1".to_owned(),
        };
        assert_eq!(reading(event).expect("an event"), expected);
    }

    #[test]
    fn a_person_names_recipes_and_may_bring_a_token() {
        let request = reading(json!({"recipenames": "110304; 110302;", "token": "t"}));
        let request = request.expect("a request");
        let names = ["110304", "110302"].map(|name| name.parse().expect("a name"));
        assert_eq!(
            request,
            Request {
                recipes: Some(names.into()),
                trigger: Trigger::Request,
                cause: "t".to_owned()
            }
        );
        assert_eq!(reading(json!({})).expect("a request").cause, "r-1");
    }

    #[test]
    fn what_is_not_understood_builds_nothing() {
        for payload in [
            json!([]),
            json!(["110304", "t"]),
            json!(null),
            json!({"recipename": "110304"}),
            json!({"recipenames": "11 03 04"}),
            json!({"recipenames": ""}),
            json!({"recipenames": " ; ;"}),
            json!({"recipenames": null}),
            json!({"recipenames": ["110304"]}),
            json!({"recipenames": 110_304}),
            json!({"recipenames": "110304", "token": null}),
            json!({"recipenames": "110304", "token": ""}),
            json!({"recipenames": "110304", "dry-run": true}),
            json!({"Records": []}),
            json!({"id": "e-1", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}),
            json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}),
        ] {
            let error = reading(payload.clone())
                .expect_err(&payload.to_string())
                .to_string();
            assert!(
                error.contains("expected a scheduled event"),
                "{payload}: {error}"
            );
        }
    }
}

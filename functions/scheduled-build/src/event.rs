//! What the function is invoked with.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::schedule::Trigger;
use goldsmith_function::FunctionError;
use serde::Deserialize;
use serde_json::Value;

const EXPECTED: &str = "a scheduled event, or `{\"recipenames\": \"110304;110302\", \"token\": \"...\"}`, both optional";

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InvokeRequest {
    recipenames: Option<String>,
    token: Option<String>,
}

/// The request in an event. The cause is the event's id, the caller's token, or else `request_id`,
/// which stays the same when Lambda retries.
pub fn read(payload: &Value, request_id: &str) -> Result<Request, FunctionError> {
    let refused = |detail: String| FunctionError::Event {
        found: format!("{payload} ({detail})"),
        expected: EXPECTED,
    };
    if payload["detail-type"].is_string() {
        let event: EventBridgeEvent =
            serde_json::from_value(payload.clone()).map_err(|e| refused(e.to_string()))?;
        let cause = event.id.unwrap_or_else(|| request_id.to_owned());
        return Ok(Request {
            recipes: None,
            trigger: Trigger::Schedule,
            cause,
        });
    }
    let invoke = InvokeRequest::deserialize(payload).map_err(|error| refused(error.to_string()))?;
    let recipes = invoke
        .recipenames
        .as_deref()
        .map(names)
        .transpose()
        .map_err(refused)?;
    let cause = invoke.token.unwrap_or_else(|| request_id.to_owned());
    Ok(Request {
        recipes,
        trigger: Trigger::Request,
        cause,
    })
}

fn names(text: &str) -> Result<Vec<RecipeName>, String> {
    let names = text
        .split(';')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names
        .map(|name| {
            name.parse()
                .map_err(|error: goldsmith_domain::names::NameError| error.to_string())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_builds_the_schedule_for_the_events_id() {
        let event = json!({"id": "e-1", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
        let expected = Request {
            recipes: None,
            trigger: Trigger::Schedule,
            cause: "e-1".to_owned(),
        };
        assert_eq!(read(&event, "r-1").expect("an event"), expected);
    }

    #[test]
    fn a_person_names_recipes_and_may_bring_a_token() {
        let request = read(
            &json!({"recipenames": "110304; 110302;", "token": "t"}),
            "r-1",
        )
        .expect("a request");
        let names = ["110304", "110302"].map(|name| name.parse().expect("a name"));
        assert_eq!(
            request,
            Request {
                recipes: Some(names.into()),
                trigger: Trigger::Request,
                cause: "t".to_owned()
            }
        );
        assert_eq!(read(&json!({}), "r-1").expect("a request").cause, "r-1");
    }

    #[test]
    fn what_is_not_understood_builds_nothing() {
        assert!(read(&json!({"recipename": "110304"}), "r").is_err());
        assert!(read(&json!({"recipenames": "11 03 04"}), "r").is_err());
    }
}

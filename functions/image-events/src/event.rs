//! What the function is invoked with.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use goldsmith_domain::arn::ImageArn;
use goldsmith_function::FunctionError;
use serde_json::Value;

/// The image that an event is about. Its state in the event is a hint at most: events come late,
/// twice and out of order.
pub fn read(payload: Value) -> Result<ImageArn, FunctionError> {
    let found = payload.to_string();
    let event: Option<EventBridgeEvent> = serde_json::from_value(payload).ok();
    let resources = event.and_then(|event| event.resources).unwrap_or_default();
    resources.iter().find_map(|arn| arn.parse().ok()).ok_or(FunctionError::Event {
        found,
        expected: "an `EC2 Image Builder Image State Change` event with an image build version ARN in `resources`",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_image_is_among_the_resources() {
        let arn = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/1";
        let event = json!({"version": "0", "id": "e", "detail-type": "EC2 Image Builder Image State Change",
            "source": "aws.imagebuilder", "account": "111122223333", "time": "2024-01-18T17:50:56Z",
            "region": "us-east-1", "resources": [arn], "detail": {"state": {"status": "AVAILABLE"}}});
        assert_eq!(read(event).expect("an event").to_string(), arn);
        assert!(read(json!({"resources": []})).is_err());
    }
}

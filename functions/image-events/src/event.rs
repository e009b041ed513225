//! What the function is invoked with.

use goldsmith_domain::arn::ImageArn;
use goldsmith_function::{Event, FunctionError, Payload, event, refusal};

const EXPECTED: &str = "an `EC2 Image Builder Image State Change` event with the ARN of one image build version in `resources`";

/// The image that an event is about. Its state in the event is a hint at most: events come late,
/// twice and out of order.
pub fn read(payload: &Payload) -> Result<ImageArn, FunctionError> {
    match event(payload, EXPECTED)? {
        Event::Image(image) => Ok(image),
        Event::Objects | Event::Test | Event::Schedule { .. } | Event::Request(_) => {
            Err(refusal(payload, "it is about no image", EXPECTED))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const IMAGE: &str =
        "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/1";

    fn about(resources: &Value) -> Payload {
        let event = json!({"version": "0", "id": "e", "detail-type": "EC2 Image Builder Image State Change",
            "source": "aws.imagebuilder", "account": "111122223333", "time": "2024-01-18T17:50:56Z",
            "region": "us-east-1", "resources": resources, "detail": {"state": {"status": "AVAILABLE"}}});
        event.into()
    }

    #[test]
    fn the_image_is_the_one_resource() {
        assert_eq!(
            read(&about(&json!([IMAGE]))).expect("an event").to_string(),
            IMAGE
        );
    }

    #[test]
    fn what_is_about_no_image_is_refused() {
        for resources in [json!([]), json!(["x"]), json!([IMAGE, "x"]), json!(IMAGE)] {
            assert!(read(&about(&resources)).is_err(), "{resources}");
        }
        let others = [
            json!({}),
            json!([]),
            json!({"resources": [IMAGE]}),
            json!({"dry-run": true}),
        ];
        for other in others {
            let error = read(&other.clone().into())
                .expect_err("no event")
                .to_string();
            assert!(
                error.contains("expected an `EC2 Image Builder"),
                "{other}: {error}"
            );
        }
    }
}

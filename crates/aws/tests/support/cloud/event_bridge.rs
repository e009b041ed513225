//! EventBridge, as far as the functions use it.

use serde_json::{Value, json};

use super::{Cloud, RULE, State};

impl Cloud {
    /// The events that were put on the bus, each its type and its detail.
    pub fn events(&self) -> Vec<(String, Value)> {
        let detail = |event: &Value| serde_json::from_str(event["Detail"].as_str()?).ok();
        let event = |event: &Value| {
            let kind = event["DetailType"].as_str().unwrap_or_default().to_owned();
            (kind, detail(event).unwrap_or_default())
        };
        self.state().events.iter().map(event).collect()
    }
}

impl State {
    pub(super) fn event_bridge(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, &'static str> {
        match operation {
            "DescribeRule" if input["Name"] == RULE => Ok(self.rule.clone()),
            "DescribeRule" => self.deployment.rule(&input["Name"]),
            "ListTargetsByRule" => self.deployment.targets(&input["Rule"]),
            "PutTargets" => self.deployment.put_targets(input),
            // As in life the rule is replaced, and is enabled unless the call says otherwise.
            "PutRule" => {
                self.rule = input.clone();
                if input.get("State").is_none() {
                    self.rule["State"] = "ENABLED".into();
                }
                Ok(json!({"RuleArn": "arn:aws:events:us-east-1:111122223333:rule/goldsmith-build"}))
            }
            "PutEvents" => {
                let entries = input["Entries"].as_array().ok_or("ValidationException")?;
                self.events.extend(entries.iter().cloned());
                Ok(json!({"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}))
            }
            other => panic!("{other} is not stood in for"),
        }
    }
}

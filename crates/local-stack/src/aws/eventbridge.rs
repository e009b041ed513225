//! `EventBridge`: the targets and the expression of a rule.

use serde::Deserialize;
use serde_json::json;

use super::{Aws, CallError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Targets {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    schedule_expression: Option<String>,
}

impl Aws {
    /// ARNs of what `rule` invokes.
    pub async fn targets_of(&self, rule: &str) -> Result<Vec<String>, CallError> {
        let input = json!({ "Rule": rule });
        let answer: Targets = self
            .json("events", "AWSEvents", "ListTargetsByRule", &input)
            .await?;
        Ok(answer
            .targets
            .into_iter()
            .map(|target| target.arn)
            .collect())
    }

    /// The schedule expression of `rule`, if it has one.
    pub async fn schedule_of(&self, rule: &str) -> Result<Option<String>, CallError> {
        let answer: Rule = self
            .json(
                "events",
                "AWSEvents",
                "DescribeRule",
                &json!({ "Name": rule }),
            )
            .await?;
        Ok(answer.schedule_expression)
    }

    /// Lets `rule` match nothing any more.
    pub async fn disable_rule(&self, rule: &str) -> Result<(), CallError> {
        let input = json!({ "Name": rule });
        self.json::<serde_json::Value>("events", "AWSEvents", "DisableRule", &input)
            .await
            .map(drop)
    }
}

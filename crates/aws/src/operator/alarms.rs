//! The stack's alarms that are on.

use serde::Deserialize;
use serde_json::json;

use crate::Aws;
use crate::fault::CallError;
use crate::json::{JSON_1_0, JsonService, call};
use crate::signed::Service;

const CLOUDWATCH: JsonService = JsonService {
    service: Service {
        id: "CloudWatch",
        name: "monitoring",
        is_global: false,
    },
    target: "GraniteServiceVersion20100801",
    content_type: JSON_1_0,
};

/// An alarm that is on (CloudWatch `MetricAlarm`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarm {
    /// Its name.
    #[serde(rename = "AlarmName")]
    pub name: String,
    /// What it means.
    #[serde(rename = "AlarmDescription", default)]
    pub description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Alarms {
    #[serde(default)]
    metric_alarms: Vec<Alarm>,
}

/// The alarms of the stack that are on; there are fewer than a page of them.
pub async fn alarms(aws: &Aws) -> Result<Vec<Alarm>, CallError> {
    let input = json!({
        "AlarmNamePrefix": format!("goldsmith-{}-", aws.stack.environment),
        "StateValue": "ALARM",
        "MaxRecords": 100,
    });
    let name = "cloudwatch:DescribeAlarms";
    let found: Alarms = call(aws.sdk_config(), CLOUDWATCH, None, name, &input).await?;
    Ok(found.metric_alarms)
}

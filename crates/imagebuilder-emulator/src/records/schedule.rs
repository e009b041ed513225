//! Schedules of pipelines.

use serde::{Deserialize, Serialize};

/// `schedule` of a pipeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schedule {
    /// Without one the schedule never matches.
    #[serde(rename = "scheduleExpression")]
    pub expression: Option<String>,
    /// An IANA name; UTC by default.
    pub timezone: Option<String>,
    #[serde(default)]
    pub pipeline_execution_start_condition: StartCondition,
    pub auto_disable_policy: Option<AutoDisablePolicy>,
}

/// What must hold, besides the time, for a scheduled build to start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum StartCondition {
    /// Nothing.
    ExpressionMatchOnly,
    /// What the recipe's wildcards stand for has changed.
    #[default]
    ExpressionMatchAndDependencyUpdatesAvailable,
}

/// When a pipeline that fails is disabled.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AutoDisablePolicy {
    /// Failures in a row, 1 to 10.
    pub failure_count: u32,
}

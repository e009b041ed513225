//! Why a build failed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A failed build's `state.reason` and `state.failureContext`, as far as they are known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub reason: String,
    pub context: Option<Value>,
    /// Whether the failed step and its workflow have it as their message. A failed component's is in
    /// its log only.
    #[serde(rename = "told")]
    pub is_step_message: bool,
}

//! What somebody changed by hand of what the deployment made.

use serde::{Deserialize, Serialize};

/// A resource of the stack that is not as infra/template.yaml makes it, and that only a person mends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DeploymentFault {
    /// The resource: a name or an ARN of the stack's own.
    pub resource: String,
    /// What is wrong with it, in our words.
    pub fault: String,
    /// What mends it, where that is no deployment.
    #[serde(deserialize_with = "Option::deserialize")]
    pub hint: Option<String>,
}

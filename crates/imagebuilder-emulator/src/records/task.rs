//! Tasks that happen by themselves at a time.

use serde::{Deserialize, Serialize};

use crate::common::arn::Arn;

/// Something that happens by itself at its time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Task {
    /// A running build takes its next step.
    Build(Arn),
    /// A lifecycle policy has its daily run.
    LifecyclePolicy(Arn),
    /// The lifecycle execution with this id takes its next step.
    LifecycleExecution(String),
    /// The schedule of a pipeline matches.
    Schedule(Arn),
    /// The delay of an event is over.
    #[serde(rename = "Tell")]
    DeliverEvent(u64),
}

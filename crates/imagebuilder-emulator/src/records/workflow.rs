//! Workflows: immutable builds of versions of a name, of one of three types.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    common::{
        arn::{Arn, Kind},
        date::Date,
        tags::Tags,
        version::Version,
    },
    document::workflow::{WorkflowDocument, WorkflowKind},
};

/// A workflow build.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Workflow {
    pub arn: Arn,
    pub name: String,
    pub kind: WorkflowKind,
    /// The account, or `Amazon`.
    pub owner: String,
    pub date_created: Date,
    pub tags: Tags,
    pub content: Content,
    pub document: Arc<WorkflowDocument>,
}

/// What identifies a build: the same content twice is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    pub description: Option<String>,
    pub change_description: Option<String>,
    #[serde(default)]
    pub data: String,
    pub kms_key_id: Option<String>,
}

/// A workflow build, whether it still exists or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WorkflowId(pub u32);

/// The kind of ARN that workflows of a type have.
pub(crate) fn arn_kind(kind: WorkflowKind) -> Kind {
    match kind {
        WorkflowKind::Build => Kind::BuildWorkflow,
        WorkflowKind::Test => Kind::TestWorkflow,
        WorkflowKind::Distribution => Kind::DistributionWorkflow,
    }
}

impl Workflow {
    /// Whether Amazon manages it.
    pub fn is_managed(&self) -> bool {
        self.arn.account == "aws"
    }

    /// The version without the build.
    pub fn version(&self) -> Version {
        self.arn.version.unwrap_or(Version::ANY)
    }
}

//! Components: immutable builds of versions of a name.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::{arn::Arn, date::Date, tags::Tags, version::Version},
    document::component::{self, ComponentParameter, ComponentType},
};

/// A component build.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Component {
    pub arn: Arn,
    pub name: String,
    pub version: Version,
    pub r#type: ComponentType,
    pub owner: String,
    pub date_created: Date,
    pub state: Value,
    pub parameters: Vec<ComponentParameter>,
    pub encrypted: bool,
    pub tags: Tags,
    /// Of third-party components only.
    pub publisher: Option<String>,
    /// Whether the document is hidden; nobody's is here.
    pub obfuscate: bool,
    #[serde(flatten)]
    pub content: Content,
}

/// What identifies a build: the same content twice is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    pub description: Option<String>,
    pub change_description: Option<String>,
    pub platform: String,
    pub supported_os_versions: Option<Vec<String>>,
    pub data: Option<String>,
    pub kms_key_id: Option<String>,
}

impl Component {
    /// Whether it has something to do on the test instance, or on the build instance. A component
    /// that builds may have a phase `test`, too.
    pub fn runs_in(&self, testing: bool) -> bool {
        if !testing || self.r#type == ComponentType::Test {
            return testing == (self.r#type == ComponentType::Test);
        }
        let text = self
            .content
            .data
            .as_deref()
            .filter(|text| text.contains("test"));
        let document = text.and_then(|text| component::parse(text, &self.content.platform).ok());
        document.is_some_and(|document| document.phases.iter().any(|phase| phase.name == "test"))
    }
}

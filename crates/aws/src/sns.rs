//! The two SNS operations that are needed, over [`Query`].

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use serde::Deserialize;

use crate::calls::CallCounter;
use crate::fault::CallError;
use crate::query::{Query, QueryService, encoded};
use crate::signed::Service;

const SNS: QueryService = QueryService {
    service: Service {
        id: "SNS",
        name: "sns",
        is_global: false,
    },
    version: "2010-03-31",
};

/// A client of a Region's SNS.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    query: Query,
}

impl Client {
    pub(crate) fn new(config: &SdkConfig, counter: &CallCounter) -> Self {
        Self {
            query: Query::new(SNS, config, counter),
        }
    }

    /// Publishes a message to a topic, with the attribute `kind`.
    pub(crate) async fn publish(
        &self,
        topic: &str,
        subject: &str,
        message: &str,
        kind: &str,
    ) -> Result<(), CallError> {
        let (topic, subject, message) = (encoded(topic), encoded(subject), encoded(message));
        let attribute = "&MessageAttributes.entry.1";
        let kind = format!(
            "{attribute}.Name=kind{attribute}.Value.DataType=String{attribute}.Value.StringValue={}",
            encoded(kind)
        );
        let body = format!("&TopicArn={topic}&Subject={subject}&Message={message}{kind}");
        self.query.call("sns:Publish", body).await.map(drop)
    }

    /// The attributes of a topic, by their names.
    pub(crate) async fn topic_attributes(
        &self,
        topic: &str,
    ) -> Result<BTreeMap<String, String>, CallError> {
        let body = format!("&TopicArn={}", encoded(topic));
        let answer: Answer = self.query.answer("sns:GetTopicAttributes", body).await?;
        let entries = answer.result.attributes.entries.into_iter();
        Ok(entries.map(|entry| (entry.key, entry.value)).collect())
    }
}

/// `GetTopicAttributesResponse`.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(rename = "GetTopicAttributesResult")]
    result: AttributesResult,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttributesResult {
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
struct Attributes {
    #[serde(rename = "entry", default)]
    entries: Vec<AttributeEntry>,
}

#[derive(Debug, Deserialize)]
struct AttributeEntry {
    key: String,
    #[serde(default)]
    value: String,
}

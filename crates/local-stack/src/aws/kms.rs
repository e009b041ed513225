//! KMS: the policy of a key.

use serde::Deserialize;
use serde_json::json;

use super::{Aws, CallError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    policy: String,
}

impl Aws {
    /// The policy of `key`, as it is stored.
    pub async fn key_policy(&self, key: &str) -> Result<String, CallError> {
        let input = json!({ "KeyId": key, "PolicyName": "default" });
        let answer: Answer = self.json("kms", "TrentService", "GetKeyPolicy", &input).await?;
        Ok(answer.policy)
    }

    /// Makes a key that encrypts and decrypts; its ARN.
    pub async fn create_key(&self) -> Result<String, CallError> {
        let answer: Created = self.json("kms", "TrentService", "CreateKey", &json!({})).await?;
        Ok(answer.metadata.arn)
    }
}

#[derive(Deserialize)]
struct Created {
    #[serde(rename = "KeyMetadata")]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "Arn")]
    arn: String,
}

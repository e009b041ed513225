//! KMS: a key and its policy.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Aws, CallError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    policy: String,
}

const TARGET: &str = "TrentService";

impl Aws {
    /// Any operation of KMS, and its answer; operations without output answer an empty object.
    pub async fn kms(&self, operation: &'static str, input: &Value) -> Result<Value, CallError> {
        self.json("kms", TARGET, operation, input).await
    }

    /// The policy of `key`, as it is stored.
    pub async fn key_policy(&self, key: &str) -> Result<String, CallError> {
        let input = json!({ "KeyId": key, "PolicyName": "default" });
        let answer: Answer = self.json("kms", TARGET, "GetKeyPolicy", &input).await?;
        Ok(answer.policy)
    }

    /// Replaces the policy of `key`.
    pub async fn put_key_policy(&self, key: &str, policy: &str) -> Result<(), CallError> {
        let input = json!({ "KeyId": key, "PolicyName": "default", "Policy": policy });
        self.kms("PutKeyPolicy", &input).await.map(drop)
    }

    /// Makes a key that encrypts and decrypts; its ARN.
    pub async fn create_key(&self) -> Result<String, CallError> {
        let answer: Created = self.json("kms", TARGET, "CreateKey", &json!({})).await?;
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

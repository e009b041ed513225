//! SSM: the parameters that consumers read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Aws, CallError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    value: String,
}

impl Aws {
    /// The value of the parameter `name`; none if there is none.
    pub async fn parameter(&self, name: &str) -> Result<Option<String>, CallError> {
        let found: Found = self
            .json(
                "ssm",
                "AmazonSSM",
                "GetParameters",
                &json!({ "Names": [name] }),
            )
            .await?;
        Ok(found
            .parameters
            .into_iter()
            .next()
            .map(|parameter| parameter.value))
    }

    /// Makes a parameter of this type, such as `String` or `SecureString`.
    pub async fn put_parameter(
        &self,
        name: &str,
        kind: &str,
        value: &str,
    ) -> Result<(), CallError> {
        let input = json!({ "Name": name, "Type": kind, "Value": value, "Overwrite": true });
        let _: Value = self
            .json("ssm", "AmazonSSM", "PutParameter", &input)
            .await?;
        Ok(())
    }
}

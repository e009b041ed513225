//! The SSM operations that are needed: three of some 150, so that their SDK took half a megabyte of every zip.

use aws_config::SdkConfig;
use goldsmith_domain::names::AmiId;
use serde::Deserialize;
use serde_json::json;

use crate::calls::CallCounter;
use crate::fault::{CallError, Fault};
use crate::json::{JSON_1_1, JsonService, call};
use crate::signed::Service;

const SSM: JsonService = JsonService {
    service: Service {
        id: "SSM",
        name: "ssm",
        is_global: false,
    },
    target: "AmazonSSM",
    content_type: JSON_1_1,
};

/// The most names that one `GetParameters` takes (SSM API reference).
pub(crate) const MOST_PARAMETERS: usize = 10;

/// A client of a Region's SSM.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    config: SdkConfig,
    counter: CallCounter,
}

/// A parameter, as far as it is looked at.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Parameter {
    #[serde(default)]
    pub(crate) name: String,
    r#type: Option<String>,
    value: Option<String>,
}

impl Parameter {
    /// Its value, if it is plain text: the others may be secrets, and are encrypted here.
    pub(crate) fn plain(self) -> Option<String> {
        self.value
            .filter(|_| self.r#type.as_deref() == Some("String"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FoundOne {
    parameter: Parameter,
}

impl Client {
    pub(crate) fn new(config: &SdkConfig, counter: &CallCounter) -> Self {
        Self {
            config: config.clone(),
            counter: counter.clone(),
        }
    }

    /// Those of the parameters that are there, at most ten (API reference, `GetParameters`). Nothing is
    /// decrypted.
    pub(crate) async fn parameters(&self, names: &[&str]) -> Result<Vec<Parameter>, CallError> {
        let input = json!({ "Names": names, "WithDecryption": false });
        let (config, counter) = (&self.config, Some(&self.counter));
        let found: Option<Found> = call(config, SSM, counter, "ssm:GetParameters", &input).await?;
        Ok(found.unwrap_or_default().parameters)
    }

    /// A parameter; none if it is not there. Nothing is decrypted.
    pub(crate) async fn parameter(&self, name: &str) -> Result<Option<Parameter>, CallError> {
        let (config, counter) = (&self.config, Some(&self.counter));
        let input = json!({ "Name": name });
        match call::<FoundOne>(config, SSM, counter, "ssm:GetParameter", &input).await {
            Err(error) if error.fault == Fault::NotFound => Ok(None),
            found => Ok(Some(found?.parameter)),
        }
    }

    /// Sets a parameter of the type `String`, whatever it was.
    pub(crate) async fn put_parameter(
        &self,
        name: &str,
        description: &str,
        ami: &AmiId,
    ) -> Result<(), CallError> {
        let input = json!({
            "Name": name,
            "Description": description,
            "Value": ami.as_str(),
            "Type": "String",
            "Overwrite": true,
        });
        let (config, counter) = (&self.config, Some(&self.counter));
        let done: serde_json::Value =
            call(config, SSM, counter, "ssm:PutParameter", &input).await?;
        drop(done);
        Ok(())
    }
}

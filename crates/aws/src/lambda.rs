//! The Lambda operations that the functions themselves need. `goldsmith` has the SDK; a function would load it
//! at each cold start for three calls.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::result::SdkError;
use serde::Deserialize;

use crate::calls::CallCounter;
use crate::fault::CallError;
use crate::json::{metadata, parsed};
use crate::signed::{Protocol, Service};

const LAMBDA: Service = Service {
    id: "Lambda",
    name: "lambda",
    is_global: false,
};

/// A client of a Region's Lambda.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    config: SdkConfig,
    counter: CallCounter,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyAnswer {
    policy: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConcurrencyAnswer {
    reserved_concurrent_executions: Option<i64>,
}

impl Client {
    pub(crate) fn new(config: &SdkConfig, counter: &CallCounter) -> Self {
        Self {
            config: config.clone(),
            counter: counter.clone(),
        }
    }

    /// Who may invoke a function, as JSON.
    pub(crate) async fn policy(&self, function: &str) -> Result<Option<String>, CallError> {
        let path = format!("/2015-03-31/functions/{function}/policy");
        let text = self.get("lambda:GetPolicy", path).await?;
        let answer: PolicyAnswer = parsed("lambda:GetPolicy", &text)?;
        Ok(answer.policy)
    }

    /// How many executions are reserved for a function, if any are.
    pub(crate) async fn concurrency(&self, function: &str) -> Result<Option<i64>, CallError> {
        const NAME: &str = "lambda:GetFunctionConcurrency";
        let path = format!("/2019-09-30/functions/{function}/concurrency");
        let text = self.get(NAME, path).await?;
        let answer: Option<ConcurrencyAnswer> = parsed(NAME, &text)?;
        Ok(answer.and_then(|answer| answer.reserved_concurrent_executions))
    }

    /// Has a function run with this payload, and does not wait for it.
    pub(crate) async fn invoke_later(
        &self,
        function: &str,
        payload: String,
    ) -> Result<(), CallError> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let headers = |body: String| (vec![("x-amz-invocation-type", "Event".to_owned())], body);
        let protocol = Protocol {
            method: "POST",
            path,
            content_type: "application/json",
            request: headers,
            error: metadata,
        };
        let operation = LAMBDA.operation(&self.config, "Invoke", Some(&self.counter), protocol);
        let answer = operation.invoke(payload).await;
        answer
            .map(drop)
            .map_err(|error: SdkError<_, _>| CallError::new("lambda:InvokeFunction", error))
    }

    async fn get(&self, name: &'static str, path: String) -> Result<String, CallError> {
        let protocol = Protocol {
            method: "GET",
            path,
            content_type: "application/json",
            request: |body: String| (Vec::new(), body),
            error: metadata,
        };
        let action = name.split(':').next_back().unwrap_or(name);
        let operation = LAMBDA.operation(&self.config, action, Some(&self.counter), protocol);
        let answer = operation.invoke(String::new()).await;
        answer.map_err(|error: SdkError<_, _>| CallError::new(name, error))
    }
}

//! Lambda: invoking a function and waiting for its answer.

use http::Method;
use serde_json::Value;

use super::{Aws, Call, CallError, encoded};

/// What a function answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The payload, which describes the error if there was one.
    pub payload: Value,
    /// Whether the function failed (the header `x-amz-function-error`).
    pub failed: bool,
}

impl Aws {
    /// Invokes `function`, a name or an ARN, and waits for the answer.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Invocation, CallError> {
        let call = Call {
            service: "lambda",
            operation: "Invoke",
            method: Method::POST,
            target: format!("/2015-03-31/functions/{}/invocations", encoded(function)),
            headers: vec![("x-amz-invocation-type", "RequestResponse".to_owned())],
            body: payload.to_string().into_bytes(),
        };
        let answer = self.send(call).await?;
        let failed = answer.headers.contains_key("x-amz-function-error");
        Ok(Invocation {
            payload: answer.json()?,
            failed,
        })
    }
}

//! Invokes a function and waits for its answer.

use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use goldsmith_domain::deployment::Function;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Operator;
use crate::fault::CallError;

const OPERATION: &str = "lambda:InvokeFunction";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The function could not be invoked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The function ran and failed.
    #[error("the function {function} failed: {message}")]
    Function {
        /// Its name.
        function: String,
        /// What it says.
        message: String,
    },
    /// The request cannot be written, or the answer is not what this release expects.
    #[error("what the function {function} takes or answers is not what this release knows")]
    Unknown {
        /// Its name.
        function: String,
        /// Why.
        source: serde_json::Error,
    },
}

/// The answer of a function that failed (Lambda developer guide, function errors).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionFailure {
    error_message: Option<String>,
    error_type: Option<String>,
}

impl Operator {
    /// The full name of a function of the stack.
    pub fn function_name(&self, function: Function) -> String {
        format!("{}-{}", self.stack, function.as_str())
    }

    /// Invokes `function` with `request`, and waits for what it answers.
    pub async fn invoke<T: DeserializeOwned>(
        &self,
        function: Function,
        request: &impl Serialize,
    ) -> Result<T, InvokeError> {
        let name = self.function_name(function);
        let unknown = |source| InvokeError::Unknown {
            function: name.clone(),
            source,
        };
        let payload = serde_json::to_vec(request).map_err(unknown)?;
        let call = self
            .lambda
            .invoke()
            .function_name(&name)
            .payload(Blob::new(payload));
        let answer = call
            .send()
            .await
            .map_err(|error| CallError::new(OPERATION, error))?;
        let bytes = answer.payload().map(AsRef::as_ref).unwrap_or_default();
        if answer.function_error().is_some() {
            return Err(InvokeError::Function {
                message: failure_message(&answer, bytes),
                function: name,
            });
        }
        serde_json::from_slice(bytes).map_err(unknown)
    }
}

/// What a function says about its failure, and all of it if it is not said as Lambda says it.
fn failure_message(answer: &InvokeOutput, bytes: &[u8]) -> String {
    let failure = serde_json::from_slice::<FunctionFailure>(bytes).ok();
    let message = failure.and_then(
        |failure| match (failure.error_type, failure.error_message) {
            (_, Some(message)) => Some(message),
            (kind, None) => kind,
        },
    );
    message.unwrap_or_else(|| {
        let kind = answer.function_error().unwrap_or_default();
        format!("{kind} {}", String::from_utf8_lossy(bytes))
    })
}

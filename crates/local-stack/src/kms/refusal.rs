//! What is answered instead of a result: AWS's codes, and its wording where it is known.

use serde_json::{Value, json};

use crate::aws::CallError;

/// An error of KMS, or of whoever was asked on its behalf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(super) struct Refusal {
    /// Status of the HTTP response.
    pub status: u16,
    /// Such as `AccessDeniedException`.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Refusal {
    /// An error of the caller; KMS answers all of these with 400.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// The policy cannot be taken.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new("MalformedPolicyDocumentException", message)
    }

    /// AWS can do this, and this proxy cannot: it is said aloud.
    pub fn unsupported(what: &str) -> Self {
        let message = format!("{what} is not supported by the embedded AWS");
        Self {
            status: 501,
            code: "NotEmulatedException".to_owned(),
            message,
        }
    }

    /// What KMS says of a dry run that would have been done.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html>
    pub fn dry_run() -> Self {
        let message = "The request would have succeeded, but the DryRun option is set.";
        Self::new("DryRunOperationException", message)
    }

    /// The body of the response.
    pub fn body(&self) -> Value {
        json!({ "__type": self.code, "message": self.message })
    }

    /// The error as ministack's KMS sent it.
    fn sent(status: u16, body: &str) -> Self {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let text = |key: &str| body[key].as_str().map(str::to_owned);
        let code = text("__type").unwrap_or_else(|| "KMSInternalException".to_owned());
        Self {
            status,
            code,
            message: text("message").unwrap_or_default(),
        }
    }
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        if let CallError::Refused {
            operation,
            status,
            message,
        } = &error
            && operation.starts_with("kms:")
        {
            return Self::sent(*status, message);
        }
        let message = format!("the embedded AWS cannot be asked: {error}");
        Self {
            status: 500,
            code: "KMSInternalException".to_owned(),
            message,
        }
    }
}

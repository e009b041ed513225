//! What an AWS error means to us.
//!
//! Image Builder returns codes that its model does not declare, so codes are matched as text, here
//! and nowhere else.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Too many calls; a later run tries again.
    Throttled,
    /// We are not allowed to; a person must change a policy.
    Denied,
    /// It is not there.
    NotFound,
    /// The world moved since it was observed: look again.
    Conflict,
    /// Another run is doing it: there is nothing to look at before it is done.
    Busy,
    /// It was made and cannot be seen yet; a later run confirms it.
    Unconfirmed,
    /// A quota is exhausted; nothing but a larger quota helps.
    Quota,
    /// The service has a bad moment; a later run tries again.
    Transient,
    /// The same call will fail again.
    Permanent,
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed: {detail}")]
pub struct CallError {
    /// The operation, such as `imagebuilder:CreateImageRecipe`.
    pub operation: &'static str,
    /// What it means to us.
    pub fault: Fault,
    /// The whole chain of causes, in the SDK's words.
    pub detail: String,
}

impl CallError {
    /// Reads an SDK error of `operation`.
    pub fn new<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let service = error.as_service_error();
        let code = service.and_then(ProvideErrorMetadata::code);
        let status = error
            .raw_response()
            .map(|response| response.status().as_u16());
        let detail = match (code, service.and_then(ProvideErrorMetadata::message)) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            (None, _) => chain(error),
        };
        Self {
            operation,
            fault: classify(code, status),
            detail,
        }
    }

    /// The code and the message of the service, where it answered with them.
    #[cfg(feature = "operator")]
    pub(crate) fn code_and_message(&self) -> (&str, &str) {
        self.detail.split_once(": ").unwrap_or((&self.detail, ""))
    }

    /// Whether KMS or S3 did not know a principal that a policy names: an account or a role that does not
    /// exist, and no other mistake (KMS API reference, `PutKeyPolicy`; re:Post, "invalid principals in
    /// policy", and "Invalid principal in policy" with S3's `MalformedPolicy`).
    pub(crate) fn is_unknown_principal(&self) -> bool {
        let (code, message) = self.detail.split_once(": ").unwrap_or_default();
        ["MalformedPolicyDocumentException", "MalformedPolicy"].contains(&code)
            && message.contains("principal")
    }

    /// Whether what was to be made is there already (Image Builder API reference).
    pub(crate) fn says_that_it_exists(&self) -> bool {
        self.detail.starts_with("ResourceAlreadyExistsException")
    }

    /// Whether something else refers to what was to be deleted (Image Builder API reference).
    pub(crate) fn says_that_others_need_it(&self) -> bool {
        self.detail.starts_with("ResourceDependencyException")
    }

    /// Whether a Region does not take our credentials at all, because the account has not enabled it: there
    /// is nothing of ours in it (EC2 user guide, "Error codes"; IAM user guide, "Managing AWS STS in an
    /// AWS Region").
    pub(crate) fn is_of_a_closed_region(&self) -> bool {
        CLOSED_REGION
            .iter()
            .any(|code| self.detail.starts_with(code))
    }

    /// As seen from our own account: another one that has too many calls says nothing about ours, and keeps
    /// no other change from being made.
    pub(crate) fn elsewhere(self) -> Self {
        let fault = if self.fault == Fault::Throttled {
            Fault::Transient
        } else {
            self.fault
        };
        Self { fault, ..self }
    }

    /// An error that we found ourselves.
    pub fn local(operation: &'static str, fault: Fault, detail: impl Into<String>) -> Self {
        Self {
            operation,
            fault,
            detail: detail.into(),
        }
    }
}

/// How services refuse credentials in a Region that is not enabled; each has its own word.
const CLOSED_REGION: [&str; 4] = [
    "AuthFailure",
    "OptInRequired",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
];

/// An error and its causes. `DisplayErrorContext` would add the whole of it once more as Rust prints a
/// value, which tells the reader of a report or of a terminal nothing.
fn chain(error: &dyn std::error::Error) -> String {
    let causes =
        std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string);
    std::iter::once(error.to_string())
        .chain(causes)
        .collect::<Vec<_>>()
        .join(": ")
}

/// The fault that a code, or failing that a status, stands for; no status means that no answer came.
fn classify(code: Option<&str>, status: Option<u16>) -> Fault {
    match code.unwrap_or_default() {
        "CallRateLimitExceededException"
        | "TooManyRequestsException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "TooManyUpdates"
        | "SlowDown" => Fault::Throttled,
        "ServiceQuotaExceededException" | "LimitExceededException" => Fault::Quota,
        "ResourceAlreadyExistsException"
        | "IdempotentParameterMismatchException"
        | "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "ConcurrentModificationException" => Fault::Conflict,
        "ResourceInUseException" => Fault::Transient,
        "ResourceNotFoundException"
        | "NoSuchKey"
        | "NoSuchVersion"
        | "NotFoundException"
        | "NoSuchBucketPolicy"
        | "InvalidAMIID.NotFound"
        | "InvalidAMIID.Unavailable"
        | "ParameterNotFound" => Fault::NotFound,
        "ForbiddenException" | "AccessDenied" | "AccessDeniedException" => Fault::Denied,
        code if CLOSED_REGION.contains(&code) => Fault::Denied,
        _ => by_status(status),
    }
}

fn by_status(status: Option<u16>) -> Fault {
    match status {
        Some(429) => Fault::Throttled,
        Some(402) => Fault::Quota,
        Some(403) => Fault::Denied,
        Some(404) => Fault::NotFound,
        Some(409 | 412) => Fault::Conflict,
        Some(500..) | None => Fault::Transient,
        Some(_) => Fault::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undeclared_codes_are_known_by_their_text() {
        assert_eq!(
            classify(Some("ResourceAlreadyExistsException"), Some(400)),
            Fault::Conflict
        );
        assert_eq!(
            classify(Some("CallRateLimitExceededException"), Some(429)),
            Fault::Throttled
        );
        assert_eq!(
            classify(Some("ServiceQuotaExceededException"), Some(402)),
            Fault::Quota
        );
        assert_eq!(
            classify(Some("Throttling"), Some(400)),
            Fault::Throttled,
            "as STS spells it"
        );
    }

    #[test]
    fn without_a_code_the_status_decides_and_without_an_answer_a_later_run() {
        assert_eq!(classify(None, Some(503)), Fault::Transient);
        assert_eq!(
            classify(Some("InvalidParameterValueException"), Some(400)),
            Fault::Permanent
        );
        assert_eq!(classify(None, None), Fault::Transient);
    }
}

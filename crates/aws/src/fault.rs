//! Failed AWS calls: what failed, on what, why, and what to do about it.
//!
//! Image Builder returns codes that its model does not declare. So codes are compared here, and nowhere
//! else, and nothing reads an error's text.

use std::error::Error;
use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use goldsmith_domain::escape::printable;

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Too many calls; a later run tries again.
    Throttled,
    /// The caller has no permission; a person must change a policy.
    Denied,
    /// The resource does not exist.
    NotFound,
    /// Something changed since it was observed: look again.
    Conflict,
    /// Another run is doing it; looking again at once would show nothing new.
    Busy,
    /// It was made and cannot be read back yet; a later run confirms it.
    Unconfirmed,
    /// A quota is used up; only a larger quota helps.
    Quota,
    /// The service is not available for a moment; a later run tries again.
    Transient,
    /// The same call will fail again.
    Permanent,
}

impl Fault {
    /// Whether the same call may succeed in a minute.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Throttled | Self::Transient)
    }
}

/// A call that failed. Its text names the operation only: [`chain`] adds the causes.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} failed")]
pub struct CallError {
    /// The operation, such as `imagebuilder:CreateImageRecipe`.
    pub operation: &'static str,
    /// What to do about it.
    pub fault: Fault,
    /// Why it failed.
    pub source: Cause,
}

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Cause {
    /// The service answered with an error.
    #[error("{}", answer(code.as_deref(), message.as_deref(), *status))]
    Service {
        /// The error's code, such as `AccessDeniedException`.
        code: Option<String>,
        /// The service's own words.
        message: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// No complete answer came.
    #[error(transparent)]
    Transport(TransportError),
    /// We refused the call, or its result.
    #[error(transparent)]
    Rejected(Arc<dyn Error + Send + Sync>),
}

/// A request that was not sent, or an answer that was not read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{what}")]
pub struct TransportError {
    what: &'static str,
    source: Arc<dyn Error + Send + Sync>,
}

fn answer(code: Option<&str>, message: Option<&str>, status: u16) -> String {
    match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, Some(message)) => format!("HTTP status {status}: {message}"),
        (None, None) => format!("HTTP status {status}"),
    }
}

impl CallError {
    /// Reads an SDK error of `operation`.
    pub fn new<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let status = error
            .raw_response()
            .map(|response| response.status().as_u16());
        Self {
            operation,
            fault: classify(error.code(), status),
            source: Cause::of(error, status),
        }
    }

    /// A call that we refused before it was made, or whose result we refuse.
    pub fn rejected(
        operation: &'static str,
        fault: Fault,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            operation,
            fault,
            source: Cause::Rejected(Arc::from(cause.into())),
        }
    }

    /// A call whose answer ended before it was complete.
    pub(crate) fn interrupted(
        operation: &'static str,
        error: impl Error + Send + Sync + 'static,
    ) -> Self {
        let source = Cause::Transport(TransportError {
            what: "the answer ended before it was complete",
            source: Arc::new(error),
        });
        Self {
            operation,
            fault: Fault::Transient,
            source,
        }
    }

    /// The code of the service's answer.
    pub(crate) fn code(&self) -> Option<&str> {
        match &self.source {
            Cause::Service { code, .. } => code.as_deref(),
            Cause::Transport(_) | Cause::Rejected(_) => None,
        }
    }

    /// Whether KMS or S3 refused what a policy says. Since the rest of our policies is valid, it is a
    /// principal: an account or a role that does not exist (KMS API reference, `PutKeyPolicy`; re:Post,
    /// "invalid principals in policy", and "Invalid principal in policy" with S3's `MalformedPolicy`).
    pub(crate) fn is_unknown_principal(&self) -> bool {
        matches!(
            self.code(),
            Some("MalformedPolicyDocumentException" | "MalformedPolicy")
        )
    }

    /// Whether the resource to create exists already (Image Builder API reference).
    pub(crate) fn is_already_there(&self) -> bool {
        self.code() == Some("ResourceAlreadyExistsException")
    }

    /// Whether another resource refers to the one to delete (Image Builder API reference).
    pub(crate) fn is_still_needed(&self) -> bool {
        self.code() == Some("ResourceDependencyException")
    }

    /// Whether a Region takes no credentials of the account, because it is not enabled: nothing of ours is
    /// there (EC2 user guide, "Error codes"; IAM user guide, "Managing AWS STS in an AWS Region").
    pub(crate) fn is_region_not_enabled(&self) -> bool {
        self.code()
            .is_some_and(|code| REGION_NOT_ENABLED.contains(&code))
    }

    /// The error as our own account sees it: another account's throttling stops no other change.
    pub(crate) fn elsewhere(self) -> Self {
        let fault = if self.fault == Fault::Throttled {
            Fault::Transient
        } else {
            self.fault
        };
        Self { fault, ..self }
    }
}

impl Cause {
    fn of<E>(error: SdkError<E, HttpResponse>, status: Option<u16>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let what = match &error {
            SdkError::ConstructionFailure(_) => "the request could not be made",
            SdkError::TimeoutError(_) => "no answer came in time",
            SdkError::ResponseError(_) => "the answer could not be read",
            SdkError::ServiceError(_) => {
                return Self::Service {
                    code: error.code().map(str::to_owned),
                    message: error.message().map(str::to_owned),
                    status: status.unwrap_or_default(),
                };
            }
            SdkError::DispatchFailure(_) | _ => "no answer came",
        };
        let source = error
            .into_source()
            .unwrap_or_else(|error| error.to_string().into());
        Self::Transport(TransportError {
            what,
            source: Arc::from(source),
        })
    }
}

/// The codes with which services refuse credentials in a Region that is not enabled.
const REGION_NOT_ENABLED: [&str; 4] = [
    "AuthFailure",
    "OptInRequired",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
];

/// An error and its causes, as one line for a report or a log: what AWS or a document said cannot begin another.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    printable(&text)
}

/// The fault for a code, or for the status if the code is unknown. No status means that no answer came.
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
        // Credentials that ran out are new in the next run (IAM user guide, "temporary credentials").
        "ResourceInUseException" | "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            Fault::Transient
        }
        "ResourceNotFoundException"
        | "NoSuchKey"
        | "NoSuchVersion"
        | "NotFoundException"
        | "NoSuchBucketPolicy"
        | "InvalidAMIID.NotFound"
        | "InvalidAMIID.Unavailable"
        | "ParameterNotFound" => Fault::NotFound,
        "ForbiddenException" | "AccessDenied" | "AccessDeniedException" => Fault::Denied,
        code if REGION_NOT_ENABLED.contains(&code) => Fault::Denied,
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
    fn a_chain_names_each_cause_once() {
        let cause = Cause::Service {
            code: Some("AccessDenied".to_owned()),
            message: Some("no".to_owned()),
            status: 403,
        };
        let denied = CallError {
            operation: "s3:PutObject",
            fault: Fault::Denied,
            source: cause,
        };
        assert_eq!(denied.to_string(), "s3:PutObject failed");
        assert_eq!(chain(&denied), "s3:PutObject failed: AccessDenied: no");
        let refused = CallError::rejected("lease", Fault::Busy, denied);
        assert_eq!(
            chain(&refused),
            "lease failed: s3:PutObject failed: AccessDenied: no"
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

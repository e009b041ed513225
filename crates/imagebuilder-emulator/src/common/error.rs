//! The error that an operation can answer with.
//!
//! Statuses and codes are those of the service model; the texts are the ones seen in the wild
//! where any is known. Where no text is recorded, the constructor says so.

use std::borrow::Cow;

/// Why an operation was refused: HTTP status, error code and message, as the client sees them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Error code, for `x-amzn-ErrorType` or the `Code` element.
    pub code: Cow<'static, str>,
    /// Text for people.
    pub message: String,
}

impl ApiError {
    /// Any error; the named constructors below are to be preferred.
    pub fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
        }
    }

    /// A value that breaks a rule, in the service's own form.
    pub fn invalid(parameter: &str, rule: &str) -> Self {
        Self::new(
            400,
            "InvalidParameterValueException",
            format!("The value supplied for parameter '{parameter}' is not valid. {rule}"),
        )
    }

    /// Members that must not, or must, come together.
    pub fn combination(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterCombinationException", message)
    }

    /// Nothing has this ARN or id.
    pub fn not_found(resource: impl std::fmt::Display) -> Self {
        Self::new(404, "ResourceNotFoundException", not_there(resource))
    }

    /// The name, or name and version, is taken.
    pub fn exists(kind: &str, arn: impl std::fmt::Display) -> Self {
        Self::new(
            400,
            "ResourceAlreadyExistsException",
            format!("The following resource '{kind}' already exists: '{arn}'."),
        )
    }

    /// Something still refers to it.
    pub fn depended_on(arn: impl std::fmt::Display) -> Self {
        Self::new(
            400,
            "ResourceDependencyException",
            format!(
                "Resource dependency error: The resource ARN '{arn}' has other resources depended on it."
            ),
        )
    }

    /// Something happens to it already. The service's text is not recorded anywhere.
    pub fn in_use(arn: impl std::fmt::Display, why: &str) -> Self {
        Self::new(
            400,
            "ResourceInUseException",
            format!("The resource '{arn}' is in use. {why}"),
        )
    }

    /// Nothing that can be done to it as it is. The service's texts are not recorded anywhere.
    pub fn request(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidRequestException", message)
    }

    /// A quota is used up; `quota` names it. The service's text is not recorded anywhere.
    pub fn quota(quota: &str, limit: usize) -> Self {
        Self::new(
            402,
            "ServiceQuotaExceededException",
            format!("You have reached the quota of {limit} for '{quota}'."),
        )
    }

    /// The token was used before, with other parameters.
    pub fn token_reused() -> Self {
        Self::new(
            400,
            "IdempotentParameterMismatchException",
            "The specified client token has already been used with different parameters.",
        )
    }

    /// A dry run that found nothing to object to.
    pub fn dry_run() -> Self {
        Self::new(
            412,
            "DryRunOperationException",
            "Request would have succeeded, but dryRun flag is set.",
        )
    }

    /// Not a page token of this query.
    pub fn bad_page_token() -> Self {
        Self::new(
            400,
            "InvalidPaginationTokenException",
            "The provided pagination token is not valid.",
        )
    }

    /// The body is not what the protocol asks for.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new(400, "SerializationException", message)
    }

    /// AWS does this, the emulator does not, and it says so instead of pretending.
    pub fn not_emulated(what: &str) -> Self {
        Self::new(
            501,
            "NotEmulatedException",
            format!("{what} is not emulated"),
        )
    }
}

/// What the service says of a resource that is not there. The text was seen for a component that a recipe
/// refers to (a PowerShell user's notes on Image Builder).
pub(crate) fn not_there(resource: impl std::fmt::Display) -> String {
    let resource = resource.to_string();
    let kind = kind(&resource);
    format!("The following required resource '{kind}' cannot be found: '{resource}'.")
}

/// The kind of a resource as the service names it, from its ARN or from the head of its id.
fn kind(resource: &str) -> String {
    let path = resource.splitn(6, ':').nth(5);
    let word = match path {
        Some(path) => path.split('/').next().unwrap_or_default(),
        None if resource.starts_with("wf-") => "workflow-execution",
        None if resource.starts_with("step-") => "workflow-step-execution",
        None if resource.starts_with("lce-") => "lifecycle-execution",
        None => "resource",
    };
    let capital = |part: &str| match part.split_at_checked(1) {
        Some((first, rest)) => first.to_ascii_uppercase() + rest,
        None => String::new(),
    };
    word.split('-').map(capital).collect()
}

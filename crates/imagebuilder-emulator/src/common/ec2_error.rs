//! Errors in EC2's vocabulary that several layers answer.

use crate::common::error::ApiError;

/// An error in EC2's vocabulary.
pub(crate) fn client_error(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(400, code, message)
}

/// The error for an AMI that is not there, or that the account may not see.
pub(crate) fn unknown_image(id: &str) -> ApiError {
    client_error(
        "InvalidAMIID.NotFound",
        format!("The image id '[{id}]' does not exist"),
    )
}

/// The error for an instance that is not there, or is not the account's.
pub(crate) fn unknown_instance(id: &str) -> ApiError {
    client_error(
        "InvalidInstanceID.NotFound",
        format!("The instance ID '{id}' does not exist"),
    )
}

/// The error for a snapshot that is not there, or that the account may not see.
pub(crate) fn unknown_snapshot(id: &str) -> ApiError {
    client_error(
        "InvalidSnapshot.NotFound",
        format!("The snapshot '{id}' does not exist."),
    )
}

//! Why a stack did not start.

use std::io;

use crate::aws::{CallError, DeployError};
use crate::ministack;
use crate::package::PackageError;

/// The stack did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No place for logs.
    #[error("no directory for the stack can be made in {0}")]
    Directory(String, #[source] io::Error),
    /// No port for the emulator or for KMS.
    #[error("no port for the Image Builder emulator or for KMS")]
    Listen(#[source] io::Error),
    /// ministack did not start.
    #[error("the embedded AWS did not start")]
    Ministack(#[source] ministack::StartError),
    /// The template could not be packaged.
    #[error("the template cannot be packaged")]
    Package(#[source] PackageError),
    /// The template could not be deployed.
    #[error("the template cannot be deployed")]
    Deploy(#[source] DeployError),
    /// The policies of the buckets could not be lifted.
    #[error("the buckets still refuse plain HTTP")]
    Policy(#[source] CallError),
    /// KMS would not have taken the template's key policy.
    #[error("the key policy of the template is refused")]
    KeyPolicy(#[source] CallError),
    /// The template has no such output.
    #[error("the template has no output {0}")]
    Output(&'static str),
}

//! How a command ends with an error: each command has an error type of its own, which may have a hint.

use std::error::Error;

use goldsmith_aws::documents::DocumentsError;
use goldsmith_aws::fault::{CallError, Fault};
use goldsmith_aws::operator::{ContextError, InvokeError, Unconfigured};

/// An error that may know what helps against it.
pub trait Hint {
    /// What would help; none if nothing is known to help.
    fn hint(&self) -> Option<String>;
}

/// What every command's error can do.
trait HintedError: Error + Hint {}

impl<E: Error + Hint> HintedError for E {}

/// The error of any command, ready to be printed.
#[derive(Debug)]
pub struct CommandError(Box<dyn HintedError>);

impl<E: Error + Hint + 'static> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl CommandError {
    /// What went wrong.
    pub fn message(&self) -> String {
        self.0.to_string()
    }

    /// The causes, the nearest first.
    pub fn causes(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        std::iter::successors(self.0.source(), |cause| (**cause).source())
    }

    /// What would help.
    pub fn hint(&self) -> Option<String> {
        self.0.hint()
    }
}

const SAME_RELEASE: &str = "the stack and this command must be of the same release";

impl Hint for CallError {
    fn hint(&self) -> Option<String> {
        let hint = match self.fault {
            Fault::Denied => "`aws sts get-caller-identity` shows whose credentials are in use",
            Fault::Transient => {
                "check the credentials and the network with `aws sts get-caller-identity`"
            }
            Fault::Throttled => "try again in a minute",
            Fault::NotFound
            | Fault::Conflict
            | Fault::Busy
            | Fault::Unconfirmed
            | Fault::Quota
            | Fault::Permanent => return None,
        };
        Some(hint.to_owned())
    }
}

impl Hint for DocumentsError {
    fn hint(&self) -> Option<String> {
        self.call().and_then(Hint::hint)
    }
}

impl Hint for ContextError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Call(error) => of_function_call(error),
            Self::Environment { .. } => Some(SAME_RELEASE.to_owned()),
        }
    }
}

impl Hint for InvokeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Call(error) => of_function_call(error),
            Self::Function { .. } | Self::Unknown { .. } => None,
        }
    }
}

/// What helps against a failed call of Lambda: without a function there is no stack of that name.
fn of_function_call(error: &CallError) -> Option<String> {
    if error.fault == Fault::NotFound {
        return Some(
            "is the stack deployed in this account and Region, and is its name goldsmith-<environment>?"
                .to_owned(),
        );
    }
    error.hint()
}

impl Hint for Unconfigured {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Region => "set AWS_REGION, or `region` in the profile that AWS_PROFILE names",
            Self::Credentials(_) => {
                "set AWS_PROFILE, and log in with `aws sso login` or `aws login` if the profile needs it"
            }
        };
        Some(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("it failed")]
    struct Failed(#[source] std::fmt::Error);

    impl Hint for Failed {
        fn hint(&self) -> Option<String> {
            Some("try again".to_owned())
        }
    }

    #[test]
    fn a_command_error_has_its_message_its_causes_and_its_hint() {
        let error = CommandError::from(Failed(std::fmt::Error));
        let causes: Vec<String> = error.causes().map(ToString::to_string).collect();
        assert_eq!(error.message(), "it failed");
        assert_eq!(causes, [std::fmt::Error.to_string()]);
        assert_eq!(error.hint().as_deref(), Some("try again"));
    }
}

//! Why a command could not be carried out, and what may help.

use std::io;
use std::path::PathBuf;

use goldsmith_aws::fault::{CallError, Fault};
use goldsmith_aws::operator::{ContextError, InvokeError, Unconfigured};
use goldsmith_domain::names::{AccountId, NameError, RecipeName};

use crate::consumer::ConsumerError;
use crate::documents::DocumentsError;
use crate::init::InitError;
use crate::plan::{SavedError, SetError};

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The documents could not be read.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// The documents may not be acted upon; what is wrong was said.
    #[error("the documents of {} may not be acted upon; nothing was changed", .0.display())]
    Rejected(PathBuf),
    /// No stack is named.
    #[error("no stack is named")]
    NoStack,
    /// There is nothing to compare the documents with.
    #[error("there is nothing to compare the documents with")]
    NothingToCompare,
    /// A name is wrong.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Region or credentials are missing.
    #[error(transparent)]
    Unconfigured(#[from] Unconfigured),
    /// The stack cannot be looked at.
    #[error(transparent)]
    StackContext(#[from] ContextError),
    /// AWS refused or failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The documents of the stack could not be read.
    #[error(transparent)]
    Bucket(#[from] goldsmith_aws::documents::DocumentsError),
    /// A function gave no answer.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// What was observed could not be read or written.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// `--set` cannot be followed.
    #[error(transparent)]
    Set(#[from] SetError),
    /// `--set` was given to `apply`.
    #[error("apply takes no --set")]
    SetApplied,
    /// No environment was made.
    #[error(transparent)]
    Init(#[from] InitError),
    /// Nothing can be said to a consumer.
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    /// A file could not be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was made cannot be written as JSON.
    #[error("the answer cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// There is nothing to wait with.
    #[error("waiting for AWS is not possible")]
    Runtime(#[source] io::Error),
    /// The documents are for another environment than the stack.
    #[error("{0}")]
    Environment(String),
    /// The stack is of a release that answers otherwise.
    #[error("the stack's reconcile function answers a dry run without a {0}")]
    OtherRelease(&'static str),
    /// There is nobody to ask.
    #[error("nobody can be asked whether to go on; nothing was changed")]
    Unattended,
    /// The world is not the one that was planned for.
    #[error("the world has moved since the plan was shown; nothing was changed:{}", lines(.0))]
    Moved(Vec<String>),
    /// A commit that cannot be kept with a document.
    #[error("the commit `{0}` is not letters, digits, `.`, `_`, `/` and `-`")]
    Commit(String),
    /// A document could not be uploaded.
    #[error("{key} was not uploaded, after {done} of {of} documents were")]
    Upload {
        /// The document.
        key: String,
        /// How many were uploaded before.
        done: usize,
        /// How many were to be.
        of: usize,
        /// Why.
        source: CallError,
    },
    /// Nothing says whom the images are for.
    #[error("the stack has no documents that may be acted upon")]
    NothingInForce,
    /// Nothing is served to such an account.
    #[error("the documents in force serve no account {0}")]
    NotServed(AccountId),
    /// The stack has no such recipe.
    #[error("the stack has no pipeline for the recipe {0}")]
    NoRecipe(RecipeName),
}

fn lines(what: &[String]) -> String {
    what.iter()
        .map(|line| format!("\n  {line}"))
        .collect::<Vec<_>>()
        .concat()
}

const STACK: &str = "name it with --against goldsmith-<environment>, or in GOLDSMITH_STACK";

impl Failure {
    /// What would help, if we can tell.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Documents(error) => return error.hint(),
            Self::Init(error) => return error.hint(),
            Self::Set(error) => return error.hint(),
            Self::Consumer(error) => return Some(error.hint()),
            Self::Call(error)
            | Self::StackContext(ContextError::Call(error))
            | Self::Invoke(InvokeError::Call(error)) => return of_call(error),
            Self::Bucket(error) => return error.call().and_then(of_call),
            Self::Upload { .. } => {
                "apply again: the plan is then made and shown anew, and the rest is uploaded"
            }
            Self::NoStack => STACK,
            Self::NothingToCompare => {
                "`--against goldsmith-<environment>` looks at a stack, `--observed FILE` at what `--save FILE` wrote"
            }
            Self::Unconfigured(missing) => configured_by(missing),
            Self::SetApplied => {
                "what is applied has to be in the documents: change environment.json"
            }
            Self::Unattended => "`--yes` goes on without asking",
            Self::Moved(_) => "apply again: the plan is then made and shown anew",
            Self::OtherRelease(_) | Self::StackContext(ContextError::Environment { .. }) => {
                "the stack and this command have to be of the same release"
            }
            Self::NoRecipe(_) => "`goldsmith status` lists the recipes",
            Self::NothingInForce => {
                "`goldsmith status` tells what is wrong with them, `goldsmith apply` uploads them"
            }
            Self::NotServed(_) => {
                "`goldsmith verify` without --account looks at all that are served"
            }
            Self::Rejected(_)
            | Self::Name(_)
            | Self::Invoke(InvokeError::Function { .. } | InvokeError::Unknown { .. })
            | Self::Saved(_)
            | Self::Unwritable { .. }
            | Self::Json(_)
            | Self::Runtime(_)
            | Self::Environment(_)
            | Self::Commit(_) => return None,
        };
        Some(hint.to_owned())
    }
}

fn configured_by(missing: &Unconfigured) -> &'static str {
    match missing {
        Unconfigured::Region => "set AWS_REGION, or `region` in the profile that AWS_PROFILE names",
        Unconfigured::Credentials(_) => {
            "set AWS_PROFILE, and log in with `aws sso login` or `aws login` if the profile needs it"
        }
    }
}

/// What helps against an error of AWS.
fn of_call(error: &CallError) -> Option<String> {
    let hint = match error.fault {
        Fault::Denied => "`aws sts get-caller-identity` tells whose credentials these are",
        Fault::NotFound if error.operation.starts_with("lambda:") => {
            "is the stack deployed in this account and Region, and is its name goldsmith-<environment>?"
        }
        Fault::Transient => {
            "are there credentials and a network? `aws sts get-caller-identity` tells"
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

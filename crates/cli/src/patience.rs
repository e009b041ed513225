//! Reads that are made again after an error that may pass: what takes long must not end with a network that was away
//! for a moment.

use std::time::Duration;

use goldsmith_aws::fault::{CallError, chain};
use goldsmith_aws::operator::ContextError;
use tokio::time::sleep;

use crate::error::Hint;
use crate::printer::Printer;

/// How long it waits first: whoever watches wants to see something soon.
pub const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How long it waits at most: a build changes no more often.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How often a read is made again after an error that may pass: about two minutes.
const MOST_REPEATS: usize = 10;

/// The stack could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The stack cannot be read.
    #[error(transparent)]
    Stack(#[from] ContextError),
    /// A call of AWS failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Hint for ReadError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Stack(error) => error.hint(),
            Self::Call(error) => error.hint(),
        }
    }
}

impl ReadError {
    /// Whether the same read may succeed in a minute.
    fn is_temporary(&self) -> bool {
        match self {
            Self::Call(error) | Self::Stack(ContextError::Call(error)) => {
                error.fault.is_temporary()
            }
            Self::Stack(ContextError::Environment { .. }) => false,
        }
    }
}

/// Reads, and reads again after an error that may pass, which is told once.
///
/// Errors: one that lasts, or that does not pass in about two minutes.
pub async fn patiently<T, E, F>(read: impl Fn() -> F, printer: Printer) -> Result<T, ReadError>
where
    F: Future<Output = Result<T, E>>,
    ReadError: From<E>,
{
    let mut pause = FIRST_PAUSE;
    for repeat in 0..MOST_REPEATS {
        match read().await.map_err(ReadError::from) {
            Err(error) if error.is_temporary() => {
                if repeat == 0 {
                    let why = chain(&error);
                    printer.warn(&format!("{why}; trying again for two minutes"));
                }
                sleep(pause).await;
            }
            other => return other,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Ok(read().await?)
}

//! Why a step goes no further, whichever kind of reason it is.

use super::{Refused, Waiting};

/// A reason not to go on: it passes by itself, or needs a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::plan) enum Blocked {
    /// It will be right later.
    #[error(transparent)]
    Waiting(#[from] Waiting),
    /// It needs a person.
    #[error(transparent)]
    Refused(#[from] Refused),
}

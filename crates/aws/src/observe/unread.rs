//! Answers that the next run would get again: what they are about is not there for a plan, and the run
//! goes on.

use goldsmith_domain::observed::{Subject, Unreadable};

use crate::fault::CallError;

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub(super) struct Read<T> {
    pub(super) value: T,
    pub(super) unread: Vec<Unreadable>,
}

impl<T> Read<T> {
    /// The value; what could not be read is added to `all`.
    pub(super) fn into(self, all: &mut Vec<Unreadable>) -> T {
        all.extend(self.unread);
        self.value
    }
}

/// What came of reading `what`; nothing, if AWS refuses it for good. Errors: what passes by itself.
pub(super) fn read<T: Default>(
    what: Subject,
    answer: Result<T, CallError>,
) -> Result<Read<T>, CallError> {
    match answer {
        Ok(value) => Ok(Read {
            value,
            unread: Vec::new(),
        }),
        Err(error) => Ok(Read {
            value: T::default(),
            unread: vec![unreadable(what, error)?],
        }),
    }
}

/// That `what` cannot be read, for this reason. Errors: what passes by itself.
pub(super) fn unreadable(what: Subject, error: CallError) -> Result<Unreadable, CallError> {
    let code = code(error)?;
    tracing::warn!(%what, code, "something could not be read");
    Ok(Unreadable { what, code })
}

/// AWS's code for an answer that will not change. Its words are left out: they may quote what they are
/// about. Errors: what passes by itself.
pub(super) fn code(error: CallError) -> Result<String, CallError> {
    if error.fault.is_temporary() {
        return Err(error);
    }
    Ok(error
        .code()
        .unwrap_or("an answer without a code")
        .to_owned())
}

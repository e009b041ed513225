//! The outcome of a call.

use crate::common::error::ApiError;

/// What came of a call: a body, or an error.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub result: Result<String, ApiError>,
}

impl Outcome {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.result
            .as_ref()
            .map_or_else(|error| error.status, |_| 200)
    }
}

//! Output for programs.

use serde::Serialize;

use crate::error::Hint;

/// A value could not be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("the output cannot be written as JSON")]
pub struct JsonError(#[from] serde_json::Error);

impl Hint for JsonError {
    fn hint(&self) -> Option<String> {
        None
    }
}

/// The value as indented JSON that ends with a line break.
pub fn pretty(value: &impl Serialize) -> Result<String, JsonError> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

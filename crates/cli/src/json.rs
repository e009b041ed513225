//! Output for programs.

use goldsmith_domain::escape;
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

/// The value as indented JSON that ends with a line break. No character in it controls a terminal.
pub fn pretty(value: &impl Serialize) -> Result<String, JsonError> {
    let json = serde_json::to_string_pretty(value)?;
    Ok(format!("{}\n", escape::json(&json)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_no_character_that_a_terminal_obeys() {
        assert_eq!(
            pretty(&["\u{9b}2J", "\u{202E}"]).expect("JSON"),
            "[\n  \"\\u009b2J\",\n  \"\\u202e\"\n]\n"
        );
    }
}

//! From the name of an image to the folders of its variables.

use std::fmt;
use std::str::FromStr;

/// The folder that the layers begin at.
pub const PREFIX: &str = "amis";

/// The deepest key. Each part is one more folder to look into.
const MOST_PARTS: usize = 16;

/// What was wrong with a name, a key or a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyError {
    found: String,
    expected: &'static str,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found `{}`, expected {}", self.found, self.expected)
    }
}

impl std::error::Error for KeyError {}

/// The folders below the prefix that hold the variables of an image, one part for each folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key(Vec<String>);

impl Key {
    /// The key of a name: its parts between `-`, the last one first. So `baseos-rhel7` has `rhel7/baseos`.
    ///
    /// # Errors
    ///
    /// The name is empty, or a part of it is no name of a folder.
    pub fn of_name(name: &str) -> Result<Self, KeyError> {
        Self::of_parts(name, name.rsplit('-'))
    }

    /// The folders to look into, the least specific first; each ends with `/`.
    pub fn folders(&self, prefix: &Prefix) -> Vec<String> {
        let parts = prefix.0.iter().flat_map(|part| [part.as_str(), "/"]);
        let mut folder: String = parts.collect();
        let mut folders = vec![folder.clone()];
        for part in &self.0 {
            folder.push_str(part);
            folder.push('/');
            folders.push(folder.clone());
        }
        folders
    }

    fn of_parts<'a>(whole: &str, parts: impl Iterator<Item = &'a str>) -> Result<Self, KeyError> {
        let parts = parts.filter(|part| !part.is_empty()).map(str::to_owned);
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() || parts.len() > MOST_PARTS || !parts.iter().all(|part| is_folder(part))
        {
            return Err(KeyError {
                found: whole.chars().take(80).collect(),
                expected: "parts of letters, digits, `_` and `.`, no part of dots only, and at most 16 parts",
            });
        }
        Ok(Self(parts))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

impl FromStr for Key {
    type Err = KeyError;

    /// Reads folders with `/` between them, such as `rhel7/baseos`.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::of_parts(text, text.split('/'))
    }
}

/// The folder that the layers begin at; it may be the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(Vec<String>);

impl Default for Prefix {
    fn default() -> Self {
        Self(vec![PREFIX.to_owned()])
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

impl FromStr for Prefix {
    type Err = KeyError;

    /// Reads folders with `/` between them; an empty text is the root.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.split('/').all(str::is_empty) {
            return Ok(Self(Vec::new()));
        }
        text.parse::<Key>().map(|Key(parts)| Self(parts))
    }
}

/// Whether a part is the name of a folder that is inside the one that it is in.
fn is_folder(part: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    part.len() <= 128
        && part.chars().all(allowed)
        && !part.starts_with('-')
        && !part.chars().all(|c| c == '.')
}

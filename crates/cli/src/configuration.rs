//! What `goldsmith pull` leaves in a folder: the files of the configuration repository, and where they came from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Hint;

/// Where the files of the configuration are, below the folder of an environment.
pub const FOLDER: &str = "target/pipeline-config";
/// Where it is said which repository and which commit they are of.
pub const STATE: &str = "target/pipeline-config.json";

/// The largest state that is read. It is a few lines.
const LARGEST: usize = 16 << 10;

/// Which configuration was pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pulled {
    /// The repository, without user and password.
    pub url: String,
    /// What was asked for: a branch, a tag, a commit, or `HEAD`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The commit.
    pub commit: String,
    /// The folder that the layers begin at, if it is not `amis`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The folders below it, if they do not follow from the image's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What says where the configuration came from cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It could not be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("{} is not what `goldsmith pull` writes", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

impl Hint for StateError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Unknown { .. } => {
                Some("`goldsmith pull` pulls the configuration again".to_owned())
            }
        }
    }
}

/// Which configuration was pulled into `dir`; none if `goldsmith pull` left nothing there.
pub fn read(dir: &Path) -> Result<Option<Pulled>, StateError> {
    let path = dir.join(STATE);
    let bytes = match fs::File::open(&path).and_then(|file| beginning(&file)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|source| StateError::Unreadable {
            path: path.clone(),
            source,
        })?,
    };
    let pulled = serde_json::from_slice(&bytes);
    pulled
        .map(Some)
        .map_err(|source| StateError::Unknown { path, source })
}

fn beginning(file: &fs::File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, LARGEST as u64), &mut bytes)?;
    Ok(bytes)
}

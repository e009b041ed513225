//! Why the layers of a folder cannot be read.

use goldsmith_layers::KeyError;
use goldsmith_layers::read::ArgumentError;

use crate::configuration::StateError;
use crate::documents::DocumentsError;
use crate::documents::accepted::RejectedError;
use crate::error::Hint;

/// The documents or the variables of a folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LayersError {
    /// A file could not be read.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// A value of `--var` is none.
    #[error("--var cannot be used")]
    Argument(#[from] ArgumentError),
    /// There are no folders for the name of the image.
    #[error("the name of the image leads to no folders of the configuration")]
    Key(#[from] KeyError),
    /// What says where the configuration came from cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

impl Hint for LayersError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Documents(error) => error.hint(),
            Self::State(error) => error.hint(),
            Self::Argument(_) => {
                Some("write --var source_ami=ami-08bd941ae380bd3cd".to_owned())
            }
            Self::Key(_) => Some(
                "the variable `name` says which image is meant; `goldsmith pull --key` names its folders"
                    .to_owned(),
            ),
        }
    }
}

/// The documents of a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// They could not be read.
    #[error(transparent)]
    Layers(#[from] LayersError),
    /// They have problems, or are incomplete.
    #[error(transparent)]
    Rejected(#[from] RejectedError),
}

impl Hint for AcceptError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Layers(error) => error.hint(),
            Self::Rejected(error) => error.hint(),
        }
    }
}

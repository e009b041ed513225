//! Why folders did not become components.

use std::io;
use std::path::PathBuf;

use crate::error::Hint;
use crate::json::JsonError;
use crate::tool::ToolError;

/// A folder did not become a component.
#[derive(Debug, thiserror::Error)]
pub enum VendorError {
    /// There is no such folder.
    #[error("{} is not a folder", .0.display())]
    NoFolder(PathBuf),
    /// Something could not be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something could not be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A link, or something else that is no file.
    #[error("{} is not a file", .0.display())]
    NoFile(PathBuf),
    /// A name that is not UTF-8, or cannot be in a component.
    #[error("found the name {}, expected lower-case letters, digits and `-`", .0.display())]
    Name(PathBuf),
    /// Too many files.
    #[error("{} has more than {most} files", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// The most.
        most: usize,
    },
    /// A file that is too large.
    #[error("{} has {size} bytes, more than fit into a component", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
    /// A component that Image Builder does not take.
    #[error("{} becomes a component of {size} bytes; Image Builder takes {most}", path.display())]
    Component {
        /// The folder.
        path: PathBuf,
        /// How large it becomes.
        size: usize,
        /// The most.
        most: usize,
    },
    /// Two folders have one name.
    #[error("test/{0} and provision/{0} would both become components/content-{0}.yml")]
    Twice(String),
    /// A tool did not fetch what a folder depends on.
    #[error("what {} names was not fetched by {tool}", path.display())]
    Unresolved {
        /// The file that names it.
        path: PathBuf,
        /// The tool.
        tool: &'static str,
        /// Where it belongs.
        into: &'static str,
        /// Why.
        source: ToolError,
    },
    /// The answer could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for VendorError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoFolder(_) => {
                "DIR is the folder of one environment, such as ami-versions/nonprod"
            }
            Self::NoFile(_) => "copy the file into the folder instead of linking to it",
            Self::Name(_) => "rename it: the name becomes a part of the component's",
            Self::TooMany { .. } | Self::TooLarge { .. } | Self::Component { .. } => {
                "put it as a tar.gz archive into a bucket, and name its s3:// address and SHA-256 as `Source` or `Profile`"
            }
            Self::Twice(_) => "rename one of them",
            Self::Unresolved { into, .. } => {
                return Some(format!(
                    "install the tool, or put what it would fetch into the folder {into} beside that file"
                ));
            }
            Self::Json(error) => return error.hint(),
            Self::Unreadable { .. } | Self::Unwritable { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

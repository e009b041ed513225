//! The files of a folder that goes to an instance.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::VendorError;

/// The most files of one folder. What fits into a component has far fewer.
const MOST_FILES: usize = 1000;
/// The most bytes of one file; a component takes 64 KB after compression.
const LARGEST: u64 = 1 << 20;

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFile {
    /// Its path below the folder, with `/`.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Whether it may be executed.
    pub is_executable: bool,
}

/// The files below `folder`, in the order of their paths. A link is refused: it leads elsewhere. What is hidden is left
/// out: it is of tools and editors, may hold a password, and Git may not have it.
pub fn files(folder: &Path) -> Result<Vec<ContentFile>, VendorError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in entries(&next)? {
            let kind = fs::symlink_metadata(&entry).map_err(unreadable(&entry))?;
            if kind.is_dir() {
                folders.push(entry);
            } else if kind.is_file() {
                found.push(file(folder, &entry, &kind)?);
            } else {
                return Err(VendorError::NoFile(entry));
            }
        }
        if found.len() > MOST_FILES {
            let (path, most) = (folder.to_owned(), MOST_FILES);
            return Err(VendorError::TooMany { path, most });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, VendorError> {
    let entries = fs::read_dir(folder).map_err(unreadable(folder))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let paths: Result<Vec<PathBuf>, io::Error> = paths.collect();
    let mut paths = paths.map_err(unreadable(folder))?;
    paths.retain(|path| !is_hidden(path));
    Ok(paths)
}

/// Whether a name begins with a dot.
pub fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with('.'))
}

fn file(folder: &Path, path: &Path, kind: &fs::Metadata) -> Result<ContentFile, VendorError> {
    if kind.len() > LARGEST {
        let (path, size) = (path.to_owned(), kind.len());
        return Err(VendorError::TooLarge { path, size });
    }
    let below = path.strip_prefix(folder).unwrap_or(path).to_str();
    let below = below.ok_or_else(|| VendorError::Name(path.to_owned()))?;
    Ok(ContentFile {
        path: below.to_owned(),
        bytes: fs::read(path).map_err(unreadable(path))?,
        is_executable: kind.permissions().mode() & 0o100 != 0,
    })
}

/// The error of a path that cannot be read.
pub fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> VendorError {
    let path = path.to_owned();
    move |source| VendorError::Unreadable { path, source }
}

//! The documents of one environment in a folder; their keys are paths below it.
//!
//! [`check_report`] is what is wrong with them; [`accepted`] is for commands that need valid ones.

pub mod accepted;
pub mod check_report;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use goldsmith_domain::document::{
    AMI_VERSIONS, DocumentFile, ENVIRONMENT, LARGEST, WaiversKey, is_document, needed_keys,
};

use crate::error::Hint;
use crate::repository;

/// The documents of a folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    /// There is no such folder.
    #[error("{} is not a folder", .0.display())]
    NoFolder(PathBuf),
    /// A file exists and cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A link leads out of the repository.
    #[error("{} links to {}, which is outside {}", path.display(), target.display(), root.display())]
    Elsewhere {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
        /// The folder that documents must be in.
        root: PathBuf,
    },
    /// Something that is not a file has the name of a document.
    #[error("{} is not a file", .0.display())]
    NoFile(PathBuf),
    /// A document is too large to be checked here.
    #[error("{} has {size} bytes; a document has at most {LARGEST}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
}

impl Hint for DocumentsError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoFolder(_) => {
                "DIR is the folder of one environment, such as ami-versions/nonprod"
            }
            Self::Elsewhere { .. } => "copy the document into the folder instead of linking to it",
            Self::Unreadable { .. } | Self::NoFile(_) | Self::TooLarge { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

/// Reads the documents in `folder`: the two main ones, those that they name, and waivers. Without an
/// `environment.json` to name others, every file with the name of a document is read: several repositories
/// may each hold some documents of an environment. A folder of environments has no documents itself: what
/// is beside them is there to be copied.
///
/// Of a document that is too large, only the beginning is read. Documents may come from a fork, and
/// problems quote what they found: a link that leads out of the repository is refused.
pub fn read(folder: &Path) -> Result<Vec<DocumentFile>, DocumentsError> {
    let no_folder = |_: io::Error| DocumentsError::NoFolder(folder.to_owned());
    let real = folder.canonicalize().map_err(no_folder)?;
    if !real.is_dir() {
        return Err(DocumentsError::NoFolder(folder.to_owned()));
    }
    let root = repository::root(&real).unwrap_or(&real);
    let mut files = Vec::new();
    for key in [ENVIRONMENT, AMI_VERSIONS] {
        files.extend(document(folder, root, key)?);
    }
    if files.iter().any(|file| file.key == ENVIRONMENT) {
        let present = present(folder)?.into_iter();
        let waivers = present.filter(|key| WaiversKey::of(key).is_some());
        for key in needed_keys(&files).into_iter().chain(waivers) {
            files.extend(document(folder, root, &key)?);
        }
    } else if !files.is_empty() || environments(folder).is_empty() {
        for key in present(folder)?
            .into_iter()
            .filter(|key| key != AMI_VERSIONS)
        {
            files.extend(
                document(folder, root, &key)?
                    .map(|file| whole(folder, file))
                    .transpose()?,
            );
        }
    }
    Ok(files)
}

/// One file below `folder`, read as documents are; none if it is not there. `key` is its path, and nothing but
/// files below the repository of `folder` is read.
pub fn one(folder: &Path, key: &str) -> Result<Option<DocumentFile>, DocumentsError> {
    let no_folder = |_: io::Error| DocumentsError::NoFolder(folder.to_owned());
    let real = folder.canonicalize().map_err(no_folder)?;
    document(folder, repository::root(&real).unwrap_or(&real), key)
}

/// An error if a folder below `folder` is a link out of the repository.
pub fn require_inside(folder: &Path, below: &str) -> Result<(), DocumentsError> {
    let no_folder = |_: io::Error| DocumentsError::NoFolder(folder.to_owned());
    let real = folder.canonicalize().map_err(no_folder)?;
    let root = repository::root(&real).unwrap_or(&real);
    let path = folder.join(below);
    let target = path.canonicalize().map_err(no_folder)?;
    if target.starts_with(root) {
        return Ok(());
    }
    let root = root.to_owned();
    Err(DocumentsError::Elsewhere { path, target, root })
}

/// One file below `folder`, and really in it.
pub fn one_inside(folder: &Path, key: &str) -> Result<Option<DocumentFile>, DocumentsError> {
    let no_folder = |_: io::Error| DocumentsError::NoFolder(folder.to_owned());
    let real = folder.canonicalize().map_err(no_folder)?;
    document(folder, &real, key)
}

/// A file that the caller names, wherever it is; its key is its path.
pub fn named(path: &Path) -> Result<DocumentFile, DocumentsError> {
    let unreadable = |source| DocumentsError::Unreadable {
        path: path.to_owned(),
        source,
    };
    if path.is_dir() {
        return Err(DocumentsError::NoFile(path.to_owned()));
    }
    let (size, bytes) = beginning(path).map_err(unreadable)?;
    Ok(DocumentFile {
        key: path.display().to_string(),
        version_id: String::new(),
        size,
        bytes,
    })
}

/// The keys of the files in `folder` with the name of a document.
pub fn present(folder: &Path) -> Result<BTreeSet<String>, DocumentsError> {
    let mut keys = BTreeSet::new();
    let recipes = names(folder)?.into_iter();
    let audits = recipes.map(|name| format!("{name}/audit/"));
    let shared = ["", "components/", "amis/", "audit/"].map(str::to_owned);
    for below in shared.into_iter().chain(audits) {
        let names = names(&folder.join(&below))?.into_iter();
        let all = names.map(|name| format!("{below}{name}"));
        keys.extend(all.filter(|key| is_document(key)));
    }
    Ok(keys)
}

/// What is in a folder; nothing if it does not exist, or is a file.
fn names(path: &Path) -> Result<Vec<String>, DocumentsError> {
    let entries = match path.read_dir() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Vec::new());
        }
        other => other.map_err(|source| DocumentsError::Unreadable {
            path: path.to_owned(),
            source,
        })?,
    };
    let names = entries.flatten();
    Ok(names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect())
}

/// The document, if all of it was read: one that nothing names is not checked before its upload.
fn whole(folder: &Path, file: DocumentFile) -> Result<DocumentFile, DocumentsError> {
    if file.size <= LARGEST as u64 {
        return Ok(file);
    }
    Err(DocumentsError::TooLarge {
        path: folder.join(&file.key),
        size: file.size,
    })
}

/// A document with this text.
pub fn from_text(key: &str, text: &str) -> DocumentFile {
    let bytes = text.as_bytes().to_vec();
    DocumentFile {
        key: key.to_owned(),
        version_id: String::new(),
        size: bytes.len() as u64,
        bytes,
    }
}

/// Documents from their texts, by key.
pub fn from_texts(texts: &BTreeMap<String, String>) -> Vec<DocumentFile> {
    texts
        .iter()
        .map(|(key, text)| from_text(key, text))
        .collect()
}

/// The texts of documents, by key.
pub fn texts(files: &[DocumentFile]) -> BTreeMap<String, String> {
    let text = |file: &DocumentFile| String::from_utf8_lossy(&file.bytes).into_owned();
    files
        .iter()
        .map(|file| (file.key.clone(), text(file)))
        .collect()
}

/// One document; none if it is not there.
fn document(folder: &Path, root: &Path, key: &str) -> Result<Option<DocumentFile>, DocumentsError> {
    let path = folder.join(key);
    let unreadable = |source| DocumentsError::Unreadable {
        path: path.clone(),
        source,
    };
    let target = match path.canonicalize() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        other => other.map_err(unreadable)?,
    };
    if !target.starts_with(root) {
        return Err(DocumentsError::Elsewhere {
            path,
            target,
            root: root.to_owned(),
        });
    }
    if !target.is_file() {
        return Err(DocumentsError::NoFile(path));
    }
    let (size, bytes) = beginning(&target).map_err(unreadable)?;
    Ok(Some(DocumentFile {
        key: key.to_owned(),
        version_id: String::new(),
        size,
        bytes,
    }))
}

/// The size of a file, and at most one byte more of it than a document may have.
fn beginning(path: &Path) -> io::Result<(u64, Vec<u8>)> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok((size, bytes))
}

/// Whether a folder looks like an environment.
pub fn is_environment(folder: &Path) -> bool {
    [ENVIRONMENT, AMI_VERSIONS]
        .iter()
        .any(|key| folder.join(key).is_file())
}

/// The folders in `folder` that look like environments, by name.
pub fn environments(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let names = entries
        .filter(|entry| is_environment(&entry.path()))
        .map(|entry| entry.file_name());
    let mut names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(folder: &Path) -> Vec<String> {
        read(folder)
            .expect("a folder")
            .into_iter()
            .map(|file| file.key)
            .collect()
    }

    #[test]
    fn keys_are_paths_below_the_folder_and_only_named_documents_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let write =
            |key: &str, text: &str| std::fs::write(folder.path().join(key), text).expect("a file");
        std::fs::create_dir(folder.path().join("components")).expect("a folder");
        write(
            ENVIRONMENT,
            r#"{"build-components": ["components/a.yml"], "regions": {"us-east-1": {}}}"#,
        );
        write("components/a.yml", "a");
        write("components/b.yml", "b");
        write("workload_accounts.us-east-1.json", "{}");
        assert_eq!(
            keys(folder.path()),
            [
                ENVIRONMENT,
                "components/a.yml",
                "workload_accounts.us-east-1.json"
            ]
        );
    }

    #[test]
    fn only_the_beginning_of_a_large_document_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(ENVIRONMENT), vec![b' '; 4 * LARGEST]).expect("a file");
        let files = read(folder.path()).expect("a folder");
        assert_eq!(
            (files[0].size, files[0].bytes.len()),
            (4 * LARGEST as u64, LARGEST + 1)
        );
    }

    #[test]
    fn a_link_out_of_the_repository_is_refused_and_one_inside_is_followed() {
        let (folder, other) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("another"),
        );
        let secret = other.path().join("secret");
        std::fs::write(&secret, "secret").expect("a file");
        std::fs::write(folder.path().join("shared.json"), "{}").expect("a file");
        std::os::unix::fs::symlink(
            folder.path().join("shared.json"),
            folder.path().join(ENVIRONMENT),
        )
        .expect("a link");
        assert_eq!(keys(folder.path()), [ENVIRONMENT]);
        std::os::unix::fs::symlink(&secret, folder.path().join(AMI_VERSIONS)).expect("a link");
        assert!(matches!(
            read(folder.path()),
            Err(DocumentsError::Elsewhere { .. })
        ));
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error() {
        let error = read(Path::new("/nowhere/at/all")).expect_err("no folder");
        assert_eq!(error.to_string(), "/nowhere/at/all is not a folder");
    }
}

//! Results that were downloaded: a folder with a folder for each suite.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use goldsmith_domain::results::{LARGEST, ResultsKey, Thresholds, concerns, is_results};

use super::Findings;
use crate::error::Hint;

/// A folder shows nothing.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// It could not be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The folder, or a file in it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No suite is in it: an empty folder must not look as if all was well.
    #[error("{} has no results, which are in `<suite>/results.json` or `<suite>/inspec.json`", _0.display())]
    Empty(PathBuf),
}

impl Hint for FilesError {
    fn hint(&self) -> Option<String> {
        let hint = "download them with `aws s3 cp --recursive s3://BUCKET/results/AMI/ FOLDER`";
        Some(hint.to_owned())
    }
}

/// What is found in the files of a folder. No document says what is waived or accepted.
pub fn read(folder: &Path) -> Result<Findings, FilesError> {
    let mut files = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            files.extend(suite(folder, &path)?);
        }
    }
    if files.is_empty() {
        return Err(FilesError::Empty(folder.to_owned()));
    }
    let mut findings = Findings::read(&files);
    findings.of = folder.display().to_string();
    findings.count();
    findings.concerns = concerns(&findings.suites, &Thresholds::default(), &BTreeSet::new());
    Ok(findings)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, FilesError> {
    let failed = |source| FilesError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(failed)?;
    paths.sort();
    Ok(paths)
}

/// The files of one suite that hold results.
fn suite(folder: &Path, below: &Path) -> Result<Vec<(ResultsKey, Vec<u8>)>, FilesError> {
    let mut files = Vec::new();
    for path in entries(below)? {
        let key = path.strip_prefix(folder).ok().and_then(Path::to_str);
        let Some(key) = key.and_then(|key| ResultsKey::below("", key)) else {
            continue;
        };
        if is_results(&key.file) && path.is_file() {
            let bytes =
                beginning(&path).map_err(|source| FilesError::Unreadable { path, source })?;
            files.push((key, bytes));
        }
    }
    Ok(files)
}

/// A file, and at most one byte more of it than is read.
fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

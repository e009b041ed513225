//! What is printed of a log, and kept in a file beside it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use goldsmith_domain::escape::lines;

use crate::error::Hint;
use crate::printer::Printer;

/// The file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It is there already.
    #[error("{} exists already; nothing was read", .0.display())]
    Exists(PathBuf),
    /// It cannot be made, or written to.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Hint for KeepError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Exists(_) => Some("`--force` replaces the file".to_owned()),
            Self::Write { .. } => None,
        }
    }
}

/// Prints, and writes the same to a file if there is one.
pub struct Keep {
    printer: Printer,
    file: Option<(PathBuf, File)>,
}

impl Keep {
    /// Prints only, or writes to the file at `path` too. It must not exist, unless `force` replaces it.
    pub fn new(path: Option<&Path>, force: bool, printer: Printer) -> Result<Self, KeepError> {
        let file = path.map(|path| Ok((path.to_owned(), open(path, force)?)));
        Ok(Self {
            printer,
            file: file.transpose()?,
        })
    }

    /// The printer, for what is not kept.
    pub fn printer(&self) -> Printer {
        self.printer
    }

    /// Prints data, and keeps it. Neither has a character that a terminal obeys.
    pub fn stdout(&mut self, text: &str) -> Result<(), KeepError> {
        self.printer.stdout(text);
        self.write(text)
    }

    /// Prints a message, and keeps it as a line.
    pub fn stderr(&mut self, text: &str) -> Result<(), KeepError> {
        self.printer.stderr(text);
        self.write(&format!("{text}\n"))
    }

    fn write(&mut self, text: &str) -> Result<(), KeepError> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        let written = file.write_all(lines(text).as_bytes());
        written.map_err(|source| KeepError::Write {
            path: path.clone(),
            source,
        })
    }
}

/// An error if there is a file at `path` already: that is said before anything is read.
pub fn require_absent(path: Option<&Path>) -> Result<(), KeepError> {
    match path.filter(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(KeepError::Exists(path.to_owned())),
        None => Ok(()),
    }
}

fn open(path: &Path, force: bool) -> Result<File, KeepError> {
    let mut options = OpenOptions::new();
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let opened = options.write(true).open(path);
    opened.map_err(|source| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            return KeepError::Exists(path.to_owned());
        }
        KeepError::Write {
            path: path.to_owned(),
            source,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_if_that_is_asked_for_and_holds_no_control_character() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("build.log");
        std::fs::write(&path, "of yesterday").expect("a file");
        let printer = Printer::from_process();
        let refused = Keep::new(Some(&path), false, printer)
            .err()
            .expect("it exists");
        assert_eq!(
            refused.hint().as_deref(),
            Some("`--force` replaces the file")
        );
        let kept = || std::fs::read_to_string(&path).expect("a file");
        assert_eq!(kept(), "of yesterday");
        let mut keep = Keep::new(Some(&path), true, printer).expect("a file");
        keep.stdout("a\u{1b}[2Jb\n").expect("it is written");
        keep.stderr("c").expect("it is written");
        assert_eq!(kept(), "a\u{FFFD}[2Jb\nc\n");
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
        let error = Keep::new(
            Some(Path::new("/nowhere/a.log")),
            false,
            Printer::from_process(),
        );
        let error = error.err().expect("no folder");
        assert_eq!(error.to_string(), "/nowhere/a.log cannot be written");
    }
}

//! Reads the source of an import: bounded, and without following a link out of the folder.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use goldsmith_import::{Kind, SourceFile, Sources, Unread, detect};

use super::error::ImportCommandError;

/// The most files of a folder. A project has some dozens, and cookbooks some hundreds.
const MOST_FILES: usize = 5_000;

/// How deep folders may be in one another.
const DEEPEST: usize = 16;

/// The most bytes of a file, and of one in the folder itself, which may be a state.
const MOST_BYTES: u64 = 1 << 20;
const MOST_BYTES_OF_STATE: u64 = 8 << 20;

/// The most bytes of all files.
const MOST_IN_ALL: u64 = 32 << 20;

/// Folders of tools, which hold nothing of the source.
const SKIPPED: [&str; 2] = ["target", "node_modules"];

/// A source that was read.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) sources: Sources,
    /// The files that were not read, with the reasons.
    pub(super) unread: Vec<(String, String)>,
    /// The file that was asked for, if it was one.
    pub(super) file: Option<SourceFile>,
    /// The folder's name.
    pub(super) name: String,
}

/// Reads a folder, or a file with the folder that it is in.
pub(super) fn read(source: &Path) -> Result<Folder, ImportCommandError> {
    let unreadable = |cause| ImportCommandError::Unreadable {
        path: source.to_owned(),
        source: cause,
    };
    let real = source.canonicalize().map_err(unreadable)?;
    let root = if real.is_dir() {
        real.clone()
    } else {
        real.parent().unwrap_or(Path::new("/")).to_owned()
    };
    let mut reading = Reading::new(&root);
    if real != root {
        let name = real.file_name().unwrap_or_default().to_string_lossy();
        reading.file(&real, &name, true);
        if let Some(unread) = reading.unread.pop() {
            return Err(ImportCommandError::Unfit {
                path: source.to_owned(),
                why: unread.why,
            });
        }
    }
    let file = reading.files.first().cloned();
    if !file.as_ref().is_some_and(is_whole) {
        reading.folder(&root, "", 0).map_err(unreadable)?;
    }
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let unread = reading.unread.iter();
    Ok(Folder {
        unread: unread
            .map(|one| (one.path.clone(), one.why.clone()))
            .collect(),
        sources: Sources::new(reading.files, reading.unread),
        file,
        name: name.into_owned(),
    })
}

/// Whether a file needs nothing that is beside it. A state may be in somebody's home folder.
fn is_whole(file: &SourceFile) -> bool {
    let alone = Sources::new(vec![file.clone()], Vec::new());
    detect(&alone) == Some(Kind::Terraform)
}

/// What was read so far.
struct Reading<'r> {
    root: &'r Path,
    files: Vec<SourceFile>,
    unread: Vec<Unread>,
    bytes: u64,
}

impl<'r> Reading<'r> {
    fn new(root: &'r Path) -> Self {
        Self {
            root,
            files: Vec::new(),
            unread: Vec::new(),
            bytes: 0,
        }
    }

    fn folder(&mut self, folder: &Path, below: &str, depth: usize) -> io::Result<()> {
        let entries: Result<Vec<fs::DirEntry>, io::Error> = folder.read_dir()?.collect();
        let mut entries = entries?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{below}{name}");
            let kind = entry.file_type()?;
            let is_skipped = name.starts_with('.') || SKIPPED.contains(&name.as_str());
            if self.files.len() + self.unread.len() >= MOST_FILES {
                self.refuse(
                    &path,
                    &format!("the folder has more than {MOST_FILES} files"),
                );
                return Ok(());
            }
            if kind.is_dir() && depth < DEEPEST && !is_skipped {
                self.folder(&entry.path(), &format!("{path}/"), depth + 1)?;
            } else if kind.is_dir() && depth >= DEEPEST {
                self.refuse(&path, "the folder is too deep");
            } else if kind.is_file() {
                self.file(&entry.path(), &path, depth == 0);
            } else if kind.is_symlink() {
                self.link(&entry.path(), &path, depth == 0);
            }
        }
        Ok(())
    }

    /// A link is followed to a file of the folder, and nowhere else.
    fn link(&mut self, path: &Path, key: &str, is_at_root: bool) {
        let target: Option<PathBuf> = path.canonicalize().ok();
        match target {
            Some(target) if !target.starts_with(self.root) => {
                self.refuse(key, "it is a link out of the folder");
            }
            Some(target) if target.is_file() => self.file(&target, key, is_at_root),
            Some(_) => self.refuse(key, "it is a link to a folder"),
            None => self.refuse(key, "it is a link that leads nowhere"),
        }
    }

    fn file(&mut self, path: &Path, key: &str, is_at_root: bool) {
        if self.files.iter().any(|file| file.path == key) {
            return;
        }
        let limit = if is_at_root {
            MOST_BYTES_OF_STATE
        } else {
            MOST_BYTES
        };
        match text(path, limit) {
            Ok(Ok(text)) if self.bytes + text.len() as u64 <= MOST_IN_ALL => {
                self.bytes += text.len() as u64;
                self.files.push(SourceFile {
                    path: key.to_owned(),
                    text,
                });
            }
            Ok(Ok(_)) => self.refuse(key, "the files of the folder have more than 32 MiB in all"),
            Ok(Err(why)) => self.refuse(key, &why),
            Err(error) => self.refuse(key, &format!("it cannot be read: {error}")),
        }
    }

    fn refuse(&mut self, path: &str, why: &str) {
        self.unread.push(Unread {
            path: path.to_owned(),
            why: why.to_owned(),
        });
    }
}

/// The text of a file, or why it is none. No more than `limit` bytes are read.
fn text(path: &Path, limit: u64) -> io::Result<Result<String, String>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(limit + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Ok(Err(format!("it has more than {limit} bytes")));
    }
    Ok(String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_inside_of_the_folder_only() {
        let (folder, other) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("another"),
        );
        let path = |name: &str| folder.path().join(name);
        std::fs::write(other.path().join("secret"), "secret").expect("a file");
        std::fs::write(path("a.txt"), "a").expect("a file");
        symlink(path("a.txt"), path("b.txt")).expect("a link");
        symlink(other.path().join("secret"), path("c.txt")).expect("a link");
        symlink(folder.path(), path("d")).expect("a link");
        let read = read(folder.path()).expect("a folder");
        assert_eq!(read.sources.paths().collect::<Vec<_>>(), ["a.txt", "b.txt"]);
        let refused: Vec<&str> = read.unread.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(
            refused,
            ["it is a link out of the folder", "it is a link to a folder"]
        );
    }

    #[test]
    fn nothing_beside_a_state_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("other.txt"), "x").expect("a file");
        let state = folder.path().join("state.json");
        std::fs::write(&state, r#"{ "terraform_version": "1.9.8" }"#).expect("a file");
        let found = read(&state).expect("a state");
        assert_eq!(found.sources.paths().collect::<Vec<_>>(), ["state.json"]);
    }

    #[test]
    fn what_is_no_text_or_too_large_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a.bin"), b"\xFF\xFE").expect("a file");
        std::fs::write(path("b.json"), vec![b' '; 10 << 20]).expect("a file");
        std::fs::create_dir(path(".git")).expect("a folder");
        std::fs::write(path(".git/config"), "x").expect("a file");
        let found = read(folder.path()).expect("a folder");
        assert_eq!(found.sources.paths().count(), 0);
        let refused: Vec<&str> = found.unread.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(
            refused,
            ["it is not UTF-8 text", "it has more than 8388608 bytes"]
        );
        let error = read(&path("b.json")).expect_err("too large");
        assert!(
            error.to_string().contains("more than 8388608 bytes"),
            "{error}"
        );
    }
}

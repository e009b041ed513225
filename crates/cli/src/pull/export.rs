//! From a fetched commit to plain files.
//!
//! Only small regular files with plain names are written, into a folder that nobody else has: no link of the
//! repository can lead anywhere, and no name of it can be a path to somewhere else.

use std::fs;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::path::{Component, Path};
use std::process::Stdio;
use std::thread;

use goldsmith_domain::document::LARGEST;

use super::error::{MOST_BYTES, PullError};
use super::git::Repository;

/// The most files of a configuration, written or left out.
const MOST_FILES: usize = 10_000;
/// The longest line of a list of files: a mode, an id, a size and a path.
const LONGEST_LINE: u64 = 8 << 10;

/// What came of writing the files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many files were written.
    pub written: usize,
    /// What was left out, with the reason.
    pub left_out: Vec<(String, &'static str)>,
}

/// A file of the commit.
#[derive(Debug, PartialEq, Eq)]
struct Blob {
    id: String,
    path: String,
}

/// Writes the files of a commit into an empty folder.
pub fn export(repository: &Repository, commit: &str, folder: &Path) -> Result<Exported, PullError> {
    let mut exported = Exported::default();
    let blobs = list(repository, commit, &mut exported)?;
    exported.written = blobs.len();
    write(repository, &blobs, folder)?;
    Ok(exported)
}

/// The files that are written. The list is read as it comes: a small repository can name an endless number.
fn list(
    repository: &Repository,
    commit: &str,
    exported: &mut Exported,
) -> Result<Vec<Blob>, PullError> {
    let arguments = ["ls-tree", "-r", "-l", "-z", "--full-tree", commit];
    let mut reader = repository.read(&arguments, Stdio::null())?;
    let mut lines = BufReader::new(&mut reader.stdout);
    let mut blobs = Vec::new();
    let mut bytes = 0;
    let mut count = 0;
    while let Some(line) = line(&mut lines, 0).map_err(PullError::Unreadable)? {
        count += 1;
        if count > MOST_FILES {
            return Err(PullError::TooMany(MOST_FILES));
        }
        match entry(&line) {
            Ok((blob, size)) => {
                bytes += size;
                blobs.push(blob);
            }
            Err(left_out) => exported.left_out.push(left_out),
        }
        if bytes > MOST_BYTES {
            return Err(PullError::TooLarge);
        }
    }
    Ok(blobs)
}

/// What comes before the next `end`; none at the end of the stream.
fn line(stream: &mut impl BufRead, end: u8) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    stream.take(LONGEST_LINE).read_until(end, &mut line)?;
    match line.pop() {
        None => Ok(None),
        Some(last) if last == end => Ok(Some(line)),
        Some(_) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "git printed a line that is too long or has no end",
        )),
    }
}

/// A line of `git ls-tree -l -z`: `<mode> <type> <id> <size>`, a tab, and the path. An error is a path that is
/// left out, and why.
fn entry(line: &[u8]) -> Result<(Blob, u64), (String, &'static str)> {
    let shown = || {
        String::from_utf8_lossy(line)
            .rsplit('\t')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let Ok(text) = std::str::from_utf8(line) else {
        return Err((shown(), "its name is no UTF-8"));
    };
    let (head, path) = text.split_once('\t').unwrap_or((text, ""));
    let mut words = head.split_whitespace();
    let mut next = || words.next().unwrap_or_default();
    let (mode, _, id, size) = (next(), next(), next(), next());
    let left_out = |why| Err((path.to_owned(), why));
    match mode {
        "100644" | "100755" | "100664" => {}
        "120000" => return left_out("it is a link"),
        "160000" => return left_out("it is a submodule"),
        _ => return left_out("it is no file"),
    }
    if !is_plain(path) {
        return left_out("its name is no plain path");
    }
    let size: u64 = size.parse().unwrap_or(u64::MAX);
    if size > LARGEST as u64 {
        return left_out("it has more than 256 KiB");
    }
    let blob = Blob {
        id: id.to_owned(),
        path: path.to_owned(),
    };
    Ok((blob, size))
}

/// Whether a path leads to a place inside the folder that it is below, and shows as it is.
fn is_plain(path: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.len() <= 255 && !part.eq_ignore_ascii_case(".git");
    let below = |part: Component<'_>| matches!(part, Component::Normal(_));
    path.split('/').all(is_part)
        && !path.contains(char::is_control)
        && Path::new(path).components().all(below)
        && !path.split('/').any(|part| part == ".")
}

fn write(repository: &Repository, blobs: &[Blob], folder: &Path) -> Result<(), PullError> {
    let mut reader = repository.read(&["cat-file", "--batch"], Stdio::piped())?;
    let ids: Vec<String> = blobs.iter().map(|blob| blob.id.clone()).collect();
    let stdin = reader.child.stdin.take();
    // git prints while it reads, so both go on side by side.
    let asking = thread::spawn(move || {
        let mut stdin = stdin?;
        let ask = |id: &String| writeln!(stdin, "{id}").ok();
        ids.iter().try_for_each(ask)
    });
    let mut stream = BufReader::new(&mut reader.stdout);
    for blob in blobs {
        let bytes = content(&mut stream, &blob.id).map_err(PullError::Unreadable)?;
        write_file(&folder.join(&blob.path), &bytes)?;
    }
    drop(reader);
    let _ = asking.join();
    Ok(())
}

/// One answer of `git cat-file --batch`: `<id> blob <size>`, a line feed, the content, and a line feed.
fn content(stream: &mut impl BufRead, id: &str) -> io::Result<Vec<u8>> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, format!("git has no file {id}"));
    let head = line(stream, b'\n')?.ok_or_else(wrong)?;
    let head = String::from_utf8_lossy(&head).into_owned();
    let size = head
        .strip_prefix(&format!("{id} blob "))
        .ok_or_else(wrong)?;
    let size: usize = size.parse().map_err(|_| wrong())?;
    if size > LARGEST {
        return Err(wrong());
    }
    let mut bytes = vec![0; size + 1];
    stream.read_exact(&mut bytes)?;
    bytes.truncate(size);
    Ok(bytes)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), PullError> {
    let unwritable = |source| PullError::Unwritable {
        path: path.to_owned(),
        source,
    };
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(unwritable)?;
    let mut file = fs::File::create_new(path).map_err(unwritable)?;
    file.write_all(bytes).map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[u8]) -> Result<String, &'static str> {
        let read = entry(line);
        read.map(|(blob, _)| blob.path).map_err(|(_, why)| why)
    }

    #[test]
    fn only_small_files_with_plain_names_are_written() {
        let of = |mode: &str, size: &str, path: &str| {
            read(format!("{mode} blob 01234567 {size}\t{path}").as_bytes())
        };
        let plain = [
            "vars.json",
            "amis/rhel7/vars.json",
            "--upload-pack=id",
            "a b",
            "ä",
            ".gitignore",
        ];
        for path in plain {
            assert_eq!(of("100644", "     12", path).as_deref(), Ok(path));
        }
        let paths = [
            "../x",
            "a/../x",
            "/etc/passwd",
            "a//b",
            "",
            ".git/config",
            "a/.GIT/x",
            "./a",
            "a/.",
            "a\nb",
            "a\u{1b}[2J",
        ];
        for path in paths {
            assert_eq!(
                of("100644", "12", path),
                Err("its name is no plain path"),
                "{path:?}"
            );
        }
        assert_eq!(of("120000", "12", "a"), Err("it is a link"));
        assert_eq!(
            read(b"160000 commit 01234567       -\ta"),
            Err("it is a submodule")
        );
        assert_eq!(of("040000", "12", "a"), Err("it is no file"));
        assert_eq!(of("100755", "262144", "a").as_deref(), Ok("a"));
        assert_eq!(of("100644", "262145", "a"), Err("it has more than 256 KiB"));
        assert_eq!(of("100644", "-", "a"), Err("it has more than 256 KiB"));
        assert_eq!(
            read(b"100644 blob 01234567 1\t\xFF"),
            Err("its name is no UTF-8")
        );
    }

    #[test]
    fn an_answer_about_another_file_is_an_error() {
        let read = |text: &str| content(&mut text.as_bytes(), "01").ok();
        assert_eq!(read("01 blob 3\nabc\n").as_deref(), Some(&b"abc"[..]));
        for text in [
            "02 blob 3\nabc\n",
            "01 missing\n",
            "01 blob 9\nabc\n",
            "01 blob 99999999\n",
            "",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}

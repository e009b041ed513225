//! `goldsmith vendor`: folders with profiles of tests, playbooks, cookbooks and scripts become component documents, so that
//! they are reviewed, digested and delivered like every other document.
//!
//! The shipped components take such a folder as `content/<name>`. An instance needs no bucket and no permission for it.

mod archive;
mod component;
mod content;
mod error;
#[cfg(test)]
mod tests;
mod tools;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use goldsmith_domain::document::DocumentFile;
use goldsmith_domain::problem::{Place, Problem};
use serde::Serialize;

use self::component::{archive_in, document};
use self::content::{files, is_hidden, unreadable};
pub use self::error::VendorError;
use crate::arguments::{Format, Vendor};
use crate::error::Hint as _;
use crate::exit::Exit;
use crate::json;
use crate::printer::Printer;

/// The most bytes of a component (AWS General Reference, Image Builder quotas, "component size").
const MOST_BYTES: usize = 65_536;
/// How long a folder's name is at most: an Image Builder name has 128 characters, and the family comes before it.
const LONGEST_NAME: usize = 40;

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A profile of tests, below `test/`.
    Test,
    /// What is run while the image is built, below `provision/`.
    Provision,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Test, Self::Provision];

    fn folder(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Provision => "provision",
        }
    }

    /// The phase of the component that needs it.
    fn phase(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Provision => "build",
        }
    }
}

/// A folder that becomes a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    kind: Kind,
    name: String,
}

impl Folder {
    /// Its path below the folder of the documents.
    fn path(&self) -> String {
        format!("{}/{}", self.kind.folder(), self.name)
    }

    /// The key of its component document.
    fn key(&self) -> String {
        format!("components/content-{}.yml", self.name)
    }
}

/// What became of a folder, for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Vendored {
    /// The folder.
    folder: String,
    /// Its component document.
    component: String,
    /// Whether the document was written; otherwise it was right.
    written: bool,
    /// The commands that fetched what the folder depends on.
    fetched: Vec<String>,
}

/// Makes a component of each folder.
pub fn run(arguments: &Vendor, printer: Printer) -> Result<Exit, VendorError> {
    let dir = &arguments.dir;
    if !dir.is_dir() {
        return Err(VendorError::NoFolder(dir.clone()));
    }
    let mut done = Vec::new();
    for folder in folders(dir)? {
        done.push(vendor(dir, &folder, arguments.update)?);
    }
    match arguments.format {
        Format::Json => printer.stdout(&json::pretty(&done)?),
        Format::Text => printer.stdout(&text(&done)),
    }
    Ok(Exit::Done)
}

fn text(done: &[Vendored]) -> String {
    if done.is_empty() {
        return "There is no folder below test/ or provision/, so there is nothing to make.\n"
            .to_owned();
    }
    let mut lines = Vec::new();
    for one in done {
        lines.extend(
            one.fetched
                .iter()
                .map(|command| format!("{}: ran {command}", one.folder)),
        );
        let what = if one.written { "written" } else { "as it was" };
        lines.push(format!("{}: {} is {what}", one.folder, one.component));
    }
    lines.join("\n") + "\n"
}

/// The folders below `test/` and `provision/`, by their names. Without an `inspec.yml` a folder of tests is no profile.
fn folders(dir: &Path) -> Result<Vec<Folder>, VendorError> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    for kind in Kind::ALL {
        for name in names_below(kind, &dir.join(kind.folder()))? {
            if !names.insert(name.clone()) {
                return Err(VendorError::Twice(name));
            }
            found.push(Folder { kind, name });
        }
    }
    Ok(found)
}

/// The names of the folders of a kind, in their order.
fn names_below(kind: Kind, below: &Path) -> Result<Vec<String>, VendorError> {
    let mut all = Vec::new();
    if !is_folder(below)? {
        return Ok(all);
    }
    for entry in fs::read_dir(below).map_err(unreadable(below))? {
        let path = entry.map_err(unreadable(below))?.path();
        let is_taken = || kind == Kind::Provision || path.join("inspec.yml").is_file();
        if !is_hidden(&path) && is_folder(&path)? && is_taken() {
            all.push(name_of(&path)?);
        }
    }
    all.sort();
    Ok(all)
}

/// Whether there is a folder. A link to one is refused: what it leads to is not in review.
fn is_folder(path: &Path) -> Result<bool, VendorError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(VendorError::NoFile(path.to_owned())),
        Ok(found) => Ok(found.is_dir()),
        Err(_) => Ok(false),
    }
}

fn name_of(path: &Path) -> Result<String, VendorError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let is_plain = |name: &&str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        name.len() <= LONGEST_NAME && !name.starts_with('-') && name.chars().all(plain)
    };
    let name = name.filter(is_plain);
    name.map_or_else(
        || Err(VendorError::Name(path.to_owned())),
        |name| Ok(name.to_owned()),
    )
}

fn vendor(dir: &Path, folder: &Folder, update: bool) -> Result<Vendored, VendorError> {
    let path = dir.join(folder.path());
    let fetched = tools::resolve(&path, update)?;
    let text = made(dir, folder)?;
    let (key, target) = (folder.key(), dir.join(folder.key()));
    let written = fs::read(&target).ok().as_deref() != Some(text.as_bytes());
    if written {
        write(&target, &text)?;
    }
    Ok(Vendored {
        folder: folder.path(),
        component: key,
        written,
        fetched,
    })
}

/// The component document of a folder as it is now.
fn made(dir: &Path, folder: &Folder) -> Result<String, VendorError> {
    let path = dir.join(folder.path());
    let files = files(&path)?;
    let archive = archive::archive(&files).map_err(unreadable(&path))?;
    let text = document(folder, &archive);
    let size = text.len();
    if size > MOST_BYTES {
        let most = MOST_BYTES;
        return Err(VendorError::Component { path, size, most });
    }
    Ok(text)
}

fn write(target: &Path, text: &str) -> Result<(), VendorError> {
    let unwritable = |source| VendorError::Unwritable {
        path: target.to_owned(),
        source,
    };
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(unwritable)?;
    }
    fs::write(target, text).map_err(unwritable)
}

/// The components that are not what `vendor` makes of their folders as they are now: what runs as root on the instance
/// has to be what people read in the folder. Without a component of this kind, folders are nobody's business here.
pub fn outdated(dir: &Path, documents: &[DocumentFile]) -> Vec<Problem> {
    let is_content = |file: &&DocumentFile| file.key.starts_with("components/content-");
    let contents: Vec<&DocumentFile> = documents.iter().filter(is_content).collect();
    if contents.is_empty() {
        return Vec::new();
    }
    let folders = match folders(dir) {
        Ok(folders) => folders,
        Err(error) => return vec![unfit(contents[0], &error)],
    };
    let of = |folder: &Folder| {
        contents
            .iter()
            .copied()
            .find(|file| file.key == folder.key())
    };
    let problem = |folder: Folder| of(&folder).and_then(|file| differs(dir, &folder, file));
    folders.into_iter().filter_map(problem).collect()
}

/// A problem with a folder, at a document that was made of one.
fn unfit(document: &DocumentFile, error: &VendorError) -> Problem {
    let expected = "folders that `goldsmith vendor` takes";
    let problem = Place::start_of(&document.key).problem(error.to_string(), expected);
    match error.hint() {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

fn differs(dir: &Path, folder: &Folder, document: &DocumentFile) -> Option<Problem> {
    let path = folder.path();
    let files = match files(&dir.join(&path)) {
        Ok(files) => files,
        Err(error) => return Some(unfit(document, &error)),
    };
    let text = String::from_utf8_lossy(&document.bytes);
    // Everything but the archive follows from the folder and the archive's own bytes.
    let is_right = archive_in(&text).is_some_and(|archive| {
        archive::holds(&archive, &files) && self::document(folder, &archive) == text
    });
    if is_right {
        return None;
    }
    let place = Place::start_of(folder.key());
    let found = format!("a component of another state of {path}");
    let problem = place.problem(found, format!("one that was made of {path} as it is now"));
    Some(problem.hint("`goldsmith vendor` makes it again"))
}

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

use self::component::{document, named_digest, source_digest};
use self::content::{files, unreadable};
pub use self::error::VendorError;
use crate::arguments::{Format, Vendor};
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
        let below = dir.join(kind.folder());
        if !below.is_dir() {
            continue;
        }
        let mut all: Vec<String> = Vec::new();
        for entry in fs::read_dir(&below).map_err(unreadable(&below))? {
            let path = entry.map_err(unreadable(&below))?.path();
            if path.is_dir() && (kind == Kind::Provision || path.join("inspec.yml").is_file()) {
                all.push(name_of(&path)?);
            }
        }
        all.sort();
        for name in all {
            if !names.insert(name.clone()) {
                return Err(VendorError::Twice(name));
            }
            found.push(Folder { kind, name });
        }
    }
    Ok(found)
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
    let text = document(folder, &source_digest(&files), &archive);
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

/// The components that were made of another state of their folders. A folder that cannot be read, or that is in another
/// repository, says nothing.
pub fn outdated(dir: &Path, documents: &[DocumentFile]) -> Vec<Problem> {
    let folders = folders(dir).unwrap_or_default().into_iter();
    let problem = |folder: Folder| {
        let document = documents.iter().find(|file| file.key == folder.key())?;
        let text = String::from_utf8_lossy(&document.bytes);
        let made_of = named_digest(&text)?;
        let files = files(&dir.join(folder.path())).ok()?;
        if source_digest(&files) == made_of {
            return None;
        }
        let (path, place) = (folder.path(), Place::start_of(folder.key()));
        let found = format!("a component of another state of {path}");
        let problem = place.problem(found, format!("one that was made of {path} as it is now"));
        Some(problem.hint("`goldsmith vendor` makes it again"))
    };
    folders.filter_map(problem).collect()
}

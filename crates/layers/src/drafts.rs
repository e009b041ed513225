//! The documents of a folder while variables complete them.

use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Json, members};
use goldsmith_domain::names::RecipeName;

use crate::merge::Variable;
use crate::origin::Layer;
use crate::place::Placed;
use crate::tree;
use crate::uses::{Spot, Use};

/// A document that can be completed.
#[derive(Debug)]
pub struct Draft {
    key: &'static str,
    root: Json,
}

impl Draft {
    /// The document of a folder; none if it is not there, or cannot be read.
    pub fn of(files: &[DocumentFile], key: &'static str) -> Option<Self> {
        let file = files.iter().find(|file| file.key == key)?;
        let members = members(file).ok()?.into_iter();
        let root = Json::Object(members.map(|member| (member.name, member.value)).collect());
        Some(Self { key, root })
    }

    /// A document with one image, which no folder has.
    pub fn with_one_image(name: &str) -> Self {
        let entry = Json::Object(vec![("recipename".to_owned(), Json::Text(name.to_owned()))]);
        let members = [("ami-version", vec![entry]), ("ami-scheduled", Vec::new())];
        let members = members.map(|(key, items)| (key.to_owned(), Json::List(items)));
        Self {
            key: AMI_VERSIONS,
            root: Json::Object(members.to_vec()),
        }
    }

    /// The key of the document.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// The value at a path; none for `null`.
    pub fn find(&self, path: &[&str]) -> Option<&Json> {
        tree::find(&self.root, &owned(path))
    }

    /// The place of the entry that is meant in `ami-version`: the one of that name, or else the only one.
    pub fn entry_of(&self, name: Option<&str>) -> Option<usize> {
        let only = (self.entries().len() == 1).then_some(0);
        name.and_then(|name| self.entry_named(name)).or(only)
    }

    /// The entry with a name, as Image Builder reads names.
    fn entry_named(&self, name: &str) -> Option<usize> {
        let folded = |name: &str| name.parse::<RecipeName>().ok().map(|name| name.folded());
        let wanted = folded(name)?;
        let of_entry = |entry: &Json| {
            let name = tree::find(entry, &owned(&["recipename"]));
            name.and_then(tree::text_of)
        };
        let mut entries = self.entries().iter();
        entries.position(|entry| {
            of_entry(entry).and_then(|name| folded(&name)).as_ref() == Some(&wanted)
        })
    }

    /// The entries of `ami-version`.
    pub fn entries(&self) -> &[Json] {
        tree::items(self.find(&["ami-version"]))
    }

    /// The document as text.
    pub fn write(&self) -> DocumentFile {
        let bytes = tree::write(&self.root).into_bytes();
        DocumentFile {
            key: self.key.to_owned(),
            version_id: String::new(),
            size: bytes.len() as u64,
            bytes,
        }
    }

    /// Gives the value of a variable to a member, unless the document says something else and is nearer.
    pub fn give(
        &mut self,
        path: &[&str],
        value: Json,
        variable: &Variable,
        placed: &mut Placed,
    ) -> Use {
        let spot = Spot {
            document: self.key,
            pointer: pointer(path),
        };
        match self.find(path) {
            Some(known) if *known == value => return Use::Members(vec![spot]),
            Some(_) if variable.origin.layer < Layer::Documents => return Use::Kept(spot),
            Some(_) | None => {}
        }
        if !tree::put(&mut self.root, &owned(path), value) {
            let document = self.key;
            return Use::Unused(format!(
                "{document} has something else where `{}` would be",
                spot.pointer
            ));
        }
        placed.add(self.key, &spot.pointer, &variable.name, &variable.origin);
        Use::Members(vec![spot])
    }

    /// Makes room at a path, with a value that counts as the document's own.
    pub fn make(&mut self, path: &[&str], value: Json) {
        tree::put(&mut self.root, &owned(path), value);
    }
}

/// The two documents that variables complete.
#[derive(Debug)]
pub struct Drafts {
    /// `ami-versions.json`.
    pub versions: Option<Draft>,
    /// `environment.json`.
    pub environment: Option<Draft>,
}

impl Drafts {
    /// The documents of a folder, as far as they are there and can be read.
    pub fn of(files: &[DocumentFile]) -> Self {
        Self {
            versions: Draft::of(files, AMI_VERSIONS),
            environment: Draft::of(files, ENVIRONMENT),
        }
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|&part| part.to_owned()).collect()
}

/// A path as a JSON pointer (RFC 6901).
pub fn pointer(path: &[&str]) -> String {
    let part = |part: &&str| format!("/{}", part.replace('~', "~0").replace('/', "~1"));
    path.iter().map(part).collect()
}

//! Imports an example, and reads what came of it as goldsmith does.

use std::fs;
use std::path::{Path, PathBuf};

use goldsmith_domain::document::{DocumentFile, Parsed, parse, parse_waivers};
use goldsmith_import::{Imported, Kind, Settings, SourceFile, Sources, Unread, detect};
use imagebuilder_emulator::parse_component_document;
use serde_json::Value;

/// The files of an example.
pub fn example(name: &str) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/examples")
        .join(name);
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    assert!(!files.is_empty(), "{name} has files");
    Sources::new(files, Vec::<Unread>::new())
}

fn collect(root: &Path, folder: &PathBuf, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let below = path.strip_prefix(root).expect("below the folder");
            files.push(SourceFile {
                path: below.to_string_lossy().into_owned(),
                text: fs::read_to_string(&path).expect("text"),
            });
        }
    }
}

/// Files with these texts.
pub fn sources(files: &[(&str, &str)]) -> Sources {
    let file = |(path, text): &(&str, &str)| SourceFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    Sources::new(files.iter().map(file).collect(), Vec::new())
}

/// What a caller says who wants an environment `nonprod`.
pub fn settings(name: &str) -> Settings {
    Settings {
        environment: "nonprod".to_owned(),
        name: name.to_owned(),
        ..Settings::default()
    }
}

/// Imports by what the folder holds.
pub fn import(sources: &Sources, settings: &Settings) -> Imported {
    let imported = match detect(sources).expect("a kind") {
        Kind::Packer => goldsmith_import::packer(sources, settings),
        Kind::Rake => goldsmith_import::rake(sources, settings),
        Kind::Terraform => goldsmith_import::terraform(sources, settings),
    };
    imported.expect("an import")
}

/// The text of a file that was made.
pub fn text<'i>(imported: &'i Imported, path: &str) -> &'i str {
    let file = imported.files.iter().find(|file| file.path == path);
    let paths = || {
        imported
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect::<Vec<_>>()
    };
    &file
        .unwrap_or_else(|| panic!("{path} is not among {:?}", paths()))
        .text
}

/// A document that was made.
pub fn json(imported: &Imported, path: &str) -> Value {
    serde_json::from_str(text(imported, path)).expect("JSON")
}

/// Everything that is left, as `<kind> <place>: <found>`.
pub fn left(imported: &Imported) -> Vec<String> {
    let one = |left: &goldsmith_import::Left| {
        let place = if left.place.path.is_empty() {
            &left.place.file
        } else {
            &left.place.path
        };
        format!("{:?} {place}: {}", left.kind, left.found)
    };
    imported.left.iter().map(one).collect()
}

/// What `CreateComponent` of the emulator, which reads documents by itself, has against a component.
fn refused(file: &SourceFile) -> Option<String> {
    let on = |platform| parse_component_document(&file.text, platform).err();
    let linux = on("Linux")?;
    let windows = on("Windows")?;
    Some(format!("{}: {linux}; {windows}", file.path))
}

/// What goldsmith and Image Builder find wrong with the documents.
pub fn problems(imported: &Imported) -> Vec<String> {
    let file = |file: &SourceFile| DocumentFile {
        key: file.path.clone(),
        version_id: String::new(),
        size: file.text.len() as u64,
        bytes: file.text.clone().into_bytes(),
    };
    let files: Vec<DocumentFile> = imported.files.iter().map(file).collect();
    let mut problems = match parse(&files) {
        Parsed::Desired(_) => Vec::new(),
        Parsed::Absent(keys) => keys,
        Parsed::Rejected(problems) => problems
            .into_parts()
            .0
            .iter()
            .map(ToString::to_string)
            .collect(),
    };
    let components = imported
        .files
        .iter()
        .filter(|file| file.path.starts_with("components/"));
    problems.extend(components.filter_map(refused));
    if let Err(found) = parse_waivers(&files) {
        problems.extend(found.into_parts().0.iter().map(ToString::to_string));
    }
    problems
}

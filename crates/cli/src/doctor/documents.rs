//! The documents of the folder: are they valid, and do they name the schema of this release?

use std::path::{Component, Path, PathBuf};

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::schema::schemas;
use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT};
use serde_json::Value;

use super::model::Check;
use crate::check::{Checked, checked};
use crate::documents;
use crate::shell::word;

/// The folder that the checks are about, and what its documents ask for.
#[derive(Debug, Default)]
pub struct Local {
    /// The folder; none if there is not just one.
    pub dir: Option<PathBuf>,
    /// What the documents ask for, if they are valid and complete.
    pub desired: Option<Box<Desired>>,
}

impl Local {
    /// The folder as an argument of a command that a person copies.
    pub fn argument(&self) -> String {
        let dir = self.dir.as_deref().unwrap_or(Path::new("DIR"));
        word(&dir.display().to_string())
    }
}

/// Reads the documents, and says how they are.
pub fn look(dirs: &[PathBuf]) -> (Local, Vec<Check>) {
    let [dir] = dirs else {
        return (Local::default(), vec![none_or_several(dirs)]);
    };
    let mut local = Local {
        dir: Some(dir.clone()),
        desired: None,
    };
    let remedy = format!("goldsmith check {}", local.argument());
    match checked(dir) {
        Err(error) => {
            let check = Check::failed("documents", error.to_string(), remedy);
            (local, vec![check])
        }
        Ok(Checked {
            report,
            files,
            desired,
        }) => {
            let summary = report.summary(files.len());
            let check = if report.is_usable() {
                Check::ok("documents", summary)
            } else {
                Check::failed("documents", summary, remedy)
            };
            local.desired = desired.filter(|_| report.is_usable());
            (local, vec![check, schema(dir, &files)])
        }
    }
}

fn none_or_several(dirs: &[PathBuf]) -> Check {
    let names: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
    match names.first() {
        None => Check::skipped(
            "documents",
            "there are none here; `goldsmith init ami-versions/nonprod` creates some",
        ),
        Some(first) => Check::warning(
            "documents",
            format!("there are several environments: {}", names.join(", ")),
            format!("goldsmith doctor {}", word(first)),
        ),
    }
}

/// Whether the schemas that documents name for editors are those of this release.
fn schema(dir: &Path, files: &[DocumentFile]) -> Check {
    let named = files.iter().filter_map(|file| {
        let schema = match file.key.as_str() {
            ENVIRONMENT => "environment",
            AMI_VERSIONS => "ami-versions",
            _ => return None,
        };
        let document: Value = serde_json::from_slice(&file.bytes).ok()?;
        let path = document.get("$schema")?.as_str()?.to_owned();
        (!path.contains("://")).then_some((schema, path))
    });
    let named: Vec<(&str, String)> = named.collect();
    if named.is_empty() {
        return Check::skipped("schema", "no document names a schema file");
    }
    for (name, path) in named {
        let file = match documents::one(dir, &path) {
            Ok(file) => file,
            Err(error) => return Check::skipped("schema", error.to_string()),
        };
        if !file.is_some_and(|file| is_current(&file, name)) {
            let path = plain(&dir.join(path)).display().to_string();
            return Check::warning(
                "schema",
                format!("{path} is not there, or is not the schema of this release"),
                format!("goldsmith schema {name} > {}", word(&path)),
            );
        }
    }
    Check::ok("schema", "the schema files are those of this release")
}

/// A path without the folders that `..` leaves again.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let leaves = part == Component::ParentDir
            && matches!(plain.components().next_back(), Some(Component::Normal(_)));
        if leaves {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

fn is_current(file: &DocumentFile, name: &str) -> bool {
    let found: Option<Value> = serde_json::from_slice(&file.bytes).ok();
    let mut all = schemas().into_iter();
    let own = all.find(|(own, _)| *own == name);
    found.is_some() && found == own.map(|(_, schema)| schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::model::State;

    #[test]
    fn a_schema_of_another_release_is_to_be_written_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("nonprod");
        for name in [".git", "schema", "nonprod"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let named = r#"{"$schema": "../schema/environment.schema.json"}"#;
        let files = [documents::from_text(ENVIRONMENT, named)];
        let path = folder.path().join("schema/environment.schema.json");
        assert_eq!(schema(&dir, &files).state, State::Warning);
        std::fs::write(&path, "{}").expect("a file");
        let stale = schema(&dir, &files);
        let remedy = format!("goldsmith schema environment > {}", path.display());
        assert_eq!((stale.state, stale.remedy), (State::Warning, Some(remedy)));
        let mut all = schemas().into_iter();
        let own = all.find(|(name, _)| *name == "environment");
        let (_, own) = own.expect("a schema");
        std::fs::write(&path, own.to_string()).expect("a file");
        assert_eq!(schema(&dir, &files).state, State::Ok);
        assert_eq!(schema(&dir, &[]).state, State::Skipped);
    }
}

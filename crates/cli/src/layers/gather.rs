//! Reading all layers of a folder: the files, the environment and the command line.

use std::path::{Path, PathBuf};

use goldsmith_domain::document::DocumentFile;
use goldsmith_domain::problem::{Problem, Problems};
use goldsmith_layers::{
    Given, Key, Layer, Prefix, Variables, documented, lookup, merge, read, text_of,
};

use super::error::LayersError;
use crate::arguments::Variables as Arguments;
use crate::configuration::{self, FOLDER, Pulled};
use crate::documents;

/// What all layers of a folder say.
pub struct Layers {
    /// The variables.
    pub variables: Variables,
    /// The folders of the configuration, the least specific first; none if nothing was pulled.
    pub folders: Vec<String>,
    /// The Region that builds, if anything says so.
    pub region: Option<String>,
    /// Which configuration was pulled.
    pub pulled: Option<Pulled>,
    /// What is wrong with files of variables.
    pub problems: Vec<Problem>,
}

/// Whether variables count for a folder.
pub fn are_used(dir: &Path, arguments: &Arguments) -> bool {
    let is_there = |name: &str| dir.join(name).symlink_metadata().is_ok();
    let is_named = !arguments.values.is_empty() || arguments.file.is_some();
    is_named
        || variable(read::VAR_FILE).is_some()
        || is_there(read::PROJECT_FILE)
        || is_there(FOLDER)
        || is_there(configuration::STATE)
}

/// Reads all layers of a folder; `written` are its documents.
pub fn layers(
    dir: &Path,
    arguments: &Arguments,
    written: &[DocumentFile],
) -> Result<Layers, LayersError> {
    let mut reading = Reading::default();
    reading.project(dir, arguments)?;
    reading.environment(dir)?;
    for text in &arguments.values {
        reading.given.push(read::argument(text)?);
    }
    let nearest = merge(reading.given.iter().cloned());
    let said = |name: &str, from: &Variables| from.get(name).and_then(|one| text_of(&one.value));
    reading
        .given
        .extend(documented(written, said(read::NAME, &nearest).as_deref()));
    let near = merge(reading.given.iter().cloned());
    let (name, region) = (said(read::NAME, &near), said(read::REGION, &near));
    let pulled = configuration::read(dir)?;
    let mut folders = Vec::new();
    if dir.join(FOLDER).is_dir() {
        documents::require_inside(dir, FOLDER)?;
        folders = self::folders(pulled.as_ref(), name.as_deref())?;
        reading.configuration(dir, &folders, region.as_deref())?;
    }
    reading.given.extend(read::defaults());
    let variables = merge(reading.given);
    let region = region.or_else(|| said(read::REGION, &variables));
    Ok(Layers {
        variables,
        folders,
        region: region.filter(|region| lookup::is_region(region)),
        pulled,
        problems: reading.problems,
    })
}

/// The folders of the configuration that hold the variables of an image.
fn folders(pulled: Option<&Pulled>, name: Option<&str>) -> Result<Vec<String>, LayersError> {
    let prefix = pulled.and_then(|pulled| pulled.prefix.as_deref());
    let prefix: Prefix = prefix.map(str::parse).transpose()?.unwrap_or_default();
    let key = pulled.and_then(|pulled| pulled.key.as_deref());
    let key = match (key, name) {
        (Some(key), _) => key.parse()?,
        (None, Some(name)) => Key::of_name(name)?,
        (None, None) => Key::default(),
    };
    Ok(key.folders(&prefix))
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    given: Vec<Given>,
    problems: Vec<Problem>,
}

impl Reading {
    /// The project's own file: the one that the caller names, or else `vars.json`.
    fn project(&mut self, dir: &Path, arguments: &Arguments) -> Result<(), LayersError> {
        let file = match (&arguments.file, variable(read::VAR_FILE)) {
            (Some(path), _) => Some(documents::named(&absolute(path))?),
            (None, Some(path)) => Some(of_project(dir, &path)?),
            (None, None) => documents::one(dir, read::PROJECT_FILE)?,
        };
        if let Some(file) = file {
            self.add(read::file(&file, Layer::Project));
        }
        Ok(())
    }

    /// The environment, and the files of the project that count as much.
    fn environment(&mut self, dir: &Path) -> Result<(), LayersError> {
        if let Some(path) = variable(read::SOURCE_IMAGE_FILE) {
            let file = of_project(dir, &path)?;
            self.add(read::image_file(&file).map(|given| vec![given]));
        }
        self.given.extend(read::environment(variable));
        if let Some(file) = documents::one(dir, read::VERSION_FILE)? {
            self.add(read::version(&file).map(|given| vec![given]));
        }
        Ok(())
    }

    /// The files of the configuration.
    fn configuration(
        &mut self,
        dir: &Path,
        folders: &[String],
        region: Option<&str>,
    ) -> Result<(), LayersError> {
        let root = dir.join(FOLDER);
        for path in lookup::variable_files(folders, region) {
            if let Some(file) = documents::one_inside(&root, &path)? {
                self.add(read::file(&below_dir(file), Layer::Configuration));
            }
        }
        Ok(())
    }

    fn add(&mut self, read: Result<Vec<Given>, Problems>) {
        match read {
            Ok(given) => self.given.extend(given),
            Err(problems) => self.problems.extend(problems.into_parts().0),
        }
    }
}

/// A file of the configuration, with its path as the folder of the project sees it.
pub fn below_dir(file: DocumentFile) -> DocumentFile {
    let key = format!("{FOLDER}/{}", file.key);
    DocumentFile { key, ..file }
}

/// A file that a variable of the environment names, from the folder of the project.
fn of_project(dir: &Path, path: &str) -> Result<DocumentFile, LayersError> {
    let file = documents::named(&dir.join(path))?;
    let key = path.to_owned();
    Ok(DocumentFile { key, ..file })
}

/// The path from the root, so that it stays the same below any folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A variable of the environment; an empty one is none.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

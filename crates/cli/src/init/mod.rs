//! `goldsmith init`: creates the documents of a new environment, as few as pass `check`, or a project in a style.

mod styles;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use goldsmith_domain::document::{AMI_VERSIONS, ENVIRONMENT};
use goldsmith_domain::names::{Environment, NameError, Region};
use serde_json::json;

use self::styles::Words;
use crate::arguments::{Format, Init, Style};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::printer::Printer;
use crate::shell::word;

/// Where the component document goes.
const COMPONENT: &str = "components/setup.yml";

const SETUP: &str = include_str!("templates/setup.yml");

/// The documents of a new environment were not created.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder's name is not the name of an environment.
    #[error("the folder's name is not a valid environment name")]
    Name(#[from] NameError),
    /// The stack's template does not take the name.
    #[error("found {0}, expected two to twelve lower-case letters and digits, a letter first")]
    Template(Environment),
    /// The folder of the documents cannot be written into a script.
    #[error("found {0}, expected a folder of letters, digits or `._-/`")]
    Folder(String),
    /// A document exists already.
    #[error("{} already exists; nothing was written", .0.display())]
    Exists(PathBuf),
    /// A file could not be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A document could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for InitError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Name(_) | Self::Template(_) => {
                "the folder's name is the environment's, and the parameter Environment of infra/template.yaml: \
                 `goldsmith init ami-versions/nonprod` creates the environment nonprod"
            }
            Self::Folder(_) => {
                "the files of a project name the folder in scripts, where other characters mean something"
            }
            Self::Exists(_) => "`goldsmith check` shows the problems of existing documents",
            Self::Unwritable { .. } => return None,
            Self::Json(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }
}

/// Writes the documents.
pub fn run(arguments: &Init, printer: Printer) -> Result<Exit, InitError> {
    let dir = &arguments.dir;
    let environment = environment(dir)?;
    let paths = match arguments.style {
        Style::Minimal => {
            let files = files(&environment, &arguments.region, base(arguments))?;
            write_new(dir, files.into())?
        }
        style @ (Style::ImageBuilder | Style::RakePacker | Style::Windows | Style::Stig) => {
            in_style(style, arguments, &environment)?
        }
    };
    let paths = paths.iter().map(|path| path.display().to_string());
    let paths: Vec<String> = paths.collect();
    printer.stdout(&match arguments.format {
        Format::Text => paths.join("\n") + "\n",
        Format::Json => json::pretty(&json!({ "files": paths }))?,
    });
    printer.hint(&format!(
        "adapt the documents to your accounts, then run `goldsmith check {}`",
        word(&dir.display().to_string())
    ));
    Ok(Exit::Done)
}

/// What the first image is built on.
fn base(arguments: &Init) -> &str {
    arguments.base.as_deref().unwrap_or(arguments.style.base())
}

/// Writes a project: the documents of the environment, and what is around them.
fn in_style(
    style: Style,
    arguments: &Init,
    environment: &Environment,
) -> Result<Vec<PathBuf>, InitError> {
    let dir = &arguments.dir;
    let words = Words {
        environment: environment.as_str(),
        region: arguments.region.as_str(),
        partition: arguments.region.partition(),
        base: json::pretty(&json!(base(arguments)))?.trim_end().to_owned(),
        documents: styles::plain(&seen_from(&arguments.project, dir))?,
    };
    let documents = styles::documents(style, &words);
    let project = styles::project(style, &words);
    let paths = documents.iter().map(|(key, _)| dir.join(key));
    let mut all = paths.chain(project.iter().map(|(key, _)| arguments.project.join(key)));
    if let Some(existing) = all.find(|path| path.exists()) {
        return Err(InitError::Exists(existing));
    }
    let mut written = write_new(dir, borrowed(&documents))?;
    written.extend(write_new(&arguments.project, borrowed(&project))?);
    make_executable(&arguments.project.join("ci/install-goldsmith.sh"))?;
    Ok(written)
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, String)> {
    files
        .iter()
        .map(|(key, text)| (key.as_str(), text.clone()))
        .collect()
}

/// A folder as it is seen from another one, if it is below it.
fn seen_from(project: &Path, dir: &Path) -> String {
    let plain = |path: &Path| path.strip_prefix(".").unwrap_or(path).to_owned();
    let (project, dir) = (plain(project), plain(dir));
    let below = dir.strip_prefix(&project).unwrap_or(&dir);
    below.display().to_string()
}

fn make_executable(path: &Path) -> Result<(), InitError> {
    let permissions = fs::Permissions::from_mode(0o755);
    fs::set_permissions(path, permissions).map_err(|source| InitError::Unwritable {
        path: path.to_owned(),
        source,
    })
}

/// Writes documents, by their keys, unless one of them exists. Returns their paths.
pub fn write_new(dir: &Path, files: Vec<(&str, String)>) -> Result<Vec<PathBuf>, InitError> {
    let mut paths = files.iter().map(|(key, _)| dir.join(key));
    if let Some(existing) = paths.find(|path| path.exists()) {
        return Err(InitError::Exists(existing));
    }
    let mut written = Vec::new();
    for (key, mut text) in files {
        name_schema(dir, key, &mut text);
        let path = dir.join(key);
        write(&path, &text)?;
        written.push(path);
    }
    Ok(written)
}

/// Names the schema of a JSON document, if a folder of schemas is beside the environments as in
/// goldsmith's own repository. Without it, an editor would only complain.
fn name_schema(dir: &Path, key: &str, text: &mut String) {
    let Some(name) = key.strip_suffix(".json") else {
        return;
    };
    let schema = format!("../schema/{name}.schema.json");
    // A folder that is there may be a link, and `..` leads out of what it links to.
    let parent = dir.canonicalize().ok();
    let parent = parent.as_deref().unwrap_or(dir).parent();
    if parent.is_some_and(|parent| parent.join(&schema["../".len()..]).is_file()) {
        *text = text.replacen("{\n", &format!("{{\n  \"$schema\": \"{schema}\",\n"), 1);
    }
}

/// The environment that a folder is for, by its name.
pub fn environment(dir: &Path) -> Result<Environment, InitError> {
    let name = dir
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let environment: Environment = name.parse()?;
    if !is_of_template(environment.as_str()) {
        return Err(InitError::Template(environment));
    }
    Ok(environment)
}

/// Whether the parameter `Environment` of infra/template.yaml takes a name: it is part of a bucket's.
fn is_of_template(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase();
    name.starts_with(is_letter)
        && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
        && (2..=12).contains(&name.len())
}

fn write(path: &Path, text: &str) -> Result<(), InitError> {
    let unwritable = |source| InitError::Unwritable {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(unwritable)?;
    // A file that was created in the meantime is never overwritten.
    let mut file = fs::File::create_new(path).map_err(unwritable)?;
    io::Write::write_all(&mut file, text.as_bytes()).map_err(unwritable)
}

/// The documents, by key.
fn files(
    environment: &Environment,
    region: &Region,
    base: &str,
) -> Result<[(&'static str, String); 3], JsonError> {
    let amazon = format!(
        "arn:{}:imagebuilder:{region}:aws:component",
        region.partition()
    );
    let versions = json!({
        "ami-version": [ { "aminame": base, "recipename": "base" } ],
        "ami-scheduled": [ { "recipenames": "base" } ],
    });
    let settings = json!({
        "schema-version": 1,
        "environment": environment,
        "family": "golden",
        "regions": { (region.as_str()): {} },
        "schedule": "cron(0 6 ? * SUN *)",
        "instance-types": ["m6i.large"],
        "volumes": [ { "size-gib": 30, "type": "gp3" } ],
        "build-components": [format!("{amazon}/update-linux/x.x.x"), COMPONENT],
        "test-components": [format!("{amazon}/simple-boot-test-linux/x.x.x")],
        "consumers": [],
        "tags": { "Owner": "platform" },
    });
    Ok([
        (ENVIRONMENT, json::pretty(&settings)?),
        (AMI_VERSIONS, json::pretty(&versions)?),
        (COMPONENT, SETUP.to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::document::{DocumentFile, Parsed, parse};

    use super::*;

    #[test]
    fn a_name_that_the_template_refuses_is_refused() {
        for name in ["us_gov", "Prod", "a", "us-gov", "nonproduction1", "1prod"] {
            let error = environment(&Path::new("ami-versions").join(name)).expect_err(name);
            let told = error.to_string();
            assert!(
                told.contains("two to twelve lower-case letters")
                    || matches!(error, InitError::Name(_)),
                "{name}: {told}"
            );
        }
        let name = environment(Path::new("ami-versions/usgov2")).expect("a name");
        assert_eq!(name.as_str(), "usgov2");
    }

    #[test]
    fn created_documents_pass_check() {
        for region in ["us-east-1", "us-gov-west-1"] {
            let region = region.parse().expect("a Region");
            let name = "nonprod".parse().expect("a name");
            let made = files(&name, &region, "ami-08bd941ae380bd3cd").expect("documents");
            let file = |(key, text): (&str, String)| DocumentFile {
                key: key.to_owned(),
                version_id: String::new(),
                size: text.len() as u64,
                bytes: text.into_bytes(),
            };
            let parsed = parse(&made.map(file));
            assert!(matches!(parsed, Parsed::Desired(_)), "{parsed:?}");
        }
    }
}

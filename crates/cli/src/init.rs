//! `goldsmith init`: the documents of a new environment, as few as pass `check`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use goldsmith_domain::document::{AMI_VERSIONS, ENVIRONMENT};
use goldsmith_domain::names::{Environment, NameError, Region};
use serde_json::json;

use crate::arguments::Init;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::voice::Voice;

/// Where the component document goes.
const COMPONENT: &str = "components/setup.yml";

/// The newest Amazon Linux 2023, which every account can see in every Region (Amazon Linux 2023 user
/// guide, "Launching AL2023 using AWS CloudFormation"): there is no AMI id that would be right everywhere.
const BASE: &str = "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

const SETUP: &str = "\
name: setup
description: What every image of this environment gets. Each step may run twice.
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: SayHello
        action: ExecuteBash
        inputs:
          commands:
            - echo built by goldsmith > /etc/goldsmith
  - name: validate
    steps:
      - name: CheckHello
        action: ExecuteBash
        inputs:
          commands:
            - test -s /etc/goldsmith
";

/// Why no environment was made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder's name is not an environment's.
    #[error("the folder's name becomes the environment's")]
    Name(#[from] NameError),
    /// A document is there.
    #[error("{} is there already; nothing was written", .0.display())]
    Exists(PathBuf),
    /// A file could not be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl InitError {
    /// What would help.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Name(_) => Some(
                "`goldsmith init ami-versions/nonprod` makes the environment nonprod".to_owned(),
            ),
            Self::Exists(_) => Some(
                "`goldsmith check` tells what is wrong with documents that are there".to_owned(),
            ),
            Self::Unwritable { .. } => None,
        }
    }
}

/// Writes the documents.
pub fn run(arguments: &Init, voice: Voice) -> Result<Exit, Failure> {
    let dir = &arguments.dir;
    let mut files = files(&environment(dir)?, &arguments.region)?;
    for (key, text) in &mut files {
        name_schema(dir, key, text);
    }
    if let Some(standing) = files
        .iter()
        .map(|(key, _)| dir.join(key))
        .find(|path| path.exists())
    {
        return Err(InitError::Exists(standing).into());
    }
    for (key, text) in &files {
        write(&dir.join(key), text)?;
        voice.data(&format!("{}\n", dir.join(key).display()));
    }
    voice.hint(&format!(
        "change what differs with you, then `goldsmith check {}`",
        dir.display()
    ));
    Ok(Exit::Done)
}

/// Names the schema of a JSON document, if the schemas lie beside the environments as they do in
/// goldsmith's own repository: an editor that finds none only complains.
fn name_schema(dir: &Path, key: &str, text: &mut String) {
    let Some(name) = key.strip_suffix(".json") else {
        return;
    };
    let schema = format!("../schema/{name}.schema.json");
    if dir
        .parent()
        .is_some_and(|parent| parent.join(&schema["../".len()..]).is_file())
    {
        *text = text.replacen("{\n", &format!("{{\n  \"$schema\": \"{schema}\",\n"), 1);
    }
}

fn environment(dir: &Path) -> Result<Environment, InitError> {
    let name = dir
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(name.parse()?)
}

fn write(path: &Path, text: &str) -> Result<(), InitError> {
    let unwritable = |source| InitError::Unwritable {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(unwritable)?;
    // Never over a file that came meanwhile.
    let mut file = fs::File::create_new(path).map_err(unwritable)?;
    io::Write::write_all(&mut file, text.as_bytes()).map_err(unwritable)
}

/// The documents, by key.
fn files(
    environment: &Environment,
    region: &Region,
) -> Result<[(&'static str, String); 3], serde_json::Error> {
    let amazon = format!(
        "arn:{}:imagebuilder:{region}:aws:component",
        partition(region)
    );
    let versions = json!({
        "ami-version": [ { "aminame": BASE, "recipename": "base" } ],
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
    let text = |document| serde_json::to_string_pretty(document).map(|text| text + "\n");
    Ok([
        (ENVIRONMENT, text(&settings)?),
        (AMI_VERSIONS, text(&versions)?),
        (COMPONENT, SETUP.to_owned()),
    ])
}

/// The partition of a Region ("Amazon Resource Names" of the IAM user guide).
pub fn partition(region: &Region) -> &'static str {
    match region.as_str().split('-').collect::<Vec<_>>().as_slice() {
        ["us", "gov", ..] => "aws-us-gov",
        ["cn", ..] => "aws-cn",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::document::{DocumentFile, Parsed, parse};

    use super::*;

    #[test]
    fn what_is_made_passes_check() {
        for region in ["us-east-1", "us-gov-west-1"] {
            let region = region.parse().expect("a Region");
            let made = files(&"nonprod".parse().expect("a name"), &region).expect("documents");
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

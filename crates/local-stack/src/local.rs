//! `local-stack up`: the stack, left running for `aws`, boto3 and whatever else speaks AWS.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use local_stack::aws::CallError;
use local_stack::{
    ACCOUNT, Config, Embedded, Endpoints, Outputs, REGION, SECRET, STACK, Stack, StartError,
    workspace_root,
};

use crate::{consumer, terminal};

/// The stack does not run.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The stack did not start.
    #[error("the stack did not start")]
    Start(#[from] StartError),
    /// The consumer has no role.
    #[error("the consumer's role was not made")]
    Consumer(#[from] CallError),
    /// The file of exports could not be written.
    #[error("{} cannot be written", .0.display())]
    Environment(PathBuf, #[source] io::Error),
}

/// Runs the stack, or with `empty` the embedded AWS alone, until this future is dropped.
pub async fn run(config: Config, empty: bool) -> Result<(), LocalError> {
    let default = || workspace_root().join("target/local");
    let directory = config.directory.clone().unwrap_or_else(default);
    let file = EnvironmentFile::absent(&directory)?;
    terminal::step("starting the embedded AWS");
    let mut config = config.logging_to(&directory);
    if empty {
        // Without roles the functions are the account's root, which a signing key of somebody's
        // deployment rightly refuses.
        config.enforce_iam = true;
        let embedded = Embedded::start(&config).await?;
        ready(&file, &access(&embedded.endpoints), embedded.directory())?;
        std::future::pending().await
    } else {
        let stack = Stack::start(config).await?;
        consumer::make(&stack).await?;
        let variables = [access(&stack.endpoints), outputs(&stack.outputs)].concat();
        ready(&file, &variables, stack.directory())?;
        std::future::pending().await
    }
}

/// Tells people, and whoever waits for the file, that they can go on.
fn ready(
    file: &EnvironmentFile,
    variables: &[(&str, &str)],
    logs: &Path,
) -> Result<(), LocalError> {
    file.write(&exports(variables))?;
    terminal::note(&format!("logs are in {}", logs.display()));
    terminal::note(&format!(". {}", file.path.display()));
    terminal::data("ready");
    Ok(())
}

/// What every SDK and command reads.
pub fn access(endpoints: &Endpoints) -> Vec<(&'static str, &str)> {
    vec![
        ("AWS_ACCESS_KEY_ID", ACCOUNT),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ENDPOINT_URL", &endpoints.aws),
        ("AWS_ENDPOINT_URL_IMAGEBUILDER", &endpoints.imagebuilder),
        ("AWS_ENDPOINT_URL_EC2", &endpoints.imagebuilder),
        ("AWS_ENDPOINT_URL_KMS", &endpoints.kms),
        ("GOLDSMITH_STACK", STACK),
    ]
}

/// What the deployment of the template says.
fn outputs(outputs: &Outputs) -> Vec<(&'static str, &str)> {
    vec![
        ("BUCKET", &outputs.document_bucket),
        ("OUTPUT_BUCKET", &outputs.output_bucket),
        ("KEY_ARN", &outputs.key_arn),
        ("TOPIC_ARN", &outputs.topic_arn),
        ("RECONCILE", &outputs.reconcile),
        ("SCHEDULED_BUILD", &outputs.scheduled_build),
        ("IMAGE_EVENTS", &outputs.image_events),
    ]
}

/// The lines for a shell.
fn exports(variables: &[(&str, &str)]) -> String {
    let commands = workspace_root().join("target/debug");
    variables
        .iter()
        .map(|(name, value)| format!("export {name}='{value}'\n"))
        .chain([format!("export PATH='{}':\"$PATH\"\n", commands.display())])
        .collect()
}

/// A file that is there exactly while the stack is ready.
struct EnvironmentFile {
    path: PathBuf,
}

impl EnvironmentFile {
    /// Makes sure that no file of an earlier stack is there.
    fn absent(directory: &Path) -> Result<Self, LocalError> {
        let path = directory.join("env");
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => fs::create_dir_all(directory),
        };
        removed.map_err(|error| LocalError::Environment(path.clone(), error))?;
        Ok(Self { path })
    }

    /// Writes beside it and renames, so that nobody reads half a file.
    fn write(&self, lines: &str) -> Result<(), LocalError> {
        let draft = self.path.with_extension("draft");
        let written = fs::write(&draft, lines).and_then(|()| fs::rename(&draft, &self.path));
        written.map_err(|error| LocalError::Environment(self.path.clone(), error))
    }
}

impl Drop for EnvironmentFile {
    fn drop(&mut self) {
        // If it does not go now, the next start removes it.
        let _ = fs::remove_file(&self.path);
    }
}

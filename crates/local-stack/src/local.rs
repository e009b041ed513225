//! `local-stack up`: the stack, left running for `aws`, boto3 and whatever else speaks AWS.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use local_stack::{
    ACCOUNT, Clock, Config, REGION, SECRET, STACK, Stack, StartError, workspace_root,
};

use crate::terminal;

/// The stack does not run.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The stack did not start.
    #[error("the stack did not start")]
    Start(#[from] StartError),
    /// The file of exports could not be written.
    #[error("{} cannot be written", .0.display())]
    Environment(PathBuf, #[source] io::Error),
}

/// Runs the stack until this future is dropped.
pub async fn run(clock: Option<Clock>, directory: Option<PathBuf>) -> Result<(), LocalError> {
    let directory = directory.unwrap_or_else(|| workspace_root().join("target/local"));
    let file = EnvironmentFile::absent(&directory)?;
    terminal::step("starting the embedded AWS");
    let config = clock
        .map_or_else(Config::default, Config::with_clock)
        .logging_to(&directory);
    let stack = Stack::start(config).await?;
    file.write(&exports(&stack))?;
    terminal::note(&format!("logs are in {}", stack.directory().display()));
    terminal::note(&format!(". {}", file.path.display()));
    terminal::data("ready");
    std::future::pending().await
}

/// The lines for a shell.
fn exports(stack: &Stack) -> String {
    let outputs = &stack.outputs;
    let variables = [
        ("AWS_ACCESS_KEY_ID", ACCOUNT),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ENDPOINT_URL", &stack.endpoints.aws),
        (
            "AWS_ENDPOINT_URL_IMAGEBUILDER",
            &stack.endpoints.imagebuilder,
        ),
        ("AWS_ENDPOINT_URL_EC2", &stack.endpoints.imagebuilder),
        ("AWS_ENDPOINT_URL_KMS", &stack.endpoints.kms),
        ("BUCKET", &outputs.document_bucket),
        ("OUTPUT_BUCKET", &outputs.output_bucket),
        ("KEY_ARN", &outputs.key_arn),
        ("TOPIC_ARN", &outputs.topic_arn),
        ("RECONCILE", &outputs.reconcile),
        ("SCHEDULED_BUILD", &outputs.scheduled_build),
        ("IMAGE_EVENTS", &outputs.image_events),
        ("GOLDSMITH_STACK", STACK),
    ];
    let lines = variables.map(|(name, value)| format!("export {name}='{value}'"));
    let commands = workspace_root().join("target/debug");
    format!(
        "{}\nexport PATH='{}':\"$PATH\"\n",
        lines.join("\n"),
        commands.display()
    )
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

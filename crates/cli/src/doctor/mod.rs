//! `goldsmith doctor`: whether this workstation, the folder and the stack are as the work needs them. It only looks.

mod account;
mod consumers;
mod deployed;
mod documents;
mod git;
mod github;
mod model;
mod quotas;
mod render;

use std::path::{Path, PathBuf};
use std::time::Duration;

use goldsmith_aws::operator::StackName;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::NameError;

use self::documents::Local;
use self::model::{Check, Diagnosis};
use crate::arguments::{Doctor as Arguments, Format};
use crate::error::Hint;
use crate::exit::Exit;
use crate::folders;
use crate::json::{self, JsonError};
use crate::printer::Printer;
use crate::stack;

/// Nothing was checked, or the checks could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// There is no such folder.
    #[error("{} is not a folder", .0.display())]
    NoFolder(PathBuf),
    /// The stack's name is none.
    #[error(transparent)]
    Stack(#[from] NameError),
    /// The checks could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for DoctorError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoFolder(_) => Some(
                "DIR is the folder of one environment, such as ami-versions/nonprod".to_owned(),
            ),
            Self::Stack(_) => None,
            Self::Json(error) => error.hint(),
        }
    }
}

/// Prints each check with its result, and what helps.
pub async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, DoctorError> {
    let dirs = directories(arguments.dir.as_deref())?;
    let against = stack::named(arguments.stack.against.as_deref())?;
    let examining = Box::pin(examine(&dirs, against));
    let diagnosis = printer.with_progress("looking", examining).await;
    match arguments.format {
        Format::Text => printer.reading(&render::text(&diagnosis, printer.width())),
        Format::Json => printer.stdout(&json::pretty(&diagnosis)?),
    }
    Ok(Exit::refused_unless(diagnosis.passes))
}

/// The folder that is given, or those that are here.
fn directories(given: Option<&Path>) -> Result<Vec<PathBuf>, DoctorError> {
    match given {
        None => Ok(folders::environments(Path::new("."))),
        Some(dir) if dir.is_dir() => Ok(vec![dir.to_owned()]),
        Some(dir) => Err(DoctorError::NoFolder(dir.to_owned())),
    }
}

async fn examine(dirs: &[PathBuf], against: Option<StackName>) -> Diagnosis {
    let (local, mut checks) = documents::look(dirs);
    let desired = local.desired.as_deref();
    checks.extend(on_this_machine(&local));
    let (person, of_account) = account::look(desired).await;
    checks.extend(of_account);
    let stack = against.or_else(|| desired.and_then(of_environment));
    checks.extend(deployed::look(person, stack.clone(), &local).await);
    let directory = local.dir.map(|dir| dir.display().to_string());
    Diagnosis::new(directory, stack.map(|stack| stack.to_string()), checks)
}

/// What needs no AWS.
fn on_this_machine(local: &Local) -> Vec<Check> {
    let Some(dir) = local.dir.as_deref() else {
        return Vec::new();
    };
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let github = local.desired.as_deref().map_or_else(
        || {
            Check::skipped(
                "github",
                "the documents do not say which environment they are of",
            )
        },
        |desired| github::check(dir, &desired.environment, variable),
    );
    vec![git::check(dir), github]
}

/// The stack of the documents, as it is called by convention.
pub fn of_environment(desired: &Desired) -> Option<StackName> {
    format!("goldsmith-{}", desired.environment).parse().ok()
}

/// Waits for an answer, and for no longer than this. Errors: there was none, as a sentence.
async fn within<T>(longest: Duration, asking: impl Future<Output = T>) -> Result<T, String> {
    let answer = tokio::time::timeout(longest, asking).await;
    answer.map_err(|_| format!("there was no answer in {} seconds", longest.as_secs()))
}

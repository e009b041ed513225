//! `goldsmith` without a command: what is here, what the stack says, and what to type next. It only looks, and it ends
//! soon: what does not answer in time is said in a line.

mod model;
mod news;
mod next;
mod render;
mod stacks;

use std::path::{Path, PathBuf};
use std::time::Duration;

use goldsmith_aws::operator::{Session, StackName};
use goldsmith_domain::document::DocumentFile;
use goldsmith_domain::release::Release;
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use self::model::{Documents, Environment, Stack};
use crate::check::{Checked, checked};
use crate::error::Hint as _;
use crate::exit::Exit;
use crate::folders;
use crate::printer::Printer;
use crate::stack::{self, StackError};
use crate::version::warn_if_older;

/// How long AWS may take, all stacks together.
const LONGEST: Duration = Duration::from_secs(10);
/// How many environments are looked at.
const MOST: usize = 5;

/// Prints what is here, and what to do next.
///
/// Errors: `GOLDSMITH_STACK` is no name of a stack.
pub async fn run(printer: Printer) -> Result<Exit, StackError> {
    let here = Path::new(".");
    let named = stack::named(None)?;
    let mut environments = read(here, named.as_ref());
    let looking = ask(&mut environments);
    printer.with_progress("asking AWS", Box::pin(looking)).await;
    let seen: Vec<Environment> = environments.into_iter().map(|(seen, _)| seen).collect();
    let page = render::Page {
        now: Timestamp::now(),
        width: printer.width(),
        importable: importable(here),
    };
    printer.reading(&render::text(&Release::current(), &seen, &page));
    let mut releases = seen.iter().filter_map(Environment::release);
    warn_if_older(releases.next(), printer);
    Ok(Exit::Done)
}

/// The environments of a folder, with their documents; nothing of AWS is known of them yet. The stack that the
/// caller's variable names is that of the only environment, or one more.
fn read(here: &Path, named: Option<&StackName>) -> Vec<(Environment, Vec<DocumentFile>)> {
    let mut dirs = folders::environments(here);
    dirs.truncate(MOST);
    let is_only = dirs.len() == 1;
    let mut all: Vec<_> = dirs
        .into_iter()
        .map(|dir| of_folder(dir, named.filter(|_| is_only)))
        .collect();
    let is_shown = |name: &StackName| {
        let mut shown = all.iter().filter_map(|(seen, _)| seen.stack_name.as_ref());
        shown.any(|shown| shown == name)
    };
    if let Some(name) = named.filter(|name| !is_shown(name)) {
        let other = Environment {
            name: name.to_string(),
            documents: Documents::None,
            stack_name: Some(name.clone()),
            stack: Stack::NotAsked(String::new()),
        };
        all.push((other, Vec::new()));
    }
    all
}

/// An environment's folder; its stack is the named one, or the one that is called after it.
fn of_folder(dir: PathBuf, named: Option<&StackName>) -> (Environment, Vec<DocumentFile>) {
    let folder = dir.canonicalize().unwrap_or_else(|_| dir.clone());
    let folder = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut name = folder.into_owned();
    let (documents, files) = match checked(&dir) {
        Err(error) => (Documents::Wrong(dir, error.to_string()), Vec::new()),
        Ok(Checked {
            report,
            files,
            desired,
        }) => {
            if let Some(desired) = &desired {
                name = desired.environment.to_string();
            }
            let summary = report.summary(files.len());
            if report.is_usable() {
                (Documents::Usable(dir, summary), files)
            } else {
                (Documents::Wrong(dir, summary), files)
            }
        }
    };
    let stack_name = named
        .cloned()
        .or_else(|| format!("goldsmith-{name}").parse().ok());
    let seen = Environment {
        name,
        documents,
        stack_name,
        stack: Stack::NotAsked("it has no name that a stack can have".to_owned()),
    };
    (seen, files)
}

/// Asks AWS about each stack, until the time is over.
async fn ask(environments: &mut [(Environment, Vec<DocumentFile>)]) {
    if environments.is_empty() {
        return;
    }
    let end = Instant::now() + LONGEST;
    let late = || format!("there was no answer in {} seconds", LONGEST.as_secs());
    let session = match timeout_at(end, Session::from_env()).await {
        Ok(Ok(session)) => Ok(session),
        Ok(Err(error)) => Err(match error.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        }),
        Err(_) => Err(late()),
    };
    for (seen, files) in environments {
        let Some(name) = seen.stack_name.clone() else {
            continue;
        };
        seen.stack = match &session {
            Err(why) => Stack::NotAsked(why.clone()),
            Ok(session) => {
                let asked = Box::pin(stacks::look(session.clone(), name, files));
                let answer = timeout_at(end, asked).await;
                answer.unwrap_or_else(|_| Stack::NotAsked(late()))
            }
        };
    }
}

/// Whether there is something here that `goldsmith import` reads.
fn importable(here: &Path) -> bool {
    let entries = here.read_dir().into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| {
        let name = name.to_string_lossy();
        name == "Rakefile" || name.ends_with(".pkr.hcl") || name.ends_with(".tfstate")
    })
}

//! What to type next.

use super::model::{Documents, Environment, Found, Stack};
use super::news;
use crate::shell::word;

/// The command, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What to type, or the page to read; none if nothing has to be done.
    pub command: Option<String>,
    /// Why, in a few words.
    pub why: &'static str,
}

impl Next {
    fn new(command: impl Into<Option<String>>, why: &'static str) -> Self {
        Self {
            command: command.into(),
            why,
        }
    }
}

/// What comes next for an environment.
pub fn next(seen: &Environment) -> Next {
    let dir = match &seen.documents {
        Documents::Wrong(dir, _) => {
            let command = format!("goldsmith check {}", word(&dir.display().to_string()));
            return Next::new(command, "the documents cannot be used");
        }
        Documents::Usable(dir, _) => Some(word(&dir.display().to_string())),
        Documents::None => None,
    };
    let stack = seen.stack_name.as_ref().map(ToString::to_string);
    let against = stack.map_or_else(String::new, |stack| format!(" --against {}", word(&stack)));
    match &seen.stack {
        Stack::NotAsked(_) => {
            let dir = dir.map_or_else(String::new, |dir| format!(" {dir}"));
            let command = format!("goldsmith doctor{dir}{against}");
            Next::new(command, "AWS was not asked, and this checks why")
        }
        Stack::Missing(_) if dir.is_none() => Next::new(
            "goldsmith doctor".to_owned(),
            "there is no stack of this name",
        ),
        Stack::Missing(_) => Next::new(
            format!("make deploy ENV={}", word(&seen.name)),
            "there is no stack yet; docs/deploy.md has other ways",
        ),
        Stack::Found(found) => of_found(found, dir, &against),
    }
}

fn of_found(found: &Found, dir: Option<String>, against: &str) -> Next {
    let changed = found.differing.is_some_and(|differing| differing > 0);
    if let Some(dir) = dir.filter(|_| changed) {
        let command = format!("goldsmith plan {dir}{against}");
        return Next::new(command, "these documents are not those in the bucket");
    }
    let needs = news::needs(&found.status);
    if let Some(first) = needs.first() {
        let status = || format!("goldsmith status{against}");
        let command = first.help.as_ref().map_or_else(status, |help| {
            if help.starts_with("goldsmith ") {
                format!("{help}{against}")
            } else {
                help.clone()
            }
        });
        return Next::new(command, "something needs a person");
    }
    if found.status.last_run.is_none() {
        return Next::new(
            format!("goldsmith reconcile{against}"),
            "it has not run yet",
        );
    }
    if news::waits(&found.status).is_empty() {
        return Next::new(None, "everything is as the documents ask");
    }
    Next::new(
        format!("goldsmith status{against}"),
        "something waits, and will be right without a person",
    )
}

//! What is here, as text.

use goldsmith_domain::escape::printable;
use goldsmith_domain::release::Release;
use jiff::Timestamp;

use super::model::{Documents, Environment, Found, Stack};
use super::news::{self, Item};
use super::next::next;
use crate::render::phrase::count;
use crate::render::when::age;
use crate::render::wrap::{short, wrapped};

/// How many lines of a kind are shown.
const MOST: usize = 3;
/// What to read on.
const END: &str = "`goldsmith doctor` checks this workstation and the stack; `goldsmith --help` lists the commands.";

/// How it is shown.
pub struct Page {
    /// The time.
    pub now: Timestamp,
    /// How many characters a line has.
    pub width: usize,
    /// Whether the folder has something to import.
    pub importable: bool,
}

/// All of it.
pub fn text(release: &Release, environments: &[Environment], page: &Page) -> String {
    let mut lines = vec![format!("goldsmith {release}")];
    if environments.is_empty() {
        lines.extend(nothing(page));
    }
    for seen in environments {
        lines.push(String::new());
        lines.extend(of_environment(seen, page));
    }
    lines.push(String::new());
    lines.extend(wrapped(END, page.width, ""));
    lines.join("\n") + "\n"
}

fn nothing(page: &Page) -> Vec<String> {
    let found =
        "There are no documents of an environment here, in a folder below, or in ami-versions.";
    let mut lines = vec![String::new()];
    lines.extend(wrapped(found, page.width, ""));
    let (command, why) = if page.importable {
        let command = "goldsmith import . --into ami-versions/nonprod";
        (command, "make documents of what is here")
    } else {
        ("goldsmith init ami-versions/nonprod", "create some")
    };
    lines.push(line("next", why, page).concat());
    lines.push(remedy(command));
    lines
}

fn of_environment(seen: &Environment, page: &Page) -> Vec<String> {
    let mut lines = vec![printable(&seen.name)];
    lines.extend(line("documents", &documents(&seen.documents), page));
    match &seen.stack {
        Stack::NotAsked(why) => lines.extend(line("not asked", why, page)),
        Stack::Missing(region) => {
            let found = format!("there is no {} in {region}", stack_name(seen));
            lines.extend(line("stack", &found, page));
        }
        Stack::Found(found) => lines.extend(of_stack(seen, found, page)),
    }
    let next = next(seen);
    lines.extend(line("next", next.why, page));
    lines.extend(next.command.map(|command| remedy(&printable(&command))));
    lines
}

fn documents(documents: &Documents) -> String {
    match documents {
        Documents::None => "none are here".to_owned(),
        Documents::Wrong(dir, summary) | Documents::Usable(dir, summary) => {
            format!("{}: {summary}", dir.display())
        }
    }
}

fn stack_name(seen: &Environment) -> String {
    let name = seen.stack_name.as_ref().map(ToString::to_string);
    name.unwrap_or_else(|| "stack".to_owned())
}

fn of_stack(seen: &Environment, found: &Found, page: &Page) -> Vec<String> {
    let status = &found.status;
    let release = seen
        .release()
        .map(|release| format!(", release {release}"))
        .unwrap_or_default();
    let place = format!(
        "{} in {}, {}{release}",
        stack_name(seen),
        status.account,
        status.region
    );
    let mut lines = line("stack", &place, page);
    lines.extend(line("last run", &last_run(found, page.now), page));
    if status.pause {
        lines.extend(line("", "PAUSED: environment.json says `pause`", page));
    }
    if let Some(differing) = found.differing.filter(|differing| *differing > 0) {
        let told = count(differing, "document differs", "documents differ");
        let told = format!("{told} from what is in the bucket");
        lines.extend(line("changed", &told, page));
    }
    lines.extend(items("needs you", &news::needs(status), page));
    lines.extend(items("waits", &news::waits(status), page));
    let not_shown = status.not_shown.iter().take(MOST);
    lines.extend(not_shown.flat_map(|what| line("not asked", what, page)));
    lines
}

fn last_run(found: &Found, now: Timestamp) -> String {
    let Some(run) = &found.status.last_run else {
        return "there was none yet".to_owned();
    };
    let ago = age(&run.time, now).map_or_else(
        || "at an unknown time".to_owned(),
        |age| format!("{age} ago"),
    );
    let commit = run
        .commit
        .as_deref()
        .map(|commit| format!(", commit {}", commit.get(..12).unwrap_or(commit)));
    let changes = match run.changes {
        0 => "it changed nothing".to_owned(),
        changes => format!("it made {}", count(changes, "change", "changes")),
    };
    format!("{ago}{}; {changes}", commit.unwrap_or_default())
}

/// The first items under a name, and how many more there are.
fn items(name: &str, items: &[Item], page: &Page) -> Vec<String> {
    let mut lines = Vec::new();
    for (n, item) in items.iter().take(MOST).enumerate() {
        let name = if n == 0 { name } else { "" };
        lines.extend(line(name, &short(&item.text), page));
    }
    if items.len() > MOST {
        let more = format!("and {} more: goldsmith status", items.len() - MOST);
        lines.extend(line("", &more, page));
    }
    lines
}

/// A name with what belongs to it.
fn line(name: &str, text: &str, page: &Page) -> Vec<String> {
    wrapped(&printable(text), page.width, &format!("  {name:<11}"))
}

/// A command, which is never broken, so that it can be copied.
fn remedy(command: &str) -> String {
    format!("             > {command}")
}

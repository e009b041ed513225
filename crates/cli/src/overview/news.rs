//! What needs a person, and what waits, in a line each with the command that helps.

use crate::status::{Build, Reason, ReasonState, Status, help_with_alarm};

/// A line, and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is, as a sentence.
    pub text: String,
    /// The command, or the page.
    pub help: Option<String>,
}

impl Item {
    fn new(text: String, help: impl Into<Option<String>>) -> Self {
        Self {
            text,
            help: help.into(),
        }
    }
}

/// What needs a person, by what `goldsmith status` shows first.
pub fn needs(status: &Status) -> Vec<Item> {
    let failed = status.recipes.iter().filter_map(|recipe| {
        let build = recipe.newest.as_ref().filter(|build| build.ended_badly())?;
        let name = recipe.recipename.as_str();
        Some(Item::new(
            format!(
                "{name}: build {} {}{}",
                build.version,
                build.state,
                place(build)
            ),
            format!("goldsmith logs {name}"),
        ))
    });
    let urgent = reasons(status).filter(|reason| reason.state != ReasonState::Waiting);
    let problems = status.problems.len() + status.more_problems;
    let problems = (problems > 0).then(|| {
        let text = format!("the documents in the bucket are wrong: {problems} in all");
        Item::new(text, "goldsmith history".to_owned())
    });
    let missed = status.schedule.missed.map(|_| {
        let text = "a scheduled run is missing".to_owned();
        Item::new(text, "goldsmith redrive".to_owned())
    });
    let alarms = status.alarms.iter().flatten().map(|alarm| {
        let text = format!("ALARM {}: {}", alarm.name, alarm.description);
        Item::new(text, help_with_alarm(&alarm.name).to_owned())
    });
    let events = status.failed_events.filter(|events| *events > 0);
    let events = events.map(|events| {
        let text = format!("the failure queue holds events: {events}");
        Item::new(text, "goldsmith redrive".to_owned())
    });
    problems
        .into_iter()
        .chain(failed)
        .chain(urgent.map(told))
        .chain(missed)
        .chain(alarms)
        .chain(events)
        .collect()
}

/// What will be right later. A failed build is no such thing, although a run waits for what comes after it.
pub fn waits(status: &Status) -> Vec<Item> {
    let waiting = reasons(status).filter(|reason| reason.state == ReasonState::Waiting);
    waiting
        .filter(|reason| reason.kind != "failed-build")
        .map(told)
        .collect()
}

fn reasons(status: &Status) -> impl Iterator<Item = &Reason> {
    let of_recipes = status.recipes.iter().flat_map(|recipe| &recipe.reasons);
    of_recipes.chain(&status.reasons)
}

fn told(reason: &Reason) -> Item {
    let text = format!("{}: {} ({})", reason.target, reason.why, reason.kind);
    Item::new(text, reason.help.clone())
}

/// ` in TESTING, step ApplyTestComponents`.
fn place(build: &Build) -> String {
    let place = build.failed_in.as_deref();
    place.map_or_else(String::new, |place| format!(" in {place}"))
}

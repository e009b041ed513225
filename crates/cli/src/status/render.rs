//! The status as text that fits a terminal.

use goldsmith_domain::escape::printable;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::help;
use super::model::{Build, Published, Reason, RecipeStatus, ScheduleStatus, ScheduledRun, Status};
use crate::render::phrase;
use crate::render::when::{age, when};
use crate::render::wrap::{short, wrapped};
use crate::results::{Counts, scan_text, summary_text};

/// How it is shown.
pub struct Page<'a> {
    now: Timestamp,
    zone: &'a TimeZone,
    width: usize,
}

impl<'a> Page<'a> {
    /// As of `now`, with times in `zone` and lines of at most `width` characters.
    pub fn new(now: Timestamp, zone: &'a TimeZone, width: usize) -> Self {
        Self { now, zone, width }
    }

    fn line(&self, first: &str, text: &str) -> Vec<String> {
        wrapped(&printable(text), self.width, first)
    }

    /// `2 h ago`, and `at an unknown time` if nobody knows.
    fn ago(&self, time: Option<&str>) -> String {
        time.and_then(|time| age(time, self.now)).map_or_else(
            || "at an unknown time".to_owned(),
            |age| format!("{age} ago"),
        )
    }

    fn when(&self, time: &str) -> String {
        let time: Result<Timestamp, _> = time.parse();
        time.map_or_else(
            |_| "at an unknown time".to_owned(),
            |time| when(time, self.zone),
        )
    }
}

/// All of it.
pub fn text(status: &Status, page: &Page<'_>) -> String {
    let mut lines = head(status, page);
    for recipe in &status.recipes {
        lines.push(String::new());
        lines.extend(of_recipe(recipe, page));
    }
    if status.recipes.is_empty() {
        lines.extend([String::new(), "There are no recipes.".to_owned()]);
    }
    lines.push(String::new());
    lines.extend(schedule(&status.schedule, page));
    lines.extend(others(status, page));
    lines.extend(alarms(status, page));
    lines.join("\n") + "\n"
}

/// Where, and when the last run was.
fn head(status: &Status, page: &Page<'_>) -> Vec<String> {
    let place = format!(
        "{} in {}, {}",
        status.environment, status.account, status.region
    );
    let mut lines = page.line("", &place);
    lines.extend(match &status.last_run {
        None => page.line("", "No run has written a report yet: goldsmith reconcile"),
        Some(run) => {
            let commit = run
                .commit
                .as_deref()
                .map(|commit| format!(", commit {commit}"));
            let ago = page.ago(Some(&run.time));
            let told = format!("last run {ago}{}", commit.unwrap_or_default());
            page.line("", &told)
        }
    });
    if status.pause {
        let told = "PAUSED: environment.json says `pause`. Nothing is built, published or changed; access is still \
                    removed.";
        lines.extend(page.line("", told));
    }
    lines
}

fn of_recipe(recipe: &RecipeStatus, page: &Page<'_>) -> Vec<String> {
    let name = printable(recipe.recipename.as_str());
    let published = recipe.published.as_ref();
    let what = published.map_or_else(
        || "nothing is published".to_owned(),
        |published| {
            let age = page.ago(published.created.as_deref());
            format!("published {}, built {age}", published.version)
        },
    );
    let mut lines = page.line("", &format!("{name}: {what}{}", patches(recipe)));
    lines.extend(
        published
            .into_iter()
            .flat_map(|published| places(published, page)),
    );
    lines.extend(
        recipe
            .newest
            .iter()
            .flat_map(|build| of_build(build, &name, page)),
    );
    lines.extend(reasons(&recipe.reasons, false, page));
    lines
}

/// Whether the recipe gets patches.
fn patches(recipe: &RecipeStatus) -> &'static str {
    match recipe {
        RecipeStatus { left: true, .. } => "; it left ami-version, and is kept",
        RecipeStatus {
            scheduled: Some(true),
            disabled: true,
            ..
        } => "; scheduled, but its pipeline is disabled",
        RecipeStatus { scheduled, .. } => match scheduled {
            Some(true) => "; scheduled",
            Some(false) => "; not scheduled, so it gets no patches",
            None => "",
        },
    }
}

/// The AMIs that consumers launch, and their copies.
fn places(published: &Published, page: &Page<'_>) -> Vec<String> {
    let own = published
        .amis
        .iter()
        .map(|(region, ami)| format!("{ami} in {region}"));
    let copies = published.copies.iter().flat_map(|(account, amis)| {
        let copy = move |(region, ami)| format!("{ami} in {region}, copy of account {account}");
        amis.iter().map(copy)
    });
    let results = published.results.iter().flat_map(counts);
    own.chain(copies)
        .chain(results)
        .flat_map(|place| page.line("  ", &place))
        .collect()
}

/// What tests and scans found.
fn counts(counts: &Counts) -> Vec<String> {
    let passes = if counts.passes {
        ""
    } else {
        "; that does not pass"
    };
    let tests = format!("tests: {}{passes}", summary_text(&counts.summary));
    let scan = counts.scan.as_ref().map(scan_text);
    std::iter::once(tests).chain(scan).collect()
}

fn of_build(build: &Build, recipe: &str, page: &Page<'_>) -> Vec<String> {
    let ago = page.ago(build.created.as_deref());
    let told = format!(
        "newest build {} {}, started {ago}",
        build.version, build.state
    );
    let mut lines = page.line("  ", &told);
    let results = build.results.iter().flat_map(counts);
    lines.extend(results.flat_map(|line| page.line("    ", &line)));
    if !build.ended_badly() {
        return lines;
    }
    let place = build
        .failed_in
        .as_deref()
        .map(|place| format!("in {place}"));
    lines.extend(
        place
            .into_iter()
            .flat_map(|place| page.line("    ", &place)),
    );
    let reason = build.reason.as_deref();
    lines.extend(
        reason
            .into_iter()
            .flat_map(|reason| page.line("    ", &short(reason))),
    );
    let left = build
        .leftover
        .iter()
        .map(|(region, ami)| format!("it left {ami} in {region}, which nobody gets"));
    lines.extend(left.flat_map(|left| page.line("    ", &left)));
    for command in ["logs", "build"] {
        lines.push(format!("    > goldsmith {command} {recipe}"));
    }
    lines
}

/// Why something waits, is refused or failed, each with what helps.
fn reasons(reasons: &[Reason], with_target: bool, page: &Page<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    // The newest build is shown with the recipe.
    let shown = reasons
        .iter()
        .filter(|reason| with_target || !matches!(reason.kind.as_str(), "build" | "failed-build"));
    for reason in shown {
        let target = if with_target {
            format!("{}: ", short(&reason.target))
        } else {
            String::new()
        };
        let (state, kind) = (reason.state.as_str(), &reason.kind);
        let told = format!("{state}: {target}{} ({kind})", short(&reason.why));
        lines.extend(page.line("  ", &told));
        lines.extend(
            reason
                .help
                .iter()
                .map(|help| format!("    > {}", printable(help))),
        );
    }
    lines
}

fn schedule(schedule: &ScheduleStatus, page: &Page<'_>) -> Vec<String> {
    let Some(expression) = schedule.expression.as_deref() else {
        return page.line("", "schedule: unknown");
    };
    let next = match schedule.next {
        _ if !schedule.enabled => "the build rule is disabled, so it never fires".to_owned(),
        Some(next) => format!("next on {}", when(next, page.zone)),
        None if expression.starts_with("rate(") => {
            "counted from when it was last changed".to_owned()
        }
        None => "it never fires again".to_owned(),
    };
    let mut lines = page.line("", &format!("schedule {expression}: {next}"));
    lines.extend(match &schedule.last {
        None => page.line("  ", "no scheduled run of the last 40 days is known"),
        Some(last) => page.line(
            "  ",
            &format!("last run on {}: {}", page.when(&last.time), did(last)),
        ),
    });
    if let Some(missed) = schedule.missed {
        let told = format!("MISSED: nothing has run on {}", when(missed, page.zone));
        lines.extend(page.line("  ", &told));
        lines.push("    > goldsmith redrive".to_owned());
    }
    lines
}

fn did(run: &ScheduledRun) -> String {
    let ScheduledRun {
        started,
        skipped,
        failed,
        ..
    } = run;
    let started = match started.as_slice() {
        [] => "started no build".to_owned(),
        started => format!("started {}", started.join(", ")),
    };
    let skipped = skipped
        .iter()
        .map(|(recipe, reason)| format!("; skipped {recipe}, because {reason}"));
    let failed = failed.iter().map(|failed| format!("; failed: {failed}"));
    std::iter::once(started)
        .chain(skipped)
        .chain(failed)
        .collect()
}

/// What is about no recipe alone.
fn others(status: &Status, page: &Page<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in &status.problems {
        lines.extend(page.line("  ", &problem.to_string().replace('\n', " ")));
    }
    if status.more_problems > 0 {
        let more = phrase::count(status.more_problems, "more problem", "more problems");
        lines.extend(page.line("  ", &format!("and {more}")));
    }
    if !lines.is_empty() {
        lines.insert(
            0,
            "documents that are wrong, and change nothing:".to_owned(),
        );
        lines.push("    > goldsmith history".to_owned());
    }
    lines.extend(reasons(&status.reasons, true, page));
    if lines.is_empty() {
        return lines;
    }
    std::iter::once(String::new()).chain(lines).collect()
}

fn alarms(status: &Status, page: &Page<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for alarm in status.alarms.iter().flatten() {
        lines.extend(page.line("", &format!("ALARM {}: {}", alarm.name, alarm.description)));
        lines.push(format!("    > {}", help::of_alarm(&alarm.name)));
    }
    if let Some(events) = status.failed_events.filter(|events| *events > 0) {
        let events = usize::try_from(events).unwrap_or(usize::MAX);
        let told = phrase::count(events, "event is", "events are");
        lines.extend(page.line("", &format!("{told} in the failure queue")));
        lines.push("    > goldsmith redrive".to_owned());
    }
    let not_shown = status.not_shown.iter();
    lines.extend(not_shown.flat_map(|what| page.line("", &format!("not shown: {what}"))));
    if lines.is_empty() {
        return lines;
    }
    std::iter::once(String::new()).chain(lines).collect()
}

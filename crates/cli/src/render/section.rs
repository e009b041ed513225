//! The parts of a review, the most important first: refusals, then lost access.

use goldsmith_domain::escape::printable;
use goldsmith_domain::report::Entry;
use goldsmith_domain::review::{Direction, KeyPolicyReview, Quota, Review, Storage};
use jiff::tz::TimeZone;
use similar::TextDiff;

use super::escape::Escaper;
use super::phrase;

/// One part.
#[derive(Debug)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// The text above its lines.
    pub lead: Option<String>,
    /// Its content.
    pub body: Body,
    /// Whether it is shown before any other part.
    pub first: bool,
    /// Whether it is folded.
    pub folded: bool,
}

/// The content of a part.
#[derive(Debug)]
pub enum Body {
    /// Sentences.
    List(Vec<String>),
    /// Rows under names of columns.
    Table(&'static [&'static str], Vec<Vec<String>>),
    /// Lines of a difference.
    Diff(Vec<String>),
}

impl Section {
    fn list(title: &'static str, lines: Vec<String>) -> Self {
        Self {
            title,
            lead: None,
            body: Body::List(lines),
            first: false,
            folded: false,
        }
    }

    fn folded(self) -> Self {
        Self {
            folded: true,
            ..self
        }
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        match &self.body {
            Body::List(lines) | Body::Diff(lines) => lines.len(),
            Body::Table(_, rows) => rows.len(),
        }
    }
}

/// The parts that have a line.
pub fn sections(review: &Review, escaper: &impl Escaper, zone: &TimeZone) -> Vec<Section> {
    let recipes = review
        .recipes
        .iter()
        .map(|recipe| phrase::recipe(recipe, escaper))
        .collect();
    let settings = review
        .settings
        .iter()
        .map(|setting| phrase::setting(setting, escaper))
        .collect();
    let notes = review
        .notes
        .iter()
        .map(|note| escaper.sentence(note))
        .collect();
    let all = [
        Section {
            first: true,
            ..Section::list("Refused", entries(&review.refused, escaper))
        },
        Section {
            first: true,
            ..Section::list("Access lost", access(review, Direction::Loses, escaper))
        },
        Section {
            first: true,
            ..Section::list("Schedule", schedule(review, escaper, zone))
        },
        Section::list("Access gained", access(review, Direction::Gains, escaper)),
        Section::list("Recipes", recipes),
        Section::list("For every recipe", settings),
        key_policies(&review.key_policies),
        quotas(&review.quotas, escaper),
        storage(&review.storage, escaper),
        Section::list("Waiting", entries(&review.waiting, escaper)),
        Section::list("Notes", notes),
        Section::list("Calls, in order", entries(&review.changes, escaper)).folded(),
    ];
    all.into_iter()
        .filter(|section| section.len() > 0)
        .collect()
}

fn schedule(review: &Review, escaper: &impl Escaper, zone: &TimeZone) -> Vec<String> {
    let schedule = review.schedule.as_ref();
    schedule
        .map(|schedule| phrase::schedule(schedule, escaper, zone))
        .unwrap_or_default()
}

fn entries(entries: &[Entry], escaper: &impl Escaper) -> Vec<String> {
    entries
        .iter()
        .map(|entry| phrase::entry(entry, escaper))
        .collect()
}

fn access(review: &Review, direction: Direction, escaper: &impl Escaper) -> Vec<String> {
    let changes = review
        .access
        .iter()
        .filter(|change| change.direction == direction);
    changes
        .map(|change| phrase::access(change, escaper))
        .collect()
}

fn key_policies(changes: &[KeyPolicyReview]) -> Section {
    let lines = changes
        .iter()
        .flat_map(|change| difference(change, changes.len() > 1))
        .collect();
    let size = |change: &KeyPolicyReview| {
        let KeyPolicyReview {
            key, bytes, limit, ..
        } = change;
        let percent = bytes.saturating_mul(100) / (*limit).max(1);
        let region = key
            .region()
            .map(|region| format!(" in {region}"))
            .filter(|_| changes.len() > 1);
        let region = region.unwrap_or_default();
        format!("the whole policy{region} will have {bytes} of {limit} bytes ({percent} %)")
    };
    let sizes: Vec<String> = changes.iter().map(size).collect();
    let lead = (!sizes.is_empty()).then(|| format!("Our statements; {}.", sizes.join(", ")));
    Section {
        title: "Key policy",
        lead,
        body: Body::Diff(lines),
        first: false,
        folded: true,
    }
}

/// What changes in a key policy, below the name of the key if there are several.
fn difference(change: &KeyPolicyReview, named: bool) -> Vec<String> {
    let diff = TextDiff::from_lines(&change.before, &change.after);
    let lines = diff
        .unified_diff()
        .context_radius(3)
        .missing_newline_hint(false)
        .to_string();
    let name = named.then(|| format!("# {}", change.key));
    name.into_iter()
        .chain(lines.lines().map(printable))
        .collect()
}

fn quotas(quotas: &[Quota], escaper: &impl Escaper) -> Section {
    let row = |quota: &Quota| {
        let left = quota.limit.saturating_sub(quota.after);
        vec![
            escaper.value(&quota.name),
            quota.used.to_string(),
            quota.after.to_string(),
            quota.limit.to_string(),
            left.to_string(),
            quota.source.as_str().to_owned(),
        ]
    };
    let rows = quotas.iter().map(row).collect();
    let body = Body::Table(
        &["quota", "used now", "used after", "limit", "left", "source"],
        rows,
    );
    Section {
        title: "Quotas",
        lead: None,
        body,
        first: false,
        folded: false,
    }
}

fn storage(storage: &[Storage], escaper: &impl Escaper) -> Section {
    let row = |storage: &Storage| {
        vec![
            escaper.value(storage.account.as_str()),
            escaper.value(storage.region.as_str()),
            storage.snapshots.to_string(),
            storage.gib.to_string(),
        ]
    };
    let (snapshots, gib) = storage
        .iter()
        .fold((0_usize, 0_u64), |(snapshots, gib), one| {
            (
                snapshots.saturating_add(one.snapshots),
                gib.saturating_add(one.gib),
            )
        });
    let added = phrase::count(snapshots, "snapshot", "snapshots");
    let lead = Some(format!("The builds add {added} of {gib} GiB at most."));
    let body = Body::Table(
        &["account", "Region", "snapshots", "GiB"],
        storage.iter().map(row).collect(),
    );
    Section {
        title: "Storage",
        lead,
        body,
        first: false,
        folded: false,
    }
}

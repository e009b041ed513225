//! `ami-versions.json`, the product team's document: which images must exist, and which of them are
//! rebuilt on the schedule.

use super::base;
use super::components;
use super::entry::Entry;
use super::fields::Keys;
use super::gates;
use super::life::EntryLife;
use super::reader::{Cursor, Part};
use super::repeated::repeated;
use super::schema_reference;
use super::spelling::one_of;
use super::tags;
use crate::desired::{Platform, ScheduledName};
use crate::names::RecipeName;
use crate::problem::{Place, Problem};

/// The keys of the document.
pub(super) const KEYS: &[&str] = &["ami-version", "ami-scheduled", "$schema"];
/// The keys of an entry of `ami-version`.
pub(super) const ENTRY_KEYS: &[&str] = &[
    "aminame",
    "recipename",
    "platform",
    "description",
    "tags",
    "components",
    "approval",
    "approved",
    "version",
    "expiry",
    "on-failure",
];
/// Keys of an entry whose effect is not built.
pub(super) const ENTRY_PLANNED: &[&str] = &["build-url", "expiry-date", "retention"];
/// The keys of an item of `ami-scheduled`.
pub(super) const SCHEDULED_KEYS: &[&str] = &["recipenames"];

/// The platforms, as Image Builder names them.
const PLATFORMS: [(&str, Platform); 2] =
    [("Linux", Platform::Linux), ("Windows", Platform::Windows)];

/// What the document says.
#[derive(Debug, Default)]
pub(super) struct AmiVersions {
    pub(super) entries: Vec<Entry>,
    pub(super) scheduled: Vec<ScheduledName>,
}

pub(super) fn read(at: Cursor<'_>) -> AmiVersions {
    let Some(fields) = at.object(Keys::Only(KEYS)) else {
        return AmiVersions::default();
    };
    schema_reference(&fields);
    let entries = fields
        .required("ami-version", |at| at.list(entry))
        .unwrap_or_default();
    let scheduled = fields
        .required("ami-scheduled", |at| at.list(scheduled))
        .unwrap_or_default();
    let scheduled: Vec<_> = scheduled.into_iter().flatten().collect();
    record_repeated(at, &entries, |entry| (&entry.name, &entry.place));
    record_repeated(at, &scheduled, |scheduled| {
        (&scheduled.name, &scheduled.place)
    });
    AmiVersions { entries, scheduled }
}

fn entry(at: Cursor<'_>) -> Option<Entry> {
    let fields = at.object(Keys::NotYet {
        known: ENTRY_KEYS,
        planned: ENTRY_PLANNED,
    })?;
    let base = fields.required("aminame", base::read);
    let name = fields.required("recipename", |at| Some((at.parsed()?, at.place())));
    let platform = fields.optional("platform", |at| Some((platform(at)?, at.place())));
    let description = fields.optional("description", description);
    let tags = fields.optional("tags", tags::read).unwrap_or_default();
    let read = |at: Cursor<'_>| at.list(components::reference);
    let components = fields.optional("components", read).unwrap_or_default();
    let approval = fields.optional("approval", gates::approval);
    let approved = fields.optional("approved", Cursor::parsed);
    let life = EntryLife::read(&fields);
    let (name, place) = name?;
    Some(Entry {
        name,
        place,
        base,
        platform,
        description,
        tags,
        components,
        approval,
        approved,
        life,
    })
}

fn platform(at: Cursor<'_>) -> Option<Platform> {
    at.choice(&one_of(PLATFORMS.map(|(name, _)| name)), &PLATFORMS)
}

/// A description as Image Builder takes it (API reference, `CreateImagePipeline`).
fn description(at: Cursor<'_>) -> Option<String> {
    let text = at.text()?;
    if !(1..=1024).contains(&text.chars().count()) || text.contains(char::is_control) {
        return at.expected("a description of 1 to 1024 characters on one line");
    }
    Some(text.to_owned())
}

fn scheduled(at: Cursor<'_>) -> Option<Vec<ScheduledName>> {
    let fields = at.object(Keys::Only(SCHEDULED_KEYS))?;
    fields.required("recipenames", names)
}

/// Recipe names, as a list or as a string with `;` between them.
fn names(at: Cursor<'_>) -> Option<Vec<ScheduledName>> {
    if at.is_list() {
        return at.list(|at| {
            Some(ScheduledName {
                name: at.parsed()?,
                place: at.place(),
            })
        });
    }
    if at.as_text().is_none() {
        return at.expected("a string such as `110304;110302`, or a list of recipe names");
    }
    let names = at.parts(';')?.into_iter().filter_map(Part::parsed);
    Some(
        names
            .map(|(name, place)| ScheduledName { name, place })
            .collect(),
    )
}

/// Records the names that Image Builder would take for one that stands further up.
fn record_repeated<T>(at: Cursor<'_>, items: &[T], name: impl Fn(&T) -> (&RecipeName, &Place)) {
    for (first, again) in repeated(items, |item| name(item).0.folded()) {
        at.record(repeated_name(name(first), name(again)));
    }
}

fn repeated_name(first: (&RecipeName, &Place), again: (&RecipeName, &Place)) -> Problem {
    let problem = again.1.problem(again.0.as_str(), "each recipe name once");
    let line = first.1.line;
    problem.hint(if first.0 == again.0 {
        format!("the first is in line {line}")
    } else {
        let first = first.0;
        format!(
            "to Image Builder it is `{first}` in line {line}: it ignores case, and reads `_` as `-`"
        )
    })
}

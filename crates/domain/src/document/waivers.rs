//! `audit/poam.yml`, `audit/skip.yml` and `audit/aws.<region>.skip.yml`, as users have them from the image
//! framework: waivers for every recipe, and below `<recipename>/` for one.
//!
//! No plan depends on them, so functions do not read them. Commands that show results do.

use jiff::civil::Date;

use super::fields::{Fields, Keys};
use super::reader::Cursor;
use super::spelling::Guesses;
use super::{DocumentFile, open, yaml};
use crate::names::{RecipeName, Region};
use crate::problem::{Problem, Problems};
use crate::waivers::{Term, Waiver};

/// What a key of a waivers document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiversKey {
    /// The recipe that it is for; none for all.
    pub recipe: Option<RecipeName>,
    /// The building Region that it is for; none for all.
    pub region: Option<Region>,
    /// Whether its waivers end.
    pub is_temporary: bool,
}

impl WaiversKey {
    /// The meaning of an object's key; none if no waivers document has it.
    pub fn of(key: &str) -> Option<Self> {
        let (recipe, name) = if let Some(name) = key.strip_prefix("audit/") {
            (None, name)
        } else {
            let (recipe, name) = key.split_once("/audit/")?;
            (Some(recipe.parse().ok()?), name)
        };
        let region = name.strip_prefix("aws.");
        let region = region.and_then(|rest| rest.strip_suffix(".skip.yml"));
        let (region, is_temporary) = match (name, region) {
            ("poam.yml", _) => (None, true),
            ("skip.yml", _) => (None, false),
            (_, region) => (Some(region?.parse().ok()?), false),
        };
        Some(Self {
            recipe,
            region,
            is_temporary,
        })
    }
}

/// The waivers in those of `files` that are waivers documents, in the order of the files.
///
/// Errors: the problems of all documents; no waiver counts unless every document is without a problem.
pub fn parse_waivers(files: &[DocumentFile]) -> Result<Vec<Waiver>, Problems> {
    let guesses = Guesses::default();
    let (mut waivers, mut problems) = (Vec::new(), Problems::default());
    for file in files {
        let Some(key) = WaiversKey::of(&file.key) else {
            continue;
        };
        match open(file, &guesses, yaml::tree, |at| read(at, &key)) {
            Ok((some, of_file)) => {
                waivers.extend(some);
                problems.merge(of_file);
            }
            Err(problem) => problems.add(*problem),
        }
    }
    problems.extend(overlaps(&waivers));
    if problems.is_empty() {
        Ok(waivers)
    } else {
        Err(problems)
    }
}

/// The waivers that overlap an earlier one: nobody could say which of the two counts.
fn overlaps(waivers: &[Waiver]) -> Vec<Problem> {
    let pair = |(index, waiver): (usize, &Waiver)| {
        let first = waivers[..index].iter().find(|one| one.overlaps(waiver))?;
        let problem = waiver
            .place
            .problem(&waiver.rule, "one waiver for a rule of a profile at a time");
        let (file, line) = (&first.place.file, first.place.line);
        Some(problem.hint(format!("line {line} of {file} waives it already")))
    };
    // The first hundred are shown; comparing thousands of pairs for the others helps nobody.
    let all = waivers.iter().enumerate().filter_map(pair);
    all.take(crate::problem::MOST_PROBLEMS).collect()
}

const KEYS: &[&str] = &["benchmark", "profile", "rules"];

const TEMPORARY: &[&str] = &[
    "reason",
    "requested_by",
    "requested_on",
    "approved_by",
    "approved_on",
    "days_allowed",
    "expires",
];

const PERMANENT: &[&str] = &[
    "reason",
    "requested_by",
    "requested_on",
    "approved_by",
    "approved_on",
    "status",
];

fn read(at: Cursor<'_>, key: &WaiversKey) -> Vec<Waiver> {
    let profiles = at.list(|at| profile(at, key)).unwrap_or_default();
    profiles.into_iter().flatten().collect()
}

/// The rules of one profile.
fn profile(at: Cursor<'_>, key: &WaiversKey) -> Option<Vec<Waiver>> {
    let fields = at.object(Keys::Only(KEYS))?;
    let benchmark = fields.optional("benchmark", |at| text(at, "the name of a benchmark"));
    let profile = fields.required("profile", |at| text(at, "the name of a profile"));
    let rules = fields.required("rules", Cursor::entries)?;
    if rules.is_empty() {
        return at.expected("at least one rule in `rules`");
    }
    let profile = profile?;
    let waiver = |(name, content): (Cursor<'_>, Cursor<'_>)| {
        let rule = text(name, "the id of a rule")?;
        let stated = rule_of(content, key)?;
        Some(Waiver {
            recipe: key.recipe.clone(),
            region: key.region.clone(),
            benchmark: benchmark.clone(),
            profile: profile.clone(),
            rule,
            reason: stated.reason,
            requested_by: stated.requested_by,
            approved_by: stated.approved_by,
            term: stated.term,
            place: name.place(),
        })
    };
    Some(rules.into_iter().filter_map(waiver).collect())
}

/// What a document says of one rule.
struct Stated {
    reason: String,
    requested_by: Option<String>,
    approved_by: String,
    term: Term,
}

fn rule_of(at: Cursor<'_>, key: &WaiversKey) -> Option<Stated> {
    let fields = at.object(if key.is_temporary {
        Keys::Apart {
            known: TEMPORARY,
            elsewhere: &["status"],
            expected: "nothing here: `status` belongs in skip.yml, whose waivers do not end",
        }
    } else {
        Keys::Apart {
            known: PERMANENT,
            elsewhere: &["days_allowed", "expires"],
            expected: "no end: a waiver that ends belongs in poam.yml",
        }
    })?;
    let reason = fields.required("reason", |at| text(at, "why the rule may fail"));
    let approved_by = fields.required("approved_by", |at| text(at, "the person who approved it"));
    let requested_by = fields.optional("requested_by", |at| text(at, "the person who asked"));
    let requested_on = fields.optional("requested_on", date);
    fields.optional("approved_on", date);
    let term = if key.is_temporary {
        temporary(&fields, requested_on)
    } else {
        permanent(&fields)
    };
    Some(Stated {
        reason: reason?,
        requested_by,
        approved_by: approved_by?,
        term: term?,
    })
}

fn permanent(fields: &Fields<'_>) -> Option<Term> {
    let Some((_, status)) = fields.entry("status") else {
        return Some(Term::Permanent {
            not_applicable: false,
        });
    };
    status.choice("`notapplicable`", &[("notapplicable", ())])?;
    Some(Term::Permanent {
        not_applicable: true,
    })
}

/// A waiver of ten years is one without an end.
const MOST_DAYS: u32 = 3660;

/// The end of a waiver: `expires`, or `days_allowed` after `requested_on`.
fn temporary(fields: &Fields<'_>, requested_on: Option<Date>) -> Option<Term> {
    let days = fields.entry("days_allowed").map(|(_, days)| days);
    let last_day = match (days, fields.entry("expires")) {
        (Some(days), None) => after(fields, days, requested_on)?,
        (None, Some((_, expires))) => date(expires)?,
        (Some(days), Some(_)) => return days.expected("`days_allowed` or `expires`, not both"),
        (None, None) => {
            let hint = "`days_allowed` counts from `requested_on`; `expires` is the last day";
            fields.record_missing("expires", "`days_allowed` or `expires`", hint);
            return None;
        }
    };
    if requested_on.is_some_and(|first| last_day < first) {
        return fields
            .of()
            .expected("an end that is not before `requested_on`");
    }
    Some(Term::Temporary {
        first_day: requested_on,
        last_day,
    })
}

fn after(fields: &Fields<'_>, days: Cursor<'_>, requested_on: Option<Date>) -> Option<Date> {
    let expected = format!("a whole number of days from 1 to {MOST_DAYS}");
    let days = days.integer(1..=MOST_DAYS, &expected)?;
    if !fields.has("requested_on") {
        let hint = "`days_allowed` counts from that day";
        fields.record_missing("requested_on", "the key `requested_on`", hint);
    }
    requested_on?
        .checked_add(jiff::Span::new().days(i64::from(days)))
        .ok()
}

/// The longest name or reason; a report shows it whole.
const LONGEST: usize = 500;

/// A text that says something.
fn text(at: Cursor<'_>, what: &str) -> Option<String> {
    let text = at.scalar().map(str::trim).unwrap_or_default();
    if text.is_empty() || text.chars().count() > LONGEST || text.contains(char::is_control) {
        return at.expected(format!("{what}: 1 to {LONGEST} characters on one line"));
    }
    Some(text.to_owned())
}

const DATE: &str = "a date such as 2019-07-15, with or without a time such as 16:47:56";

/// A date as YAML and Ruby write it; the time of day does not count.
fn date(at: Cursor<'_>) -> Option<Date> {
    let text = at.scalar().unwrap_or_default();
    let day = text.get(..10).filter(|_| is_time(&text[10..]));
    let date = day.and_then(|day| day.parse::<Date>().ok());
    match date {
        // Other calendars have other years: 2562 and 108 are 2019, too.
        Some(date) if (2000..2200).contains(&date.year()) => Some(date),
        Some(_) => {
            at.record(
                at.problem(DATE)
                    .hint("the year is that of the Gregorian calendar, from 2000 on"),
            );
            None
        }
        None => {
            at.record(
                at.problem(DATE)
                    .hint("the year comes first, then month and day"),
            );
            None
        }
    }
}

/// Whether a text is nothing, or a time of day with or without a zone.
fn is_time(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['T', ' ']) else {
        return text.is_empty();
    };
    let is_clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | ' ' | 'Z');
    // In bytes: what is no clock may be cut in the middle of a character.
    let Some((clock, zone)) = rest.split_at_checked("16:47:56".len()) else {
        return false;
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let is_number = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    let zone = zone.strip_suffix("UTC").unwrap_or(zone);
    parts.len() == 3 && parts.iter().all(is_number) && zone.chars().all(is_clock)
}

//! `results.json`, which our own components write.

use std::borrow::Cow;

use serde::Deserialize;

use super::bounds::{aliases, json, message, name, refuse_many};
use super::{Control, ProfileResults, Severity, Status, SuiteResults};
use crate::problem::{Place, Problem};

/// Format 1 of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(rename = "goldsmith-results")]
    format: u64,
    #[serde(borrow)]
    tool: Cow<'a, str>,
    #[serde(borrow, default)]
    benchmark: Cow<'a, str>,
    #[serde(borrow)]
    profile: Cow<'a, str>,
    #[serde(borrow)]
    controls: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    aliases: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Cow<'a, str>,
    severity: Severity,
    result: Word,
    #[serde(borrow, default)]
    message: Cow<'a, str>,
}

/// The results of a rule (NIST IR 7275, XCCDF 1.2, table 26). `notselected` is left out by the writer.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Word {
    Pass,
    Fixed,
    Fail,
    Error,
    Unknown,
    NotApplicable,
    NotChecked,
    Informational,
}

impl Word {
    /// The status, and what to say of it if the file says nothing. What could not be evaluated has failed:
    /// nobody knows that the image is right.
    fn status(self) -> (Status, &'static str) {
        match self {
            Self::Pass | Self::Fixed => (Status::Passed, ""),
            Self::Fail => (Status::Failed, ""),
            Self::Error => (Status::Failed, "the scanner ended with an error"),
            Self::Unknown => (Status::Failed, "the scanner could not find it out"),
            Self::NotApplicable => (Status::Skipped, "does not apply"),
            Self::NotChecked => (Status::Skipped, "a person has to check it"),
            Self::Informational => (Status::Skipped, "for information only"),
        }
    }
}

const OWN: &str = "results of a component of goldsmith, format 1";

pub(super) fn read(suite: &str, start: &Place, bytes: &[u8]) -> Result<SuiteResults, Box<Problem>> {
    let file: File<'_> = json(start, bytes, OWN)?;
    if file.format != 1 {
        let found = format!("format {}", file.format);
        return Err(start.problem(found, OWN).into());
    }
    refuse_many(start, file.controls.len())?;
    let names = [&file.profile, &file.benchmark].into_iter();
    let names = names.flat_map(|given| [&**given, short(given)]);
    let profile = ProfileResults {
        names: aliases("", names),
        controls: file.controls.iter().map(control).collect(),
    };
    Ok(SuiteResults {
        suite: suite.to_owned(),
        tool: name(&file.tool),
        profiles: vec![profile],
    })
}

fn control(entry: &Entry<'_>) -> Control {
    let (status, default) = entry.result.status();
    let given = entry.message.trim();
    let id = name(&entry.id);
    let other = [short(&entry.id)].into_iter();
    Control {
        aliases: aliases(&id, other.chain(entry.aliases.split_whitespace())),
        id,
        title: name(&entry.title),
        status,
        severity: entry.severity,
        message: message(if given.is_empty() { default } else { given }),
    }
}

/// The part of an id of the SCAP Security Guide that people use:
/// `xccdf_org.ssgproject.content_rule_sudo_add_noexec` without its first parts.
fn short(id: &str) -> &str {
    let rest = id.strip_prefix("xccdf_").and_then(|rest| {
        let (_, rest) = rest.split_once('_')?;
        rest.split_once('_')
    });
    rest.map_or(id, |(_, short)| short)
}

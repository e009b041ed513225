//! What the JSON reporter of InSpec, and of its free build CINC Auditor, writes (InSpec documentation,
//! "Reporters"; the members are those of `inspec-json` in the schemas that `inspec schema` prints).

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::bounds::{aliases, json, message, name, refuse_many};
use super::{Control, ProfileResults, Severity, Status, SuiteResults};
use crate::problem::{Place, Problem};

#[derive(Deserialize)]
struct Report<'a> {
    #[serde(borrow)]
    profiles: Vec<Profile<'a>>,
    #[serde(borrow)]
    version: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Profile<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    status_message: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    controls: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(default)]
    impact: Option<f64>,
    #[serde(borrow, default)]
    tags: Tags<'a>,
    #[serde(borrow, default)]
    results: Vec<Found<'a>>,
}

/// The tags of a control by which a STIG's rule is known (MITRE's profiles); others are left alone.
#[derive(Deserialize, Default)]
struct Tags<'a> {
    #[serde(borrow, default)]
    stig_id: Tag<'a>,
    #[serde(borrow, default)]
    gid: Tag<'a>,
    #[serde(borrow, default)]
    rid: Tag<'a>,
}

/// A tag, which may be any value; only a string is a name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tag<'a> {
    #[serde(borrow)]
    Text(Cow<'a, str>),
    Other(IgnoredAny),
}

impl Default for Tag<'_> {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}

impl Tag<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Other(_) => "",
        }
    }
}

#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow, default)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    code_desc: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    skip_message: Option<Cow<'a, str>>,
    #[serde(default)]
    backtrace: Option<IgnoredAny>,
}

pub(super) fn read(suite: &str, start: &Place, bytes: &[u8]) -> Result<SuiteResults, Box<Problem>> {
    let report: Report<'_> = json(start, bytes, "what InSpec's JSON reporter writes")?;
    let controls = report.profiles.iter().map(|one| one.controls.len() + 1);
    refuse_many(start, controls.sum())?;
    Ok(SuiteResults {
        suite: suite.to_owned(),
        tool: name(&format!("InSpec {}", report.version)),
        profiles: report.profiles.iter().map(profile).collect(),
    })
}

fn profile(profile: &Profile<'_>) -> ProfileResults {
    let title = profile.title.as_deref().unwrap_or_default();
    ProfileResults {
        names: aliases("", [&*profile.name, title].into_iter()),
        controls: not_run(profile)
            .into_iter()
            .chain(profile.controls.iter().map(control))
            .collect(),
    }
}

/// A profile that did not run has no controls. Without one that says so, it would look as if all was well. One that
/// failed is critical: whatever its controls would have said, nobody knows.
fn not_run(profile: &Profile<'_>) -> Option<Control> {
    let status = match profile.status.as_deref() {
        None | Some("loaded") => return None,
        Some("skipped") => Status::Skipped,
        Some(_) => Status::Failed,
    };
    let why = profile
        .status_message
        .as_deref()
        .unwrap_or("it did not run");
    Some(Control {
        id: name(&profile.name),
        aliases: Vec::new(),
        title: "the whole profile".to_owned(),
        status,
        severity: match status {
            Status::Failed => Severity::Critical,
            Status::Passed | Status::Skipped | Status::Waived => Severity::Unknown,
        },
        message: message(why),
    })
}

fn control(entry: &Entry<'_>) -> Control {
    let (status, why) = status(&entry.results);
    let Tags { stig_id, gid, rid } = &entry.tags;
    let id = name(&entry.id);
    Control {
        aliases: aliases(&id, [stig_id, gid, rid].into_iter().map(Tag::text)),
        id,
        title: name(entry.title.as_deref().unwrap_or_default()),
        status,
        severity: entry.impact.map_or(Severity::Unknown, Severity::of_impact),
        message: why,
    }
}

/// The status of a control: failed if any of its tests failed, else skipped if any was skipped, as InSpec's
/// own report has it. A word that InSpec does not have is a failure, and so is an exception.
fn status(results: &[Found<'_>]) -> (Status, String) {
    let with = |status: Status| results.iter().find(|found| found.status() == status);
    if let Some(failed) = with(Status::Failed) {
        return (Status::Failed, failed.why());
    }
    match with(Status::Skipped) {
        Some(skipped) => (Status::Skipped, skipped.why()),
        None if results.is_empty() => (Status::Skipped, "it tested nothing".to_owned()),
        None => (Status::Passed, String::new()),
    }
}

impl Found<'_> {
    fn status(&self) -> Status {
        let has_thrown = self.backtrace.is_some();
        match self.status.as_deref() {
            Some("passed") if !has_thrown => Status::Passed,
            Some("skipped") if !has_thrown => Status::Skipped,
            _ => Status::Failed,
        }
    }

    /// What was tested, and what was found instead.
    fn why(&self) -> String {
        let parts = [&self.code_desc, &self.message, &self.skip_message];
        let parts = parts.into_iter().flatten().map(|part| part.trim());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        message(&parts.join(": "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_tag_that_is_no_string_is_no_name() {
        let tags: BTreeMap<&str, Tag<'_>> =
            serde_json::from_str(r#"{"a": "RHEL-07-010500", "b": null, "c": [1, {"d": 2}]}"#)
                .expect("tags");
        let texts: Vec<&str> = tags.values().map(Tag::text).collect();
        assert_eq!(texts, ["RHEL-07-010500", "", ""]);
    }
}

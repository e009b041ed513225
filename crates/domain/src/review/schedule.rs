//! What an upload of documents changes without any call: who is patched by the schedule, and what the documents
//! say of the factory itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Difference, Review};
use crate::desired::{Desired, Drift};
use crate::document::Parsed;
use crate::names::{RecipeName, ScheduleExpression};
use crate::observed::Observed;
use crate::plan::{Action, Plan};

/// What the schedule does from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScheduleReview {
    /// The recipes that the schedule rebuilds from now on, and did not before.
    pub starts: Vec<RecipeName>,
    /// The recipes that it rebuilds no more.
    pub stops: Vec<RecipeName>,
    /// The expression of the build rule, once the plan is carried out.
    pub expression: Option<String>,
    /// When it fires next; none if a rate, which counts from when the rule was made.
    pub next: Option<Timestamp>,
}

/// The documents that are in the bucket before an upload.
#[derive(Debug, Clone, Copy)]
pub enum Before<'a> {
    /// There are none, or not all of them: nothing was in force.
    Nothing,
    /// There are some that cannot be used, so that nobody knows what was in force.
    Unknown,
    /// What they ask for.
    Documents(&'a Desired),
}

impl<'a> From<&'a Parsed> for Before<'a> {
    fn from(parsed: &'a Parsed) -> Self {
        match parsed {
            Parsed::Desired(desired) => Self::Documents(desired),
            Parsed::Absent(_) => Self::Nothing,
            Parsed::Rejected(_) => Self::Unknown,
        }
    }
}

impl Review {
    /// The same review, with what the upload changes by itself when these documents replace those before.
    pub fn replacing(
        mut self,
        before: Before<'_>,
        desired: &Desired,
        observed: &Observed,
        plan: &Plan,
    ) -> Self {
        self.schedule = schedule(before, desired, observed, plan);
        if let Before::Documents(before) = before {
            self.settings.extend(settings(before, desired));
        }
        self
    }
}

fn schedule(
    before: Before<'_>,
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
) -> Option<ScheduleReview> {
    let (starts, stops) = match before {
        Before::Unknown => (Vec::new(), Vec::new()),
        Before::Nothing => (names(desired), Vec::new()),
        Before::Documents(before) => (missing(before, desired), missing(desired, before)),
    };
    let is_put = plan
        .changes
        .iter()
        .any(|change| matches!(change.action, Action::PutRule(_)));
    if starts.is_empty() && stops.is_empty() && !is_put {
        return None;
    }
    let wanted = desired.schedule.as_ref().map(ToString::to_string);
    let expression = wanted.or_else(|| observed.rule.schedule.clone());
    let cron: Option<ScheduleExpression> = expression.as_deref().and_then(|text| text.parse().ok());
    let next = cron.and_then(|cron| cron.next(observed.time));
    Some(ScheduleReview {
        starts,
        stops,
        expression,
        next,
    })
}

fn names(desired: &Desired) -> Vec<RecipeName> {
    let scheduled = desired.scheduled.iter();
    scheduled.map(|scheduled| scheduled.name.clone()).collect()
}

/// What `other` schedules and `desired` does not.
fn missing(desired: &Desired, other: &Desired) -> Vec<RecipeName> {
    let known = names(desired);
    let is_known = |name: &RecipeName| known.iter().any(|known| known.folded() == name.folded());
    let mut names = names(other);
    names.retain(|name| !is_known(name));
    names
}

/// What the documents say of the factory itself, which no call carries out.
fn settings(before: &Desired, after: &Desired) -> Vec<Difference> {
    let drift = |desired: &Desired| match desired.drift {
        Drift::Repair => "repair".to_owned(),
        Drift::Report => "report".to_owned(),
    };
    let flag = |flag: bool| flag.to_string();
    let require = |desired: &Desired| {
        let require = desired.require.as_ref();
        require.map_or_else(|| "nothing".to_owned(), ToString::to_string)
    };
    let members = [
        ("pause", flag(before.pause), flag(after.pause)),
        ("drift", drift(before), drift(after)),
        (
            "verify.unknown-blocks",
            flag(before.unknown_blocks),
            flag(after.unknown_blocks),
        ),
        ("promotion.require", require(before), require(after)),
    ];
    let changed = members.into_iter().filter(|(_, from, to)| from != to);
    changed
        .map(|(what, from, to)| Difference {
            what: what.to_owned(),
            from: Some(from),
            to: Some(to),
        })
        .collect()
}

//! Applies reviewed waivers to what was found.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Control, ProfileResults, Status, SuiteResults};
use crate::names::{RecipeName, Region};
use crate::waivers::{Term, Waiver};

/// What became of the waivers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Waived<'w> {
    /// Waivers in force that name no control of the results: a misspelt rule, or a profile that did not run.
    pub unused: Vec<&'w Waiver>,
}

/// Marks the failed controls that a waiver in force accepts.
///
/// Only waivers for `recipe` and `region` count, a recipe's own before those of the environment. A waiver
/// names a profile and a rule by any of their names. A waiver that has ended leaves the control failed, and
/// its message says so.
pub fn waive<'w>(
    suites: &mut [SuiteResults],
    waivers: &'w [Waiver],
    (recipe, region): (&RecipeName, &Region),
    today: Date,
) -> Waived<'w> {
    let mut counting: Vec<&Waiver> = waivers
        .iter()
        .filter(|waiver| waiver.concerns(recipe, region))
        .collect();
    // A recipe's own come first.
    counting.sort_by_key(|waiver| waiver.recipe.is_none());
    let mut by_rule: BTreeMap<String, Vec<(usize, &Waiver)>> = BTreeMap::new();
    for (index, waiver) in counting.iter().enumerate() {
        by_rule
            .entry(folded(&waiver.rule))
            .or_default()
            .push((index, waiver));
    }
    let mut used = BTreeSet::new();
    for profile in suites.iter_mut().flat_map(|suite| &mut suite.profiles) {
        used.extend(waive_profile(profile, &by_rule, today));
    }
    let is_unused =
        |(index, waiver): &(usize, &Waiver)| !used.contains(index) && waiver.is_in_force(today);
    let unused = counting.into_iter().enumerate().filter(is_unused);
    Waived {
        unused: unused.map(|(_, waiver)| waiver).collect(),
    }
}

/// Waives controls of a profile; returns the waivers that name one of them.
fn waive_profile(
    profile: &mut ProfileResults,
    by_rule: &BTreeMap<String, Vec<(usize, &Waiver)>>,
    today: Date,
) -> BTreeSet<usize> {
    let names: BTreeSet<String> = profile.names.iter().map(|name| folded(name)).collect();
    let mut used = BTreeSet::new();
    for control in &mut profile.controls {
        let rules = [&control.id].into_iter().chain(&control.aliases);
        let found = rules
            .filter_map(|rule| by_rule.get(&folded(rule)))
            .flatten();
        let found: Vec<&(usize, &Waiver)> = found
            .filter(|(_, waiver)| names.contains(&folded(&waiver.profile)))
            .collect();
        used.extend(found.iter().map(|(index, _)| *index));
        let in_force = found.iter().find(|(_, waiver)| waiver.is_in_force(today));
        if control.status != Status::Failed {
            continue;
        }
        match (in_force, found.first()) {
            (Some((_, waiver)), _) => accept(control, waiver),
            (None, Some((_, waiver))) => {
                control.message = joined(&waiver.period(today), &control.message);
            }
            (None, None) => {}
        }
    }
    used
}

fn accept(control: &mut Control, waiver: &Waiver) {
    control.status = match waiver.term {
        Term::Permanent {
            not_applicable: true,
        } => Status::Skipped,
        Term::Permanent { .. } | Term::Temporary { .. } => Status::Waived,
    };
    let until = match waiver.term {
        Term::Temporary { last_day, .. } => format!("waived until {last_day}"),
        Term::Permanent { .. } => "waived".to_owned(),
    };
    let approved = format!("{until} ({}): {}", waiver.approved_by, waiver.reason);
    control.message = joined(&approved, &control.message);
}

fn joined(first: &str, rest: &str) -> String {
    if rest.is_empty() {
        return first.to_owned();
    }
    format!("{first}; {rest}")
}

/// Names differ only in their letters' case by mistake.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

//! Whether the plan that was shown is out of date.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::escape::printable;
use goldsmith_domain::report::Entry;
use goldsmith_domain::review::Review;

use super::Planned;
use super::error::ApplyError;

/// An error if the plan that was shown is out of date. What waits may change: builds continue meanwhile.
pub fn check(shown: &Planned, now: &Planned) -> Result<(), ApplyError> {
    let differences = differences(shown, now);
    if differences.is_empty() {
        Ok(())
    } else {
        Err(ApplyError::Stale(differences))
    }
}

fn differences(shown: &Planned, now: &Planned) -> Vec<String> {
    let mut changed = documents(&shown.documents.etags, &now.documents.etags);
    if shown.documents.bucket != now.documents.bucket {
        changed.push(format!(
            "the document bucket is now {}",
            now.documents.bucket
        ));
    }
    changed.extend(entries(
        "planned",
        &shown.review.changes,
        &now.review.changes,
    ));
    changed.extend(entries(
        "refused",
        &shown.review.refused,
        &now.review.refused,
    ));
    if changed.is_empty() && effects(&shown.review) != effects(&now.review) {
        changed.push("the planned calls are the same, but their effect is not".to_owned());
    }
    changed
}

/// The effects of a plan: neither what waits nor what only counts.
fn effects(review: &Review) -> Review {
    Review {
        waiting: Vec::new(),
        quotas: Vec::new(),
        notes: Vec::new(),
        ..review.clone()
    }
}

fn documents(shown: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let keys: BTreeSet<&String> = shown.keys().chain(now.keys()).collect();
    let changed = keys
        .into_iter()
        .filter_map(|key| match (shown.get(key), now.get(key)) {
            (Some(before), Some(after)) if before == after => None,
            (Some(_), Some(_)) => Some(format!("{key} was replaced in the bucket")),
            (None, _) => Some(format!("{key} was added to the bucket")),
            (_, None) => Some(format!("{key} was deleted from the bucket")),
        });
    changed.collect()
}

fn entries(what: &str, shown: &[Entry], now: &[Entry]) -> Vec<String> {
    let missing = |from: &[Entry], of: &[Entry]| -> Vec<String> {
        of.iter()
            .filter(|entry| !from.contains(entry))
            .map(|entry| printable(&entry.to_string()))
            .collect()
    };
    let newly = missing(shown, now)
        .into_iter()
        .map(|entry| format!("now {what}: {entry}"));
    let gone = missing(now, shown)
        .into_iter()
        .map(|entry| format!("no longer {what}: {entry}"));
    newly.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::review::DocumentEtags;

    use super::*;
    use crate::render::samples::{entry, everything, settled};

    fn planned(etags: &[(&str, &str)]) -> Planned {
        let etags = etags
            .iter()
            .map(|(key, etag)| ((*key).to_owned(), (*etag).to_owned()))
            .collect();
        Planned {
            review: everything(),
            documents: DocumentEtags {
                bucket: "documents".to_owned(),
                etags,
            },
            time: String::new(),
            release: None,
        }
    }

    #[test]
    fn a_build_that_continues_does_not_make_a_plan_stale() {
        let shown = planned(&[("environment.json", "1")]);
        let mut now = shown.clone();
        now.review.waiting = vec![entry("build", "110304", Some("it is TESTING"))];
        assert!(check(&shown, &now).is_ok());
    }

    #[test]
    fn each_changed_document_is_named() {
        let shown = planned(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let now = planned(&[("a", "1"), ("b", "2"), ("d", "1")]);
        assert_eq!(
            differences(&shown, &now),
            [
                "b was replaced in the bucket",
                "c was deleted from the bucket",
                "d was added to the bucket"
            ]
        );
    }

    #[test]
    fn each_difference_of_the_plans_is_named() {
        let (shown, mut now) = (planned(&[]), planned(&[]));
        now.review.changes = vec![entry("start-build", "mstr-nonprod-110304", None)];
        now.review.refused = Vec::new();
        assert_eq!(
            differences(&shown, &now),
            [
                "now planned: start-build mstr-nonprod-110304",
                "no longer planned: create-recipe mstr-nonprod-110304/1.0.1",
                "no longer refused: base-ami 110306: the base AMI ami-0cccccccc is not in the state `available`",
            ]
        );
    }

    #[test]
    fn the_same_calls_with_another_effect_make_a_plan_stale() {
        let (shown, mut now) = (planned(&[]), planned(&[]));
        now.review.access = settled().access;
        assert_eq!(
            differences(&shown, &now),
            ["the planned calls are the same, but their effect is not"]
        );
    }
}

//! Whether the world is still the one that the plan was shown for.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::report::Entry;
use goldsmith_domain::review::Review;

use super::Planned;
use crate::draw::printable;
use crate::failure::Failure;

/// Refuses to go on if `now` is not what was shown. What waits may change: a build goes on by itself.
pub fn refuse(shown: &Planned, now: &Planned) -> Result<(), Failure> {
    let moved = differences(shown, now);
    if moved.is_empty() {
        Ok(())
    } else {
        Err(Failure::Moved(moved))
    }
}

fn differences(shown: &Planned, now: &Planned) -> Vec<String> {
    let mut moved = documents(&shown.standing.etags, &now.standing.etags);
    if shown.standing.bucket != now.standing.bucket {
        moved.push(format!("documents are in {} now", now.standing.bucket));
    }
    moved.extend(entries(
        "planned",
        &shown.review.changes,
        &now.review.changes,
    ));
    moved.extend(entries(
        "refused",
        &shown.review.refused,
        &now.review.refused,
    ));
    if moved.is_empty() && consequences(&shown.review) != consequences(&now.review) {
        moved.push("the same calls have other consequences now".to_owned());
    }
    moved
}

/// Everything but what waits, and but what only counts.
fn consequences(review: &Review) -> Review {
    Review {
        waiting: Vec::new(),
        quotas: Vec::new(),
        notes: Vec::new(),
        ..review.clone()
    }
}

fn documents(shown: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let keys: BTreeSet<&String> = shown.keys().chain(now.keys()).collect();
    let moved = keys
        .into_iter()
        .filter_map(|key| match (shown.get(key), now.get(key)) {
            (Some(before), Some(after)) if before == after => None,
            (Some(_), Some(_)) => Some(format!("{key} was replaced in the bucket")),
            (None, _) => Some(format!("{key} came into the bucket")),
            (_, None) => Some(format!("{key} left the bucket")),
        });
    moved.collect()
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
    use crate::draw::samples::{entry, everything, settled};

    fn planned(etags: &[(&str, &str)]) -> Planned {
        let etags = etags
            .iter()
            .map(|(key, etag)| ((*key).to_owned(), (*etag).to_owned()))
            .collect();
        Planned {
            review: everything(),
            standing: DocumentEtags {
                bucket: "documents".to_owned(),
                etags,
            },
        }
    }

    #[test]
    fn what_stands_still_is_no_move_and_a_build_that_goes_on_neither() {
        let shown = planned(&[("environment.json", "1")]);
        let mut now = shown.clone();
        now.review.waiting = vec![entry("build", "110304", Some("it is TESTING"))];
        assert!(refuse(&shown, &now).is_ok());
    }

    #[test]
    fn each_document_that_moved_is_named() {
        let shown = planned(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let now = planned(&[("a", "1"), ("b", "2"), ("d", "1")]);
        assert_eq!(
            differences(&shown, &now),
            [
                "b was replaced in the bucket",
                "c left the bucket",
                "d came into the bucket"
            ]
        );
    }

    #[test]
    fn each_change_of_the_plan_is_named() {
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
    fn the_same_calls_with_other_consequences_are_a_move() {
        let (shown, mut now) = (planned(&[]), planned(&[]));
        now.review.access = settled().access;
        assert_eq!(
            differences(&shown, &now),
            ["the same calls have other consequences now"]
        );
    }
}

//! What several runs did together: the upload of documents starts runs of its own beside a person's.

use std::collections::BTreeSet;

use super::{Entry, Report};

impl Report {
    /// This run's report with what the runs in `all` have changed; `all` is in the order of their reports, and
    /// may have this one in it.
    ///
    /// What waits, is refused or failed is what this run saw: it looked last, and most closely. Only what a run
    /// has done that began later did not fail. An earlier run's change says nothing of it: a later change may
    /// have the same kind and target, such as each write of one policy.
    pub fn together_with(self, all: &[Self]) -> Self {
        let real: Vec<&Self> = all.iter().filter(|run| !run.dry_run).collect();
        let is_stored = real.iter().any(|run| **run == self);
        let later = real.iter().filter(|run| run.time > self.time);
        let made_up: BTreeSet<_> = later.flat_map(|run| &run.changes).map(key).collect();
        let is_open = |entry: &&Entry| !made_up.contains(&key(entry));
        let open = |entries: &[Entry]| entries.iter().filter(is_open).cloned().collect();
        let own = (!is_stored).then_some(&self);
        let mut seen = BTreeSet::new();
        let changes = real.iter().copied().chain(own).flat_map(|run| &run.changes);
        let changes = changes.filter(|entry| seen.insert(key(entry)));
        Self {
            changes: changes.cloned().collect(),
            failed: open(&self.failed),
            not_attempted: open(&self.not_attempted),
            runs: Some(real.len() + usize::from(!is_stored)),
            ..self
        }
    }

    /// The changes of a plan that this report says nothing of: neither that they were made, nor why not.
    pub fn unaccounted<'p>(&self, planned: &'p [Entry]) -> Vec<&'p Entry> {
        let known: BTreeSet<(&str, &str)> = [&self.changes, &self.failed, &self.not_attempted]
            .into_iter()
            .flatten()
            .map(key)
            .collect();
        let is_unknown = |entry: &&Entry| !known.contains(&key(entry));
        planned.iter().filter(is_unknown).collect()
    }
}

/// What makes an entry the same as another run's.
fn key(entry: &Entry) -> (&str, &str) {
    (&entry.kind, &entry.target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &str, target: &str) -> Entry {
        Entry {
            kind: kind.to_owned(),
            target: target.to_owned(),
            reason: None,
        }
    }

    fn run(time: &str, changes: &[(&str, &str)]) -> Report {
        Report {
            time: time.to_owned(),
            changes: changes
                .iter()
                .map(|(kind, target)| entry(kind, target))
                .collect(),
            ..Report::default()
        }
    }

    #[test]
    fn every_run_s_changes_are_told_once_and_in_order() {
        let by_event = run("1", &[("create-recipe", "a"), ("create-pipeline", "a")]);
        let own = run("2", &[("create-pipeline", "a"), ("start-build", "a")]);
        let dry = Report {
            dry_run: true,
            ..run("3", &[("put-rule", "r")])
        };
        let together = own.clone().together_with(&[by_event, own, dry]);
        let kinds: Vec<&str> = together
            .changes
            .iter()
            .map(|entry| entry.kind.as_str())
            .collect();
        assert_eq!(kinds, ["create-recipe", "create-pipeline", "start-build"]);
        assert_eq!(together.runs, Some(2));
    }

    #[test]
    fn a_report_that_is_not_stored_counts_nevertheless() {
        let together = run("2", &[("start-build", "a")]).together_with(&[run("1", &[])]);
        assert_eq!((together.changes.len(), together.runs), (1, Some(2)));
    }

    #[test]
    fn what_a_later_run_has_done_did_not_fail() {
        let own = Report {
            failed: vec![entry("create-recipe", "a"), entry("create-recipe", "b")],
            not_attempted: vec![entry("create-pipeline", "a")],
            refused: vec![entry("base-ami", "c")],
            ..run("1", &[])
        };
        let later = run("2", &[("create-recipe", "a"), ("create-pipeline", "a")]);
        let together = own.together_with(&[later]);
        assert_eq!(together.failed, [entry("create-recipe", "b")]);
        assert_eq!(together.not_attempted, []);
        assert_eq!(together.refused.len(), 1);
    }

    #[test]
    fn what_an_earlier_run_did_to_the_same_target_does_not_hide_a_failure() {
        let earlier = run("1", &[("put-key-policy", "key"), ("share-image", "i")]);
        let last = Report {
            failed: vec![entry("put-key-policy", "key")],
            not_attempted: vec![entry("share-image", "i")],
            ..run("2", &[])
        };
        let all = [earlier, last.clone()];
        let together = last.clone().together_with(&all);
        assert_eq!(together.failed, last.failed);
        assert_eq!(together.not_attempted, last.not_attempted);
        assert_eq!(together.changes.len(), 2, "they were made nevertheless");
    }

    #[test]
    fn what_no_report_speaks_of_is_named() {
        let planned = ["a", "b", "c"].map(|target| entry("create-recipe", target));
        let report = Report {
            failed: vec![entry("create-recipe", "b")],
            ..run("1", &[("create-recipe", "a")])
        };
        assert_eq!(report.unaccounted(&planned), [&planned[2]]);
    }
}

//! What a run adds to the metrics.

use goldsmith_domain::report::{Entry, Report};
use goldsmith_function::metrics::{
    self, BUILDS_STARTED, DAYS_WITHOUT_BUILD, FAILURES_IN_A_ROW, IMAGES_AWAITING_APPROVAL,
    LEAKED_GIB, POLICY_PERCENT, RUNS_FAILED, SECONDS_TO_START, WAIVERS_ENDING,
};
use jiff::Timestamp;

use crate::event::Trigger;
use crate::reconcile::Run;
use crate::waivers;

/// Adds a run to the metrics. A dry run has done nothing.
pub fn run(run: &Run, trigger: Trigger) {
    let report = &run.report;
    if report.dry_run {
        return;
    }
    let started = of_kind(&report.changes, "start-build");
    metrics::count(BUILDS_STARTED, started);
    if counts_as_failed(run, trigger) {
        metrics::count(RUNS_FAILED, 1);
    }
    if started > 0 && trigger == Trigger::Event {
        took(run);
    }
    if trigger == Trigger::Hour {
        gauges(run, report);
    }
}

/// Whether a change of a run failed that ends well. One that Lambda repeats ends with an error, which counts by itself.
fn counts_as_failed(run: &Run, trigger: Trigger) -> bool {
    let is_repeated = run.retry.is_some() && trigger != Trigger::Person;
    !run.report.failed.is_empty() && !is_repeated
}

fn took(run: &Run) {
    let uploaded = run.uploaded;
    let seconds = uploaded.map(|uploaded| Timestamp::now().duration_since(uploaded).as_secs());
    if let Some(Ok(seconds)) = seconds.map(u32::try_from) {
        metrics::took(SECONDS_TO_START, seconds);
    }
}

fn gauges(run: &Run, report: &Report) {
    metrics::set(IMAGES_AWAITING_APPROVAL, run.to_approve.len() as u64);
    let ending = of_kind(&report.waiting, waivers::KIND);
    metrics::set(WAIVERS_ENDING, ending as u64);
    metrics::set(LEAKED_GIB, report.leaked_gib);
    if let Some(health) = report.health {
        metrics::set(DAYS_WITHOUT_BUILD, health.days_without_build);
        metrics::set(FAILURES_IN_A_ROW, health.failures_in_a_row);
        metrics::set(POLICY_PERCENT, health.policy_percent);
    }
}

fn of_kind(entries: &[Entry], kind: &str) -> usize {
    entries.iter().filter(|entry| entry.kind == kind).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_failed_counts_once() {
        let entry = Entry {
            kind: "create-pipeline".to_owned(),
            target: "p".to_owned(),
            reason: None,
        };
        let run = |failed: &[Entry], retry: Option<&str>| {
            let mut run = Run::default();
            run.report.failed = failed.to_vec();
            run.retry = retry.map(str::to_owned);
            run
        };
        let failed = [entry];
        assert!(counts_as_failed(&run(&failed, None), Trigger::Hour));
        assert!(!counts_as_failed(&run(&[], None), Trigger::Hour));
        // It ends with an error, so that Lambda repeats it.
        assert!(!counts_as_failed(
            &run(&failed, Some("throttled")),
            Trigger::Hour
        ));
        assert!(counts_as_failed(
            &run(&failed, Some("throttled")),
            Trigger::Person
        ));
    }
}

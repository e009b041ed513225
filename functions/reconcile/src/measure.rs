//! What a run adds to the metrics.

use goldsmith_domain::report::Report;
use goldsmith_function::metrics::{
    self, BUILDS_STARTED, IMAGES_AWAITING_APPROVAL, LEAKED_GIB, RUNS_FAILED, SECONDS_TO_START,
    WAIVERS_ENDING,
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
    if !report.failed.is_empty() {
        metrics::count(RUNS_FAILED, 1);
    }
    if started > 0 && trigger == Trigger::Event {
        took(run);
    }
    if trigger == Trigger::Hour {
        gauges(run, report);
    }
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
}

fn of_kind(entries: &[goldsmith_domain::report::Entry], kind: &str) -> usize {
    entries.iter().filter(|entry| entry.kind == kind).count()
}

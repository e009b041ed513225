//! Stores what a run saw and did, unless this process has stored the same last.
//!
//! Most events change nothing, and a run that changes nothing writes nothing. The hourly run always stores its
//! report: its time is the sign that the factory is alive. Of two processes that report in turns, one may take for
//! stored what the other has replaced, until the hour.

use goldsmith_aws::Aws;
use goldsmith_aws::fault::CallError;
use goldsmith_domain::report::{Calls, Report};

use crate::event::{Request, Trigger};
use crate::notify;

/// Stores the report under its own name and as the latest, and notifies people of what is new in it. The report
/// counts the calls that storing it takes.
///
/// Errors: what keeps it from being stored as the latest, or people from being notified; the next run tries.
pub async fn record(
    aws: &Aws,
    request: &Request,
    id: &str,
    report: &mut Report,
) -> Result<(), CallError> {
    let is_known = aws.repeats_report(report.essence());
    if is_known && request.trigger != Trigger::Hour && request.trigger != Trigger::Person {
        goldsmith_function::log_report("reconcile", report);
        return Ok(());
    }
    count_storing(&mut report.calls, report.dry_run);
    let scan = request.depth().into();
    let run = notify::Run { id, report, scan };
    let ((), stored) = tokio::join!(
        goldsmith_function::record_report(aws, "reconcile", id, report),
        notify::record_latest(aws, &run)
    );
    if stored.is_err() {
        aws.forget_report();
    }
    stored
}

/// The last report is read, and both are written; a dry run's is no last one.
fn count_storing(calls: &mut Calls, dry_run: bool) {
    let mut count = |name: &str, times| *calls.entry(name.to_owned()).or_default() += times;
    count("s3:GetObject", 1);
    count("s3:PutObject", if dry_run { 1 } else { 2 });
}

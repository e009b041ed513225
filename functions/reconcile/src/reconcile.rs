//! Look, plan, apply, and look again until there is nothing left to change.

use goldsmith_aws::documents::{self, Documents};
use goldsmith_aws::fault::CallError;
use goldsmith_aws::{Applied, Aws, apply, observe};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::Parsed;
use goldsmith_domain::plan::{self, Plan, Waiting};
use goldsmith_domain::problem::Problems;
use goldsmith_domain::report::{Entry, Report};
use tracing::{Instrument as _, info_span};

/// Rounds a run makes at most. One changes and one confirms; each further one means that another run
/// changed something meanwhile. A run that is overtaken ten times leaves the rest to the next.
const MOST_ROUNDS: usize = 10;

/// Brings the world to what the documents say, and reports.
///
/// Each round reads the documents anew, so that a run that started with older ones mends what it
/// undid; a round that changes nothing is the last. Errors: [`CallError`] if something could not be
/// observed; what could not be changed is in the report.
pub async fn reconcile(aws: &Aws, dry_run: bool) -> Result<Report, CallError> {
    let mut report = Report { dry_run, ..Report::default() };
    let mut previous = Plan::default();
    for _ in 0..MOST_ROUNDS {
        (report.failed, report.not_attempted) = (Vec::new(), Vec::new());
        let Some(plan) = look(aws, &mut report).await? else { break };
        report.record_reasons(&plan);
        if dry_run {
            report.changes = plan.changes.iter().map(Entry::change).collect();
            break;
        }
        if plan.changes.is_empty() || plan == previous {
            break;
        }
        let applied = Box::pin(apply(aws, &plan)).instrument(info_span!("apply")).await;
        previous = if applied.conflict { Plan::default() } else { plan };
        if !record(&mut report, applied) {
            break;
        }
    }
    (report.calls, report.writes) = aws.take_calls();
    Ok(report)
}

/// One look at documents and world; `None` if the documents do not allow a plan.
async fn look(aws: &Aws, report: &mut Report) -> Result<Option<Plan>, CallError> {
    let documents = documents::current(aws).await?;
    report.documents = documents.versions();
    match &documents.parsed {
        Parsed::Desired(desired) => plan_for(aws, desired, report).await,
        Parsed::Absent(keys) => {
            let waiting = keys.iter().map(|key| (key.clone(), Waiting::Document(key.clone())));
            report.record_reasons(&Plan { waiting: waiting.collect(), ..Plan::default() });
            Ok(None)
        }
        Parsed::Rejected(problems) => {
            reject(aws, &documents, problems.clone(), report).await?;
            Ok(None)
        }
    }
}

async fn plan_for(aws: &Aws, desired: &Desired, report: &mut Report) -> Result<Option<Plan>, CallError> {
    let observed = observe(aws, desired).instrument(info_span!("observe")).await?;
    let problems = Problems::from(plan::unknown_scheduled(desired, &observed.pipelines));
    if problems.is_empty() {
        let plan = || plan::plan(desired, &observed, &aws.site);
        return Ok(Some(info_span!("plan").in_scope(plan)));
    }
    report.record_problems(problems);
    Ok(None)
}

/// Reports what is wrong, and which versions scheduled builds go by until it is mended.
async fn reject(
    aws: &Aws,
    documents: &Documents,
    problems: Problems,
    report: &mut Report,
) -> Result<(), CallError> {
    report.record_problems(problems);
    let in_force = documents::in_force(aws, documents).await?;
    for (key, version) in in_force.map(|(_, versions)| versions).unwrap_or_default() {
        if report.documents.get(&key) != Some(&version) {
            let reason =
                format!("version {version} stays in force for scheduled builds until {key} is mended");
            report.waiting.push(Entry { kind: "document".to_owned(), target: key, reason: Some(reason) });
        }
    }
    Ok(())
}

/// Adds a round's outcome; whether another round makes sense: something changed, and nothing failed
/// for good.
fn record(report: &mut Report, applied: Applied) -> bool {
    let Applied { changes, failed, not_attempted, conflict } = applied;
    let go_on = failed.is_empty() && (conflict || !changes.is_empty());
    report.changes.extend(changes);
    report.failed = failed;
    report.not_attempted = not_attempted;
    go_on
}

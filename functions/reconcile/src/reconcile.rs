//! Look, plan, apply, and look again until there is nothing left to change.

use goldsmith_aws::documents::{self, Documents, DocumentsError};
use goldsmith_aws::fault::chain;
use goldsmith_aws::upload::{Turn, turn};
use goldsmith_aws::{Applied, Aws, Deadline, Lists, apply_until, lists, look_and_plan, output};
use goldsmith_domain::announcement::Announcement;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::Parsed;
use goldsmith_domain::health::Health;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{self, Change, Plan, Publisher};
use goldsmith_domain::problem::Problems;
use goldsmith_domain::release::Release;
use goldsmith_domain::report::{Entry, Report};
use goldsmith_domain::resources::Wanted;
use goldsmith_domain::review::{AccountQuotas, DocumentEtags, of_reasons, review};
use goldsmith_function::FunctionError;
use jiff::Timestamp;
use tracing::{Instrument as _, info_span};

use crate::event::{Request, Trigger};
use crate::{rejected, waivers};

/// Rounds a run makes at most. One changes and one confirms; each further one means that another run
/// changed something meanwhile. A run that is overtaken ten times leaves the rest to the next.
const MOST_ROUNDS: usize = 10;

/// What came of a run.
#[derive(Debug, Default)]
pub struct Run {
    /// What it saw and did.
    pub report: Report,
    /// Why it is worth running again in a minute, if it is.
    pub retry: Option<String>,
    /// Whether another run does the work: its report is the last one, which people read.
    pub gave_way: bool,
    /// The images that wait for a person.
    pub to_approve: Vec<Announcement>,
    /// Whether it did a part of its work, and had no time for the rest.
    pub goes_on_at_once: bool,
    /// When the newest document was uploaded.
    pub uploaded: Option<Timestamp>,
    /// What another run held during the last round.
    busy: Option<String>,
    /// What waits of what the last round was to make.
    unfinished: Vec<Entry>,
}

/// What runs.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The request that it answers: the same for each attempt to run one event.
    pub id: &'a str,
    /// When it is ended.
    pub deadline: Deadline,
}

/// Brings the world to what the documents say, and reports.
///
/// Each round reads the documents anew, so that a run that started with older ones mends what it
/// undid; a round that changes nothing is the last. Errors: [`FunctionError`] if the first look failed;
/// what could not be changed, or looked at after a change, is in the report.
pub async fn reconcile(
    aws: &Aws,
    request: &Request,
    invocation: Invocation<'_>,
) -> Result<Run, FunctionError> {
    let mut run = Run::begin(request);
    let look = Look {
        aws,
        depth: request.depth(),
        cause: request.trigger,
    };
    let given = documents::with(aws, &request.invoke.documents);
    let (documents, plan) = look.at(given, &mut run.report).await?;
    if let (Some(plan), Parsed::Desired(desired)) = (&plan, &documents.parsed) {
        run.to_approve = plan.to_approve(desired).collect();
    }
    run.uploaded = documents.uploaded;
    let warnings = waivers::ending(aws, request, &documents).await;
    if let Some(plan) = plan.filter(|plan| run.goes_on_with(plan)) {
        Box::pin(run.change(look, &documents, plan, invocation)).await;
    }
    run.report.waiting.extend(warnings);
    (run.report.calls, run.report.writes) = aws.take_calls();
    run.report.drift_calls = aws.take_drift_calls();
    run.report.refused.extend(aws.take_discarded());
    run.report.retry = run.worth_repeating();
    Ok(run)
}

impl Run {
    fn begin(request: &Request) -> Self {
        let report = Report {
            dry_run: request.invoke.dry_run,
            time: output::now(),
            release: Some(Release::current()),
            ..Report::default()
        };
        Self {
            report,
            ..Self::default()
        }
    }

    /// Whether there is something to apply; a dry run only lists it.
    fn goes_on_with(&mut self, plan: &Plan) -> bool {
        if self.report.dry_run {
            self.report.changes = plan.changes.iter().map(Entry::change).collect();
        }
        !self.report.dry_run && !plan.changes.is_empty()
    }

    /// Carries out a plan and looks again, unless another run does the work of the same upload.
    async fn change(
        &mut self,
        look: Look<'_>,
        documents: &Documents,
        plan: Plan,
        invocation: Invocation<'_>,
    ) {
        if look.cause != Trigger::Event {
            return self.rounds(look, plan, invocation.deadline).await;
        }
        match turn(look.aws, documents, invocation.id).await {
            Turn::Ours(claim) => {
                self.rounds(look, plan, invocation.deadline).await;
                claim.end().await;
            }
            Turn::Theirs(reason) => {
                self.gave_way = true;
                self.report.waiting.push(Entry {
                    kind: "upload".to_owned(),
                    target: "documents".to_owned(),
                    reason: Some(reason.to_owned()),
                });
            }
        }
    }

    /// Carries out a plan, and the next one, until a look finds nothing new to change.
    async fn rounds(&mut self, look: Look<'_>, first: Plan, deadline: Deadline) {
        let mut attempted = first;
        for _ in 0..MOST_ROUNDS {
            let applied = Box::pin(apply_until(look.aws, &attempted, deadline))
                .instrument(info_span!("apply"))
                .await;
            let overtaken = applied.conflict;
            if !self.record(applied) {
                return;
            }
            // What was attempted and is still wanted would only fail, or be done, once more.
            let is_news = |change: &Change| !attempted.changes.contains(change);
            let next = self.look_again(look).await;
            let next = next.filter(|plan| overtaken || plan.changes.iter().any(is_news));
            let Some(next) = next.filter(|plan| self.goes_on_with(plan)) else {
                return;
            };
            attempted = next;
        }
        self.report.waiting.push(overtaken_every_time());
    }

    /// Adds a round's outcome; whether another round makes sense.
    fn record(&mut self, applied: Applied) -> bool {
        let Applied {
            changes,
            failed,
            not_attempted,
            waiting,
            conflict,
            busy,
            transient,
            out_of_time,
        } = applied;
        let has_changed = !changes.is_empty();
        self.goes_on_at_once = out_of_time && has_changed;
        let go_on = !transient && !out_of_time && (conflict || has_changed);
        let reason = || {
            failed
                .first()
                .and_then(|entry| entry.reason.clone())
                .unwrap_or_default()
        };
        self.retry = transient.then(reason);
        self.busy = busy;
        self.report.changes.extend(changes);
        self.report.failed = failed;
        self.report.not_attempted = not_attempted;
        self.unfinished.clone_from(&waiting);
        self.report.waiting.extend(waiting);
        go_on
    }

    /// Why a person is told to run it again: a service failed for a moment, or another run holds what is needed.
    fn worth_repeating(&self) -> Option<String> {
        let is_left = !self.report.not_attempted.is_empty();
        let busy = self.busy.clone().filter(|_| is_left);
        self.retry.clone().or(busy)
    }

    /// Looks again after a round. If that fails, what the run did so far must not be lost with it.
    async fn look_again(&mut self, look: Look<'_>) -> Option<Plan> {
        let unfinished = std::mem::take(&mut self.unfinished);
        let Report {
            time,
            commit,
            documents,
            dry_run,
            changes,
            failed,
            not_attempted,
            ..
        } = std::mem::take(&mut self.report);
        self.report = Report {
            time,
            commit,
            documents,
            dry_run,
            changes,
            ..Report::default()
        };
        match look.at_current_documents(&mut self.report).await {
            Ok(plan) => {
                // What failed and is still wanted fails again; what is not wanted any more did not matter.
                let wanted = |entry: &Entry| still_wanted(plan.as_ref(), entry);
                self.report.failed = failed.into_iter().filter(wanted).collect();
                self.report.not_attempted = not_attempted.into_iter().filter(wanted).collect();
                self.report
                    .waiting
                    .extend(unfinished.into_iter().filter(wanted));
                plan
            }
            Err(error) => {
                let reason = Some(chain(&error));
                let target = error.call().map_or("documents", |call| call.operation);
                let entry = Entry {
                    kind: "look-again".to_owned(),
                    target: target.to_owned(),
                    reason,
                };
                self.retry.clone_from(&entry.reason);
                self.report.failed = failed.into_iter().chain([entry]).collect();
                self.report.not_attempted = not_attempted;
                self.report.waiting.extend(unfinished);
                None
            }
        }
    }
}

/// Whether a change that failed is in the next plan again.
fn still_wanted(plan: Option<&Plan>, entry: &Entry) -> bool {
    let changes = plan.into_iter().flat_map(|plan| &plan.changes);
    changes
        .map(Entry::change)
        .any(|change| change.kind == entry.kind && change.target == entry.target)
}

/// What a run says that other runs overtook in each of its rounds.
fn overtaken_every_time() -> Entry {
    let reason =
        format!("other runs changed the stack first, {MOST_ROUNDS} times; the next run continues");
    Entry {
        kind: "overtaken".to_owned(),
        target: "reconcile".to_owned(),
        reason: Some(reason),
    }
}

/// How a run looks.
#[derive(Clone, Copy)]
struct Look<'a> {
    aws: &'a Aws,
    depth: Depth,
    /// What brought the run about.
    cause: Trigger,
}

impl Look<'_> {
    /// Plans from the documents as they are now.
    async fn at_current_documents(
        self,
        report: &mut Report,
    ) -> Result<Option<Plan>, FunctionError> {
        let (_, plan) = self.at(documents::current(self.aws), report).await?;
        Ok(plan)
    }

    /// One look at documents and world, beside each other; no plan if the documents do not allow one.
    async fn at(
        self,
        documents: impl Future<Output = Result<Documents, DocumentsError>>,
        report: &mut Report,
    ) -> Result<(Documents, Option<Plan>), FunctionError> {
        let (documents, lists) = tokio::join!(documents, lists(self.aws));
        let (documents, lists) = (documents?, lists?);
        let plan = Box::pin(self.plan(&documents, lists, report)).await?;
        Ok((documents, plan))
    }

    async fn plan(
        self,
        documents: &Documents,
        lists: Lists,
        report: &mut Report,
    ) -> Result<Option<Plan>, FunctionError> {
        report.documents = documents.versions();
        report.commit.clone_from(&documents.commit);
        if report.dry_run {
            let bucket = self.aws.resources.document_bucket.clone();
            report.standing = Some(DocumentEtags {
                bucket,
                etags: documents.etags.clone(),
            });
        }
        match &documents.parsed {
            Parsed::Desired(desired) => self.plan_for(documents, desired, lists, report).await,
            Parsed::Absent(keys) => {
                self.wait_for(keys, report);
                rejected::plan(self.aws, documents, lists, report).await
            }
            Parsed::Rejected(problems) => {
                report.record_problems(problems.clone());
                rejected::plan(self.aws, documents, lists, report).await
            }
        }
    }

    /// Who publishes the images of this run: for an image that ended, image-events hears of it, too.
    fn publisher(self, desired: &Desired) -> Publisher {
        match self.cause {
            Trigger::Image => Publisher::of_ended_image(desired, &self.aws.stack),
            Trigger::Event | Trigger::Hour | Trigger::Person => Publisher::Reconcile,
        }
    }

    /// Changes nothing while documents are not there.
    fn wait_for(self, keys: &[String], report: &mut Report) {
        let plan = Plan::awaiting(keys);
        report.record_reasons(&plan);
        report.review = report
            .dry_run
            .then(|| Box::new(of_reasons(&plan, &self.aws.stack)));
    }

    async fn plan_for(
        self,
        documents: &Documents,
        desired: &Desired,
        lists: Lists,
        report: &mut Report,
    ) -> Result<Option<Plan>, FunctionError> {
        let stack = &self.aws.stack;
        let present = documents.versions().into_keys().collect();
        let wanted = Wanted::new(desired, stack);
        let publisher = self.publisher(desired);
        let looked = look_and_plan(self.aws, &wanted, lists, &present, self.depth, publisher);
        let (observed, plan) = looked.instrument(info_span!("observe")).await?;
        let left = observed.leftovers.values().flatten();
        report.leaked_gib = left.map(|leftover| leftover.size_gib).sum();
        let is_close = self.depth.is_close();
        report.health = is_close.then(|| Health::of(desired, &observed));
        let problems = Problems::from(plan::unknown_scheduled(desired, &observed.pipelines));
        if !problems.is_empty() {
            report.record_problems(problems);
            let lists = goldsmith_aws::lists(self.aws).await?;
            return rejected::plan(self.aws, documents, lists, report).await;
        }
        tracing::debug!("planned, with every input of every call:\n{plan:#}");
        report.record_reasons(&plan);
        if report.dry_run {
            // A dry run shows what the documents say of quotas: this role does not read Service Quotas.
            let review = review(desired, &observed, &plan, stack, &AccountQuotas::new());
            let before = documents.in_bucket();
            let review = review.replacing((&before).into(), desired, &observed, &plan);
            report.review = Some(Box::new(review));
        }
        Ok(Some(plan))
    }
}

//! Waits for builds, and shows how far each is: `apply --wait`, `build --wait`.

mod progress;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use goldsmith_aws::fault::chain;
use goldsmith_aws::operator::{Build, Operator, builds, duration};
use goldsmith_aws::{Aws, output, pipelines};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::escape::printable;
use goldsmith_domain::names::{Environment, RecipeName};
use goldsmith_domain::observed::{ImageState, Pipeline};
use goldsmith_domain::report::Report;
use tokio::time::sleep;

use self::progress::Step;
use crate::exit::Exit;
use crate::patience::{FIRST_PAUSE, LONGEST_PAUSE, ReadError, patiently};
use crate::pipelines::newest;
use crate::printer::Printer;

/// How many looks a finished image gets until it is published: image-events needs seconds, copies need minutes.
const MOST_LOOKS: usize = 120;
/// How many looks a build gets until it is seen: lists follow a start after a moment.
const MOST_UNSEEN: usize = 10;

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// These images, each until it is final.
    Images(BTreeSet<ImageArn>),
    /// Whatever builds now, and what was started.
    Running(Started),
}

/// Builds that were started, and have to be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Started {
    /// The ARNs of their pipelines.
    pub pipelines: BTreeSet<String>,
    /// Since when, in the form of a report's time. A build of them that began later is seen even if it has ended
    /// before the first look.
    pub since: Option<String>,
}

impl Started {
    fn is_of(&self, pipeline: &Pipeline, build: &Build) -> bool {
        let began = build.created.as_deref();
        let since = self.since.as_deref();
        self.pipelines.contains(pipeline.arn.as_str())
            && since
                .zip(began)
                .is_some_and(|(since, began)| began >= since)
    }
}

/// Waits for builds until their images are published or have failed.
///
/// What cannot be read after all is told, and is [`Exit::Error`]: nobody knows how the builds end, which go on.
pub async fn for_builds(operator: &Operator, awaited: Awaited, printer: Printer) -> Exit {
    match Box::pin(watch(operator, awaited, printer)).await {
        Ok(exit) => exit,
        Err(error) => {
            let why = chain(&error);
            printer.warn(&format!(
                "the builds go on, and are no longer waited for: {why}"
            ));
            printer.hint("`goldsmith status` shows how they end");
            Exit::Error
        }
    }
}

async fn watch(operator: &Operator, awaited: Awaited, printer: Printer) -> Result<Exit, ReadError> {
    let aws = patiently(|| operator.look(), printer).await?;
    let mut watched = Watched::of(awaited);
    let (mut pause, mut looks) = (FIRST_PAUSE, 0);
    loop {
        let read = || async { tokio::try_join!(pipelines(&aws), builds(&aws)) };
        let (pipelines, builds) = patiently(read, printer).await?;
        watched.look(&aws, &pipelines, &builds, printer).await;
        if watched.is_open() {
            let (latest, _) = patiently(|| output::latest(&aws), printer).await?;
            watched.hold(latest.as_ref().map(|latest| &latest.report));
        }
        looks = if watched.is_building() { 0 } else { looks + 1 };
        if looks > watched.patience() {
            for hint in watched.hints() {
                printer.hint(&hint);
            }
            return Ok(watched.exit());
        }
        let what = watched.progress();
        printer.with_progress(&what, sleep(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What is known of the builds that are waited for.
struct Watched {
    awaited: Awaited,
    /// What was seen of those that have to be seen, by its ARN.
    seen: BTreeSet<String>,
    /// The last step of each recipe's build, which was printed.
    steps: BTreeMap<RecipeName, Step>,
    /// The recipes whose image waits for a person.
    held: BTreeSet<RecipeName>,
    /// How long the build before took.
    estimates: BTreeMap<RecipeName, Option<Duration>>,
}

/// A step that is new.
#[derive(Debug)]
struct News<'a> {
    name: RecipeName,
    slug: &'a str,
    step: Step,
    /// Whether it is the recipe's first one.
    is_first: bool,
}

impl Watched {
    fn of(awaited: Awaited) -> Self {
        Self {
            awaited,
            seen: BTreeSet::new(),
            steps: BTreeMap::new(),
            held: BTreeSet::new(),
            estimates: BTreeMap::new(),
        }
    }

    /// Prints each step that is new.
    async fn look(
        &mut self,
        aws: &Aws,
        pipelines: &[Pipeline],
        builds: &[Build],
        printer: Printer,
    ) {
        for news in self.take(&aws.stack.environment, pipelines, builds) {
            let News { name, slug, .. } = &news;
            if !self.estimates.contains_key(name) {
                let estimate = last_duration(aws, builds, slug).await;
                self.estimates.insert(name.clone(), estimate);
            }
            let estimate = self.estimates.get(name).copied().flatten();
            printer.stderr(&news.step.line(name, estimate.filter(|_| news.is_first)));
        }
    }

    /// The steps that are new. Where whatever builds is waited for, a recipe is watched from its first build
    /// that runs, or that was started.
    fn take<'a>(
        &mut self,
        environment: &Environment,
        pipelines: &'a [Pipeline],
        builds: &[Build],
    ) -> Vec<News<'a>> {
        let mut all = Vec::new();
        for pipeline in pipelines.iter().filter(|one| one.is_owned(environment)) {
            let slug = pipeline.arn.as_str().rsplit('/').next().unwrap_or_default();
            let found = pipeline.recipename().zip(self.build(builds, slug));
            let Some((name, build)) = found else {
                continue;
            };
            let step = Step::of(build, pipeline);
            let before = self.steps.get(&name);
            let is_first = before.is_none();
            let counts = step.is_building() || self.was_started(pipeline, build);
            if before == Some(&step) || (is_first && !counts) {
                continue;
            }
            self.seen.extend([
                pipeline.arn.as_str().to_owned(),
                build.image.arn.to_string(),
            ]);
            self.steps.insert(name.clone(), step.clone());
            all.push(News {
                name,
                slug,
                step,
                is_first,
            });
        }
        all
    }

    /// The build of a recipe that is waited for.
    fn build<'a>(&self, builds: &'a [Build], slug: &str) -> Option<&'a Build> {
        match &self.awaited {
            Awaited::Images(images) => builds.iter().find(|build| {
                let arn = &build.image.arn;
                arn.slug() == slug && images.contains(arn)
            }),
            Awaited::Running(_) => newest(builds, slug),
        }
    }

    /// Whether a build is one of those that have to be seen.
    fn was_started(&self, pipeline: &Pipeline, build: &Build) -> bool {
        match &self.awaited {
            Awaited::Images(_) => true,
            Awaited::Running(started) => started.is_of(pipeline, build),
        }
    }

    fn is_building(&self) -> bool {
        self.steps.values().any(Step::is_building)
    }

    /// Whether something may still be published by itself.
    fn is_open(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|(name, step)| !step.is_final() && !self.held.contains(name))
    }

    /// Notes which images wait for a person, as the last report says.
    fn hold(&mut self, report: Option<&Report>) {
        let waiting = report.map(|report| report.waiting.as_slice());
        let approvals = waiting.into_iter().flatten();
        let approvals = approvals.filter(|entry| entry.kind == "approval");
        let held = approvals.filter_map(|entry| {
            let (name, step) = self.steps.get_key_value(&entry.target.parse().ok()?)?;
            let is_of_step = entry.reason.as_deref()?.contains(&step.mark());
            (!step.is_final() && is_of_step).then(|| name.clone())
        });
        self.held = held.collect();
    }

    /// The builds that have to be seen, and were not.
    fn unseen(&self) -> Vec<String> {
        let expected: Vec<String> = match &self.awaited {
            Awaited::Images(images) => images.iter().map(ToString::to_string).collect(),
            Awaited::Running(started) => started.pipelines.iter().cloned().collect(),
        };
        let mut unseen = expected;
        unseen.retain(|arn| !self.seen.contains(arn));
        unseen
    }

    /// How many looks are worth it while nothing builds.
    fn patience(&self) -> usize {
        match self.awaited {
            _ if self.is_open() => MOST_LOOKS,
            _ if !self.unseen().is_empty() => MOST_UNSEEN,
            Awaited::Images(_) => 0,
            // The event of the last image may still start what is built on it.
            Awaited::Running(_) => 1,
        }
    }

    /// What is waited for, in a line.
    fn progress(&self) -> String {
        let building = self.steps.iter().filter(|(_, step)| step.is_building());
        let names: Vec<&str> = building.map(|(name, _)| name.as_str()).collect();
        match names.as_slice() {
            [] if self.steps.is_empty() => "waiting for builds".to_owned(),
            [] => "waiting for publications".to_owned(),
            names => format!("building {}", names.join(", ")),
        }
    }

    /// How the command ends.
    fn exit(&self) -> Exit {
        let is_good = |step: &Step| step.is_final() && !step.has_failed();
        if !self.steps.values().all(is_good) {
            return Exit::Refused;
        }
        if self.unseen().is_empty() {
            Exit::Done
        } else {
            Exit::Error
        }
    }

    /// What a person has to look at.
    fn hints(&self) -> Vec<String> {
        let of_step = |(name, step): (&RecipeName, &Step)| {
            if step.has_failed() {
                Some(format!(
                    "`goldsmith logs {name}` shows why its build failed"
                ))
            } else if self.held.contains(name) {
                Some(format!(
                    "its image waits for a person: `goldsmith approve {name}` publishes it"
                ))
            } else if !step.is_final() {
                Some(format!(
                    "`goldsmith status {name}` shows why it is not published"
                ))
            } else {
                None
            }
        };
        let unseen = self.unseen().into_iter().map(|arn| {
            let arn = printable(&arn);
            format!("a build that was started was not seen: `goldsmith status` shows {arn}")
        });
        self.steps
            .iter()
            .filter_map(of_step)
            .chain(unseen)
            .collect()
    }
}

/// How long the newest build took that became available; none if nobody knows.
async fn last_duration(aws: &Aws, builds: &[Build], slug: &str) -> Option<Duration> {
    let available = builds
        .iter()
        .filter(|build| build.image.state == ImageState::Available);
    let available: Vec<Build> = available.cloned().collect();
    let last = newest(&available, slug)?;
    duration(aws, &last.image.arn).await.ok()?
}

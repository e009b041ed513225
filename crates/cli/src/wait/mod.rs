//! Waits for builds, and shows how far each is: `apply --wait`, `build --wait`.

mod progress;

use std::collections::BTreeMap;
use std::time::Duration;

use goldsmith_aws::fault::{CallError, chain};
use goldsmith_aws::operator::{Build, ContextError, Operator, builds, duration};
use goldsmith_aws::{Aws, pipelines};
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{ImageState, Pipeline};
use tokio::time::sleep;

use self::progress::Step;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::status::newest;

/// How often it looks: soon at first, for whoever watches, and then less often than a build changes.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How many looks a finished image gets until it is published: image-events needs seconds, copies need minutes.
const MOST_LOOKS: usize = 120;

/// Nothing can be waited for.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// The stack cannot be read.
    #[error(transparent)]
    Stack(#[from] ContextError),
    /// A call of AWS failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Waits for the builds of a stack that run now, or only of some recipes, until their images are published or
/// have failed. What cannot be read is told, and is no error: the builds go on.
pub async fn for_builds(
    operator: &Operator,
    only: Option<&[RecipeName]>,
    printer: Printer,
) -> Exit {
    match Box::pin(watch(operator, only, printer)).await {
        Ok(exit) => exit,
        Err(error) => {
            let why = chain(&error);
            printer.warn(&format!("the builds go on, and are not waited for: {why}"));
            Exit::Done
        }
    }
}

/// What is known of the recipes that are waited for.
#[derive(Default)]
struct Watched {
    /// The last step of each, which was printed.
    steps: BTreeMap<RecipeName, Step>,
    /// How long the build before took.
    estimates: BTreeMap<RecipeName, Option<Duration>>,
}

async fn watch(
    operator: &Operator,
    only: Option<&[RecipeName]>,
    printer: Printer,
) -> Result<Exit, WaitError> {
    let aws = operator.look().await?;
    let mut watched = Watched::default();
    let (mut pause, mut looks) = (FIRST_PAUSE, 0);
    loop {
        let (pipelines, builds) = tokio::try_join!(pipelines(&aws), builds(&aws))?;
        watched.look(&aws, &pipelines, &builds, only, printer).await;
        let is_building = watched.steps.values().any(Step::is_building);
        let is_open = watched.steps.values().any(|step| !step.is_final());
        looks = if is_building { 0 } else { looks + 1 };
        // Where nothing runs any more, the event of the last image may still start what is built on it.
        if (!is_building && !is_open && looks > 1) || looks > MOST_LOOKS {
            return Ok(watched.end(printer));
        }
        let what = watched.progress();
        printer.with_progress(&what, sleep(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Watched {
    /// Prints each step that is new. A recipe is watched from its first build that runs.
    async fn look(
        &mut self,
        aws: &Aws,
        pipelines: &[Pipeline],
        builds: &[Build],
        only: Option<&[RecipeName]>,
        printer: Printer,
    ) {
        let environment = &aws.stack.environment;
        for pipeline in pipelines.iter().filter(|one| one.is_owned(environment)) {
            let Some(name) = pipeline.recipename().filter(|name| is_wanted(name, only)) else {
                continue;
            };
            let slug = pipeline.arn.as_str().rsplit('/').next().unwrap_or_default();
            let Some(build) = newest(builds, slug) else {
                continue;
            };
            let step = Step::of(build, pipeline);
            let before = self.steps.get(&name);
            if before == Some(&step) || (before.is_none() && !step.is_building()) {
                continue;
            }
            if !self.estimates.contains_key(&name) {
                let estimate = last_duration(aws, builds, slug).await;
                self.estimates.insert(name.clone(), estimate);
            }
            let estimate = self.estimates.get(&name).copied().flatten();
            printer.stderr(&step.line(&name, estimate.filter(|_| before.is_none())));
            self.steps.insert(name, step);
        }
    }

    /// What is waited for, in a line.
    fn progress(&self) -> String {
        let building = self.steps.iter().filter(|(_, step)| step.is_building());
        let names: Vec<&str> = building.map(|(name, _)| name.as_str()).collect();
        match names.as_slice() {
            [] => "waiting for publications".to_owned(),
            names => format!("building {}", names.join(", ")),
        }
    }

    /// Prints what is left, and says how the command ends.
    fn end(&self, printer: Printer) -> Exit {
        let mut exit = Exit::Done;
        for (name, step) in &self.steps {
            if step.has_failed() {
                exit = Exit::Refused;
                printer.hint(&format!(
                    "`goldsmith logs {name}` shows why its build failed"
                ));
            } else if !step.is_final() {
                printer.hint(&format!(
                    "`goldsmith status {name}` shows why it is not published"
                ));
            }
        }
        exit
    }
}

fn is_wanted(name: &RecipeName, only: Option<&[RecipeName]>) -> bool {
    only.is_none_or(|only| only.iter().any(|one| one.folded() == name.folded()))
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

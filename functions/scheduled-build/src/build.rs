//! Starts the builds that are due.

use std::collections::BTreeMap;

use goldsmith_aws::documents::{self, InForce};
use goldsmith_aws::fault::{CallError, Fault, chain};
use goldsmith_aws::{Aws, images, owe_build, pipelines, start_build};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{Family, RecipeName};
use goldsmith_domain::observed::Pipeline;
use goldsmith_domain::plan::{Action, StartBuild, refused_documents};
use goldsmith_domain::report::{Calls, Entry};
use goldsmith_domain::schedule::{Candidates, InOrder, Skipped, Trigger, in_order, select};
use goldsmith_function::FunctionError;
use serde::Serialize;

use crate::event::Request;

/// What a run started and left.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// The documents that `ami-scheduled` was read from, by key, with their S3 versions: the newest
    /// good ones. Empty if the caller named the recipes, or if there never was a good one.
    pub documents: BTreeMap<String, String>,
    /// Builds started.
    pub started: Vec<Started>,
    /// Recipes that are not built now, and why.
    pub skipped: Vec<Skipped>,
    /// Recipes whose builds the account has no room for now, or that are built on one that is built first; reconcile
    /// starts them as soon as it can.
    pub owed: Vec<RecipeName>,
    /// Builds that could not be started.
    pub failed: Vec<Entry>,
    /// AWS calls by operation.
    pub calls: Calls,
    /// How many of the calls change AWS.
    pub writes: u64,
}

/// A build that was started.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Started {
    recipename: RecipeName,
    pipeline_arn: String,
    image_arn: String,
}

/// Starts what `request` asks for.
pub async fn build(aws: &Aws, request: &Request) -> Result<Outcome, FunctionError> {
    let mut outcome = Outcome::default();
    let pipelines = pipelines(aws).await?;
    let in_force = in_force(aws, &pipelines).await?;
    let desired = in_force.as_ref().map(|(desired, _)| desired.clone());
    let paused = desired.as_ref().is_some_and(|desired| desired.pause);
    let (recipes, family) = match &request.recipes {
        Some(recipes) => (recipes.clone(), None),
        None => outcome.scheduled(in_force),
    };
    if !recipes.is_empty() {
        let images = images(aws).await?;
        let (environment, family) = (&aws.stack.environment, family.as_ref());
        let view = Candidates {
            environment,
            family,
            pipelines: &pipelines,
            images: &images,
            paused,
        };
        let selection = select(&recipes, view, request.trigger, &request.cause);
        outcome.skipped = selection.skipped;
        let in_order = match (&desired, request.trigger) {
            (Some(desired), Trigger::Schedule) => {
                in_order(desired, selection.start, &pipelines, &images)
            }
            // A person knows what they ask for.
            (_, Trigger::Request) | (None, Trigger::Schedule) => InOrder {
                now: selection.start,
                later: Vec::new(),
            },
        };
        outcome.start_all(aws, in_order.now, request).await;
        for start in in_order.later {
            outcome.owe(aws, start, &request.cause).await;
        }
    }
    (outcome.calls, outcome.writes) = aws.take_calls();
    Ok(outcome)
}

/// The newest good documents; none if there never were any.
async fn in_force(aws: &Aws, pipelines: &[Pipeline]) -> Result<Option<InForce>, FunctionError> {
    let current = documents::current(aws).await?;
    let refused = |desired: &Desired| refused_documents(desired, pipelines, &aws.stack);
    Ok(documents::in_force(aws, &current, refused).await?)
}

impl Outcome {
    /// The recipes of `ami-scheduled` and their family.
    fn scheduled(&mut self, in_force: Option<InForce>) -> (Vec<RecipeName>, Option<Family>) {
        let Some((desired, versions)) = in_force else {
            return (Vec::new(), None);
        };
        self.documents = versions;
        let names = desired
            .scheduled
            .into_iter()
            .map(|scheduled| scheduled.name);
        (names.collect(), Some(desired.family))
    }

    /// Starts builds until the account runs as many as it may. What the schedule wants beyond that is owed:
    /// reconcile starts it as soon as there is room.
    async fn start_all(&mut self, aws: &Aws, starts: Vec<StartBuild>, request: &Request) {
        let mut has_room = true;
        for start in starts {
            if has_room {
                let Err(error) = self.start(aws, &start).await else {
                    continue;
                };
                has_room = error.fault != Fault::Quota || request.trigger == Trigger::Request;
                if has_room {
                    self.fail(start, &error);
                    continue;
                }
            }
            self.owe(aws, start, &request.cause).await;
        }
    }

    async fn start(&mut self, aws: &Aws, start: &StartBuild) -> Result<(), CallError> {
        let image_arn = start_build(aws, start).await?;
        self.started.push(Started {
            recipename: start.recipename.clone(),
            pipeline_arn: start.pipeline.to_string(),
            image_arn,
        });
        Ok(())
    }

    fn fail(&mut self, start: StartBuild, error: &CallError) {
        let entry = Entry::change(&Action::StartBuild(start).into());
        self.failed.push(entry.because(&chain(error)));
    }

    /// Marks a pipeline whose build is still to be started for `cause`.
    async fn owe(&mut self, aws: &Aws, start: StartBuild, cause: &str) {
        match owe_build(aws, &start.pipeline, cause).await {
            Ok(()) => self.owed.push(start.recipename),
            Err(error) => self.fail(start, &error),
        }
    }
}

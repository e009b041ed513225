//! A status from what was read: nothing here calls AWS.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_aws::operator::{Build as Built, StoredRun};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{Image, ImageState, Pipeline, PipelineStatus, Rule};
use goldsmith_domain::plan::{CLEANED_UP_TAG, COPIES_OF_TAG, published_image};
use goldsmith_domain::report::{Entry, Report};
use goldsmith_domain::stack::StackContext;
use jiff::Timestamp;

use super::help;
use super::model::{Build, LastRun, Published, Reason, ReasonState, RecipeStatus, Status};
use super::schedule;
use crate::pipelines::newest;

/// What a status is made from.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The stack.
    pub stack: &'a StackContext,
    /// What the documents in the bucket ask for, if they can be read.
    pub desired: Option<&'a Desired>,
    /// Every pipeline.
    pub pipelines: &'a [Pipeline],
    /// Every build.
    pub builds: &'a [Built],
    /// The report of the last run.
    pub report: Option<&'a Report>,
    /// The rule that starts scheduled builds, if it could be read.
    pub rule: Option<&'a Rule>,
    /// The reports of scheduled-build, oldest first.
    pub scheduled: &'a [StoredRun],
    /// The time.
    pub now: Timestamp,
}

/// The status of the stack, or only of one recipe, as far as it follows from `view`.
pub fn status(view: View<'_>, wanted: Option<&RecipeName>) -> Status {
    let all = recipes(view);
    let (problems, more_problems) = view
        .report
        .map(|report| (report.problems.clone(), report.more_problems))
        .unwrap_or_default();
    let (of_recipes, others): (Vec<_>, Vec<_>) = reasons(view.report)
        .into_iter()
        .partition(|reason| all.iter().any(|name| is_about(view, name, &reason.target)));
    let shown = all
        .iter()
        .filter(|name| wanted.is_none_or(|wanted| wanted.folded() == name.folded()));
    Status {
        environment: view.stack.environment.clone(),
        account: view.stack.account.clone(),
        region: view.stack.region.clone(),
        pause: view.desired.is_some_and(|desired| desired.pause),
        last_run: view.report.map(last_run),
        recipes: shown.map(|name| recipe(view, name, &of_recipes)).collect(),
        schedule: schedule::status(view.rule, view.scheduled, view.report, view.now),
        problems,
        more_problems,
        reasons: others
            .into_iter()
            .map(|reason| helped(reason, None))
            .collect(),
        alarms: None,
        failed_events: None,
        not_shown: Vec::new(),
    }
}

fn last_run(report: &Report) -> LastRun {
    LastRun {
        time: report.time.clone(),
        commit: report.commit.clone(),
        release: report.release.clone(),
        documents: report.documents.clone(),
        changes: report.changes.len(),
    }
}

/// The recipes of the documents, and those that have a pipeline of ours.
fn recipes(view: View<'_>) -> BTreeSet<RecipeName> {
    let desired = view
        .desired
        .into_iter()
        .flat_map(|desired| &desired.recipes);
    let owned = view
        .pipelines
        .iter()
        .filter(|pipeline| pipeline.is_owned(&view.stack.environment));
    desired
        .map(|entry| entry.name.clone())
        .chain(owned.filter_map(Pipeline::recipename))
        .collect()
}

fn pipeline<'a>(view: View<'a>, name: &RecipeName) -> Option<&'a Pipeline> {
    crate::pipelines::pipeline_of(view.stack, view.pipelines, name)
}

/// The last part of a pipeline's ARN, which its images are called after.
fn slug(pipeline: &Pipeline) -> &str {
    pipeline.arn.as_str().rsplit('/').next().unwrap_or_default()
}

fn recipe(view: View<'_>, name: &RecipeName, reasons: &[Reason]) -> RecipeStatus {
    let pipeline = pipeline(view, name);
    let images: Vec<Image> = view
        .builds
        .iter()
        .map(|build| build.image.clone())
        .collect();
    let published = pipeline.and_then(|pipeline| published_image(&images, pipeline));
    let newest = pipeline.and_then(|pipeline| newest(view.builds, slug(pipeline)));
    let newest =
        newest.filter(|newest| published.is_none_or(|image| image.arn != newest.image.arn));
    let desired = view.desired;
    let is_listed = desired.is_none_or(|desired| {
        let mut entries = desired.recipes.iter();
        entries.any(|entry| entry.name.folded() == name.folded())
    });
    let is_scheduled = desired.map(|desired| {
        let mut scheduled = desired.scheduled.iter();
        scheduled.any(|scheduled| scheduled.name.folded() == name.folded())
    });
    let about = reasons
        .iter()
        .filter(|reason| is_about(view, name, &reason.target));
    RecipeStatus {
        recipename: name.clone(),
        left: !is_listed,
        scheduled: is_scheduled,
        disabled: pipeline.is_some_and(|pipeline| pipeline.status == PipelineStatus::Disabled),
        published: published.map(|image| of_published(view, image)),
        newest: newest.map(|newest| build(view, newest)),
        reasons: about
            .map(|reason| helped(reason.clone(), Some(name.as_str())))
            .collect(),
    }
}

fn version(image: &Image) -> String {
    format!("{}/{}", image.arn.version(), image.arn.build())
}

fn of_published(view: View<'_>, image: &Image) -> Published {
    let arn = image.arn.to_string();
    let created = view
        .builds
        .iter()
        .find(|build| build.image.arn == image.arn);
    let copying = view.builds.iter().filter(|build| {
        build.image.tags.get(COPIES_OF_TAG) == Some(&arn) || build.image.arn == image.arn
    });
    let mut copies: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for copy in copying.flat_map(|build| &build.image.copies) {
        let of_account = copies.entry(copy.target.account.clone()).or_default();
        of_account.insert(copy.target.region.clone(), copy.ami.clone());
    }
    Published {
        version: version(image),
        created: created.and_then(|build| build.created.clone()),
        amis: image.amis.clone(),
        copies,
        results: None,
        image: arn,
    }
}

fn build(view: View<'_>, build: &Built) -> Build {
    let image = &build.image;
    let leftover = match image.state {
        _ if image.tags.contains_key(CLEANED_UP_TAG) => BTreeMap::new(),
        ImageState::Failed | ImageState::Cancelled => image.amis.clone(),
        ImageState::Running(_)
        | ImageState::Available
        | ImageState::Retired
        | ImageState::Unrecognized(_) => BTreeMap::new(),
    };
    Build {
        image: image.arn.to_string(),
        version: version(image),
        state: state(&image.state).to_owned(),
        created: build.created.clone(),
        reason: image.reason.clone(),
        failed_in: None,
        leftover,
        tested: image.amis.get(&view.stack.region).cloned(),
        results: None,
    }
}

/// A state as Image Builder spells it.
pub fn state(state: &ImageState) -> &str {
    match state {
        ImageState::Running(state) | ImageState::Unrecognized(state) => state,
        ImageState::Available => "AVAILABLE",
        ImageState::Failed => "FAILED",
        ImageState::Cancelled => "CANCELLED",
        ImageState::Retired => "RETIRED",
    }
}

/// Whether a target in a report is this recipe, or a resource of it.
fn is_about(view: View<'_>, name: &RecipeName, target: &str) -> bool {
    if target == name.as_str() {
        return true;
    }
    let slug = pipeline(view, name).map(slug);
    slug.is_some_and(|slug| target.split('/').any(|part| part == slug))
}

fn reasons(report: Option<&Report>) -> Vec<Reason> {
    let Some(report) = report else {
        return Vec::new();
    };
    let parts = [
        (ReasonState::Refused, &report.refused),
        (ReasonState::Failed, &report.failed),
        (ReasonState::NotAttempted, &report.not_attempted),
        (ReasonState::Waiting, &report.waiting),
    ];
    let of_part = |(state, entries): (ReasonState, &Vec<Entry>)| -> Vec<Reason> {
        entries.iter().map(|entry| reason(state, entry)).collect()
    };
    parts.into_iter().flat_map(of_part).collect()
}

fn reason(state: ReasonState, entry: &Entry) -> Reason {
    Reason {
        state,
        kind: entry.kind.clone(),
        target: entry.target.clone(),
        why: entry.reason.clone().unwrap_or_else(|| entry.kind.clone()),
        help: None,
    }
}

fn helped(reason: Reason, recipe: Option<&str>) -> Reason {
    let fallback = match reason.state {
        ReasonState::Failed | ReasonState::NotAttempted => Some("goldsmith reconcile".to_owned()),
        ReasonState::Refused | ReasonState::Waiting => None,
    };
    let help = help::command(&reason.kind, recipe).or(fallback);
    Reason { help, ..reason }
}

//! The pipeline of a recipe: what it points at, and the tags that say so.

use crate::arn::VersionArn;
use crate::desired::Drift;
use crate::difference::{Members, between, sentence};
use crate::licence::Licence;
use crate::names::{Digest, RecipeName};
use crate::observed::{Pipeline, PipelineStatus, Tags};
use crate::plan::change::{Action, Change, CreatePipeline, TagPipeline, UpdatePipeline};
use crate::plan::reason::Waiting;
use crate::plan::record::Plan;
use crate::plan::tags::{is_satisfied, is_scanned_as, licence_tag, satisfaction_tags, scan_tag};
use crate::plan::view::View;
use crate::scan::ImageScan;

/// What a pipeline points at.
pub(super) struct Parts {
    pub(super) description: Option<String>,
    pub(super) recipe: VersionArn,
    pub(super) infrastructure: String,
    pub(super) distribution: String,
    /// How its images are scanned, if they are.
    pub(super) scan: Option<ImageScan>,
    /// What its images are licensed with, if that was seen.
    pub(super) licence: Option<Licence>,
}

/// What became of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It points at its parts, or its state keeps it from being looked at.
    Brought,
    /// Somebody changed it, and the documents say that this is only reported.
    LeftAlone,
}

impl Outcome {
    pub(super) fn is_left_alone(self) -> bool {
        self == Self::LeftAlone
    }
}

impl Parts {
    fn are_those_of(&self, pipeline: &Pipeline) -> bool {
        self.members() == members(pipeline) && pipeline.description == self.description
    }

    /// What a pipeline of ours is made of. Its description and tags are no part of it: a change of
    /// them is never drift.
    fn members(&self) -> Members {
        let Self {
            description: _,
            recipe,
            infrastructure,
            distribution,
            scan,
            licence: _,
        } = self;
        let scan = scan.map(|scan| ("scans", scan.to_string()));
        let all = [
            ("recipe", recipe.to_string()),
            ("infrastructure configuration", infrastructure.clone()),
            ("distribution configuration", distribution.clone()),
            ("status", ENABLED.to_owned()),
        ];
        let all = all.into_iter().chain(scan);
        all.map(|(member, value)| (member.to_owned(), value))
            .collect()
    }

    fn differences(&self, pipeline: &Pipeline) -> String {
        sentence(&between(&members(pipeline), &self.members()))
    }

    fn tags(
        &self,
        view: View<'_>,
        name: &RecipeName,
        pipeline: Option<&Pipeline>,
        digest: &Digest,
    ) -> Tags {
        let licence = self
            .licence
            .iter()
            .flat_map(|licence| licence_tag(self.recipe.version(), licence));
        view.recipe_tags(name)
            .into_iter()
            .chain(satisfaction_tags(&self.recipe, digest))
            .chain(licence)
            .chain(scan_tag(pipeline, self.scan))
            .collect()
    }
}

/// A pipeline that somebody disabled is built by no schedule: its images would get no patches.
const ENABLED: &str = "enabled";

fn status(status: &PipelineStatus) -> String {
    match status {
        PipelineStatus::Enabled => ENABLED.to_owned(),
        PipelineStatus::Disabled => "disabled".to_owned(),
        PipelineStatus::Unrecognized(status) => status.clone(),
    }
}

/// What a pipeline says.
fn members(pipeline: &Pipeline) -> Members {
    let all = [
        ("recipe", pipeline.recipe.as_ref().map(ToString::to_string)),
        (
            "infrastructure configuration",
            Some(pipeline.infrastructure.clone()),
        ),
        ("distribution configuration", pipeline.distribution.clone()),
        ("status", Some(status(&pipeline.status))),
    ];
    let known = all
        .into_iter()
        .filter_map(|(member, value)| Some((member.to_owned(), value?)));
    let others = pipeline
        .others
        .iter()
        .map(|(member, value)| (member.clone(), value.clone()));
    known.chain(others).collect()
}

/// Makes a recipe's pipeline, or points it at its parts.
pub(super) fn bring_pipeline(
    view: View<'_>,
    name: &RecipeName,
    pipeline: Option<&Pipeline>,
    digest: &Digest,
    parts: Parts,
    plan: &mut Plan,
) -> Outcome {
    let tags = parts.tags(view, name, pipeline, digest);
    let Some(pipeline) = pipeline else {
        plan.change(create(view, name, parts, tags));
        return Outcome::Brought;
    };
    if let PipelineStatus::Unrecognized(state) = &pipeline.status {
        let (subject, state) = (pipeline.arn.to_string(), state.clone());
        plan.wait(name, Waiting::Unrecognized { subject, state });
        return Outcome::Brought;
    }
    if !parts.are_those_of(pipeline) {
        let was_brought =
            is_satisfied(pipeline, &parts.recipe, digest) && is_scanned_as(pipeline, parts.scan);
        let drifted = parts.members() != members(pipeline) && was_brought;
        if drifted && view.desired.drift == Drift::Report {
            let subject = pipeline.arn.to_string();
            let differences = parts.differences(pipeline);
            plan.wait(
                name,
                Waiting::Drift {
                    subject,
                    differences,
                },
            );
            return Outcome::LeftAlone;
        }
        let by_hand = drifted.then(|| parts.differences(pipeline));
        plan.change(Change::from(update(pipeline, parts)).repairing(by_hand));
    }
    tag(pipeline, tags, plan);
    Outcome::Brought
}

fn create(view: View<'_>, name: &RecipeName, parts: Parts, tags: Tags) -> Action {
    let full_name = view.recipe_name(name);
    let Parts {
        description,
        recipe,
        infrastructure,
        distribution,
        scan,
        licence: _,
    } = parts;
    Action::CreatePipeline(CreatePipeline {
        arn: view.stack.pipeline_arn(&full_name),
        name: full_name,
        description,
        recipe,
        infrastructure,
        distribution,
        scan,
        tags,
    })
}

fn update(pipeline: &Pipeline, parts: Parts) -> Action {
    let Parts {
        description,
        recipe,
        infrastructure,
        distribution,
        scan,
        licence: _,
    } = parts;
    Action::UpdatePipeline(UpdatePipeline {
        arn: pipeline.arn.clone(),
        description,
        recipe,
        infrastructure,
        distribution,
        scan,
        status: PipelineStatus::Enabled,
    })
}

/// Records in a pipeline's tags what it was brought to.
fn tag(pipeline: &Pipeline, tags: Tags, plan: &mut Plan) {
    let is_new = |(key, value): (&String, &String)| pipeline.tags.get(key) != Some(value);
    if tags.iter().any(is_new) {
        let arn = pipeline.arn.clone();
        plan.change(Action::TagPipeline(TagPipeline { arn, tags }));
    }
}

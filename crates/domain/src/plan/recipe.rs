//! One recipe: its recipe version and pipeline, and the order between them.

use std::collections::{BTreeMap, BTreeSet};

use super::base::AsParent;
use super::content::known;
use super::hard::licence_tag;
use super::images::newest_available;
use super::{
    Change, CreatePipeline, EncryptedDevice, Planner, Refused, TagPipeline, UpdatePipeline,
    Waiting, owned,
};
use crate::arn::VersionArn;
use crate::desired::{BaseImage, Desired, Drift, RecipeEntry};
use crate::difference::{Members, between, sentence};
use crate::licence::Licence;
use crate::names::{Digest, PipelineArn, RecipeName};
use crate::observed::{Pipeline, PipelineStatus, Tags};
use crate::resources::{self, RecipeContent};
use crate::stack::{DIGEST_TAG, StackContext, recipe_name};

/// The pipeline's tag for the recipe version that its digest stands for: a pipeline that was
/// repointed by hand differs from it.
const RECIPE_TAG: &str = "goldsmith:recipe";

/// Where a recipe version comes from.
enum Source {
    /// It exists.
    Known(VersionArn),
    /// It has to be made, on this parent and with these devices.
    New(String, Vec<EncryptedDevice>),
}

/// What a pipeline points at.
struct Parts {
    description: Option<String>,
    recipe: VersionArn,
    infrastructure: String,
    distribution: String,
    /// What its images are licensed with, if that was seen.
    licence: Option<Licence>,
}

impl Parts {
    fn are_those_of(&self, pipeline: &Pipeline) -> bool {
        self.members() == members(pipeline) && pipeline.description == self.description
    }

    /// What a pipeline of ours is made of; its description and tags are no part of it, and nobody's drift.
    fn members(&self) -> Members {
        let Self {
            description: _,
            recipe,
            infrastructure,
            distribution,
            licence: _,
        } = self;
        let all = [
            ("recipe", recipe.to_string()),
            ("infrastructure configuration", infrastructure.clone()),
            ("distribution configuration", distribution.clone()),
        ];
        all.map(|(member, value)| (member.to_owned(), value)).into()
    }

    fn differences(&self, pipeline: &Pipeline) -> String {
        sentence(&between(&members(pipeline), &self.members()))
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

/// Whether a run had brought the pipeline to this content: what differs now, somebody else did.
fn was_brought(pipeline: &Pipeline, recipe: &VersionArn, digest: &Digest) -> bool {
    claim(recipe, digest)
        .iter()
        .all(|(key, value)| pipeline.tags.get(key) == Some(value))
}

/// The pipeline of a recipe.
pub fn pipeline_arn(desired: &Desired, stack: &StackContext, recipe: &RecipeName) -> PipelineArn {
    stack.pipeline_arn(&recipe_name(&desired.family, &desired.environment, recipe))
}

/// The recipe version of a pipeline, if its tags say that it has the content with this digest.
pub(super) fn carried(pipeline: &Pipeline, digest: &Digest) -> Option<VersionArn> {
    let recipe = pipeline.recipe.clone()?;
    was_brought(pipeline, &recipe, digest).then_some(recipe)
}

/// The tags that say which content a pipeline has been brought to. They are set after it was: a run
/// that is cut off leaves a pipeline that is looked into again.
fn claim(recipe: &VersionArn, digest: &Digest) -> Tags {
    [
        (DIGEST_TAG, digest.to_string()),
        (RECIPE_TAG, recipe.to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

/// The entries in the order of the document, but for parents, which come before what is built on them.
/// Of a circle, which is a problem of the documents, each comes once.
fn parents_first(entries: &[RecipeEntry]) -> Vec<&RecipeEntry> {
    let by_name: BTreeMap<String, &RecipeEntry> = entries
        .iter()
        .map(|entry| (entry.name.folded(), entry))
        .collect();
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in entries {
        let mut line = Vec::new();
        let mut next = Some(entry);
        while let Some(entry) = next.filter(|entry| seen.insert(entry.name.folded())) {
            line.push(entry);
            next = match &entry.base {
                BaseImage::Recipe(parent) => by_name.get(&parent.folded()).copied(),
                BaseImage::Ami(_) | BaseImage::Parameter(_) | BaseImage::Image(_) => None,
            };
        }
        ordered.extend(line.into_iter().rev());
    }
    ordered
}

/// Recipes that have a pipeline of ours and no entry, in the order of the pipelines' ARNs: lists come in
/// no order.
fn retired(desired: &Desired, pipelines: &[Pipeline], stack: &StackContext) -> Vec<RecipeName> {
    let entries = desired.recipes.iter();
    let wanted: Vec<_> = entries
        .map(|entry| pipeline_arn(desired, stack, &entry.name))
        .collect();
    let mut ours: Vec<&Pipeline> = owned(desired, pipelines).collect();
    ours.retain(|pipeline| !wanted.contains(&pipeline.arn));
    ours.sort_by(|a, b| a.arn.cmp(&b.arn));
    ours.into_iter().filter_map(Pipeline::recipename).collect()
}

/// Every recipe whose distribution is kept up to date: those of the documents, and the retired ones.
pub(super) fn looked_after(
    desired: &Desired,
    pipelines: &[Pipeline],
    stack: &StackContext,
) -> Vec<RecipeName> {
    let entries = desired.recipes.iter().map(|entry| entry.name.clone());
    entries.chain(retired(desired, pipelines, stack)).collect()
}

impl<'a> Planner<'a> {
    pub(super) fn recipes(&mut self) {
        for entry in parents_first(&self.desired.recipes) {
            let as_parent = self.recipe(entry).unwrap_or_else(|reason| {
                let lacks = AsParent::Lacks(format!("is refused ({reason})"));
                self.refuse(&entry.name, reason);
                self.last_good(&entry.name);
                lacks
            });
            self.as_parents.insert(entry.name.folded(), as_parent);
        }
        self.check_sysprep();
        for name in self.retired() {
            self.wait(&name, Waiting::Retirement(name.clone()));
            self.last_good(&name);
        }
    }

    /// One entry of `ami-version`, from its recipe version to its images; what it is to those that are
    /// built on it.
    fn recipe(&mut self, entry: &RecipeEntry) -> Result<AsParent, Refused> {
        let pipeline = self.pipeline(&entry.name)?;
        let content = resources::recipe(self.desired, self.stack, entry);
        let digest = content.digest();
        let source = match self.source(entry, pipeline, &content, &digest)? {
            Ok(source) => source,
            Err(waiting) => return Ok(self.later(entry, waiting)),
        };
        self.check_headroom(entry, pipeline, matches!(source, Source::New(..)))?;
        let (infrastructure, distribution) =
            (self.infrastructure()?, self.distribution(&entry.name)?);
        self.warn_of(entry);
        let recipe = match source {
            Source::New(parent, devices) => {
                self.create_recipe(entry, content, &digest, (parent, devices))
            }
            Source::Known(recipe) => recipe,
        };
        let (description, licence) = (entry.description.clone(), self.base_licence(entry));
        if let Some(licence) = &licence {
            self.licences
                .insert((entry.name.folded(), recipe.version()), licence.clone());
        }
        self.foretell(&entry.name, pipeline, &recipe);
        let parts = Parts {
            description,
            recipe: recipe.clone(),
            infrastructure,
            distribution,
            licence,
        };
        let pointed = match pipeline {
            None => self.create_pipeline(entry, &digest, parts),
            Some(pipeline) => self.point(entry, &digest, pipeline, parts),
        };
        if pointed {
            let held = self.held(&entry.base);
            self.images(&entry.name, pipeline, &recipe, held);
        }
        Ok(self.as_parent(recipe))
    }

    /// What cannot be made yet waits, and what is there is looked after.
    fn later(&mut self, entry: &RecipeEntry, waiting: Waiting) -> AsParent {
        let lacks = if let Waiting::Parent { parent, .. } = &waiting {
            self.last_good(&entry.name);
            format!("waits for {parent} itself")
        } else {
            format!("is not made yet ({waiting})")
        };
        self.wait(&entry.name, waiting);
        AsParent::Lacks(lacks)
    }

    /// What a recipe whose current version is `recipe` is to those that are built on it.
    fn as_parent(&self, recipe: VersionArn) -> AsParent {
        let Some(image) = newest_available(&self.observed.images, &recipe) else {
            return AsParent::Lacks(format!(
                "has no available image of version {}",
                recipe.version()
            ));
        };
        match image.amis.get(&self.stack.region) {
            Some(ami) => AsParent::Image(recipe, ami.clone()),
            None => AsParent::Lacks(format!("has no AMI in {}", self.stack.region)),
        }
    }

    /// Where the recipe version of this content comes from, or what is waited for. A recipe that cannot
    /// be made is refused here, before anything is changed for it.
    fn source(
        &self,
        entry: &RecipeEntry,
        pipeline: Option<&Pipeline>,
        content: &RecipeContent,
        digest: &Digest,
    ) -> Result<Result<Source, Waiting>, Refused> {
        if let Some(recipe) = pipeline.and_then(|pipeline| carried(pipeline, digest)) {
            return Ok(Ok(Source::Known(recipe)));
        }
        let Some(catalog) = self.catalog() else {
            return Ok(Err(Waiting::Observation(entry.name.clone())));
        };
        if let Some(recipe) = known(catalog, content, digest, self.desired) {
            return Ok(Ok(Source::Known(recipe)));
        }
        match self.base(entry, catalog)? {
            Err(waiting) => Ok(Err(waiting)),
            Ok(base) => {
                self.check_key()?;
                let devices = self.devices(entry, &base)?;
                Ok(Ok(Source::New(base.parent, devices)))
            }
        }
    }

    /// The pipeline of a recipe, refused if the name is taken by somebody else's.
    fn pipeline(&self, recipe: &RecipeName) -> Result<Option<&'a Pipeline>, Refused> {
        let arn = pipeline_arn(self.desired, self.stack, recipe);
        let pipeline = self
            .observed
            .pipelines
            .iter()
            .find(|pipeline| pipeline.arn == arn);
        match pipeline {
            Some(foreign) if !foreign.is_owned(&self.desired.environment) => {
                Err(Refused::NotOurs(arn.to_string()))
            }
            Some(_) | None => Ok(pipeline),
        }
    }

    fn retired(&self) -> Vec<RecipeName> {
        retired(self.desired, &self.observed.pipelines, self.stack)
    }

    /// What a refused or retired recipe builds today is still looked after: whoever left gets nothing
    /// new, and what was built is published.
    fn last_good(&mut self, recipe: &RecipeName) {
        let Ok(Some(pipeline)) = self.pipeline(recipe) else {
            return;
        };
        for brought in [self.infrastructure(), self.distribution(recipe)] {
            if let Err(reason) = brought {
                self.refuse(recipe, reason);
            }
        }
        if let Some(current) = pipeline.recipe.clone() {
            self.publication(recipe, pipeline, &current);
        }
    }

    fn create_pipeline(&mut self, entry: &RecipeEntry, digest: &Digest, parts: Parts) -> bool {
        let name = recipe_name(&self.desired.family, &self.desired.environment, &entry.name);
        let tags = self.pipeline_tags(&entry.name, &parts, digest);
        let arn = self.stack.pipeline_arn(&name);
        let Parts {
            description,
            recipe,
            infrastructure,
            distribution,
            licence: _,
        } = parts;
        let create = CreatePipeline {
            arn,
            name,
            description,
            recipe,
            infrastructure,
            distribution,
            tags,
        };
        self.change(Change::CreatePipeline(create));
        true
    }

    /// Points the pipeline at its resources, then records in its tags what it was brought to; whether
    /// it then builds `parts`.
    fn point(
        &mut self,
        entry: &RecipeEntry,
        digest: &Digest,
        pipeline: &Pipeline,
        parts: Parts,
    ) -> bool {
        if let PipelineStatus::Unrecognized(state) = &pipeline.status {
            let subject = pipeline.arn.to_string();
            self.wait(
                &entry.name,
                Waiting::Unrecognized {
                    subject,
                    state: state.clone(),
                },
            );
            return true;
        }
        let (arn, status) = (pipeline.arn.clone(), pipeline.status.clone());
        let tags = self.pipeline_tags(&entry.name, &parts, digest);
        if !parts.are_those_of(pipeline) {
            if self.desired.drift == Drift::Report
                && parts.members() != members(pipeline)
                && was_brought(pipeline, &parts.recipe, digest)
            {
                let (subject, differences) = (arn.to_string(), parts.differences(pipeline));
                self.wait(
                    &entry.name,
                    Waiting::Drift {
                        subject,
                        differences,
                    },
                );
                return false;
            }
            let Parts {
                description,
                recipe,
                infrastructure,
                distribution,
                licence: _,
            } = parts;
            let arn = arn.clone();
            let update = UpdatePipeline {
                arn,
                description,
                recipe,
                infrastructure,
                distribution,
                status,
            };
            self.change(Change::UpdatePipeline(update));
        }
        if tags
            .iter()
            .any(|(key, value)| pipeline.tags.get(key) != Some(value))
        {
            self.change(Change::TagPipeline(TagPipeline {
                arn,
                tags,
                after: Vec::new(),
            }));
        }
        true
    }

    fn pipeline_tags(&self, name: &RecipeName, parts: &Parts, digest: &Digest) -> Tags {
        let Parts {
            recipe, licence, ..
        } = parts;
        let licence = licence
            .iter()
            .flat_map(|licence| licence_tag(recipe.version(), licence));
        let tags = resources::recipe_tags(self.desired, name).into_iter();
        tags.chain(claim(recipe, digest)).chain(licence).collect()
    }
}

//! What happens to each recipe, and why.

use super::{Action, Difference, RecipeReview};
use crate::arn::VersionArn;
use crate::desired::{BaseImage, Desired};
use crate::difference::{between, between_recipes, recipe as members};
use crate::names::{PipelineArn, RecipeName};
use crate::observed::{Observed, Pipeline, RecipeContents};
use crate::plan::{self, Change, CreateRecipe, Plan};
use crate::stack::{DIGEST_TAG, StackContext, environment_name};

/// The recipes that something happens to, in the order of the documents; recipes without an entry last.
pub(super) fn reviews(
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    stack: &StackContext,
) -> Vec<RecipeReview> {
    let planned = Planned {
        desired,
        observed,
        plan,
        stack,
    };
    let entries = desired.recipes.iter().map(|entry| entry.name.clone());
    let listed: Vec<RecipeName> = entries.collect();
    let published = plan.changes.iter().filter_map(|change| {
        if let plan::Action::Publish(publish) = &change.action {
            Some(publish.recipename.clone())
        } else {
            None
        }
    });
    let others = published.filter(|name| !listed.contains(name));
    let others: Vec<RecipeName> = others.collect();
    listed
        .into_iter()
        .chain(others)
        .filter_map(|name| planned.recipe(&name))
        .collect()
}

#[derive(Clone, Copy)]
struct Planned<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    plan: &'a Plan,
    stack: &'a StackContext,
}

/// The changes that are about one recipe.
#[derive(Default)]
struct Changes<'a> {
    created: Option<&'a CreateRecipe>,
    makes_pipeline: bool,
    points_to: Option<&'a VersionArn>,
    touched: bool,
    builds: bool,
    publishes: Option<String>,
}

impl<'a> Planned<'a> {
    fn recipe(self, name: &RecipeName) -> Option<RecipeReview> {
        let view = plan::View::new(self.desired, self.observed, self.stack);
        let arn = view.pipeline_arn(name);
        let changes = self.changes(&arn);
        let pipeline = self
            .observed
            .pipelines
            .iter()
            .find(|pipeline| pipeline.arn == arn);
        let today = pipeline.and_then(|pipeline| pipeline.recipe.as_ref());
        let afterwards = changes.points_to.or(today)?;
        if !changes.touched {
            return None;
        }
        let action = action(&changes, today);
        let moves = action != Action::Keep;
        Some(RecipeReview {
            recipename: name.clone(),
            action,
            version: afterwards.version().to_string(),
            from: today.map(|recipe| recipe.version().to_string()),
            because: if moves {
                self.because(pipeline, afterwards, &changes)
            } else {
                Vec::new()
            },
            builds: changes.builds,
            publishes: changes.publishes,
            dependents: if moves {
                dependents(self.desired, name)
            } else {
                Vec::new()
            },
        })
    }

    fn changes(self, pipeline: &PipelineArn) -> Changes<'a> {
        let mut changes = Changes::default();
        for change in self
            .plan
            .changes
            .iter()
            .filter(|change| change.pipeline() == Some(pipeline))
        {
            changes.add(change);
        }
        changes.created = changes.points_to.and_then(|arn| self.created(arn));
        changes
    }

    /// The change that makes a recipe version.
    fn created(self, arn: &VersionArn) -> Option<&'a CreateRecipe> {
        self.plan
            .changes
            .iter()
            .filter_map(Change::makes_recipe)
            .find(|create| create.arn == *arn)
    }

    fn because(
        self,
        pipeline: Option<&Pipeline>,
        afterwards: &VersionArn,
        changes: &Changes<'_>,
    ) -> Vec<Difference> {
        let prefix = format!(
            "{}-",
            environment_name(&self.desired.family, &self.desired.environment)
        );
        let contents = |arn| {
            self.observed
                .catalog
                .as_ref()
                .and_then(|catalog| catalog.contents.get(arn))
        };
        let after = changes
            .created
            .map(RecipeContents::from)
            .or_else(|| contents(afterwards).cloned());
        let today = pipeline.and_then(|pipeline| pipeline.recipe.as_ref());
        match (today, today.and_then(contents), after) {
            (None, _, Some(after)) => between(&Vec::new(), &members(&after, &prefix)),
            (Some(_), Some(before), Some(after)) => {
                let differences = between_recipes(before, &after, &prefix);
                if differences.is_empty() {
                    self.digests(pipeline, afterwards)
                } else {
                    differences
                }
            }
            (None, _, None) | (Some(_), _, _) => self.digests(pipeline, afterwards),
        }
    }

    /// What can be said without the contents.
    fn digests(self, pipeline: Option<&Pipeline>, afterwards: &VersionArn) -> Vec<Difference> {
        let tagged = self.plan.changes.iter().find_map(|change| {
            let plan::Action::TagPipeline(tag) = &change.action else {
                return None;
            };
            pipeline.filter(|pipeline| pipeline.arn == tag.arn)?;
            tag.tags.get(DIGEST_TAG)
        });
        let about = self
            .created(afterwards)
            .and_then(|create| create.tags.get(DIGEST_TAG))
            .or(tagged);
        let from = pipeline
            .and_then(|pipeline| pipeline.tags.get(DIGEST_TAG))
            .cloned();
        let difference = Difference {
            what: "content digest".to_owned(),
            from,
            to: about.cloned(),
        };
        (difference.from != difference.to)
            .then_some(difference)
            .into_iter()
            .collect()
    }
}

impl<'a> Changes<'a> {
    fn add(&mut self, change: &'a Change) {
        self.touched = true;
        self.makes_pipeline |= matches!(change.action, plan::Action::CreatePipeline(_));
        self.points_to = self.points_to.or(change.points_at());
        self.builds |= change.starts().is_some();
        if let plan::Action::Publish(publish) = &change.action {
            self.publishes = Some(publish.image.to_string());
        }
    }
}

fn action(changes: &Changes<'_>, today: Option<&VersionArn>) -> Action {
    match (changes.makes_pipeline, changes.created, changes.points_to) {
        (true, _, _) => Action::Create,
        (false, Some(_), _) => Action::NewVersion,
        (false, None, Some(target)) if today != Some(target) => Action::Repoint,
        (false, None, _) => Action::Keep,
    }
}

/// The recipes that are built on `name`, and those on them, nearest first: their content changes with
/// the parent's, and each follows once its parent has an image.
fn dependents(desired: &Desired, name: &RecipeName) -> Vec<RecipeName> {
    let mut found: Vec<RecipeName> = Vec::new();
    let mut parents = vec![name.folded()];
    while !parents.is_empty() {
        let children = desired.recipes.iter().filter(
            |entry| matches!(&entry.base, BaseImage::Recipe(parent) if parents.contains(&parent.folded())),
        );
        let next: Vec<RecipeName> = children
            .map(|entry| entry.name.clone())
            .filter(|child| !found.contains(child))
            .collect();
        parents = next.iter().map(RecipeName::folded).collect();
        found.extend(next);
    }
    found
}

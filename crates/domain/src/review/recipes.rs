//! What happens to each recipe, and why.

use super::{Action, Difference, RecipeReview};
use crate::arn::VersionArn;
use crate::desired::{BaseImage, Desired};
use crate::difference::{Here, from_unknown, of_recipe};
use crate::names::{PipelineArn, RecipeName};
use crate::observed::{Observed, Pipeline, RecipeContents, Subject};
use crate::plan::{self, Change, CreateRecipe, Index, Plan, View};
use crate::resources::Wanted;
use crate::stack::{DIGEST_TAG, StackContext, environment_name};

/// The recipes that something happens to, in the order of the documents; recipes without an entry last.
pub(super) fn reviews(
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    stack: &StackContext,
) -> Vec<RecipeReview> {
    let wanted = Wanted::new(desired, stack);
    let index = Index::new(&wanted, observed);
    let planned = Planned {
        desired,
        observed,
        plan,
        view: index.view(),
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
    view: View<'a>,
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
        let arn = self.view.pipeline_arn(name);
        let changes = self.changes(&arn);
        let pipeline = self.view.pipeline(name);
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

    /// Why a recipe goes to the version `afterwards`: what that says, and today's does not.
    fn because(
        self,
        pipeline: Option<&Pipeline>,
        afterwards: &VersionArn,
        changes: &Changes<'_>,
    ) -> Vec<Difference> {
        let environment = environment_name(&self.desired.family, &self.desired.environment);
        let here = Here {
            stack: self.view.stack,
            prefix: format!("{environment}-"),
        };
        let created = changes.created.map(RecipeContents::from);
        let after = created.or_else(|| self.contents(afterwards).cloned());
        let today = pipeline.and_then(|pipeline| pipeline.recipe.as_ref());
        let before = today.map(|today| (today, self.contents(today)));
        let differences = match (before, after) {
            (None, Some(after)) => return of_recipe(None, &after, &here),
            (Some((_, Some(before))), Some(after)) => of_recipe(Some(before), &after, &here),
            (Some((today, None)), Some(after)) => {
                let all = of_recipe(None, &after, &here).into_iter();
                let members = all.filter_map(|member| Some((member.what, member.to?)));
                let mut unknown = vec![self.unread(today, afterwards)];
                unknown.extend(from_unknown(&members.collect()));
                unknown
            }
            (_, None) => vec![self.unread(afterwards, afterwards)],
        };
        if differences.is_empty() {
            self.digests(pipeline, afterwards)
        } else {
            differences
        }
    }

    fn contents(self, arn: &VersionArn) -> Option<&'a RecipeContents> {
        self.observed.catalog.as_ref()?.contents.get(arn)
    }

    /// That a version could not be read, and why.
    fn unread(self, version: &VersionArn, afterwards: &VersionArn) -> Difference {
        let subject = Subject::RecipeVersion(version.clone());
        let reason = match self.observed.unreadable(&subject) {
            Some(code) => format!("{} could not be read: {code}", version.version()),
            None => format!("{} was deleted or not read", version.version()),
        };
        Difference {
            what: "recipe version".to_owned(),
            from: Some(reason),
            to: Some(afterwards.version().to_string()),
        }
    }

    /// The digests, where everything that Image Builder stores is the same: a tag was removed or changed
    /// by hand.
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
        vec![Difference {
            what: format!("tag {DIGEST_TAG}, for the same content"),
            from,
            to: about.cloned(),
        }]
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

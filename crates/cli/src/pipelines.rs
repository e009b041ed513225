//! The pipelines of a stack, and their builds.

use goldsmith_aws::operator::Build;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::Pipeline;
use goldsmith_domain::plan::COPIES_OF_TAG;
use goldsmith_domain::stack::StackContext;

use crate::error::Hint;

/// A recipe was named that the stack does not have.
#[derive(Debug, thiserror::Error)]
#[error("the stack has no pipeline for the recipe {0}")]
pub struct NoPipelineError(pub RecipeName);

impl Hint for NoPipelineError {
    fn hint(&self) -> Option<String> {
        Some("`goldsmith status` lists the recipes".to_owned())
    }
}

/// The pipeline of a recipe.
pub fn pipeline_of<'a>(
    stack: &StackContext,
    pipelines: &'a [Pipeline],
    name: &RecipeName,
) -> Option<&'a Pipeline> {
    pipelines
        .iter()
        .filter(|pipeline| pipeline.is_owned(&stack.environment))
        .find(|pipeline| pipeline.recipename().as_ref() == Some(name))
}

/// The newest build that is not only a copy of another one. If two have the same start, or none, their numbers
/// decide.
pub fn newest<'a>(builds: &'a [Build], slug: &str) -> Option<&'a Build> {
    let own = builds.iter().filter(|build| {
        build.image.arn.slug() == slug && !build.image.tags.contains_key(COPIES_OF_TAG)
    });
    own.max_by_key(|build| {
        (
            &build.created,
            build.image.arn.version(),
            build.image.arn.build(),
        )
    })
}

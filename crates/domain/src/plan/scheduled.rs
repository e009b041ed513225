//! Documents that parsed and still cannot be acted upon: they name what is nowhere, or are of another
//! environment.

use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::document;
use crate::observed::Pipeline;
use crate::problem::Problem;
use crate::stack::StackContext;

/// The documents that may not be acted upon although they parsed: one of another environment, and one
/// that schedules what is nowhere.
pub fn refused_documents(
    desired: &Desired,
    pipelines: &[Pipeline],
    stack: &StackContext,
) -> BTreeSet<String> {
    let environment = (desired.environment != stack.environment).then_some(document::ENVIRONMENT);
    let unknown = !unknown_scheduled(desired, pipelines).is_empty();
    let scheduled = unknown.then_some(document::AMI_VERSIONS);
    environment
        .into_iter()
        .chain(scheduled)
        .map(str::to_owned)
        .collect()
}

/// Scheduled names that are neither in `ami-version` nor a pipeline of ours.
pub fn unknown_scheduled(desired: &Desired, pipelines: &[Pipeline]) -> Vec<Problem> {
    let ours = pipelines
        .iter()
        .filter(|pipeline| pipeline.is_owned(&desired.environment))
        .filter_map(Pipeline::recipename);
    let known: BTreeSet<String> = desired
        .recipes
        .iter()
        .map(|entry| entry.name.folded())
        .chain(ours.map(|name| name.folded()))
        .collect();
    let unknown = desired
        .scheduled
        .iter()
        .filter(|scheduled| !known.contains(&scheduled.name.folded()));
    let guesses = document::Guesses::default();
    unknown
        .map(|scheduled| {
            let expected = "a recipename in `ami-version`, or a recipe that still has a pipeline";
            let problem = scheduled.place.problem(scheduled.name.as_str(), expected);
            match guesses.nearest(scheduled.name.as_str(), known.iter().map(String::as_str)) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            }
        })
        .collect()
}

//! What the settings of a lifecycle policy must obey. The rules are the model's and the ones that
//! AWS's own construct library checks (aws-imagebuilder-alpha); codes and texts are not recorded.

use crate::{
    api::imagebuilder::request::Request,
    common::{error::ApiError, version::Version},
    records::{
        lifecycle_policy::{PolicySettings, ResourceSelection, ResourceType},
        lifecycle_rule::{ActionName, Filter, FilterType, IncludeResources, PolicyDetail},
    },
};

/// The settings of a Create or Update request.
pub(crate) fn checked(request: &Request<'_>) -> Result<PolicySettings, ApiError> {
    check_versions(request)?;
    let settings: PolicySettings = request.read()?;
    check_selection(&settings.resource_selection)?;
    for (index, rule) in settings.policy_details.iter().enumerate() {
        let kind = rule.action.kind;
        if settings.policy_details[..index]
            .iter()
            .any(|earlier| earlier.action.kind == kind)
        {
            return Err(invalid(
                "A lifecycle policy can have at most one rule for each action type.",
            ));
        }
        check_action(settings.resource_type, rule)?;
        check_filter(kind, &rule.filter)?;
    }
    Ok(settings)
}

/// The pattern admits `x.2.x`, the service does not.
fn check_versions(request: &Request<'_>) -> Result<(), ApiError> {
    let recipes = request
        .members()
        .pointer("/resourceSelection/recipes")
        .and_then(|list| list.as_array());
    let versions = recipes
        .into_iter()
        .flatten()
        .filter_map(|recipe| recipe["semanticVersion"].as_str());
    for version in versions {
        version.parse::<Version>().map_err(|error| {
            ApiError::invalid(
                "resourceSelection.recipes.semanticVersion",
                &error.to_string(),
            )
        })?;
    }
    Ok(())
}

fn check_selection(selection: &ResourceSelection) -> Result<(), ApiError> {
    let by_recipe = selection
        .recipes
        .as_ref()
        .is_some_and(|recipes| !recipes.is_empty());
    let by_tag = selection
        .tag_map
        .as_ref()
        .is_some_and(|tags| !tags.is_empty());
    if by_recipe == by_tag {
        let message = "Specify exactly one of 'recipes' and 'tagMap' in 'resourceSelection'.";
        return Err(ApiError::combination(message));
    }
    Ok(())
}

fn check_action(resource_type: ResourceType, rule: &PolicyDetail) -> Result<(), ApiError> {
    let include = rule.action.include_resources.unwrap_or_default();
    let spares_amis = rule
        .exclusion_rules
        .as_ref()
        .is_some_and(|rules| rules.amis.is_some());
    match resource_type {
        ResourceType::AmiImage if include.containers() => Err(ApiError::combination(
            "A policy for AMI_IMAGE can't include containers.",
        )),
        ResourceType::AmiImage => check_snapshots(rule.action.kind, include),
        ResourceType::ContainerImage if rule.action.kind != ActionName::Delete => Err(
            ApiError::combination("A policy for CONTAINER_IMAGE can only have DELETE rules."),
        ),
        ResourceType::ContainerImage if include.amis() || include.snapshots() || spares_amis => {
            Err(ApiError::combination(
                "A policy for CONTAINER_IMAGE can't name AMIs or snapshots.",
            ))
        }
        ResourceType::ContainerImage => Ok(()),
    }
}

/// Snapshots go with their AMIs, and only if these are deleted.
pub(crate) fn check_snapshots(
    action: ActionName,
    include: IncludeResources,
) -> Result<(), ApiError> {
    if include.snapshots() && action != ActionName::Delete {
        return Err(ApiError::combination(
            "Snapshots can only be included if the image is deleted.",
        ));
    }
    if include.snapshots() && !include.amis() {
        return Err(ApiError::combination(
            "Snapshots can only be included together with AMIs.",
        ));
    }
    Ok(())
}

fn check_filter(action: ActionName, filter: &Filter) -> Result<(), ApiError> {
    if filter.kind == FilterType::Age {
        let missing = "A filter of type AGE must have a 'unit'.";
        return filter
            .unit
            .map(|_| ())
            .ok_or_else(|| ApiError::combination(missing));
    }
    if action != ActionName::Delete {
        return Err(ApiError::combination(
            "A filter of type COUNT is only for the action DELETE.",
        ));
    }
    if filter.retain_at_least.is_some() || filter.unit.is_some() {
        let message = "'unit' and 'retainAtLeast' are only for a filter of type AGE.";
        return Err(ApiError::combination(message));
    }
    Ok(())
}

fn invalid(rule: &str) -> ApiError {
    ApiError::invalid("policyDetails", rule)
}

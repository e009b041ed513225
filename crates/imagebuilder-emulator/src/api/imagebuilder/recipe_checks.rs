//! What CreateImageRecipe checks before it makes a recipe.

use std::collections::BTreeSet;

use crate::{
    api::imagebuilder::{component, request::Request},
    common::{error::ApiError, lookup, version::ParseArnError},
    records::{
        component::Component,
        recipe::{ComponentConfiguration, RecipeSettings},
    },
    wire::query::Query,
};

/// Checks references and limits; returns the platform of the parent image. The rules are the API
/// reference's: a component once, whatever its version (`ComponentConfiguration`), and of the recipe's
/// platform (`CreateImageRecipe`). A key without `encrypted` is taken: a standing acceptance test of
/// Terraform makes such recipes.
pub(crate) fn check(request: &Request<'_>, settings: &RecipeSettings) -> Result<String, ApiError> {
    let platform = parent_platform(request, &settings.parent_image)?;
    let limit = request.options().quotas.components_of_a_recipe;
    if settings.components.len() > limit {
        return Err(ApiError::quota("Components per image recipe", limit));
    }
    let mut names = BTreeSet::new();
    for (index, configuration) in settings.components.iter().enumerate() {
        if !names.insert(configuration.component_arn.series()) {
            let rule = "Each component can be specified only once.";
            return Err(ApiError::invalid(&format!("components[{index}]"), rule));
        }
        check_component(request, (index, configuration), &platform)?;
    }
    check_agent(settings, &platform)?;
    Ok(platform)
}

fn check_component(
    request: &Request<'_>,
    (index, configuration): (usize, &ComponentConfiguration),
    platform: &str,
) -> Result<(), ApiError> {
    let arn = &configuration.component_arn;
    let member = format!("components[{index}].componentArn");
    let found = component::find(request, arn);
    let (_, component) = found.ok_or_else(|| request.missing(&member, arn))?;
    if component.content.platform != platform {
        let rule = format!("The platform of '{arn}' does not match the platform {platform}.");
        return Err(ApiError::invalid(&member, &rule));
    }
    let member = format!("components[{index}].parameters");
    check_declared(&member, configuration, component)?;
    check_values(configuration, component).map_err(|rule| ApiError::invalid(&member, &rule))
}

/// Refuses parameters that the component does not declare. Code and text were seen
/// (aws-ia/terraform-aws-ec2-image-builder, issue 106).
fn check_declared(
    member: &str,
    configuration: &ComponentConfiguration,
    component: &Component,
) -> Result<(), ApiError> {
    let declared = |name: &str| component.parameters.iter().any(|known| known.name == name);
    let given = configuration.parameters.iter().flatten();
    let unknown: Vec<_> = given
        .map(|parameter| parameter.name.as_str())
        .filter(|name| !declared(name))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(ApiError::combination(format!(
        "The value supplied for parameter '{member}' is not valid. The following parameters are not defined in \
         the provided component: {}",
        unknown.join(", ")
    )))
}

/// One value each, although it is a list (terraform-provider-aws, the schema of recipes), and one for each
/// parameter that has no default (User Guide, "Manage component parameters").
fn check_values(
    configuration: &ComponentConfiguration,
    component: &Component,
) -> Result<(), String> {
    let given = || configuration.parameters.iter().flatten();
    if let Some(parameter) = given().find(|parameter| parameter.value.len() != 1) {
        let name = &parameter.name;
        return Err(format!("Parameter '{name}' must have exactly one value."));
    }
    let missing = component.parameters.iter().find(|parameter| {
        let named = given().any(|value| value.name == parameter.name);
        parameter.default_value.is_none() && !named
    });
    match missing {
        Some(parameter) => Err(format!(
            "Parameter '{}' of '{}' is required.",
            parameter.name, component.arn
        )),
        None => Ok(()),
    }
}

/// The agent is removed from Linux only (API reference, `SystemsManagerAgent`).
fn check_agent(settings: &RecipeSettings, platform: &str) -> Result<(), ApiError> {
    let additional = settings.additional_instance_configuration.as_ref();
    let agent = additional.and_then(|additional| additional.get("systemsManagerAgent"));
    if platform == "Windows" && agent.is_some() {
        let rule = "systemsManagerAgent is not supported on Windows.";
        return Err(ApiError::invalid("additionalInstanceConfiguration", rule));
    }
    Ok(())
}

/// `Linux` or `Windows`. An AMI or a parameter that does not exist is found out by the build only.
fn parent_platform(request: &Request<'_>, parent: &str) -> Result<String, ApiError> {
    if parent.starts_with("ami-") {
        Query::check_id(parent, "ami", "InvalidParameterValueException")
            .map_err(|error| ApiError::invalid("parentImage", &error.message))?;
        return Ok(ami_platform(request, parent).to_owned());
    }
    if let Some(parameter) = parent.strip_prefix("ssm:") {
        return parameter_platform(request, parameter);
    }
    if !parent.starts_with("arn:") {
        return Err(ApiError::not_emulated(
            "a parentImage other than an AMI, an image or a parameter",
        ));
    }
    let arn = parent
        .parse()
        .map_err(|error: ParseArnError| ApiError::invalid("parentImage", &error.to_string()))?;
    let image = lookup::newest(&request.state.images, &arn);
    let (_, image) = image.ok_or_else(|| request.missing("parentImage", &arn))?;
    Ok(image.recipe.platform.clone())
}

/// As with an AMI, what the parameter names is found out by the build.
fn parameter_platform(request: &Request<'_>, parameter: &str) -> Result<String, ApiError> {
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/:".contains(&byte);
    if parameter.is_empty() || !parameter.bytes().all(named) {
        return Err(ApiError::invalid(
            "parentImage",
            "After 'ssm:' stands a parameter's name or ARN.",
        ));
    }
    let caller = request.caller();
    let found = request
        .state
        .parameters
        .named(&caller.region, &caller.account, parameter);
    Ok(ami_platform(
        request,
        found.map(|found| found.value.as_str()).unwrap_or_default(),
    )
    .to_owned())
}

fn ami_platform(request: &Request<'_>, id: &str) -> &'static str {
    let caller = request.caller();
    let ami = request
        .state
        .ec2
        .visible(id, &caller.region, &caller.account);
    match ami.and_then(|ami| ami.platform.as_deref()) {
        Some("windows") => "Windows",
        Some(_) | None => "Linux",
    }
}

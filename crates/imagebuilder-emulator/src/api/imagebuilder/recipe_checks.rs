//! What CreateImageRecipe checks before it makes a recipe.

use std::collections::BTreeSet;

use crate::{
    api::imagebuilder::{component, request::Request},
    common::{error::ApiError, lookup, version::ParseArnError},
    records::{
        component::Component,
        recipe::{BlockDeviceMapping, ComponentConfiguration, RecipeSettings},
    },
    wire::query::Query,
};

/// Checks references and limits; returns the platform of the parent image.
pub(crate) fn check(request: &Request<'_>, settings: &RecipeSettings) -> Result<String, ApiError> {
    let platform = parent_platform(request, &settings.parent_image)?;
    let limit = request.options().quotas.components_of_a_recipe;
    if settings.components.len() > limit {
        return Err(ApiError::quota("Components per image recipe", limit));
    }
    let mut names = BTreeSet::new();
    for configuration in &settings.components {
        if !names.insert(configuration.component_arn.series()) {
            let rule = "Each component can be specified only once.";
            return Err(ApiError::invalid("components", rule));
        }
        check_component(request, configuration, &platform)?;
    }
    check_agent(settings, &platform)?;
    settings
        .block_device_mappings
        .iter()
        .try_for_each(check_mapping)?;
    Ok(platform)
}

fn check_component(
    request: &Request<'_>,
    configuration: &ComponentConfiguration,
    platform: &str,
) -> Result<(), ApiError> {
    let arn = &configuration.component_arn;
    let found = component::find(request, arn);
    let (_, component) = found.ok_or_else(|| request.missing("componentArn", arn))?;
    if component.content.platform != platform {
        let rule = format!("The platform of '{arn}' does not match the platform {platform}.");
        return Err(ApiError::invalid("components", &rule));
    }
    check_parameters(configuration, component)
}

fn check_parameters(
    configuration: &ComponentConfiguration,
    component: &Component,
) -> Result<(), ApiError> {
    let given = || configuration.parameters.iter().flatten();
    if let Some(parameter) = given().find(|parameter| parameter.value.len() != 1) {
        let rule = format!(
            "Parameter '{}' must have exactly one value.",
            parameter.name
        );
        return Err(ApiError::invalid("parameters", &rule));
    }
    let declared = |name: &str| component.parameters.iter().any(|known| known.name == name);
    if let Some(unknown) = given().find(|parameter| !declared(&parameter.name)) {
        let rule = format!(
            "'{}' is not a parameter of '{}'.",
            unknown.name, component.arn
        );
        return Err(ApiError::invalid("parameters", &rule));
    }
    let missing = component.parameters.iter().find(|parameter| {
        let named = given().any(|value| value.name == parameter.name);
        parameter.default_value.is_none() && !named
    });
    match missing {
        Some(parameter) => {
            let rule = format!(
                "Parameter '{}' of '{}' is required.",
                parameter.name, component.arn
            );
            Err(ApiError::invalid("parameters", &rule))
        }
        None => Ok(()),
    }
}

fn check_agent(settings: &RecipeSettings, platform: &str) -> Result<(), ApiError> {
    let additional = settings.additional_instance_configuration.as_ref();
    let agent = additional.and_then(|additional| additional.get("systemsManagerAgent"));
    if platform == "Windows" && agent.is_some() {
        let rule = "systemsManagerAgent is not supported on Windows.";
        return Err(ApiError::invalid("additionalInstanceConfiguration", rule));
    }
    Ok(())
}

fn check_mapping(mapping: &BlockDeviceMapping) -> Result<(), ApiError> {
    let ebs = mapping.ebs.as_ref();
    if ebs.is_some_and(|ebs| ebs.kms_key_id.is_some() && ebs.encrypted != Some(true)) {
        let rule = "kmsKeyId requires encrypted to be true.";
        return Err(ApiError::invalid("blockDeviceMappings", rule));
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

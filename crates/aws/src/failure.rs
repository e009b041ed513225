//! Why a build failed, as lines for a person. Every member of the context is optional (API reference,
//! `ImageFailureContext`), and its texts come from whatever ran in the build: they are only ever shown.

use aws_sdk_imagebuilder::types::{
    ComponentFailureContext, DistributionFailureContext, ImageConfigurationStep,
    ImageFailureContext, RegionFailure, RegionFailureStatus,
};

/// The lines that the context has something for, the broadest first.
pub(crate) fn lines(context: &ImageFailureContext) -> Vec<String> {
    let state = context
        .image_status()
        .map(|state| format!("state: {}", state.as_str()));
    let step = line("step", context.failed_step());
    let component = context
        .component_failure()
        .map(component)
        .unwrap_or_default();
    let distribution = context
        .distribution_failure()
        .map(distribution)
        .unwrap_or_default();
    state
        .into_iter()
        .chain(step)
        .chain(component)
        .chain(distribution)
        .collect()
}

fn component(failure: &ComponentFailureContext) -> Vec<String> {
    let place = [failure.phase_name(), failure.step_name(), failure.action()];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    let place = (!place.is_empty()).then(|| format!("component step: {}", place.join(", ")));
    let error = line("error", failure.error_message());
    line("component", failure.component_arn())
        .into_iter()
        .chain(place)
        .chain(error)
        .collect()
}

fn distribution(failure: &DistributionFailureContext) -> Vec<String> {
    let error = line("error", failure.error_message());
    error
        .into_iter()
        .chain(failure.region_failures().iter().map(region))
        .collect()
}

fn region(failure: &RegionFailure) -> String {
    let parts = [
        failure.region(),
        failure.status().map(RegionFailureStatus::as_str),
        failure
            .image_configuration_step()
            .map(ImageConfigurationStep::as_str),
        failure.error_message(),
    ];
    format!(
        "region: {}",
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    )
}

fn line(name: &str, value: Option<&str>) -> Option<String> {
    value.map(|value| format!("{name}: {value}"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_imagebuilder::types::ImageStatus;

    use super::*;

    /// The example of the user guide, "image failure context".
    #[test]
    fn a_failed_component_is_named_with_its_step_and_error() {
        let component = ComponentFailureContext::builder()
            .component_arn("arn:aws:imagebuilder:us-west-2:123456789012:component/example/1.0.0/1")
            .phase_name("build")
            .step_name("InstallPackages")
            .action("ExecuteBash")
            .error_message("exit status 1")
            .build();
        let context = ImageFailureContext::builder()
            .image_status(ImageStatus::Building)
            .failed_step("ApplyBuildComponents")
            .component_failure(component)
            .build();
        let expected = [
            "state: BUILDING",
            "step: ApplyBuildComponents",
            "component: arn:aws:imagebuilder:us-west-2:123456789012:component/example/1.0.0/1",
            "component step: build, InstallPackages, ExecuteBash",
            "error: exit status 1",
        ];
        assert_eq!(lines(&context), expected);
    }

    #[test]
    fn a_failure_before_any_workflow_has_its_state_and_no_more() {
        let context = ImageFailureContext::builder()
            .image_status(ImageStatus::Creating)
            .build();
        assert_eq!(lines(&context), ["state: CREATING"]);
    }
}

//! The inputs of the calls that make images.

use super::{Inputs, named, optional, tags_of, with_tags};
use crate::deployment::Function;
use crate::difference::Describe;
use crate::observed::{PipelineStatus, Rule};
use crate::plan::change::{
    CleanUpImage, ComponentWithParameters, Configured, CreateComponent, CreatePipeline,
    CreateRecipe, EncryptedDevice, EndInstance, LabelImage, Publish, StartBuild, UpdatePipeline,
};
use crate::scan::ImageScan;

pub(super) fn component(create: &CreateComponent) -> Inputs {
    let CreateComponent {
        arn,
        name,
        description,
        platform,
        data,
        tags,
    } = create;
    with_tags(
        [
            ("component", arn.to_string()),
            ("name", name.clone()),
            ("description", description.clone()),
            ("platform", platform.as_str().to_owned()),
            ("data", data.clone()),
        ],
        tags,
    )
}

pub(super) fn recipe(create: &CreateRecipe) -> Inputs {
    let CreateRecipe {
        arn,
        name,
        parent,
        components,
        devices,
        ami_tags,
        tags,
    } = create;
    let mut inputs = with_tags(
        [
            ("recipe", arn.to_string()),
            ("name", name.clone()),
            ("parent image", parent.clone()),
        ],
        tags,
    );
    inputs.extend(components.iter().map(used_component));
    inputs.extend(devices.iter().map(device));
    inputs.extend(tags_of("AMI tag", ami_tags));
    inputs
}

pub(super) fn used_component(used: &ComponentWithParameters) -> (String, String) {
    let ComponentWithParameters {
        component,
        parameters,
    } = used;
    let values = parameters
        .iter()
        .map(|(name, value)| format!(" {name}={value}"));
    let values: String = values.collect();
    ("component".to_owned(), format!("{component}{values}"))
}

pub(super) fn device(device: &EncryptedDevice) -> (String, String) {
    let EncryptedDevice {
        name,
        size_gib,
        volume_type,
        iops,
        throughput,
        key,
    } = device;
    let iops = iops
        .map(|iops| format!(", {iops} IOPS"))
        .unwrap_or_default();
    let throughput = throughput
        .map(|throughput| format!(", {throughput} MiB/s"))
        .unwrap_or_default();
    (
        format!("volume {name}"),
        format!(
            "{size_gib} GiB {}{iops}{throughput}, key {key}",
            volume_type.as_str()
        ),
    )
}

pub(super) fn create_pipeline(create: &CreatePipeline) -> Inputs {
    let CreatePipeline {
        arn,
        name,
        description,
        recipe,
        infrastructure,
        distribution,
        scan,
        tags,
    } = create;
    let mut inputs = with_tags(
        [
            ("pipeline", arn.to_string()),
            ("name", name.clone()),
            ("description", optional(description.as_ref())),
            ("recipe", recipe.to_string()),
            ("infrastructure", infrastructure.clone()),
            ("distribution", distribution.clone()),
        ],
        tags,
    );
    inputs.extend(scans(*scan));
    inputs
}

/// How images are scanned, if they are.
fn scans(scan: Option<ImageScan>) -> Option<(String, String)> {
    Some(("scans".to_owned(), scan?.to_string()))
}

pub(super) fn update_pipeline(update: &UpdatePipeline) -> Inputs {
    let UpdatePipeline {
        arn,
        description,
        recipe,
        infrastructure,
        distribution,
        scan,
        status,
    } = update;
    let status = match status {
        PipelineStatus::Enabled => "enabled",
        PipelineStatus::Disabled => "disabled",
        PipelineStatus::Unrecognized(status) => status,
    };
    let mut inputs = named([
        ("pipeline", arn.to_string()),
        ("description", optional(description.as_ref())),
        ("recipe", recipe.to_string()),
        ("infrastructure", infrastructure.clone()),
        ("distribution", distribution.clone()),
        ("status", status.to_owned()),
    ]);
    inputs.extend(scans(*scan));
    inputs
}

pub(super) fn clean_up_image(change: &CleanUpImage) -> Inputs {
    let CleanUpImage {
        recipename,
        image,
        amis,
    } = change;
    let mut inputs = named([
        ("recipename", recipename.to_string()),
        ("image", image.to_string()),
    ]);
    let amis = amis.iter();
    inputs.extend(amis.map(|(region, ami)| (format!("AMI in {region}"), ami.to_string())));
    inputs
}

pub(super) fn label_image(change: &LabelImage) -> Inputs {
    let LabelImage {
        recipename,
        image,
        amis,
        tags,
        deprecated_at,
        mark,
    } = change;
    let mut inputs = with_tags(
        [
            ("recipename", recipename.to_string()),
            ("image", image.to_string()),
            ("deprecated at", optional(deprecated_at.as_ref())),
            ("mark", optional(mark.as_ref())),
        ],
        tags,
    );
    let amis = amis.iter();
    inputs.extend(amis.map(|(region, ami)| (format!("AMI in {region}"), ami.to_string())));
    inputs
}

pub(super) fn end_instance(change: &EndInstance) -> Inputs {
    let EndInstance {
        recipename,
        image,
        instance,
        expires,
    } = change;
    named([
        ("recipename", recipename.to_string()),
        ("image", image.to_string()),
        ("instance", instance.to_string()),
        ("expires", optional(expires.as_ref())),
    ])
}

pub(super) fn publish(change: &Publish) -> Inputs {
    let Publish {
        recipename,
        pipeline,
        recipe,
        image,
        amis,
        previous,
        manifest,
        notifies_people: _,
    } = change;
    let mut inputs = named([
        ("recipename", recipename.to_string()),
        ("pipeline", pipeline.to_string()),
        ("recipe", recipe.to_string()),
        ("image", image.to_string()),
        ("previous", optional(previous.as_ref())),
    ]);
    let amis = amis.iter();
    inputs.extend(amis.map(|(region, ami)| (format!("AMI in {region}"), ami.to_string())));
    let left_out = manifest
        .left_out
        .iter()
        .filter(|accounts| !accounts.is_empty());
    inputs.extend(left_out.map(|accounts| ("published".to_owned(), accounts.to_string())));
    inputs
}

pub(super) fn start_build(start: &StartBuild) -> Inputs {
    let StartBuild {
        pipeline,
        recipename,
        token,
        tags,
    } = start;
    with_tags(
        [
            ("pipeline", pipeline.to_string()),
            ("recipename", recipename.to_string()),
            ("token", token.clone()),
        ],
        tags,
    )
}

pub(super) fn configured<T: Describe>(wanted: &Configured<T>) -> Inputs {
    let Configured {
        arn,
        content,
        description,
        tags,
    } = wanted;
    let mut inputs = with_tags(
        [
            ("configuration", arn.clone()),
            ("description", description.clone()),
        ],
        tags,
    );
    inputs.extend(content.members());
    inputs
}

pub(super) fn put_rule(rule: &Rule) -> Inputs {
    let Rule {
        name,
        schedule,
        event_pattern,
        description,
        state,
        role_arn,
        has_target,
    } = rule;
    named([
        ("rule", name.clone()),
        ("schedule", optional(schedule.as_ref())),
        ("event pattern", optional(event_pattern.as_ref())),
        ("description", optional(description.as_ref())),
        ("state", optional(state.as_ref())),
        ("role", optional(role_arn.as_ref())),
        (
            "target",
            optional(
                has_target
                    .map(|_| Function::ScheduledBuild.as_str())
                    .as_ref(),
            ),
        ),
    ])
}

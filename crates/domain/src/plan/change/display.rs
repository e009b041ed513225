//! How a change is printed: in one line, or with every input of its call.
//!
//! Each input is taken apart without `..`, so that a new field does not compile until somebody decides
//! how it is printed.

use std::fmt;

use super::{
    Action, Change, CleanUpRebuild, ComponentWithParameters, Configured, CreateComponent,
    CreatePipeline, CreateRecipe, DistributeImage, EncryptedDevice, LaunchPermissions, Publish,
    PublishCopies, PublishedCopy, PutBucketPolicy, PutKeyPolicy, RebuildImage, RetryImage,
    RevokeGrant, StartBuild, TagPipeline, UpdatePipeline,
};
use crate::difference::Describe;
use crate::key_policy::Access;
use crate::observed::{Copy, Grant, PipelineStatus, Rule, Tags};

/// The inputs of a call, by name.
type Inputs = Vec<(String, String)>;

impl fmt::Display for Change {
    /// The kind and what it is about; the alternate form has a line for each input of the call.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.target())?;
        if f.alternate() {
            for (name, value) in self.inputs() {
                write!(f, "\n    {name}: {value}")?;
            }
        }
        Ok(())
    }
}

impl Change {
    /// Every input of the call, and what it needs, in a reader's words.
    pub fn inputs(&self) -> Vec<(String, String)> {
        let Self {
            provides: _,
            needs,
            effect: _,
            action,
        } = self;
        let needs = needs
            .iter()
            .map(|need| ("needs".to_owned(), need.to_string()));
        action.inputs().into_iter().chain(needs).collect()
    }
}

impl Action {
    fn inputs(&self) -> Inputs {
        match self {
            Self::GrantKeyAccess(put) | Self::RevokeKeyAccess(put) => key_policy(put),
            Self::PutRule(rule) => put_rule(rule),
            Self::CreateComponent(create) => component(create),
            Self::CreateInfrastructure(wanted) | Self::UpdateInfrastructure(wanted) => {
                configured(wanted)
            }
            Self::CreateDistribution(wanted) | Self::UpdateDistribution(wanted) => {
                configured(wanted)
            }
            Self::CreateRecipe(create) => recipe(create),
            Self::CreatePipeline(create) => create_pipeline(create),
            Self::UpdatePipeline(update) => update_pipeline(update),
            Self::TagPipeline(TagPipeline { arn, tags }) => {
                with_tags([("pipeline", arn.to_string())], tags)
            }
            Self::Publish(change) => publish(change),
            Self::StartBuild(start) => start_build(start),
            Self::PutBucketPolicy(PutBucketPolicy { policy, expected }) => named([
                ("policy", policy.clone()),
                ("expected policy", expected.clone()),
            ]),
            Self::Share(permissions) | Self::Withdraw(permissions) => launch(permissions),
            Self::RevokeGrant(RevokeGrant { key, grant }) => {
                let Grant { id, grantee } = grant;
                named([
                    ("key", key.to_string()),
                    ("grant", id.clone()),
                    ("grantee", grantee.clone()),
                ])
            }
            Self::DistributeImage(change) => distribute(change),
            Self::RetryImage(RetryImage {
                image,
                attempt,
                token,
            }) => named([
                ("image", image.to_string()),
                ("attempt", attempt.to_string()),
                ("token", token.clone()),
            ]),
            Self::DeleteDistribution(arn) => named([("configuration", arn.clone())]),
            Self::PublishCopies(change) => publish_copies(change),
            Self::Rebuild(change) => rebuild(change),
            Self::CleanUpRebuild(change) => clean_up(change),
        }
    }
}

fn named<const N: usize>(inputs: [(&str, String); N]) -> Inputs {
    inputs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn with_tags<const N: usize>(inputs: [(&str, String); N], tags: &Tags) -> Inputs {
    let mut all = named(inputs);
    all.extend(tags_of("tag", tags));
    all
}

fn tags_of<'a>(name: &'a str, tags: &'a Tags) -> impl Iterator<Item = (String, String)> + 'a {
    tags.iter()
        .map(move |(key, value)| (format!("{name} {key}"), value.clone()))
}

fn optional<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "none".to_owned(), ToString::to_string)
}

fn listed<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    all.join(", ")
}

fn key_policy(put: &PutKeyPolicy) -> Inputs {
    let PutKeyPolicy {
        key,
        policy,
        expected,
        access,
    } = put;
    let Access {
        accounts,
        organizations,
        grant_admins,
        grantees,
    } = access;
    let mut inputs = named([
        ("key", key.to_string()),
        ("policy", policy.clone()),
        ("expected policy", expected.clone()),
        ("access of organizations", listed(organizations)),
        ("grant admins", listed(grant_admins)),
        ("grantees", listed(grantees)),
    ]);
    let accounts = accounts.iter();
    inputs.extend(
        accounts.map(|(account, patterns)| (format!("access of {account}"), listed(patterns))),
    );
    inputs
}

fn put_rule(rule: &Rule) -> Inputs {
    let Rule {
        name,
        schedule,
        event_pattern,
        description,
        state,
        role_arn,
    } = rule;
    named([
        ("rule", name.clone()),
        ("schedule", optional(schedule.as_ref())),
        ("event pattern", optional(event_pattern.as_ref())),
        ("description", optional(description.as_ref())),
        ("state", optional(state.as_ref())),
        ("role", optional(role_arn.as_ref())),
    ])
}

fn component(create: &CreateComponent) -> Inputs {
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

fn configured<T: Describe>(wanted: &Configured<T>) -> Inputs {
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

fn recipe(create: &CreateRecipe) -> Inputs {
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

fn used_component(used: &ComponentWithParameters) -> (String, String) {
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

fn device(device: &EncryptedDevice) -> (String, String) {
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

fn create_pipeline(create: &CreatePipeline) -> Inputs {
    let CreatePipeline {
        arn,
        name,
        description,
        recipe,
        infrastructure,
        distribution,
        tags,
    } = create;
    with_tags(
        [
            ("pipeline", arn.to_string()),
            ("name", name.clone()),
            ("description", optional(description.as_ref())),
            ("recipe", recipe.to_string()),
            ("infrastructure", infrastructure.clone()),
            ("distribution", distribution.clone()),
        ],
        tags,
    )
}

fn update_pipeline(update: &UpdatePipeline) -> Inputs {
    let UpdatePipeline {
        arn,
        description,
        recipe,
        infrastructure,
        distribution,
        status,
    } = update;
    let status = match status {
        PipelineStatus::Enabled => "enabled",
        PipelineStatus::Disabled => "disabled",
        PipelineStatus::Unrecognized(status) => status,
    };
    named([
        ("pipeline", arn.to_string()),
        ("description", optional(description.as_ref())),
        ("recipe", recipe.to_string()),
        ("infrastructure", infrastructure.clone()),
        ("distribution", distribution.clone()),
        ("status", status.to_owned()),
    ])
}

fn publish(change: &Publish) -> Inputs {
    let Publish {
        recipename,
        pipeline,
        recipe,
        image,
        amis,
    } = change;
    let mut inputs = named([
        ("recipename", recipename.to_string()),
        ("pipeline", pipeline.to_string()),
        ("recipe", recipe.to_string()),
        ("image", image.to_string()),
    ]);
    let amis = amis.iter();
    inputs.extend(amis.map(|(region, ami)| (format!("AMI in {region}"), ami.to_string())));
    inputs
}

fn start_build(start: &StartBuild) -> Inputs {
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

fn launch(permissions: &LaunchPermissions) -> Inputs {
    let LaunchPermissions {
        ami,
        region,
        sharing,
    } = permissions;
    named([
        ("AMI", ami.to_string()),
        ("Region", region.to_string()),
        ("consumers", sharing.to_string()),
    ])
}

fn distribute(change: &DistributeImage) -> Inputs {
    let DistributeImage {
        recipename,
        image,
        ami,
        distribution,
        token,
        tags,
    } = change;
    with_tags(
        [
            ("recipename", recipename.to_string()),
            ("image", image.to_string()),
            ("AMI", ami.to_string()),
            ("distribution", distribution.clone()),
            ("token", token.clone()),
        ],
        tags,
    )
}

fn publish_copies(change: &PublishCopies) -> Inputs {
    let PublishCopies {
        recipename,
        pipeline,
        image,
        copies,
        tag,
        digest,
    } = change;
    let mut inputs = named([
        ("recipename", recipename.to_string()),
        ("pipeline", pipeline.to_string()),
        ("image", image.to_string()),
        ("tag", format!("{tag}={digest}")),
    ]);
    inputs.extend(copies.iter().map(published_copy));
    inputs
}

fn published_copy(published: &PublishedCopy) -> (String, String) {
    let PublishedCopy {
        copy: Copy { target, ami },
        parameter_role,
    } = published;
    let role = parameter_role
        .as_ref()
        .map(|role| format!(", parameter through {role}"))
        .unwrap_or_default();
    (
        format!("copy for {} in {}", target.account, target.region),
        format!("{ami}{role}"),
    )
}

fn rebuild(change: &RebuildImage) -> Inputs {
    let RebuildImage {
        recipename,
        pipeline,
        account,
        region,
        role,
        infrastructure,
        distribution,
        recipe: new_recipe,
        token,
        tags,
    } = change;
    let mut inputs = with_tags(
        [
            ("recipename", recipename.to_string()),
            ("pipeline", pipeline.to_string()),
            ("account", account.to_string()),
            ("Region", region.to_string()),
            ("role", role.to_string()),
            ("token", token.clone()),
        ],
        tags,
    );
    let parts = [
        configured(infrastructure),
        configured(distribution),
        recipe(new_recipe),
    ];
    inputs.extend(parts.into_iter().flatten());
    inputs
}

fn clean_up(change: &CleanUpRebuild) -> Inputs {
    let CleanUpRebuild {
        recipename,
        account,
        region,
        role,
        arns,
    } = change;
    named([
        ("recipename", recipename.to_string()),
        ("account", account.to_string()),
        ("Region", region.to_string()),
        ("role", role.to_string()),
        ("deleted", listed(arns)),
    ])
}

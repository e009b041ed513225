//! The inputs of the calls that bring images to consumers, and take them away.

use super::images::{configured, recipe};
use super::{Inputs, listed, named, with_tags};
use crate::key_policy::Access;
use crate::observed::Copy;
use crate::plan::change::{
    CleanUpRebuild, DistributeImage, LaunchPermissions, PublishCopies, PublishedCopy, PutKeyPolicy,
    RebuildImage,
};

pub(super) fn key_policy(put: &PutKeyPolicy) -> Inputs {
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

pub(super) fn launch(permissions: &LaunchPermissions) -> Inputs {
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

pub(super) fn distribute(change: &DistributeImage) -> Inputs {
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

pub(super) fn publish_copies(change: &PublishCopies) -> Inputs {
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

pub(super) fn published_copy(published: &PublishedCopy) -> (String, String) {
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

pub(super) fn rebuild(change: &RebuildImage) -> Inputs {
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

pub(super) fn clean_up(change: &CleanUpRebuild) -> Inputs {
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

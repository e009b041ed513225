//! The commands that a consumer runs: the stack, and the grants for Auto Scaling.

use goldsmith_domain::consumers::GrantAdmin;
use goldsmith_domain::key_policy::GRANT_OPERATIONS;
use goldsmith_domain::names::{KeyArn, Region};

use super::served::Served;

/// The command that deploys infra/consumer-account.yaml with this account's parameters.
pub fn deploy(served: &Served) -> String {
    deployment(served, "consumer-account", "consumer", parameters(served))
}

/// The command that deploys infra/consumer-rebuild.yaml, for accounts in which images are rebuilt.
pub fn deploy_rebuild(served: &Served) -> Option<String> {
    served.consumer.rebuild.as_ref()?;
    let parameters = vec![
        ("BuildingAccount", served.building.clone()),
        ("Environment", served.environment.to_string()),
    ];
    Some(deployment(
        served,
        "consumer-rebuild",
        "rebuild",
        parameters,
    ))
}

fn deployment(
    served: &Served,
    template: &str,
    stack: &str,
    parameters: Vec<(&'static str, String)>,
) -> String {
    let home = served
        .home
        .as_ref()
        .filter(|home| served.consumer.regions.contains(*home));
    let region = home
        .or(served.consumer.regions.first())
        .map_or("REGION", Region::as_str);
    let command = [
        format!("aws cloudformation deploy --template-file infra/{template}.yaml"),
        format!(
            "  --stack-name goldsmith-{stack}-{} --region {region} --capabilities CAPABILITY_NAMED_IAM",
            served.environment
        ),
        "  --parameter-overrides".to_owned(),
    ];
    let parameters = parameters
        .into_iter()
        .map(|(name, value)| format!("    {name}={value}"));
    command
        .into_iter()
        .chain(parameters)
        .collect::<Vec<_>>()
        .join(" \\\n")
}

/// The template's parameters that are not at their defaults.
fn parameters(served: &Served) -> Vec<(&'static str, String)> {
    let keys: Vec<&str> = served.keys.iter().map(|(_, key)| key.as_str()).collect();
    let own: Vec<&str> = served.consumer.keys.values().map(KeyArn::as_str).collect();
    let grants = served
        .stack_grants()
        .then_some(served.consumer.grant_admin.as_ref())
        .flatten();
    let grantee = grants
        .and_then(|admin| admin.grantees.first())
        .map(ToString::to_string);
    let all = [
        ("BuildingAccount", Some(served.building.clone())),
        ("Environment", Some(served.environment.to_string())),
        ("KeyArns", Some(keys.join(","))),
        (
            "OwnKeyArns",
            Some(own.join(",")).filter(|own| !own.is_empty()),
        ),
        (
            "LaunchRoleName",
            served.launch_role().map(ToOwned::to_owned),
        ),
        ("AutoScaling", grants.map(|_| "true".to_owned())),
        (
            "GranteeRoleArn",
            grantee.filter(|grantee| *grantee != served.auto_scaling()),
        ),
        (
            "CopyRoles",
            Some(if served.copies() { "make" } else { "none" }.to_owned()),
        ),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The service-linked roles that get grants.
pub fn grantees(admin: &GrantAdmin) -> Vec<String> {
    admin.grantees.iter().map(ToString::to_string).collect()
}

/// A command for each grant that `admin` makes: one for each of its grantees in each Region.
pub fn grants(served: &Served, admin: &GrantAdmin) -> Vec<String> {
    let keys = served.launch_keys();
    let each = grantees(admin).into_iter().flat_map(|grantee| {
        keys.iter()
            .map(move |(region, key)| grant(served, admin, region, key, &grantee))
            .collect::<Vec<_>>()
    });
    each.collect()
}

fn grant(served: &Served, admin: &GrantAdmin, region: &Region, key: &str, grantee: &str) -> String {
    [
        format!(
            "aws kms create-grant --region {region} --name goldsmith-{}",
            served.environment
        ),
        format!("  --key-id {key}"),
        format!("  --grantee-principal {grantee}"),
        format!("  --retiring-principal {}", admin.role),
        format!("  --operations {}", GRANT_OPERATIONS.join(" ")),
    ]
    .join(" \\\n")
}

//! The commands that a consumer runs: the stack, and the grants for Auto Scaling.

use goldsmith_domain::consumers::GrantAdmin;
use goldsmith_domain::key_policy::GRANT_OPERATIONS;
use goldsmith_domain::names::{KeyArn, Region};

use super::served::Served;
use crate::shell::{command, parameter, words};

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
    let template = format!("infra/{template}.yaml");
    let stack = format!("goldsmith-{stack}-{}", served.environment);
    let lines = [
        words([
            "aws",
            "cloudformation",
            "deploy",
            "--template-file",
            &template,
        ]),
        words([
            "--stack-name",
            &stack,
            "--region",
            region,
            "--capabilities",
            "CAPABILITY_NAMED_IAM",
        ]),
        words(["--parameter-overrides"]),
    ];
    let parameters = parameters
        .into_iter()
        .map(|(name, value)| vec![format!("  {}", parameter(name, &value))]);
    command(lines.into_iter().chain(parameters))
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
        ("CopyRole", served.copies().then(|| "make".to_owned())),
        (
            "WriteParameters",
            served.writes_parameters().then(|| "true".to_owned()),
        ),
    ];
    let all = all.into_iter().chain(verifying(served));
    all.filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The parameters of the role that verifies.
fn verifying(served: &Served) -> [(&'static str, Option<String>); 3] {
    let listed = |values: &[String]| Some(values.join(",")).filter(|list| !list.is_empty());
    let verifiers = listed(&served.verifiers);
    let subnets = listed(&served.subnets).filter(|_| verifiers.is_some());
    let types = subnets.is_some().then(|| served.instance_type.clone());
    [
        ("VerifierArns", verifiers),
        ("VerifySubnetIds", subnets),
        ("VerifyInstanceTypes", types),
    ]
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
    let name = format!("goldsmith-{}", served.environment);
    let operations = ["--operations"].into_iter().chain(GRANT_OPERATIONS);
    command([
        words([
            "aws",
            "kms",
            "create-grant",
            "--region",
            region.as_str(),
            "--name",
            &name,
        ]),
        words(["--key-id", key]),
        words(["--grantee-principal", grantee]),
        words(["--retiring-principal", admin.role.as_str()]),
        words(operations),
    ])
}

//! The key policy: what it says, whom it lets in, and what is refused before KMS would refuse it.

mod access;
mod decisions;
mod drawn;
mod evaluator;
mod panel;
mod policies;
mod properties;
mod refusals;
mod second_opinion;
mod sizes;

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::consumers::{
    Account, Consumers, DeliveryMode, GrantAdmin, Organization, Roles,
};
use goldsmith_domain::key_policy::{Access, KeyPolicy, KeyPolicyError};
use goldsmith_domain::names::Region;
use goldsmith_domain::stack::StackContext;

const BUILDING: &str = "111122223333";

fn stack() -> StackContext {
    StackContext {
        environment: "nonprod".parse().expect("an environment"),
        account: BUILDING.parse().expect("an account"),
        region: here(),
        key: "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000001234"
            .parse()
            .expect("a key"),
        instance_profile: "goldsmith-nonprod".to_owned(),
        instance_roles: None,
        parameter_prefix: goldsmith_domain::names::ParameterPrefix::default(),
        output_bucket: "output".to_owned(),
    }
}

fn here() -> Region {
    "us-east-1".parse().expect("a Region")
}

fn role(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

/// An account that images are shared with in the building Region.
fn sharing(account: &str, roles: &[String]) -> Account {
    let roles: BTreeSet<_> = roles
        .iter()
        .map(|role| role.parse().expect("a role"))
        .collect();
    Account {
        id: account.parse().expect("an account"),
        roles: if roles.is_empty() {
            Roles::Any
        } else {
            Roles::Named(roles)
        },
        regions: [here()].into(),
        serve: DeliveryMode::Share,
        keys: BTreeMap::new(),
        grant_admin: None,
        parameter_role: None,
        rebuild: None,
        places: BTreeMap::new(),
    }
}

fn grant_admin(account: &str) -> GrantAdmin {
    GrantAdmin {
        role: role(account, "grant-admin").parse().expect("a role"),
        grantees: [service_linked_role(account).parse().expect("a role")].into(),
    }
}

fn service_linked_role(account: &str) -> String {
    role(
        account,
        "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
    )
}

fn organization(path: &str) -> Organization {
    let id = path.split('/').next().expect("an organization");
    let arn = match path
        .rsplit('/')
        .nth(1)
        .filter(|unit| unit.starts_with("ou-"))
    {
        Some(unit) => format!("arn:aws:organizations::{BUILDING}:ou/{id}/{unit}"),
        None => format!("arn:aws:organizations::{BUILDING}:organization/{id}"),
    };
    Organization {
        arn: arn.parse().expect("the ARN of an organization"),
        path: path.parse().expect("a path"),
        regions: [here()].into(),
    }
}

fn consumers(accounts: Vec<Account>) -> Consumers {
    Consumers {
        accounts,
        organizations: Vec::new(),
    }
}

/// Who needs the key of the building Region.
fn access(consumers: &Consumers) -> Access {
    Access::of(consumers, &stack(), &here())
}

fn read(text: &str) -> KeyPolicy<'_> {
    KeyPolicy::parse(text)
        .expect("a policy")
        .owned_by(&stack().account)
}

/// The policy after `with`, whether it had to change or not.
fn bring(text: &str, access: &Access) -> Result<String, KeyPolicyError> {
    Ok(read(text).with(access)?.unwrap_or_else(|| text.to_owned()))
}

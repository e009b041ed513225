//! The roles of a consumer's side: who may assume each, and what it may do.

use goldsmith_domain::consumers::Roles;
use serde_json::Value;

use super::commands::grantees;
use super::policies;
use super::served::{Served, is_of_permission_set};

/// A role to make, or roles that are there and get a policy.
#[derive(Debug)]
pub struct Role {
    /// What it is called.
    pub title: String,
    /// What it is for, a line each.
    pub purpose: Vec<String>,
    /// AWS's own policy that it gets.
    pub managed: Option<String>,
    /// Who may assume it; none if that is not for us to say.
    pub trust: Option<Value>,
    /// Its inline policy, by name.
    pub inline: Option<(String, Value)>,
}

/// Every role that the account needs, in the template's order.
pub fn roles(served: &Served) -> Vec<Role> {
    let copying = served
        .copies()
        .then(|| [distribution(served), lifecycle(served)]);
    let mut roles: Vec<Role> = copying.into_iter().flatten().collect();
    roles.extend([launching(served), parameters(served), verify(served)]);
    roles.extend(grant_admin(served));
    roles
}

fn distribution(served: &Served) -> Role {
    Role {
        title: "Role EC2ImageBuilderDistributionCrossAccountRole".to_owned(),
        purpose: line(
            "The building account's Image Builder uses it to copy images here. AWS prescribes its name.",
        ),
        managed: Some(managed(
            served,
            "Ec2ImageBuilderCrossAccountDistributionAccess",
        )),
        trust: Some(policies::building_account(served)),
        inline: Some((served.name("keys"), policies::distribution(served))),
    }
}

fn lifecycle(served: &Served) -> Role {
    Role {
        title: "Role Ec2ImageBuilderCrossAccountLifecycleAccess".to_owned(),
        purpose: line(
            "Image Builder uses it to retire a copy when the building account retires the image. AWS prescribes its name.",
        ),
        managed: Some(managed(
            served,
            "service-role/EC2ImageBuilderLifecycleExecutionPolicy",
        )),
        trust: Some(policies::image_builder(served)),
        inline: None,
    }
}

fn launching(served: &Served) -> Role {
    let (title, purpose) = match (served.launch_role(), &served.consumer.roles) {
        (Some(name), _) => (
            format!("Role {name}"),
            line("It launches instances from the images."),
        ),
        (None, Roles::Any) => (
            "Any role of the account".to_owned(),
            line(
                "The key gives access to the whole account, so every role with this policy can launch. The stack changes none of them.",
            ),
        ),
        (None, Roles::Named(roles)) => {
            let lines = roles.iter().map(|role| place(role.as_str()));
            (
                "The launching roles, always by hand".to_owned(),
                lines.collect(),
            )
        }
    };
    let inline = Some((served.name("keys"), policies::launch(served)));
    Role {
        title,
        purpose,
        managed: None,
        trust: None,
        inline,
    }
}

/// Where a launching role's policy goes.
fn place(role: &str) -> String {
    if is_of_permission_set(role) {
        format!(
            "{role}: add the policy to its permission set, because the role takes no policy itself"
        )
    } else {
        role.to_owned()
    }
}

fn parameters(served: &Served) -> Role {
    Role {
        title: format!("Role {}", served.name("parameters")),
        purpose: line("goldsmith uses it to write the ids of the images."),
        managed: None,
        trust: Some(policies::publishers(served)),
        inline: Some(("publish".to_owned(), policies::publish(served))),
    }
}

fn verify(served: &Served) -> Role {
    Role {
        title: format!("Role {}", served.name("verify")),
        purpose: line(
            "goldsmith uses it to verify that the images can be launched here. Launching does not need it.",
        ),
        managed: None,
        trust: Some(policies::building_account(served)),
        inline: Some(("verify".to_owned(), policies::verify(served))),
    }
}

/// The role that makes grants, if the documents declare one.
fn grant_admin(served: &Served) -> Option<Role> {
    let admin = served.consumer.grant_admin.as_ref()?;
    let name = admin.role.as_str().rsplit('/').next().unwrap_or_default();
    let purpose = if served.stack_grants() {
        "The stack's function uses it to make the grants below. By hand, assume it and make them."
    } else {
        "It makes the grants below. The documents declare it, and the stack does not change it."
    };
    Some(Role {
        title: format!("Role {name}"),
        purpose: line(purpose),
        managed: None,
        trust: None,
        inline: Some((
            "grant".to_owned(),
            policies::grant(served, &grantees(admin)),
        )),
    })
}

fn managed(served: &Served, name: &str) -> String {
    format!("arn:{}:iam::aws:policy/{name}", served.partition)
}

fn line(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

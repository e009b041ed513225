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
    /// Who may assume it; none if that is not for us to say.
    pub trust: Option<Value>,
    /// Its inline policies, by name.
    pub inline: Vec<(String, Value)>,
}

/// Every role that the account needs, in the template's order.
pub fn roles(served: &Served) -> Vec<Role> {
    let copying = served.copies().then(|| distribution(served));
    let writing = served.writes_parameters().then(|| parameters(served));
    let verifying = (!served.verifiers.is_empty()).then(|| verify(served));
    let all = [
        copying,
        Some(launching(served)),
        writing,
        verifying,
        grant_admin(served),
    ];
    all.into_iter().flatten().collect()
}

fn distribution(served: &Served) -> Role {
    Role {
        title: "Role EC2ImageBuilderDistributionCrossAccountRole".to_owned(),
        purpose: line(
            "The building account's Image Builder uses it to copy images here. AWS prescribes its name.",
        ),
        trust: Some(policies::distributors(served)),
        inline: vec![
            ("copy".to_owned(), policies::copy(served)),
            (served.name("keys"), policies::distribution(served)),
        ],
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
    Role {
        title,
        purpose,
        trust: None,
        inline: vec![(served.name("keys"), policies::launch(served))],
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
        trust: Some(policies::publishers(served)),
        inline: vec![("publish".to_owned(), policies::publish(served))],
    }
}

fn verify(served: &Served) -> Role {
    Role {
        title: format!("Role {}", served.name("verify")),
        purpose: line(
            "goldsmith verify uses it to see whether the images can be launched here. Launching does not need it.",
        ),
        trust: Some(policies::verifiers(served)),
        inline: [("verify".to_owned(), policies::look(served))]
            .into_iter()
            .chain(policies::try_launches(served).map(|policy| ("launch".to_owned(), policy)))
            .collect(),
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
        trust: None,
        inline: vec![(
            "grant".to_owned(),
            policies::grant(served, &grantees(admin)),
        )],
    })
}

fn line(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

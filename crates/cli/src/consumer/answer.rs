//! What a consumer has to make, for programs.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::names::{AccountId, Environment, RecipeName, Region};
use serde::Serialize;
use serde_json::Value;

use super::commands;
use super::roles::{Role, roles};
use super::served::Served;

/// All of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer<'a> {
    /// The account.
    account: &'a AccountId,
    /// The environment that serves it.
    environment: &'a Environment,
    /// Whether it gets copies of its own, or launches the building account's AMIs.
    copies: bool,
    /// Where it launches.
    regions: &'a BTreeSet<Region>,
    /// The recipes whose images it gets.
    recipes: &'a [RecipeName],
    /// The roles that it makes.
    roles: Vec<RoleAnswer>,
    /// What to type in the account.
    commands: Commands,
    /// What the documents do not have, and who is asked for it.
    missing: Option<String>,
}

/// A role.
#[derive(Debug, Serialize)]
struct RoleAnswer {
    title: String,
    purpose: Vec<String>,
    /// The trust policy; none if that is not for us to say.
    trust: Option<Value>,
    /// Inline policies, by name.
    inline: BTreeMap<String, Value>,
}

/// Commands as people paste them into a shell.
#[derive(Debug, Serialize)]
struct Commands {
    /// What creates everything at once.
    deploy: String,
    /// What creates what a rebuild needs, where the documents ask for rebuilds.
    rebuild: Option<String>,
    /// What makes the grants for Auto Scaling.
    grants: Vec<String>,
}

impl<'a> Answer<'a> {
    /// What the account has to make.
    pub fn of(served: &'a Served) -> Self {
        let admin = served.consumer.grant_admin.as_ref();
        Self {
            account: served.account(),
            environment: &served.environment,
            copies: served.copies(),
            regions: &served.consumer.regions,
            recipes: &served.recipes,
            roles: roles(served).into_iter().map(RoleAnswer::from).collect(),
            commands: Commands {
                deploy: commands::deploy(served),
                rebuild: commands::deploy_rebuild(served),
                grants: admin.map_or_else(Vec::new, |admin| commands::grants(served, admin)),
            },
            missing: served.missing(),
        }
    }
}

impl From<Role> for RoleAnswer {
    fn from(role: Role) -> Self {
        Self {
            title: role.title,
            purpose: role.purpose,
            trust: role.trust,
            inline: role.inline.into_iter().collect(),
        }
    }
}

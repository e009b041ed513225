//! What a resource's policy says of a request (IAM user guide, "Policy evaluation logic"); what the
//! caller's own policies say is their account's business, and not looked at.

use serde_json::Value;

use super::conditions::{Context, Holds, hold};
use super::read::{account_of, matches, principals, strings};
use super::{Foreign, Policy};

/// A request, as far as it is known.
pub(crate) struct Asked<'a> {
    /// The ARN of the role or user that asks.
    pub principal: &'a str,
    /// Such as `kms:Decrypt`.
    pub action: &'a str,
    /// The ARN of what the policy is of.
    pub resource: &'a str,
    /// What conditions can ask.
    pub context: &'a Context,
}

/// What a policy says of a request; the names are of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is allowed by this statement.
    Allowed(String),
    /// It is denied by this statement.
    Denied(String),
    /// No statement speaks of it, so it is denied.
    Silent,
    /// This statement might allow or deny it: why that cannot be told.
    Unsure(String),
}

impl Decision {
    /// The statement that allows it.
    pub(crate) fn allowed_by(&self) -> Option<&str> {
        if let Self::Allowed(by) = self {
            Some(by)
        } else {
            None
        }
    }

    /// The statement that denies it.
    pub(crate) fn denied_by(&self) -> Option<&str> {
        if let Self::Denied(by) = self {
            Some(by)
        } else {
            None
        }
    }

    /// Why it cannot be told.
    pub(crate) fn doubt(&self) -> Option<&str> {
        if let Self::Unsure(why) = self {
            Some(why)
        } else {
            None
        }
    }
}

impl Policy<'_> {
    /// What the policy says; all its statements have to be foreign ones.
    pub(crate) fn decide(&self, asked: &Asked<'_>) -> Decision {
        let said: Vec<(String, bool, Holds)> = self
            .foreign
            .iter()
            .enumerate()
            .map(|(place, one)| {
                (
                    one.name(place),
                    one.value["Effect"] == "Allow",
                    one.is_about(asked),
                )
            })
            .collect();
        let first = |allows: bool, wanted: fn(&Holds) -> bool| {
            said.iter()
                .find(|(_, allow, holds)| *allow == allows && wanted(holds))
        };
        let yes: fn(&Holds) -> bool = |holds| *holds == Holds::Yes;
        let unsure: fn(&Holds) -> bool = |holds| matches!(holds, Holds::Unsure(_));
        if let Some((name, ..)) = first(false, yes) {
            return Decision::Denied(name.clone());
        }
        match (first(true, yes), first(false, unsure), first(true, unsure)) {
            (Some(_), Some(doubt), _) | (None, _, Some(doubt)) => doubted(doubt),
            (Some((name, ..)), None, _) => Decision::Allowed(name.clone()),
            (None, _, None) => Decision::Silent,
        }
    }
}

fn doubted((name, _, holds): &(String, bool, Holds)) -> Decision {
    let why = match holds {
        Holds::Unsure(why) => why.as_str(),
        Holds::Yes | Holds::No => "",
    };
    Decision::Unsure(format!("statement {name} depends on {why}"))
}

impl Foreign<'_> {
    fn is_about(&self, asked: &Asked<'_>) -> Holds {
        let statement = &self.value;
        let fits =
            names_action(statement, asked.action) && names_resource(statement, asked.resource);
        Holds::from(fits)
            .and(names_principal(statement, asked.principal))
            .and(hold(statement, asked.context))
    }
}

/// Actions are not case-sensitive (IAM user guide, "IAM JSON policy elements: Action").
fn names_action(statement: &Value, action: &str) -> bool {
    let action = action.to_lowercase();
    let any = |element: &Value| {
        strings(element)
            .iter()
            .any(|one| matches(&one.to_lowercase(), &action))
    };
    if statement["NotAction"].is_null() {
        any(&statement["Action"])
    } else {
        !any(&statement["NotAction"])
    }
}

fn names_resource(statement: &Value, resource: &str) -> bool {
    let any = |element: &Value| strings(element).iter().any(|one| matches(one, resource));
    if statement["NotResource"].is_null() {
        any(&statement["Resource"])
    } else {
        !any(&statement["NotResource"])
    }
}

/// An account as principal stands for everybody in it (IAM user guide, "AWS JSON policy elements:
/// Principal").
fn names_principal(statement: &Value, principal: &str) -> Holds {
    if !statement["NotPrincipal"].is_null() {
        return Holds::Unsure("NotPrincipal".to_owned());
    }
    let account = account_of(principal);
    let is_account =
        |text: &str| (text.len() == 12 || text.ends_with(":root")) && account_of(text) == account;
    let named =
        |text: &&str| *text == "*" || *text == principal || (account.is_some() && is_account(text));
    principals(&statement["Principal"]).iter().any(named).into()
}

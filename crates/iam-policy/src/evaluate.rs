//! What policies say about a request (IAM User Guide, "Policy evaluation logic").

use crate::context::Context;
use crate::document::{Effect, Policy, Statement, Version};
use crate::glob;
use crate::truth::Truth;

/// A request, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The ARN of the role or user that asks, or of an account's root.
    pub principal: &'a str,
    /// Such as `kms:Decrypt`.
    pub action: &'a str,
    /// The ARN of the resource.
    pub resource: &'a str,
    /// What conditions can ask.
    pub context: &'a Context,
}

/// What a policy says about a request; the texts are the names of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// This statement allows it.
    Allowed(String),
    /// This statement denies it.
    ExplicitDeny(String),
    /// No statement is about it, so it is denied.
    ImplicitDeny,
    /// A statement might allow or deny it: which one, and what it depends on.
    Unknown(String),
}

/// What one statement says about a request.
struct Verdict {
    label: String,
    effect: Effect,
    applies: Truth,
}

impl Policy {
    /// What the policy of a resource says; the policies of the caller are not looked at.
    pub fn evaluate(&self, request: &Request<'_>) -> Decision {
        let verdict = |(index, statement): (usize, &Statement)| Verdict {
            label: statement.label(index),
            effect: statement.effect,
            applies: statement
                .matches_principal(request.principal)
                .and(self.matches(statement, request)),
        };
        decide(
            &self
                .statements
                .iter()
                .enumerate()
                .map(verdict)
                .collect::<Vec<_>>(),
        )
    }

    /// Whether one of its statements is about a request, whoever makes it. This is all that there is to
    /// the statement of an identity policy, which has no principal.
    pub fn matches(&self, statement: &Statement, request: &Request<'_>) -> Truth {
        let conditions = statement
            .conditions
            .iter()
            .map(|condition| condition.holds(self.version, request.context));
        Truth::from(statement.matches_action(request.action))
            .and(statement.matches_resource(self.version, request.resource))
            .and(conditions.fold(Truth::Yes, Truth::and))
    }
}

/// A deny that applies wins, then an allow that applies. A deny that may apply casts doubt on an allow,
/// and so does an allow that may apply on the implicit deny.
fn decide(verdicts: &[Verdict]) -> Decision {
    let first = |effect: Effect, wanted: fn(&Truth) -> bool| {
        verdicts
            .iter()
            .find(|one| one.effect == effect && wanted(&one.applies))
    };
    let applies: fn(&Truth) -> bool = |truth| *truth == Truth::Yes;
    let may_apply: fn(&Truth) -> bool = |truth| matches!(truth, Truth::Unknown(_));
    if let Some(denial) = first(Effect::Deny, applies) {
        return Decision::ExplicitDeny(denial.label.clone());
    }
    let doubtful = match first(Effect::Allow, applies) {
        Some(allowed) => match first(Effect::Deny, may_apply) {
            None => return Decision::Allowed(allowed.label.clone()),
            doubtful => doubtful,
        },
        None => first(Effect::Allow, may_apply),
    };
    doubtful.map_or(Decision::ImplicitDeny, Verdict::doubt)
}

impl Verdict {
    fn doubt(&self) -> Decision {
        let why = match &self.applies {
            Truth::Unknown(why) => why.as_str(),
            Truth::Yes | Truth::No => "",
        };
        Decision::Unknown(format!("statement {} depends on {why}", self.label))
    }
}

impl Statement {
    /// Whether it is about an action. The case of actions does not matter. A statement without actions
    /// is about none.
    pub fn matches_action(&self, action: &str) -> bool {
        let fits = |pattern: &String| glob::matches_ignore_case(pattern, action);
        match (&self.action, &self.not_action) {
            (Some(named), _) => named.iter().any(fits),
            (None, Some(excepted)) => !excepted.iter().any(fits),
            (None, None) => false,
        }
    }

    /// A `*` in a resource reaches beyond colons (IAM User Guide, "IAM JSON policy elements:
    /// Resource"). A statement without resources is about none.
    fn matches_resource(&self, version: Version, resource: &str) -> Truth {
        let fits = |pattern: &String| {
            if version.has_variables() && pattern.contains("${") {
                Truth::Unknown(format!("the resource {pattern}"))
            } else {
                Truth::from(glob::matches(pattern, resource))
            }
        };
        let any = |patterns: &[String]| patterns.iter().map(fits).fold(Truth::No, Truth::or);
        match (&self.resource, &self.not_resource) {
            (Some(named), _) => any(named),
            (None, Some(excepted)) => any(excepted).negate(),
            (None, None) => Truth::No,
        }
    }
}

impl Decision {
    /// The statement that allows it.
    pub fn allowed_by(&self) -> Option<&str> {
        if let Self::Allowed(by) = self {
            Some(by)
        } else {
            None
        }
    }

    /// The statement that denies it.
    pub fn denied_by(&self) -> Option<&str> {
        if let Self::ExplicitDeny(by) = self {
            Some(by)
        } else {
            None
        }
    }

    /// Why it is not known.
    pub fn doubt(&self) -> Option<&str> {
        if let Self::Unknown(why) = self {
            Some(why)
        } else {
            None
        }
    }
}

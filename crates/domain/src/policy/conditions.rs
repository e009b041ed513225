//! Whether the conditions of a statement hold for a request of which not everything is known.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators". What is not understood, an
//! operator, a key or a policy variable, is unsure and never guessed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::read::{matches, matches_arn, strings};

/// What is known of a request, by condition key in lower case; a key without values is known to be absent,
/// and of a key that is not here nothing is known.
pub(crate) type Context = BTreeMap<&'static str, Vec<String>>;

/// Whether something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holds {
    Yes,
    No,
    /// It cannot be told, because of this.
    Unsure(String),
}

/// How a value of a policy is compared with one of a request.
type Comparison = fn(&str, &str) -> bool;

/// An operator such as `ForAllValues:StringNotLikeIfExists`, taken apart.
struct Operator {
    /// Every value must match, not one.
    all: bool,
    compares: Comparison,
    negated: bool,
    if_exists: bool,
}

/// Whether all conditions of `statement` hold.
pub(super) fn hold(statement: &Value, context: &Context) -> Holds {
    let Some(operators) = statement["Condition"].as_object() else {
        return Holds::Yes;
    };
    let each = operators.iter().flat_map(|(operator, keys)| {
        keys.as_object()
            .into_iter()
            .flatten()
            .map(move |(key, wanted)| (operator, key, strings(wanted)))
    });
    each.map(|(operator, key, wanted)| holds(operator, key, &wanted, context))
        .fold(Holds::Yes, Holds::and)
}

impl Holds {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unsure(why), _) | (_, Self::Unsure(why)) => Self::Unsure(why),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

fn holds(operator: &str, key: &str, wanted: &[&str], context: &Context) -> Holds {
    let unsure = || Holds::Unsure(format!("{operator} of {key}"));
    let Some(found) = context.get(key.to_lowercase().as_str()) else {
        return unsure();
    };
    if wanted.iter().any(|value| value.contains("${")) {
        return unsure();
    }
    if operator == "Null" {
        let absent = found.is_empty().to_string();
        return wanted
            .iter()
            .any(|value| value.eq_ignore_ascii_case(&absent))
            .into();
    }
    Operator::read(operator).map_or_else(unsure, |operator| operator.holds(found, wanted).into())
}

impl Operator {
    fn read(text: &str) -> Option<Self> {
        let (all, text) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (true, rest),
            Some(("ForAnyValue", rest)) => (false, rest),
            Some(_) => return None,
            None => (false, text),
        };
        let (text, if_exists) = text
            .strip_suffix("IfExists")
            .map_or((text, false), |rest| (rest, true));
        let (compares, negated) = comparison(text)?;
        Some(Self {
            all,
            compares,
            negated,
            if_exists,
        })
    }

    /// Of a key that is absent, what is negated, `...IfExists` and `ForAllValues` hold.
    fn holds(&self, found: &[String], wanted: &[&str]) -> bool {
        let is_wanted = |value: &String| wanted.iter().any(|wanted| (self.compares)(wanted, value));
        match (found.is_empty(), self.all) {
            (true, all) => all || self.negated || self.if_exists,
            (false, true) => found.iter().all(|value| is_wanted(value) != self.negated),
            (false, false) => found.iter().any(is_wanted) != self.negated,
        }
    }
}

/// The comparison that an operator makes, and whether it is then turned around.
fn comparison(operator: &str) -> Option<(Comparison, bool)> {
    let same: Comparison = |wanted, value| wanted == value;
    Some(match operator {
        "StringEquals" => (same, false),
        "StringNotEquals" => (same, true),
        "StringEqualsIgnoreCase" | "Bool" => (str::eq_ignore_ascii_case, false),
        "StringNotEqualsIgnoreCase" => (str::eq_ignore_ascii_case, true),
        "StringLike" => (matches, false),
        "StringNotLike" => (matches, true),
        "ArnEquals" | "ArnLike" => (matches_arn, false),
        "ArnNotEquals" | "ArnNotLike" => (matches_arn, true),
        _ => return None,
    })
}

//! Whether the conditions of a statement hold.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
//!
//! What is not understood, an operator, a key or a policy variable, makes a condition
//! [`Verdict::Unknown`]: such a statement allows nothing, and denies what it might deny.

use std::collections::BTreeMap;

use super::context::{Context, Known};
use super::pattern;
use super::policy::Many;

/// Whether conditions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    Unknown,
}

/// How many of a key's values must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Any,
    All,
}

/// How a value of a call is compared with one of a policy.
type Comparison = fn(&str, &str) -> bool;

/// An operator such as `ForAnyValue:StringNotLikeIfExists`, taken apart.
struct Operator {
    quantity: Option<Quantity>,
    compares: Comparison,
    negated: bool,
    if_exists: bool,
}

/// Whether all of a statement's conditions hold.
pub(super) fn hold(
    condition: &BTreeMap<String, BTreeMap<String, Many>>,
    context: &Context,
) -> Verdict {
    let verdicts = condition.iter().flat_map(|(operator, keys)| {
        keys.iter()
            .map(move |(key, wanted)| one_holds(operator, key, &wanted.0, context))
    });
    verdicts.fold(Verdict::Yes, Verdict::and)
}

impl Verdict {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

fn one_holds(operator: &str, key: &str, wanted: &[String], context: &Context) -> Verdict {
    let known = context.value(key);
    let has_variable = wanted.iter().any(|value| value.contains("${"));
    if known == Known::Unknown || has_variable {
        return Verdict::Unknown;
    }
    if operator == "Null" {
        let absent = known == Known::Absent;
        return wanted
            .iter()
            .any(|value| value.eq_ignore_ascii_case(&absent.to_string()))
            .into();
    }
    match (Operator::read(operator), known) {
        (None, _) | (_, Known::Unknown) => Verdict::Unknown,
        (Some(operator), Known::Absent) => operator.holds_without_value().into(),
        (Some(operator), Known::Present(values)) => operator.holds(values, wanted).into(),
    }
}

impl Operator {
    fn read(text: &str) -> Option<Self> {
        let (quantity, text) = match text.split_once(':') {
            Some(("ForAnyValue", rest)) => (Some(Quantity::Any), rest),
            Some(("ForAllValues", rest)) => (Some(Quantity::All), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (text, if_exists) = text
            .strip_suffix("IfExists")
            .map_or((text, false), |base| (base, true));
        let (compares, negated) = comparison(text)?;
        Some(Self {
            quantity,
            compares,
            negated,
            if_exists,
        })
    }

    /// A key that is not there matches what is negated, `...IfExists` and `ForAllValues`.
    fn holds_without_value(&self) -> bool {
        match self.quantity {
            Some(Quantity::All) => true,
            Some(Quantity::Any) => self.if_exists,
            None => self.negated || self.if_exists,
        }
    }

    fn holds(&self, values: &[String], wanted: &[String]) -> bool {
        let is_wanted = |value: &String| wanted.iter().any(|one| (self.compares)(one, value));
        let matches = |value: &String| is_wanted(value) != self.negated;
        match self.quantity {
            Some(Quantity::All) => values.iter().all(matches),
            Some(Quantity::Any) => values.iter().any(matches),
            // A key with one value; of several, one that is unwanted is enough to fail a negation.
            None => values.iter().any(is_wanted) != self.negated,
        }
    }
}

/// The comparison that an operator makes, and whether it is then turned around.
fn comparison(operator: &str) -> Option<(Comparison, bool)> {
    let equals: Comparison = |wanted, value| wanted == value;
    let equals_any_case: Comparison = |wanted, value| wanted.to_lowercase() == value.to_lowercase();
    Some(match operator {
        "StringEquals" => (equals, false),
        "StringNotEquals" => (equals, true),
        "StringEqualsIgnoreCase" | "Bool" => (equals_any_case, false),
        "StringNotEqualsIgnoreCase" => (equals_any_case, true),
        "StringLike" => (pattern::matches, false),
        "StringNotLike" => (pattern::matches, true),
        // The two behave the same: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
        "ArnEquals" | "ArnLike" => (pattern::matches_arn, false),
        "ArnNotEquals" | "ArnNotLike" => (pattern::matches_arn, true),
        _ => return None,
    })
}

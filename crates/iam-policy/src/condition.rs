//! Conditions: their operators, set quantifiers and `...IfExists` (IAM User Guide, "IAM JSON policy
//! elements: Condition operators", "Single-valued vs. multivalued context keys").
//!
//! Supported are the operators on strings, booleans and ARNs, and `Null`. Those on numbers, dates,
//! binary values and IP addresses are not: such a condition is [`Truth::Unknown`].

use crate::context::{Context, KeyValue};
use crate::document::Version;
use crate::glob;
use crate::truth::Truth;

/// One condition of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Such as `ForAnyValue:StringLike`.
    pub operator: String,
    /// Such as `aws:PrincipalOrgPaths`.
    pub key: String,
    /// What the key is compared with.
    pub values: Vec<String>,
}

/// How many of a key's values must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    ForAnyValue,
    ForAllValues,
}

/// How a value of the policy is compared with one of the request.
#[derive(Clone, Copy)]
struct Comparison {
    matches: fn(&str, &str) -> bool,
    /// Whether a policy's value can be compared at all.
    accepts: fn(&str) -> bool,
}

/// An operator such as `ForAnyValue:StringNotLikeIfExists`, taken apart.
struct Operator {
    quantifier: Option<Quantifier>,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
}

impl Condition {
    /// Whether the condition holds for a request.
    pub(crate) fn holds(&self, version: Version, context: &Context) -> Truth {
        let has_variable = version.has_variables() && self.values.iter().any(|v| v.contains("${"));
        let known = if has_variable {
            None
        } else if self.operator == "Null" {
            self.is_null(context.value(&self.key))
        } else {
            Operator::read(&self.operator)
                .and_then(|operator| operator.holds(context.value(&self.key), &self.values))
        };
        let unknown = || Truth::Unknown(format!("{} of {}", self.operator, self.key));
        known.map_or_else(unknown, Truth::from)
    }

    fn is_null(&self, value: KeyValue<'_>) -> Option<bool> {
        let null = match value {
            KeyValue::Unknown => return None,
            KeyValue::Absent => true,
            KeyValue::Present(values) => values.iter().all(String::is_empty),
        };
        let is_wanted = |wanted: &String| wanted.eq_ignore_ascii_case(&null.to_string());
        let readable = self.values.iter().all(|wanted| is_bool(wanted));
        readable.then(|| self.values.iter().any(is_wanted))
    }
}

impl Operator {
    fn read(text: &str) -> Option<Self> {
        let (quantifier, text) = match text.split_once(':') {
            Some(("ForAnyValue", rest)) => (Some(Quantifier::ForAnyValue), rest),
            Some(("ForAllValues", rest)) => (Some(Quantifier::ForAllValues), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (text, if_exists) = text
            .strip_suffix("IfExists")
            .map_or((text, false), |base| (base, true));
        let (comparison, negated) = comparison(text)?;
        Some(Self {
            quantifier,
            comparison,
            negated,
            if_exists,
        })
    }

    /// Whether it holds; nothing if that is not known.
    fn holds(&self, value: KeyValue<'_>, wanted: &[String]) -> Option<bool> {
        if !wanted.iter().all(|one| (self.comparison.accepts)(one)) {
            return None;
        }
        match value {
            KeyValue::Unknown => None,
            KeyValue::Absent => self.holds_without_value(),
            KeyValue::Present(values) => self.holds_with(values, wanted),
        }
    }

    /// IAM says both of `ForAnyValue:...IfExists`: it is false without a value, and true. So nothing
    /// is known about it.
    fn holds_without_value(&self) -> Option<bool> {
        match self.quantifier {
            Some(Quantifier::ForAllValues) => Some(true),
            Some(Quantifier::ForAnyValue) => (!self.if_exists).then_some(false),
            None => Some(self.negated || self.if_exists),
        }
    }

    /// A set of empty texts is null: all its values match, and none does. Several values need a
    /// quantifier: what IAM does without one is not documented.
    fn holds_with(&self, values: &[String], wanted: &[String]) -> Option<bool> {
        let is_wanted = |value: &String| {
            wanted
                .iter()
                .any(|one| (self.comparison.matches)(one, value))
        };
        let matches = |value: &String| is_wanted(value) != self.negated;
        let mut filled = values.iter().filter(|value| !value.is_empty());
        match (self.quantifier, values) {
            (Some(Quantifier::ForAllValues), _) => Some(filled.all(matches)),
            (Some(Quantifier::ForAnyValue), _) => Some(filled.any(matches)),
            (None, [value]) => Some(matches(value)),
            (None, _) => None,
        }
    }
}

/// The comparison that an operator makes, and whether it is then negated. `ArnEquals` and `ArnLike`
/// are the same.
fn comparison(operator: &str) -> Option<(Comparison, bool)> {
    let of = |matches, accepts| Comparison { matches, accepts };
    let exact = of(|wanted, value| wanted == value, |_| true);
    let any_case = of(
        |wanted, value| wanted.to_lowercase() == value.to_lowercase(),
        |_| true,
    );
    let like = of(glob::matches, |_| true);
    let bool = of(str::eq_ignore_ascii_case, is_bool);
    let arn = of(glob::matches_arn, glob::is_arn);
    Some(match operator {
        "StringEquals" => (exact, false),
        "StringNotEquals" => (exact, true),
        "StringEqualsIgnoreCase" => (any_case, false),
        "StringNotEqualsIgnoreCase" => (any_case, true),
        "StringLike" => (like, false),
        "StringNotLike" => (like, true),
        "Bool" => (bool, false),
        "ArnEquals" | "ArnLike" => (arn, false),
        "ArnNotEquals" | "ArnNotLike" => (arn, true),
        _ => return None,
    })
}

fn is_bool(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

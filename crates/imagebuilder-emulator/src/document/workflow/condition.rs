//! The `if` of a step: one comparison, or `and`, `or` and `not` over others.

use crate::document::{
    DocumentError,
    yaml::{Fields, Node},
};

const COMPARISONS: [&str; 7] = [
    "booleanEquals",
    "numberEquals",
    "numberGreaterThan",
    "numberGreaterThanEquals",
    "numberLessThan",
    "numberLessThanEquals",
    "stringEquals",
];

/// Checks the form of a condition. Whether operands have the operator's type is left to the run.
pub(super) fn check(node: &Node) -> Result<(), DocumentError> {
    let fields = node.fields()?;
    for branch in ["and", "or"] {
        if let Some(conditions) = fields.get(branch) {
            fields.only(&[branch])?;
            return conditions
                .list()?
                .iter()
                .try_for_each(check)
                .map_err(|error| error.within(branch));
        }
    }
    if let Some(negated) = fields.get("not") {
        fields.only(&["not"])?;
        return check_negated(negated).map_err(|error| error.within("not"));
    }
    check_comparison(&fields)
}

/// The documentation shows one condition below `not`; a list of them is let pass.
fn check_negated(node: &Node) -> Result<(), DocumentError> {
    node.list().map_or_else(
        |_| check(node),
        |conditions| conditions.iter().try_for_each(check),
    )
}

fn check_comparison(fields: &Fields<'_>) -> Result<(), DocumentError> {
    let operators: Vec<_> = COMPARISONS
        .iter()
        .filter(|operator| fields.get(operator).is_some())
        .collect();
    let [operator] = operators.as_slice() else {
        let choice = COMPARISONS.join(", ");
        return Err(fields
            .node
            .problem(format!("expected one of and, or, not, {choice}")));
    };
    fields.required("value")?;
    fields.only(&[operator, "value"])
}

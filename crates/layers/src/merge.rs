//! Which value of a variable counts, and which others there were.

use std::collections::BTreeMap;

use goldsmith_domain::document::Json;

use crate::origin::Origin;

/// A value that something gives to a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The variable.
    pub name: String,
    /// The value; `null` gives none.
    pub value: Json,
    /// Where it comes from.
    pub origin: Origin,
}

/// A value that a nearer layer overrode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    /// The value.
    pub value: Json,
    /// Where it comes from.
    pub origin: Origin,
}

/// A variable with the value that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The value that counts; never `null`.
    pub value: Json,
    /// Where it comes from.
    pub origin: Origin,
    /// The values that it overrode, the nearest first.
    pub overrode: Vec<Overridden>,
}

/// The variables by name.
pub type Variables = BTreeMap<String, Variable>;

/// Merges the values of all layers. A later layer overrides an earlier one, and in one layer what comes later
/// overrides what comes before it. `null` overrides nothing: it says that something else gives the value.
pub fn merge(given: impl IntoIterator<Item = Given>) -> Variables {
    let mut given: Vec<Given> = given.into_iter().collect();
    given.retain(|given| given.value != Json::Null);
    // The sort is stable, so that the order within a layer stays.
    given.sort_by_key(|given| given.origin.layer);
    let mut variables = Variables::new();
    for Given {
        name,
        value,
        origin,
    } in given
    {
        let before = variables.remove(&name);
        let variable = Variable {
            name: name.clone(),
            value,
            origin,
            overrode: before.map(overridden).unwrap_or_default(),
        };
        variables.insert(name, variable);
    }
    variables
}

/// The value of a variable, and those that it had overridden.
fn overridden(before: Variable) -> Vec<Overridden> {
    let Variable {
        value,
        origin,
        overrode,
        ..
    } = before;
    std::iter::once(Overridden { value, origin })
        .chain(overrode)
        .collect()
}

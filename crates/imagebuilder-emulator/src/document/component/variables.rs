//! The parameters and constants of a component document.

use std::collections::BTreeSet;

use super::ComponentParameter;
use crate::document::{
    DocumentError,
    yaml::{Fields, Node},
};

/// Checks parameters and constants, which share their names, and returns the parameters.
pub(super) fn read(root: &Fields<'_>) -> Result<Vec<ComponentParameter>, DocumentError> {
    let mut names = BTreeSet::new();
    let mut parameters = Vec::new();
    for entry in root.list("parameters")? {
        parameters.push(variable(entry, "parameter", &mut names, parameter)?);
    }
    for entry in root.list("constants")? {
        variable(entry, "constant", &mut names, constant)?;
    }
    Ok(parameters)
}

/// One entry of the list: a mapping of the name to its properties.
fn variable<'n, T>(
    entry: &'n Node,
    sort: &str,
    names: &mut BTreeSet<&'n str>,
    read: fn(&str, &Fields<'n>) -> Result<T, DocumentError>,
) -> Result<T, DocumentError> {
    let fields = entry.fields().map_err(|error| error.within(sort))?;
    let &[(name, body)] = fields.entries() else {
        return Err(entry.problem(format!(
            "found {} keys, expected one name",
            fields.entries().len()
        )))
        .map_err(|error| error.within(sort));
    };
    let within = |error: DocumentError| error.within(format!("{sort} '{name}'"));
    check_name(entry, name).map_err(within)?;
    if !names.insert(name) {
        return Err(within(entry.problem("the name is there twice")));
    }
    body.fields()
        .and_then(|body| read(name, &body))
        .map_err(within)
}

/// 3 to 128 letters, digits, dashes or underscores.
fn check_name(entry: &Node, name: &str) -> Result<(), DocumentError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (3..=128).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    Err(entry.problem("a name has 3 to 128 letters, digits, dashes or underscores"))
}

fn parameter(name: &str, body: &Fields<'_>) -> Result<ComponentParameter, DocumentError> {
    let r#type = declared_type(body)?;
    for value in body.list("allowedValues")? {
        value
            .text()
            .map_err(|error| error.within("allowedValues"))?;
    }
    Ok(ComponentParameter {
        name: name.to_owned(),
        r#type: r#type.to_owned(),
        default_value: body
            .get("default")
            .map(values)
            .transpose()
            .map_err(|error| error.within("default"))?,
        description: body.text("description")?.map(str::to_owned),
    })
}

fn constant(_: &str, body: &Fields<'_>) -> Result<(), DocumentError> {
    declared_type(body)?;
    values(body.required("value")?).map_err(|error| error.within("value"))?;
    Ok(())
}

/// The User Guide knows `string` only, but mentions `stringList`, and the API lists all four.
fn declared_type<'n>(body: &Fields<'n>) -> Result<&'n str, DocumentError> {
    let r#type = body.required_text("type")?;
    match r#type.to_ascii_lowercase().as_str() {
        "string" | "stringlist" | "integer" | "boolean" => Ok(r#type),
        _ => Err(body
            .node
            .problem(format!("the type is '{type}', expected string"))),
    }
}

/// One value, or those of a list.
fn values(node: &Node) -> Result<Vec<String>, DocumentError> {
    match node.list() {
        Ok(items) => items
            .iter()
            .map(|item| item.text().map(str::to_owned))
            .collect(),
        Err(_) => Ok(vec![node.text()?.to_owned()]),
    }
}

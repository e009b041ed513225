//! `goldsmith schema`: the JSON Schemas of the documents, for editors and other tools.

use goldsmith_domain::document::schema::schemas;
use serde_json::{Map, Value};

use crate::arguments::Schema;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::printer::Printer;

/// Prints one schema, or all of them as members of one object.
pub fn run(arguments: &Schema, printer: Printer) -> Result<Exit, JsonError> {
    let schema = match arguments.document {
        Some(document) => named(document.as_str()),
        None => Value::Object(
            schemas()
                .into_iter()
                .map(|(name, schema)| (name.to_owned(), schema))
                .collect(),
        ),
    };
    printer.stdout(&json::pretty(&schema)?);
    Ok(Exit::Done)
}

fn named(wanted: &str) -> Value {
    let found = schemas().into_iter().find(|(name, _)| *name == wanted);
    found.map_or_else(|| Value::Object(Map::new()), |(_, schema)| schema)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;
    use crate::arguments::SchemaName;

    #[test]
    fn every_schema_has_a_name_and_every_name_a_schema() {
        let names: Vec<&str> = SchemaName::value_variants()
            .iter()
            .map(|name| name.as_str())
            .collect();
        assert_eq!(
            names,
            schemas().iter().map(|(name, _)| *name).collect::<Vec<_>>()
        );
        assert!(
            names
                .iter()
                .all(|name| named(name)["properties"].is_object())
        );
    }
}

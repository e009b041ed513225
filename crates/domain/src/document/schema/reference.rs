//! docs/environment.md: every member of every document, made from the schemas.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{names, schemas};

/// What a page of members begins with.
const HEAD: &str = include_str!("reference_head.md");
/// What no schema describes.
const COMPONENTS: &str = include_str!("reference_components.md");

/// The page, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut values = Map::new();
    for (_, schema) in schemas() {
        let document = Document {
            definitions: &schema["$defs"],
        };
        page.push_str(&document.sections(&schema));
        values.extend(document.values());
    }
    page.push_str(COMPONENTS);
    page.push_str(&table_of_values(&values));
    page
}

/// A schema of a document.
#[derive(Clone, Copy)]
struct Document<'a> {
    definitions: &'a Value,
}

/// An object of a document that has a table of its own.
struct Section<'a> {
    /// Where the object is, such as `consumers[]`; an object that is in several places has a table once.
    paths: Vec<String>,
    /// What tells it apart from other objects at this place.
    key: Option<&'a str>,
    schema: &'a Value,
}

impl<'a> Document<'a> {
    /// A heading and a table for the document and each object in it, the outer ones first.
    fn sections(self, schema: &'a Value) -> String {
        let title = schema["title"].as_str().unwrap_or_default();
        let mut page = format!("\n## `{title}`\n\n{}\n", sentence(schema));
        page.push_str(&self.table(schema));
        for section in each_once(self.below("", schema)) {
            page.push_str(&section.heading());
            page.push_str(&self.table(section.schema));
        }
        page
    }

    /// The objects in an object, and those in them.
    fn below(self, path: &str, schema: &'a Value) -> Vec<Section<'a>> {
        let mut all = Vec::new();
        for section in self.inner(path, schema) {
            let below = self.below(&section.paths[0], section.schema);
            all.push(section);
            all.extend(below);
        }
        all
    }

    fn table(self, object: &Value) -> String {
        let mut table =
            "\n| member | type | default | example | effect |\n|---|---|---|---|---|\n".to_owned();
        for (name, member) in properties(object) {
            let required = list(&object["required"]).any(|required| required == name);
            push_row(&mut table, &self.row(name, member, required));
        }
        for (name, member) in other_members(object) {
            push_row(&mut table, &self.row(&name, self.resolved(member), false));
        }
        table
    }

    fn row(self, name: &str, member: &Value, required: bool) -> [String; 5] {
        let default = if required {
            "required".to_owned()
        } else {
            member
                .get("default")
                .map_or_else(|| "none".to_owned(), code)
        };
        let examples: Vec<String> = list(&member["examples"]).map(code).collect();
        let examples = examples.join(" or ");
        [
            format!("`{name}`"),
            self.kind(member),
            default,
            examples,
            sentence(member),
        ]
    }

    /// The objects right inside of a section.
    fn inner(self, path: &str, schema: &'a Value) -> Vec<Section<'a>> {
        let own = properties(schema).map(|(name, member)| (joined(path, name), member));
        let named = other_members(schema).map(|(name, member)| (joined(path, &name), member));
        own.chain(named)
            .flat_map(|(path, member)| self.objects(path, member))
            .collect()
    }

    /// The objects with members that a value may be, or hold in lists and maps.
    fn objects(self, path: String, member: &'a Value) -> Vec<Section<'a>> {
        let schema = self.resolved(member);
        if let Some(items) = schema.get("items") {
            return self.objects(format!("{path}[]"), items);
        }
        if schema.get("anyOf").is_some() {
            let choices = list(&schema["anyOf"]);
            let mut all: Vec<Section<'a>> = choices
                .flat_map(|choice| self.objects(path.clone(), choice))
                .collect();
            if all.len() > 1 {
                for section in &mut all {
                    section.key = list(&section.schema["required"]).find_map(Value::as_str);
                }
            }
            return all;
        }
        if schema.get("properties").is_some() {
            let (paths, key) = (vec![path], None);
            return vec![Section { paths, key, schema }];
        }
        other_members(schema)
            .flat_map(|(name, member)| self.objects(joined(&path, &name), member))
            .collect()
    }

    /// What a value is, as words.
    fn kind(self, member: &Value) -> String {
        if let Some(name) = reference_name(member) {
            let target = &self.definitions[name];
            if target["type"] == "string" && target.get("enum").is_none() {
                return format!("[{}](#values)", spaced(name));
            }
        }
        let schema = self.resolved(member);
        if let Some(constant) = schema.get("const") {
            return code(constant);
        }
        if schema.get("enum").is_some() {
            return list(&schema["enum"])
                .map(code)
                .collect::<Vec<_>>()
                .join(" or ");
        }
        if schema.get("anyOf").is_some() {
            let choices = list(&schema["anyOf"]).map(|choice| self.kind(choice));
            return alternatives(choices.collect());
        }
        match schema["type"].as_str() {
            Some("array") => format!("list of: {}", self.kind(&schema["items"])),
            Some("object") => self.map(schema),
            Some("integer") => {
                format!("number from {} to {}", schema["minimum"], schema["maximum"])
            }
            Some("boolean") => "`true` or `false`".to_owned(),
            _ => "text".to_owned(),
        }
    }

    /// An object: its own members have a table, those with any name are told by what they hold.
    fn map(self, schema: &Value) -> String {
        if schema.get("properties").is_some() {
            return "object".to_owned();
        }
        let of = other_members(schema)
            .map(|(name, member)| (name, self.kind(member)))
            .next();
        of.map_or_else(
            || "object".to_owned(),
            |(name, kind)| format!("object, by {}: {kind}", name.trim_matches(['<', '>'])),
        )
    }

    fn resolved(self, member: &'a Value) -> &'a Value {
        reference_name(member).map_or(member, |name| &self.definitions[name])
    }

    /// The definitions of texts, with what each may be.
    fn values(self) -> impl Iterator<Item = (String, Value)> {
        let all = self.definitions.as_object().into_iter().flatten();
        all.filter(|(_, schema)| schema["type"] == "string" && schema.get("enum").is_none())
            .map(|(name, schema)| (spaced(name), schema.clone()))
    }
}

impl Section<'_> {
    fn heading(&self) -> String {
        let paths: Vec<String> = self.paths.iter().map(|path| format!("`{path}`")).collect();
        let with = self
            .key
            .map(|key| format!(" with `{key}`"))
            .unwrap_or_default();
        format!(
            "\n### {}{with}\n\n{}\n",
            paths.join(", "),
            sentence(self.schema)
        )
    }
}

/// The sections, those of one object as one.
fn each_once(sections: Vec<Section<'_>>) -> Vec<Section<'_>> {
    let mut once: Vec<Section<'_>> = Vec::new();
    for section in sections {
        match once
            .iter_mut()
            .find(|known| std::ptr::eq(known.schema, section.schema))
        {
            Some(known) => known.paths.extend(section.paths),
            None => once.push(section),
        }
    }
    once
}

fn table_of_values(values: &Map<String, Value>) -> String {
    let mut table = "\n## Values\n\n| type | what it is |\n|---|---|\n".to_owned();
    for (name, schema) in values {
        push_row(&mut table, &[name.clone(), sentence(schema)]);
    }
    table
}

fn push_row(table: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    writeln!(table, "| {} |", cells.join(" | ")).expect("a string takes any text");
}

fn properties(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = object["properties"].as_object().into_iter().flatten();
    members.map(|(name, member)| (name.as_str(), member))
}

/// Members that any name may have, under a name for the name: `<region>`.
fn other_members(object: &Value) -> impl Iterator<Item = (String, &Value)> {
    let by_pattern = object["patternProperties"]
        .as_object()
        .into_iter()
        .flatten();
    let named = by_pattern.map(|(pattern, member)| {
        let name = names::with_pattern(pattern).unwrap_or("Name");
        (format!("<{}>", spaced(name)), member)
    });
    let others = object
        .get("additionalProperties")
        .filter(|others| others.is_object());
    named.chain(others.map(|member| ("<name>".to_owned(), member)))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn reference_name(member: &Value) -> Option<&str> {
    member["$ref"].as_str()?.strip_prefix("#/$defs/")
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// Each choice once: three kinds of objects are one word.
fn alternatives(mut choices: Vec<String>) -> String {
    choices.dedup();
    choices.join(" or ")
}

fn code(value: &Value) -> String {
    format!("`{value}`")
}

/// A description, as one line.
fn sentence(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.replace('\n', " ")
}

/// `AccountId` as words.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    let known = [
        ("arn", "ARN"),
        ("ami", "AMI"),
        ("vpc", "VPC"),
        ("region", "Region"),
    ];
    let upper = |word| {
        known
            .into_iter()
            .find(|(lower, _)| *lower == word)
            .map_or(word, |(_, upper)| upper)
    };
    words.split(' ').map(upper).collect::<Vec<_>>().join(" ")
}

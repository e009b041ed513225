//! Templates in JSON, the form of Packer's first years and of the Rake and Packer framework.

use serde_json::Value as Json;

use super::interpolate::Variables;
use super::template::{Block, Build, Template};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::{ImportError, LeftKind, Place};
use crate::source::Sources;
use crate::value::{Data, Value};

/// The JSON of a file.
pub(crate) fn parsed(path: &str, text: &str) -> Result<Value, ImportError> {
    let json: Result<Json, _> = serde_json::from_str(text.trim_start_matches('\u{FEFF}'));
    json.map(|json| Value::of_json(&json))
        .map_err(|error| ImportError::Unreadable {
            place: Place {
                line: Some(error.line()),
                ..Place::file(path)
            },
            found: "something else".to_owned(),
            expected: "JSON that nests at most 128 levels",
        })
}

/// Whether a file has the name of JSON.
pub(crate) fn is_json(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "json")
}

/// The paths of templates in the folder itself.
pub(crate) fn templates(sources: &Sources) -> Vec<&str> {
    let paths = sources
        .paths()
        .filter(|path| !path.contains('/') && is_json(path));
    let is_template = |path: &&str| {
        let text = sources.text(path).unwrap_or_default();
        text.contains("\"builders\"")
            && parsed(path, text).is_ok_and(|value| value.get("builders").is_some())
    };
    paths.filter(is_template).collect()
}

/// The variables that a template declares, with their defaults.
pub(crate) fn variables(template: &Value, place: &Place, ledger: &mut Ledger) -> Variables {
    let mut variables = Variables::default();
    let sensitive = template
        .get("sensitive-variables")
        .map(Value::items)
        .unwrap_or_default();
    let sensitive: Vec<String> = sensitive
        .iter()
        .filter_map(|name| name.text().ok())
        .collect();
    let declared = template.get("variables");
    for (name, value) in declared.and_then(Value::entries).unwrap_or_default() {
        variables.set(name, value, sensitive.contains(name));
    }
    if declared.is_some_and(|declared| declared.entries().is_none()) {
        let place = place.key("variables");
        ledger.left(
            LeftKind::Invalid,
            &place,
            "something else",
            "expected an object",
        );
    }
    variables
}

/// The template, with these variables filled in.
pub(crate) fn template(
    value: &Value,
    variables: &Variables,
    place: &Place,
    ledger: &mut Ledger,
) -> Template {
    let mut fields = Fields::new(value, place);
    for key in [
        "variables",
        "sensitive-variables",
        "description",
        "min_packer_version",
        "_comment",
    ] {
        fields.take(key);
    }
    let mut blocks = |key: &str| {
        let Some(list) = fields.take(key) else {
            return Vec::new();
        };
        let place = place.key(key);
        let mut all = Vec::new();
        for (index, item) in flat(list).into_iter().enumerate() {
            let place = place.item(index);
            all.extend(block(&item, &place, variables, ledger));
        }
        all
    };
    let build = Build {
        builders: blocks("builders"),
        provisioners: blocks("provisioners"),
        post_processors: blocks("post-processors"),
    };
    fields.finish(ledger);
    Template {
        builds: vec![build],
        data: Vec::new(),
        folder: String::new(),
    }
}

/// The items of a list, in which a sequence of post-processors is a list of its own.
fn flat(list: &Value) -> Vec<Value> {
    let Data::List(items) = &list.data else {
        return vec![list.clone()];
    };
    let inner = |item: &Value| match &item.data {
        Data::List(items) => items.clone(),
        Data::Null | Data::Flag(_) | Data::Number(_) | Data::Text(_) | Data::Object(_) => {
            vec![item.clone()]
        }
    };
    items.iter().flat_map(inner).collect()
}

/// One of them; a post-processor may be its type alone.
fn block(item: &Value, place: &Place, variables: &Variables, ledger: &mut Ledger) -> Option<Block> {
    if let Ok(kind) = item.text() {
        return Some(Block {
            kind,
            name: String::new(),
            settings: Data::Object(Vec::new()).into(),
            place: place.clone(),
        });
    }
    let Some(Ok(kind)) = item.get("type").map(Value::text) else {
        ledger.left(
            LeftKind::Invalid,
            place,
            &item.summary(),
            "expected a `type`",
        );
        return None;
    };
    let mut entries = item.entries().unwrap_or_default().to_vec();
    let is_builder = place.path.starts_with("builders");
    let name = item.get("name").map(|name| variables.fill(name).text());
    entries.retain(|(key, _)| key != "type" && !(is_builder && key == "name"));
    let settings = Value::from(Data::Object(entries));
    Some(Block {
        name: name.and_then(Result::ok).unwrap_or_default(),
        settings: variables.fill(&settings),
        kind,
        place: place.clone(),
    })
}

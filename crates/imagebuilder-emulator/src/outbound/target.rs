//! Targets of rules, and what of an event they get: all of it, a part, a constant, or a template.

use std::collections::BTreeMap;

use serde_json::Value;

/// A target of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub arn: String,
    input: Input,
}

#[derive(Debug, Clone, PartialEq)]
enum Input {
    Whole,
    Constant(String),
    /// A path such as `$.detail.state`.
    Part(String),
    /// A template with `<name>`, and the paths of the names.
    Template(String, BTreeMap<String, String>),
}

impl Target {
    /// A target as ListTargetsByRule answers it.
    pub fn read(target: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let transformer = &target["InputTransformer"];
        let paths = transformer["InputPathsMap"]
            .as_object()
            .into_iter()
            .flatten();
        let paths = paths
            .filter_map(|(name, path)| Some((name.clone(), text(path)?)))
            .collect();
        let template =
            text(&transformer["InputTemplate"]).map(|template| Input::Template(template, paths));
        let constant = text(&target["Input"]).map(Input::Constant);
        let part = text(&target["InputPath"]).map(Input::Part);
        let input = template.or(constant).or(part).unwrap_or(Input::Whole);
        Some(Self {
            arn: text(&target["Arn"])?,
            input,
        })
    }

    /// What the target gets of an event.
    pub fn payload(&self, event: &Value) -> String {
        match &self.input {
            Input::Whole => event.to_string(),
            Input::Constant(text) => text.clone(),
            Input::Part(path) => part(event, path).unwrap_or(&Value::Null).to_string(),
            Input::Template(template, paths) => filled(template, paths, event),
        }
    }
}

/// The part of an event at a path of names and indexes: `$.detail.state.status`, `$.resources[0]`.
/// Anything else that JSONPath has is not understood, and finds nothing.
fn part<'e>(event: &'e Value, path: &str) -> Option<&'e Value> {
    let mut found = event;
    for step in path.strip_prefix('$')?.split(['.', '[']).skip(1) {
        found = match step.strip_suffix(']') {
            Some(index) => found.get(index.parse::<usize>().ok()?)?,
            None => found.get(step)?,
        };
    }
    Some(found)
}

/// Replaces each `<name>`: between quotation marks by the text, elsewhere by the JSON.
fn filled(template: &str, paths: &BTreeMap<String, String>, event: &Value) -> String {
    let (mut filled, mut rest, mut quoted) = (String::new(), template, false);
    while let Some((before, name, after)) = next_name(rest) {
        quoted ^= before.replace("\\\"", "").matches('"').count() % 2 == 1;
        filled.push_str(before);
        match value(name, paths, event) {
            Some(value) => filled.push_str(&shown(&value, quoted)),
            None => filled.push_str(&rest[before.len()..rest.len() - after.len()]),
        }
        rest = after;
    }
    filled + rest
}

/// The text before the next `<name>`, the name, and the text after it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('<')?;
    let (name, after) = rest.split_once('>')?;
    Some((before, name, after))
}

/// A name of the template; a path that finds nothing is null. Unknown names stay as they are.
fn value(name: &str, paths: &BTreeMap<String, String>, event: &Value) -> Option<Value> {
    if let Some(path) = paths.get(name) {
        return Some(part(event, path).cloned().unwrap_or_default());
    }
    matches!(name, "aws.events.event" | "aws.events.event.json").then(|| event.clone())
}

fn shown(value: &Value, quoted: bool) -> String {
    let json = value.to_string();
    if !quoted {
        return json;
    }
    match value {
        Value::Null => String::new(),
        Value::String(_) => json[1..json.len() - 1].to_owned(),
        Value::Bool(_) | Value::Number(_) => json,
        Value::Array(_) | Value::Object(_) => json.replace('"', "\\\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn payload(target: Value) -> String {
        let event = json!({
            "resources": ["arn:one"],
            "detail": {"state": {"status": "AVAILABLE"}, "note": "a \"b\"", "count": 3},
        });
        let mut target = target;
        target["Arn"] = "arn:aws:lambda:us-east-1:111122223333:function:f".into();
        Target::read(&target).unwrap().payload(&event)
    }

    #[test]
    fn a_path_takes_a_part() {
        assert_eq!(
            payload(json!({"InputPath": "$.detail.state"})),
            r#"{"status":"AVAILABLE"}"#
        );
        assert_eq!(
            payload(json!({"InputPath": "$.resources[0]"})),
            r#""arn:one""#
        );
        assert_eq!(payload(json!({"InputPath": "$.nothing"})), "null");
        assert_eq!(payload(json!({"Input": "{\"a\": 1}"})), "{\"a\": 1}");
        assert!(payload(json!({})).contains("resources"));
    }

    #[test]
    fn a_template_is_filled() {
        let filled = |template: &str| {
            payload(json!({"InputTransformer": {
                "InputPathsMap": {
                    "status": "$.detail.state.status", "image": "$.resources[0]", "note": "$.detail.note",
                    "count": "$.detail.count", "state": "$.detail.state", "gone": "$.gone",
                },
                "InputTemplate": template,
            }}))
        };
        assert_eq!(
            filled(r#""<image> is <status>""#),
            r#""arn:one is AVAILABLE""#
        );
        assert_eq!(
            filled(r#"{"s": <status>, "n": <count>, "o": <state>, "g": <gone>}"#),
            r#"{"s": "AVAILABLE", "n": 3, "o": {"status":"AVAILABLE"}, "g": null}"#
        );
        assert_eq!(
            filled(r#"{"t": "<gone>|<note>", "x": "<other>"}"#),
            r#"{"t": "|a \"b\"", "x": "<other>"}"#
        );
    }
}

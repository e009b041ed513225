//! ImportComponent: a shell script becomes a component of one step.

use serde_json::{Value, json};

use crate::{
    api::imagebuilder::{
        component,
        request::{Answer, Handlers, Request},
    },
    common::error::ApiError,
    document::component::parse,
    records::component::Content,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[("ImportComponent", import)];

/// ImportComponent. The one format is SHELL; the type is given, not derived.
fn import(request: &mut Request<'_>) -> Answer {
    let script = request.document()?;
    let name = request.text("name").unwrap_or_default();
    let phase = if request.text("type") == Some("TEST") {
        "test"
    } else {
        "build"
    };
    let module = match request.text("platform") {
        Some("Windows") => "ExecutePowerShell",
        Some(_) | None => "ExecuteBash",
    };
    let text = wrapped(name, phase, module, &script);
    let document = parse(&text, request.text("platform").unwrap_or_default());
    let document = document.map_err(|error| ApiError::invalid("data", &error.to_string()))?;
    let content = Content {
        data: Some(text),
        ..request.read()?
    };
    let arn = component::store(request, document, content)?;
    Ok(json!({"componentBuildVersionArn": arn}))
}

/// The document around a script. AWS documents that it has one step, not how it is worded. JSON
/// strings are YAML strings, whatever the script contains.
fn wrapped(name: &str, phase: &str, module: &str, script: &str) -> String {
    let (name, script) = (Value::from(name), Value::from(script));
    format!(
        "name: {name}\nschemaVersion: 1.0\nphases:\n  - name: {phase}\n    steps:\n      - name: RunScript\n        \
         action: {module}\n        inputs:\n          commands:\n            - {script}\n"
    )
}

//! What is explained, for people.

use goldsmith_domain::escape::printable;
use serde_json::Value;

use super::model::{Explained, Explanation, Given, Member};

/// A paragraph for each variable.
pub fn text(explanation: &Explanation) -> String {
    let paragraphs = explanation.variables.iter().map(paragraph);
    paragraphs.collect::<Vec<_>>().join("\n")
}

fn paragraph(explained: &Explained) -> String {
    let Explained {
        name,
        given,
        overrode,
        becomes,
        kept,
        elsewhere,
        unused,
    } = explained;
    let head = format!("{name} = {}", shown(&given.value));
    let from = line("from", &origin(given));
    let overrode = overrode.iter().map(|one| {
        let text = format!("{}: {}", origin(one), shown(&one.value));
        line("overrode", &text)
    });
    let becomes = becomes.iter().map(|one| line("becomes", &place(one)));
    let kept = kept.iter().map(|one| {
        let text = format!("{} says something else, and is nearer", place(one));
        line("no use", &text)
    });
    let elsewhere = elsewhere.iter().map(|what| line("becomes", what));
    let unused = unused.iter().map(|reason| line("no use", reason));
    let lines = [printable(&head) + "\n", from].into_iter().chain(overrode);
    lines
        .chain(becomes)
        .chain(kept)
        .chain(elsewhere)
        .chain(unused)
        .collect()
}

/// One line. What it quotes cannot begin another one.
fn line(label: &str, text: &str) -> String {
    format!("  {label:<8}  {}\n", printable(text))
}

fn origin(given: &Given) -> String {
    format!("{} ({})", given.from, given.layer)
}

fn place(member: &Member) -> String {
    format!("{} {}", member.document, member.pointer)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

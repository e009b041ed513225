//! What `shell` and `powershell` have in common: commands, scripts, and variables for them.

use super::Context;
use crate::component::MOST_BYTES;
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::value::Value;
use goldsmith_domain::secret;

/// A script of the folder.
pub(super) struct Script {
    pub(super) path: String,
    pub(super) content: String,
}

/// The lines of `inline`; none if there are none, or if they cannot be taken over.
pub(super) fn inline(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Option<String> {
    let value = fields.take("inline")?;
    let place = fields.place("inline");
    let items = match value.text() {
        Ok(_) => vec![value.clone()],
        Err(_) => value.items(),
    };
    let mut lines = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item.text() {
            Ok(line) => lines.push(line),
            Err(trouble) => {
                ledger.trouble(&place.item(index), &trouble);
                let why = "some of its commands are not known, so none of them was taken over";
                ledger.left(LeftKind::Computed, &place, &value.summary(), why);
                return None;
            }
        }
    }
    let text = lines.join("\n");
    is_fit(&text, &place, "commands", ledger).then_some(text)
}

/// The scripts of `script` and `scripts` that are in the folder.
pub(super) fn scripts(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger,
) -> Vec<Script> {
    let mut scripts = Vec::new();
    for key in ["script", "scripts"] {
        let place = fields.place(key);
        for path in fields.texts(key, ledger) {
            if let Some(content) = content(&path, context, &place, ledger) {
                scripts.push(Script { path, content });
            }
        }
    }
    scripts
}

/// The text of a file of the folder, if a document may hold it.
pub(super) fn content(
    path: &str,
    context: &Context<'_>,
    place: &Place,
    ledger: &mut Ledger,
) -> Option<String> {
    let full = context.path(path);
    let Some(text) = context.sources.text(&full) else {
        let why = context.sources.missing(&full);
        let hint = "put the file into the folder, and import again";
        ledger.hinted(LeftKind::Missing, place, path, &why, hint);
        return None;
    };
    if secret::is_file_name(crate::source::file_name(path)) {
        let why = "a file of this name is made to hold a secret, and documents hold none";
        ledger.left(LeftKind::Secret, place, path, why);
        return None;
    }
    is_fit(text, place, path, ledger).then(|| text.to_owned())
}

/// Whether a document may hold a text.
pub(super) fn is_fit(text: &str, place: &Place, of: &str, ledger: &mut Ledger) -> bool {
    if let Some(what) = secret::in_text(text) {
        ledger.hinted(
            LeftKind::Secret,
            place,
            of,
            &format!("it seems to hold {what}, and documents hold no secrets"),
            "let the instance read it from Secrets Manager when it is built",
        );
        return false;
    }
    if text.len() > MOST_BYTES {
        ledger.hinted(
            LeftKind::Invalid,
            place,
            of,
            &format!(
                "it has {} bytes, and a component document has at most 64 KiB",
                text.len()
            ),
            "store it in S3, and write a component with the action S3Download",
        );
        return false;
    }
    if text.contains('\0') {
        ledger.left(LeftKind::Invalid, place, of, "it has a character U+0000");
        return false;
    }
    true
}

/// The variables of `environment_vars` and `env`. One that is unknown or a secret is left, and reported.
pub(super) fn variables(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    if let Some(list) = fields.take("environment_vars") {
        let place = fields.place("environment_vars");
        for (index, item) in list.items().iter().enumerate() {
            variables.extend(assignment(item, &place.item(index), ledger));
        }
    }
    if let Some(object) = fields.take("env") {
        let place = fields.place("env");
        for (name, value) in object.entries().unwrap_or_default() {
            variables.extend(variable(name, value, &place.key(name), ledger));
        }
    }
    variables
}

/// `NAME=value`, where the name is always known.
fn assignment(item: &Value, place: &Place, ledger: &mut Ledger) -> Option<(String, String)> {
    let shown = item.summary();
    let Some((name, _)) = shown.split_once('=') else {
        ledger.left(
            LeftKind::Invalid,
            place,
            "a variable",
            "expected `NAME=value`",
        );
        return None;
    };
    match item.text() {
        Ok(text) => {
            let (name, value) = text.split_once('=')?;
            variable(name, &Value::text_of(value), place, ledger)
        }
        Err(trouble) => {
            ledger.trouble(&place.key(name), &trouble);
            None
        }
    }
}

fn variable(
    name: &str,
    value: &Value,
    place: &Place,
    ledger: &mut Ledger,
) -> Option<(String, String)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty()
        || !name.chars().all(is_part)
        || name.starts_with(|c: char| c.is_ascii_digit())
    {
        ledger.left(
            LeftKind::Invalid,
            place,
            "a variable",
            "expected letters, digits and `_` as its name",
        );
        return None;
    }
    if secret::is_name(name) {
        ledger.hinted(
            LeftKind::Secret,
            place,
            name,
            "its name is that of a secret, so the commands run without it",
            "let the commands read it from Secrets Manager when the image is built",
        );
        return None;
    }
    match value.text() {
        Ok(text) if is_fit(&text, place, name, ledger) => Some((name.to_owned(), text)),
        Ok(_) => None,
        Err(trouble) => {
            ledger.trouble(place, &trouble);
            None
        }
    }
}

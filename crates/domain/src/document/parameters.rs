//! Parameters of components: what a document of ours declares, and the values that it is given.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{Fields, Keys};
use super::reader::Cursor;
use super::repeated::record_repeated;
use super::spelling::{Guesses, one_of, with_guess};
use crate::desired::RESULTS_BUCKET;
use crate::problem::{Place, Problem};

/// Image Builder takes 25 parameters of a component (its quotas).
const MOST: usize = 25;
/// And 1,024 characters of a parameter.
const LONGEST: usize = 1024;
/// And 256 characters of its name (API reference, `ComponentParameter`).
const LONGEST_NAME: usize = 256;

/// A parameter as a component document declares it.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    kind: Kind,
    allowed: Vec<String>,
    has_default: bool,
    /// The default, if it is a text.
    default: Option<String>,
}

/// What a value may be. The user guide describes strings only; the API lists the others, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Texts,
    Integer,
    Boolean,
}

/// The parameters of a document, by name.
pub(super) type Declared = BTreeMap<String, Parameter>;

/// The default of a parameter, if it has one that is a text.
pub(super) fn default_of(declared: &Declared, name: &str) -> Option<String> {
    declared.get(name)?.default.clone()
}

/// The parameters that a component document declares.
pub(super) fn declared(fields: &Fields<'_>) -> Declared {
    let all = fields
        .optional("parameters", |at| list(at, declaration))
        .unwrap_or_default();
    record_repeated(
        &all,
        |(name, _)| name.as_text(),
        |(name, _)| *name,
        "each parameter once",
    );
    if let Some((name, _)) = all.get(MOST) {
        name.expected::<()>(format!("at most {MOST} parameters, Image Builder's limit"));
    }
    all.into_iter()
        .filter_map(|(name, parameter)| Some((name.as_text()?.to_owned(), parameter)))
        .collect()
}

/// The names of the constants that a component document declares; a parameter may have none of them.
pub(super) fn constants(fields: &Fields<'_>, parameters: &Declared) -> BTreeSet<String> {
    let all = fields
        .optional("constants", |at| list(at, constant))
        .unwrap_or_default();
    record_repeated(
        &all,
        |name| name.as_text(),
        |name| *name,
        "each constant once",
    );
    let names = all.iter().filter_map(|name| Some((name, name.as_text()?)));
    for (name, text) in names.clone() {
        if parameters.contains_key(text) {
            name.expected::<()>("a name that no parameter has");
        }
    }
    names.map(|(_, text)| text.to_owned()).collect()
}

/// A list, or nothing where one could be.
fn list<'a, T>(at: Cursor<'a>, read: impl Fn(Cursor<'a>) -> Option<T>) -> Option<Vec<T>> {
    if at.is_null() {
        return None;
    }
    at.list(read)
}

/// Whether a parameter or a constant could have this name (user guide, "Use variables in your custom
/// component document").
pub(super) fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (3..=128).contains(&text.len()) && text.bytes().all(fits)
}

/// One item of a list: an object of the name alone, with what is declared of it.
fn variable<'a>(at: Cursor<'a>, of: &str) -> Option<(Cursor<'a>, Fields<'a>)> {
    let entries = at.entries()?;
    let &[(name, content)] = entries.as_slice() else {
        return at.expected(format!("an object with one key, the name of the {of}"));
    };
    if !is_name(name.text()?) {
        return name.expected(format!(
            "the name of a {of}: 3 to 128 letters, digits, `-` or `_`"
        ));
    }
    Some((name, content.object(Keys::AmongOthers)?))
}

fn constant(at: Cursor<'_>) -> Option<Cursor<'_>> {
    let (name, fields) = variable(at, "constant")?;
    fields.required("type", kind);
    fields.required("value", value_or_values);
    Some(name)
}

/// One value, or a list of them.
fn value_or_values(at: Cursor<'_>) -> Option<()> {
    if at.is_list() {
        return at.every(written).map(drop);
    }
    written(at).map(drop)
}

fn written(at: Cursor<'_>) -> Option<&str> {
    at.written().or_else(|| at.expected("a string"))
}

fn declaration(at: Cursor<'_>) -> Option<(Cursor<'_>, Parameter)> {
    let (name, fields) = variable(at, "parameter")?;
    let kind = fields.required("type", kind);
    fields.optional("default", value_or_values);
    fields.optional("description", written);
    let default = fields.entry("default").map(|(_, default)| default);
    let allowed = fields
        .optional("allowedValues", |at| at.list(scalar))
        .unwrap_or_default();
    Some((
        name,
        Parameter {
            kind: kind?,
            allowed,
            default: default.and_then(Cursor::as_text).map(str::to_owned),
            has_default: fields
                .entry("default")
                .is_some_and(|(_, default)| !default.is_null()),
        },
    ))
}

fn kind(at: Cursor<'_>) -> Option<Kind> {
    match at.text()?.to_ascii_lowercase().as_str() {
        "string" => Some(Kind::Text),
        "stringlist" => Some(Kind::Texts),
        "integer" => Some(Kind::Integer),
        "boolean" => Some(Kind::Boolean),
        _ => at.expected("one of `string`, `stringList`, `integer`, `boolean`"),
    }
}

fn scalar(at: Cursor<'_>) -> Option<String> {
    match at.written() {
        Some(text) => Some(text.to_owned()),
        None => at.expected("a string or a number"),
    }
}

/// A value that a document gives to a parameter.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) value: String,
    /// Where its name stands.
    pub(super) name_place: Place,
    value_place: Place,
}

/// The values that an environment or an entry gives to a component's parameters, by name.
pub(super) fn given(at: Cursor<'_>) -> Option<BTreeMap<String, Given>> {
    let entries = at.entries()?;
    if entries.len() > MOST {
        let expected = format!("at most {MOST} parameters, Image Builder's limit");
        at.record(
            at.place()
                .problem(format!("{} parameters", entries.len()), expected),
        );
    }
    Some(
        entries
            .into_iter()
            .filter_map(|(name, value)| one_given(name, value))
            .collect(),
    )
}

fn one_given(name: Cursor<'_>, value: Cursor<'_>) -> Option<(String, Given)> {
    let text = value.text()?;
    if text.chars().count() > LONGEST || text.contains('\0') {
        return value.expected(format!(
            "at most {LONGEST} characters, Image Builder's limit, and none of them U+0000"
        ));
    }
    let name_text = name.text()?;
    if name_text.is_empty()
        || name_text.len() > LONGEST_NAME
        || name_text.contains(char::is_control)
    {
        return name.expected(
            "the name of a parameter: 1 to 256 characters, none of them a control character",
        );
    }
    let given = Given {
        value: text.to_owned(),
        name_place: name.place(),
        value_place: value.place(),
    };
    Some((name_text.to_owned(), given))
}

/// What is wrong with the values given to a document of ours.
pub(super) fn unfitting(
    document: &str,
    declared: &Declared,
    given: &BTreeMap<String, Given>,
    guesses: &Guesses,
) -> Vec<Problem> {
    let problem = |(name, given): (&String, &Given)| match declared.get(name) {
        Some(_) if name == RESULTS_BUCKET => {
            let expected = "no value: goldsmith gives this parameter the stack's output bucket";
            Some(given.name_place.problem(name, expected))
        }
        None => {
            let near = guesses.nearest(name, declared.keys().map(String::as_str));
            Some(with_guess(unknown(document, declared, name, given), near))
        }
        Some(parameter) => parameter.unfitting(given, guesses),
    };
    given.iter().filter_map(problem).collect()
}

/// The parameters that have no default and are given no value, each as a problem at `place`.
pub(super) fn missing<'d>(
    document: &'d str,
    declared: &'d Declared,
    is_given: impl Fn(&str) -> bool,
    place: &Place,
) -> Vec<Problem> {
    let missing = declared
        .iter()
        .filter(|(name, parameter)| !parameter.has_default && !is_given(name))
        .filter(|(name, _)| *name != RESULTS_BUCKET);
    let problem = |(name, _): (&String, &Parameter)| {
        let expected = format!("a value for its parameter `{name}`, which has no default");
        place.problem(format!("{document} without `{name}`"), expected)
    };
    missing.map(problem).collect()
}

fn unknown(document: &str, declared: &Declared, name: &str, given: &Given) -> Problem {
    let names = declared.keys().map(String::as_str);
    let expected = match declared.len() {
        0 => format!("no parameters: `{document}` declares none"),
        _ => format!("a parameter of `{document}`: {}", one_of(names)),
    };
    given.name_place.problem(name, expected)
}

impl Parameter {
    fn unfitting(&self, given: &Given, guesses: &Guesses) -> Option<Problem> {
        let value = given.value.as_str();
        let allowed = || self.allowed.iter().map(String::as_str);
        if !self.allowed.is_empty() && !allowed().any(|word| word == value) {
            let problem = given.value_place.problem(value, one_of(allowed()));
            return Some(with_guess(problem, guesses.nearest(value, allowed())));
        }
        let expected = match self.kind {
            Kind::Integer if value.parse::<i64>().is_err() => "a whole number, as a string",
            Kind::Boolean if !matches!(value, "true" | "false") => "`true` or `false`, as a string",
            Kind::Text | Kind::Texts | Kind::Integer | Kind::Boolean => return None,
        };
        Some(given.value_place.problem(value, expected))
    }
}

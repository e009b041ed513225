//! The members of an object in JSON, read one by one, so that an error can say where it is.

use serde_json::{Map, Value};

/// The JSON is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: found {found}, expected {expected}{}", hinted(.hint.as_ref()))]
pub struct FaultError {
    /// Where, for example `faults[0].answer.status`.
    pub place: String,
    /// What is there, as JSON, shortened.
    pub found: String,
    /// What should be there.
    pub expected: String,
    /// What may help.
    pub hint: Option<String>,
}

/// The most of a found value that an error shows, in characters.
const SHOWN: usize = 60;

fn hinted(hint: Option<&String>) -> String {
    hint.map(|hint| format!("; hint: {hint}"))
        .unwrap_or_default()
}

impl FaultError {
    /// An error about a value; absent is shown as nothing.
    pub(crate) fn new(place: &str, found: Option<&Value>, expected: impl Into<String>) -> Self {
        let found = found.map_or_else(|| "nothing".to_owned(), Value::to_string);
        let shown = found.chars().take(SHOWN).collect::<String>();
        let more = if shown.len() < found.len() { "..." } else { "" };
        Self {
            place: place.to_owned(),
            found: format!("{shown}{more}"),
            expected: expected.into(),
            hint: None,
        }
    }

    /// The error with a hint.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// An object whose members are all known.
pub(crate) struct Members<'v> {
    pub place: String,
    object: &'v Map<String, Value>,
}

impl<'v> Members<'v> {
    /// Errors: not an object, or a member that is not among the known ones.
    pub fn of(value: &'v Value, place: &str, known: &[&str]) -> Result<Self, FaultError> {
        let object = value.as_object().ok_or_else(|| {
            FaultError::new(place, Some(value), "an object with a fault's members")
        })?;
        if let Some((name, found)) = object
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            let expected = format!("one of the members {}", known.join(", "));
            let error = FaultError::new(&format!("{place}.{name}"), Some(found), expected);
            let dashed = name.replace('_', "-");
            let meant = known.contains(&dashed.as_str()).then_some(dashed);
            return Err(meant.map_or(error.clone(), |meant| error.hint(format!("write {meant}"))));
        }
        Ok(Self {
            place: place.to_owned(),
            object,
        })
    }

    /// A member, whatever it is; null is absent.
    pub fn get(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// The place of a member.
    pub fn at(&self, name: &str) -> String {
        format!("{}.{name}", self.place)
    }

    /// The error about a member.
    pub fn wrong(&self, name: &str, expected: impl Into<String>) -> FaultError {
        FaultError::new(&self.at(name), self.get(name), expected)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<String>, FaultError> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.read(name, text, "a text")
    }

    /// A whole number from `least` on.
    pub fn count(&self, name: &str, least: u64) -> Result<Option<u64>, FaultError> {
        let count = |value: &Value| value.as_u64().filter(|number| *number >= least);
        self.read(name, count, &format!("a whole number from {least} on"))
    }

    /// A number in a range.
    pub fn number(&self, name: &str, range: (f64, f64)) -> Result<Option<f64>, FaultError> {
        let (low, high) = range;
        let number = |value: &Value| {
            value
                .as_f64()
                .filter(|number| (low..=high).contains(number))
        };
        self.read(name, number, &format!("a number from {low} to {high}"))
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, FaultError> {
        self.read(name, Value::as_bool, "true or false")
    }

    fn read<T>(
        &self,
        name: &str,
        read: impl Fn(&Value) -> Option<T>,
        expected: &str,
    ) -> Result<Option<T>, FaultError> {
        self.get(name)
            .map(|value| read(value).ok_or_else(|| self.wrong(name, expected)))
            .transpose()
    }
}

//! The payload of an invocation, read strictly.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A JSON value, and whether an object in it has one name twice.
///
/// RFC 8259 leaves open which of two values counts: one reader may see a dry run where another one sees a real
/// run. So what repeats a name is refused. That is an answer of the function, not of the Lambda runtime.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// The value; of a name that stands twice, the last one.
    pub value: Value,
    /// The first name that stands twice in its object.
    pub repeated: Option<String>,
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self {
            value,
            repeated: None,
        }
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut repeated = None;
        let value = Reader(&mut repeated).deserialize(deserializer)?;
        Ok(Self { value, repeated })
    }
}

/// Reads a value, and remembers the first name that stands twice.
struct Reader<'r>(&'r mut Option<String>);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = serde_json::Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("no number of JSON"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Reader(&mut *self.0))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(Reader(&mut *self.0))?;
            if map.insert(name.clone(), value).is_some() {
                self.0.get_or_insert(name);
            }
        }
        Ok(Value::Object(map))
    }
}

/// An object of a payload, read field by field; `path` says where it is.
///
/// serde reads an array as a struct as well, field after field, so `[]` would be a request without any field.
/// Here only an object is an object.
#[derive(Debug)]
pub struct Object<'p> {
    path: String,
    map: &'p Map<String, Value>,
}

impl<'p> Object<'p> {
    /// The object at `path`.
    ///
    /// Errors: what else is there.
    pub fn of(value: &'p Value, path: impl Into<String>) -> Result<Self, String> {
        let path = path.into();
        match value.as_object() {
            Some(map) => Ok(Self { path, map }),
            None => Err(format!("{path} is {}, not an object", kind(value))),
        }
    }

    /// Whether it has a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Errors: the first field that is none of `known`.
    pub fn only(&self, known: &[&str]) -> Result<(), String> {
        let known: BTreeSet<_> = known.iter().copied().collect();
        let mut names = self.map.keys().map(String::as_str);
        match names.find(|name| !known.contains(name)) {
            Some(name) => Err(format!("{} has the unknown field `{name}`", self.path)),
            None => Ok(()),
        }
    }

    /// The text of a field that must be there and not be empty.
    pub fn text(&self, name: &str) -> Result<&'p str, String> {
        let field = self.field(name)?;
        let text = field.as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| self.wrong(name, field, "a text that is not empty"))
    }

    /// Errors: the field is not there, or has another text.
    pub fn is(&self, name: &str, expected: &str) -> Result<(), String> {
        match self.text(name)? {
            text if text == expected => Ok(()),
            other => Err(format!(
                "{}.{name} is `{other}`, not `{expected}`",
                self.path
            )),
        }
    }

    /// The object of a field that must be there.
    pub fn object(&self, name: &str) -> Result<Self, String> {
        Self::of(self.field(name)?, format!("{}.{name}", self.path))
    }

    /// The items of a field that must be there, at least one.
    pub fn list(&self, name: &str) -> Result<&'p [Value], String> {
        let field = self.field(name)?;
        let items = field.as_array().filter(|items| !items.is_empty());
        items
            .map(Vec::as_slice)
            .ok_or_else(|| self.wrong(name, field, "a list that is not empty"))
    }

    /// The text of a field that may be left out.
    pub fn optional_text(&self, name: &str) -> Result<Option<&'p str>, String> {
        self.has(name).then(|| self.text(name)).transpose()
    }

    /// The boolean of a field that may be left out.
    pub fn optional_flag(&self, name: &str) -> Result<Option<bool>, String> {
        let flag = |value: &Value| {
            value
                .as_bool()
                .ok_or_else(|| self.wrong(name, value, "a boolean"))
        };
        self.map.get(name).map(flag).transpose()
    }

    /// The fields, all of which are texts; a text may be empty.
    pub fn texts(&self) -> Result<impl Iterator<Item = (&'p str, &'p str)>, String> {
        let wrong = self.map.iter().find(|(_, value)| !value.is_string());
        match wrong {
            Some((name, value)) => Err(self.wrong(name, value, "a text")),
            None => Ok(self
                .map
                .iter()
                .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))),
        }
    }

    fn field(&self, name: &str) -> Result<&'p Value, String> {
        let field = self.map.get(name);
        field.ok_or_else(|| format!("{} has no field `{name}`", self.path))
    }

    fn wrong(&self, name: &str, found: &Value, expected: &str) -> String {
        format!("{}.{name} is {}, not {expected}", self.path, kind(found))
    }
}

/// A value in words, without what it says: it may be a secret.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "a text",
        Value::Array(items) if items.is_empty() => "an empty list",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn repeated(text: &str) -> Option<String> {
        serde_json::from_str::<Payload>(text)
            .expect("JSON")
            .repeated
    }

    #[test]
    fn a_payload_is_the_value_that_any_reader_sees() {
        let text = r#"{"a": [null, true, -1, 18446744073709551615, 1.5, "\u202e", {}, []], "b": {"a": 1}}"#;
        let payload: Payload = serde_json::from_str(text).expect("JSON");
        let expected = Payload::from(serde_json::from_str::<Value>(text).expect("JSON"));
        assert_eq!(payload, expected);
    }

    #[test]
    fn a_name_that_stands_twice_is_remembered_however_deep() {
        assert_eq!(
            repeated(r#"{"dry-run": true, "dry-run": false}"#).as_deref(),
            Some("dry-run")
        );
        assert_eq!(repeated(r#"{"a": 1, "\u0061": 1}"#).as_deref(), Some("a"));
        assert_eq!(
            repeated(r#"[{"a": [{"b": 1, "b": 1}]}]"#).as_deref(),
            Some("b")
        );
        assert_eq!(repeated(r#"[{"a": 1}, {"a": {"a": 1}}]"#), None);
    }

    #[test]
    fn only_an_object_is_an_object_and_an_error_keeps_values_to_itself() {
        for value in [
            json!([]),
            json!("secret"),
            json!(null),
            json!(7),
            json!([{}]),
        ] {
            let error = Object::of(&value, "the payload").expect_err("no object");
            assert!(
                error.starts_with("the payload is ") && !error.contains("secret"),
                "{error}"
            );
        }
    }
}

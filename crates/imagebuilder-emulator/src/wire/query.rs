//! The Query protocol: a form with an `Action` and dotted, numbered parameters.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::common::{ec2_error::client_error, error::ApiError};

/// The parameters of a request, or of one item of a list in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// Reads a form.
    pub fn parse(form: &str) -> Self {
        let pairs = form.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(decoded)
                .collect(),
        )
    }

    /// A parameter's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter that must be there.
    pub fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| {
                let message = format!("The request must contain the parameter {name}");
                client_error("MissingParameter", message)
            })
    }

    /// A parameter that is a whole number.
    pub fn number(&self, name: &str) -> Result<Option<u32>, ApiError> {
        self.text(name).map(str::parse).transpose().map_err(|_| {
            client_error(
                "InvalidParameterValue",
                format!("Invalid value for {name}: not an integer"),
            )
        })
    }

    /// A parameter that is `true` or `false`.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.text(name)
            .map(|text| text.eq_ignore_ascii_case("true"))
    }

    /// The items `name.1`, `name.2` and so on, in order; a plain item is found under "".
    pub fn items(&self, name: &str) -> Vec<Self> {
        let mut items: BTreeMap<u32, Self> = BTreeMap::new();
        for (key, value) in &self.0 {
            if let Some((index, rest)) = indexed(key, name) {
                items
                    .entry(index)
                    .or_default()
                    .0
                    .insert(rest.to_owned(), value.clone());
            }
        }
        items.into_values().collect()
    }

    /// The texts of a plain list.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.items(name)
            .into_iter()
            .filter_map(|mut item| item.0.remove(""))
            .collect()
    }

    /// Whether a parameter was given, or anything below it.
    pub fn has(&self, name: &str) -> bool {
        let below = |key: &String| {
            key.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.keys().any(below)
    }

    /// Refuses a parameter that has none of the values; it may be absent.
    pub fn one_of(&self, name: &str, allowed: &[&str]) -> Result<(), ApiError> {
        match self.text(name) {
            Some(text) if !allowed.contains(&text) => {
                let message = format!("Value ({text}) for parameter {name} is invalid.");
                Err(client_error("InvalidParameterValue", message))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses parameters that EC2 acts on and the emulator would silently ignore.
    pub fn refuse_not_emulated(&self, parameters: &[&str]) -> Result<(), ApiError> {
        match parameters.iter().find(|parameter| self.has(parameter)) {
            Some(parameter) => Err(ApiError::not_emulated(&format!("parameter '{parameter}'"))),
            None => Ok(()),
        }
    }

    /// Refuses every parameter but these: EC2 would act on it, and the emulator would ignore it.
    pub fn refuse_all_but(&self, parameters: &[&str]) -> Result<(), ApiError> {
        let names = self
            .0
            .keys()
            .map(|key| key.split('.').next().unwrap_or_default());
        let known = |name: &&str| {
            ["Action", "Version", "DryRun"].contains(name) || parameters.contains(name)
        };
        match names.into_iter().find(|name| !known(name)) {
            Some(parameter) => Err(ApiError::not_emulated(&format!("parameter '{parameter}'"))),
            None => Ok(()),
        }
    }

    /// All parameters but the protocol's own.
    pub fn parameters(&self) -> serde_json::Value {
        let own = |key: &&String| !matches!(key.as_str(), "Action" | "Version");
        let parameters = self.0.iter().filter(|(key, _)| own(key));
        parameters
            .map(|(key, value)| (key.clone(), serde_json::Value::from(value.as_str())))
            .collect()
    }

    /// Whether an id has its prefix and eight or seventeen hexadecimal digits.
    pub fn check_id(id: &str, prefix: &str, code: &'static str) -> Result<(), ApiError> {
        let digits = id
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('-'));
        let hex = |text: &&str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match digits.filter(hex).map(str::len) {
            Some(8 | 17) => Ok(()),
            Some(_) | None => Err(client_error(
                code,
                format!("Invalid id: \"{id}\" (expecting \"{prefix}-...\")"),
            )),
        }
    }
}

fn decoded((key, value): (&str, &str)) -> (String, String) {
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    (decode(key), decode(value))
}

fn indexed<'k>(key: &'k str, name: &str) -> Option<(u32, &'k str)> {
    let rest = key.strip_prefix(name)?.strip_prefix('.')?;
    let (index, rest) = rest.split_once('.').unwrap_or((rest, ""));
    Some((index.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_in_the_order_of_their_numbers() {
        let query = Query::parse("ImageId.10=j&ImageId.2=b&ImageId.1=a&Other=1");
        assert_eq!(query.list("ImageId"), ["a", "b", "j"]);
    }

    #[test]
    fn forms_are_decoded() {
        let query = Query::parse("Action=X&Description=a+b%2Bc&Filter.1.Name=tag%3AName");
        assert_eq!(query.text("Description"), Some("a b+c"));
        assert_eq!(query.items("Filter")[0].text("Name"), Some("tag:Name"));
    }

    #[test]
    fn ids_are_checked() {
        for id in ["ami-08bd941ae380bd3cd", "ami-12345678"] {
            assert_eq!(Query::check_id(id, "ami", "X"), Ok(()));
        }
        for id in ["ami-1", "snap-12345678", "ami-zzzzzzzz", "x"] {
            assert!(Query::check_id(id, "ami", "X").is_err(), "{id}");
        }
    }
}

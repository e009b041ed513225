//! EC2's filters: `Name` and `Value`s with `*` and `?`, tags among them.

use std::borrow::Cow;

use super::{query::Query, refused};
use crate::{refusal::Refusal, state::Tags};

/// What can be filtered.
pub(crate) trait Filterable {
    /// The values under a filter's name; `None` if there is no such filter.
    fn field(&self, name: &str, account: &str) -> Option<Vec<Cow<'_, str>>>;

    /// The tags that an account sees.
    fn tags(&self, account: &str) -> Option<&Tags>;
}

struct Filter {
    name: String,
    values: Vec<String>,
}

/// The filters of a request; all must match.
pub(crate) struct Filters(Vec<Filter>);

impl Filters {
    /// From the items of the parameter `Filter`.
    pub fn new(items: Vec<Query>) -> Self {
        let filter = |item: Query| Filter {
            name: item.text("Name").unwrap_or_default().to_owned(),
            values: item.list("Value"),
        };
        Self(items.into_iter().map(filter).collect())
    }

    /// Whether an item passes; an unknown filter is refused as EC2 does.
    pub fn admit(&self, item: &impl Filterable, account: &str) -> Result<bool, Refusal> {
        for Filter { name, values } in &self.0 {
            let fields = fields(item, name, account)?;
            let any = |field: &Cow<'_, str>| values.iter().any(|value| glob(value, field));
            if !fields.iter().any(any) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn fields<'i>(item: &'i impl Filterable, name: &str, account: &str) -> Result<Vec<Cow<'i, str>>, Refusal> {
    let tags = item.tags(account);
    if let Some(key) = name.strip_prefix("tag:") {
        return Ok(tags.and_then(|tags| tags.get(key)).map(Cow::from).into_iter().collect());
    }
    if name == "tag-key" {
        return Ok(tags.into_iter().flat_map(|tags| tags.keys().map(Cow::from)).collect());
    }
    item.field(name, account)
        .ok_or_else(|| refused("InvalidParameterValue", format!("The filter '{name}' is invalid")))
}

/// Whether a text matches a pattern with `*` and `?`, case-sensitively.
fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let tail = rest.as_str();
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| glob(tail, &text[at..]))
        }
        Some(wanted) => {
            let mut found = text.chars();
            let matches = found.next().is_some_and(|first| wanted == '?' || wanted == first);
            matches && glob(rest.as_str(), found.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        assert!(glob("goldsmith-*", "goldsmith-110304"));
        assert!(glob("a?c*", "abc"));
        assert!(glob("*", ""));
        assert!(!glob("abc", "ABC"));
        assert!(!glob("a?c", "ac"));
    }
}

//! EC2's filters: `Name` and `Value`s with `*` and `?`, tags among them.

use std::borrow::Cow;

use crate::{
    common::{ec2_error::client_error, error::ApiError, tags::Tags},
    wire::query::Query,
};

/// Filters of a request (User Guide, "Filter your resources").
const MOST_FILTERS: usize = 50;

/// Values of a filter (same page).
const MOST_VALUES: usize = 200;

/// What can be filtered.
pub(crate) trait Filterable {
    /// The names of its filters, without those on tags.
    const NAMES: &'static [&'static str];
    /// Filters that AWS has and that are not emulated, by their beginning.
    const NOT_EMULATED: &'static [&'static str] = &[];
    /// Whether it can be filtered by tags.
    const TAGGED: bool = false;

    /// The values under one of the names; none if it has no such value.
    fn field(&self, name: &str, account: &str) -> Vec<Cow<'_, str>>;

    /// The tags that an account sees, keys and values.
    fn tags(&self, _account: &str) -> Vec<(&str, &str)> {
        Vec::new()
    }
}

/// Tags as filters see them.
pub(crate) fn pairs(tags: Option<&Tags>) -> Vec<(&str, &str)> {
    tags.into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}

struct Filter {
    name: String,
    values: Vec<String>,
}

impl Filter {
    fn new(item: &Query) -> Self {
        Self {
            name: item.text("Name").unwrap_or_default().to_owned(),
            values: item.list("Value"),
        }
    }

    fn check<T: Filterable>(&self) -> Result<(), ApiError> {
        let name = self.name.as_str();
        if T::NOT_EMULATED
            .iter()
            .any(|beginning| name.starts_with(beginning))
        {
            return Err(ApiError::not_emulated(&format!("filter '{name}'")));
        }
        if T::NAMES.contains(&name) || T::TAGGED && (name == "tag-key" || name.starts_with("tag:"))
        {
            return Ok(());
        }
        Err(client_error(
            "InvalidParameterValue",
            format!("The filter '{name}' is invalid"),
        ))
    }
}

/// The filters of a request; all must match, each by any of its values.
pub(crate) struct Filters(Vec<Filter>);

impl Filters {
    /// Reads `Filter.n.Name` and `Filter.n.Value.m`; an unknown name is refused as EC2 does.
    pub fn of<T: Filterable>(query: &Query) -> Result<Self, ApiError> {
        let filters: Vec<_> = query.items("Filter").iter().map(Filter::new).collect();
        if filters.len() > MOST_FILTERS
            || filters
                .iter()
                .any(|filter| filter.values.len() > MOST_VALUES)
        {
            let message = "The maximum number of filter values specified on a single call is 200";
            return Err(client_error("FilterLimitExceeded", message));
        }
        filters.iter().try_for_each(Filter::check::<T>)?;
        Ok(Self(filters))
    }

    /// Whether an item passes.
    pub fn admit(&self, item: &impl Filterable, account: &str) -> bool {
        self.0.iter().all(|Filter { name, values }| {
            let fields = fields(item, name, account);
            fields
                .iter()
                .any(|field| values.iter().any(|value| glob(value, field)))
        })
    }
}

fn fields<'i>(item: &'i impl Filterable, name: &str, account: &str) -> Vec<Cow<'i, str>> {
    let tags = || item.tags(account).into_iter();
    if let Some(wanted) = name.strip_prefix("tag:") {
        return tags()
            .filter(|(key, _)| *key == wanted)
            .map(|(_, value)| Cow::from(value))
            .collect();
    }
    if name == "tag-key" {
        return tags().map(|(key, _)| Cow::from(key)).collect();
    }
    item.field(name, account)
}

/// Whether a text matches a pattern with `*` and `?`, case-sensitively; a backslash takes their
/// meaning away.
fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let tail = rest.as_str();
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| glob(tail, &text[at..]))
        }
        Some('?') => matches(None, rest.as_str(), text),
        Some('\\') => {
            let literal = rest.next().unwrap_or('\\');
            matches(Some(literal), rest.as_str(), text)
        }
        Some(wanted) => matches(Some(wanted), rest.as_str(), text),
    }
}

/// Whether the text begins with the character, or any, and goes on as the rest of the pattern.
fn matches(wanted: Option<char>, rest: &str, text: &str) -> bool {
    let mut found = text.chars();
    found
        .next()
        .is_some_and(|first| wanted.is_none_or(|wanted| wanted == first))
        && glob(rest, found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        assert!(glob("goldsmith-*", "goldsmith-110304"));
        assert!(glob("a?c*", "abc"));
        assert!(glob("*", ""));
        assert!(glob("a\\*", "a*"));
        assert!(!glob("a\\*", "ab"));
        assert!(!glob("abc", "ABC"));
        assert!(!glob("a?c", "ac"));
    }
}

//! Pages and filters of the List operations.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    common::{arn::Arn, error::ApiError},
    wire::input::Input,
};

/// The size of a page that asks for none.
const DEFAULT_PAGE: usize = 25;

/// What a list can be filtered by.
pub(crate) trait Filtered {
    /// The names of the filters, as the operation documents them.
    const FILTERS: &'static [&'static str];

    /// The values that a filter compares, empty if the item has none.
    fn field(&self, filter: &str) -> Vec<Cow<'_, str>>;
}

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    name: String,
    #[serde(default)]
    values: Vec<String>,
}

/// The filters of a request: all of them must match, each by any of its values.
pub(crate) struct Filters(Vec<Filter>);

impl Filters {
    /// Reads `filters`; a name that the list does not know is refused. Which code AWS answers is
    /// not known.
    pub fn of<T: Filtered>(input: &Input<'_>) -> Result<Self, ApiError> {
        let filters: Vec<Filter> = input.member("filters")?.unwrap_or_default();
        match filters
            .iter()
            .find(|filter| !T::FILTERS.contains(&filter.name.as_str()))
        {
            Some(unknown) => {
                let rule = format!(
                    "'{}' must be one of [{}]",
                    unknown.name,
                    T::FILTERS.join(", ")
                );
                Err(ApiError::invalid("filters", &rule))
            }
            None => Ok(Self(filters)),
        }
    }

    /// Reads `filters` of a list that can aggregate by name, which excludes the version filter. Code and
    /// text were seen for images (aws-sdk-js-v3, issue 2901).
    pub fn by_name<T: Filtered>(input: &Input<'_>) -> Result<(Self, bool), ApiError> {
        let (filters, by_name) = (Self::of::<T>(input)?, input.flag("byName"));
        if by_name && filters.0.iter().any(|filter| filter.name == "version") {
            let what = input.operation().trim_start_matches("List");
            return Err(ApiError::combination(format!(
                "The value supplied for parameter 'filters' is not valid. You cannot list {what} by name and \
                 filter by version in the same request."
            )));
        }
        Ok((filters, by_name))
    }

    /// Whether an item passes.
    pub fn admit<T: Filtered>(&self, item: &T) -> bool {
        self.0.iter().all(|filter| {
            let fields = item.field(&filter.name);
            fields
                .iter()
                .any(|field| filter.values.iter().any(|value| value == field))
        })
    }
}

/// Sorts what a list shows: what was made last comes first, and of a version its newest build. The
/// examples of awscli have image builds, recipes, pipelines and configurations in this order; of the
/// other lists nothing is known.
pub(crate) fn newest_first<T, K: Ord>(items: &mut [T], created: impl Fn(&T) -> (K, &Arn)) {
    items.sort_by(|one, other| {
        let ((one_date, one), (other_date, other)) = (created(one), created(other));
        let names = one.series().cmp(&other.series());
        other_date
            .cmp(&one_date)
            .then(names)
            .then_with(|| other.cmp(one))
    });
}

#[derive(Serialize, Deserialize)]
struct Token {
    query: String,
    next: usize,
}

/// One page of `items` under `key`, shown by `view`, and the token of the next.
pub(crate) fn page<T>(
    input: &Input<'_>,
    key: &str,
    items: &[T],
    view: impl Fn(&T) -> Value,
) -> Result<Value, ApiError> {
    let query = fingerprint(input);
    let start = match input.text("nextToken") {
        Some(token) => opened(token, &query, items.len())?,
        None => 0,
    };
    let size = input.member("maxResults")?.unwrap_or(DEFAULT_PAGE);
    let shown: Vec<Value> = items.iter().skip(start).take(size).map(view).collect();
    let next = start + shown.len();
    let mut answer = Map::from_iter([(key.to_owned(), Value::Array(shown))]);
    if next < items.len() {
        answer.insert("nextToken".to_owned(), sealed(&Token { query, next })?);
    }
    Ok(Value::Object(answer))
}

/// Binds a token to its query: the operation, the caller, and everything but the paging.
fn fingerprint(input: &Input<'_>) -> String {
    let mut query = input.members().clone();
    if let Value::Object(members) = &mut query {
        members.remove("nextToken");
        members.remove("maxResults");
    }
    let caller = input.caller();
    let text = format!(
        "{} {} {} {query}",
        input.operation(),
        caller.account,
        caller.region
    );
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..12])
}

fn sealed(token: &Token) -> Result<Value, ApiError> {
    let text = serde_json::to_vec(token).map_err(|_| ApiError::bad_page_token())?;
    Ok(Value::from(URL_SAFE_NO_PAD.encode(text)))
}

fn opened(token: &str, query: &str, count: usize) -> Result<usize, ApiError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| ApiError::bad_page_token())?;
    let token: Token = serde_json::from_slice(&bytes).map_err(|_| ApiError::bad_page_token())?;
    if token.query == query {
        Ok(token.next.min(count))
    } else {
        Err(ApiError::bad_page_token())
    }
}

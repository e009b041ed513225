//! Pages and filters of the List operations.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{refusal::Refusal, request::Request};

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
    pub fn of<T: Filtered>(request: &Request<'_>) -> Result<Self, Refusal> {
        let filters: Vec<Filter> = request.member("filters")?.unwrap_or_default();
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
                Err(Refusal::invalid("filters", &rule))
            }
            None => Ok(Self(filters)),
        }
    }

    /// Reads `filters` of a list that can aggregate by name, which excludes the version filter.
    pub fn by_name<T: Filtered>(request: &Request<'_>) -> Result<(Self, bool), Refusal> {
        let (filters, by_name) = (Self::of::<T>(request)?, request.flag("byName"));
        if by_name && filters.0.iter().any(|filter| filter.name == "version") {
            let message = "'byName' cannot be combined with the filter 'version'.";
            return Err(Refusal::combination(message));
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

#[derive(Serialize, Deserialize)]
struct Token {
    query: String,
    next: usize,
}

/// One page of `items` under `key`, shown by `view`, and the token of the next.
pub(crate) fn page<T>(
    request: &Request<'_>,
    key: &str,
    items: &[T],
    view: impl Fn(&T) -> Value,
) -> Result<Value, Refusal> {
    let query = fingerprint(request);
    let start = match request.text("nextToken") {
        Some(token) => opened(token, &query, items.len())?,
        None => 0,
    };
    let size = request.member("maxResults")?.unwrap_or(DEFAULT_PAGE);
    let shown: Vec<Value> = items.iter().skip(start).take(size).map(view).collect();
    let next = start + shown.len();
    let mut answer = Map::from_iter([(key.to_owned(), Value::Array(shown))]);
    if next < items.len() {
        answer.insert("nextToken".to_owned(), sealed(&Token { query, next })?);
    }
    Ok(Value::Object(answer))
}

/// Binds a token to its query: the operation, the caller, and everything but the paging.
fn fingerprint(request: &Request<'_>) -> String {
    let mut query = request.input().clone();
    if let Value::Object(members) = &mut query {
        members.remove("nextToken");
        members.remove("maxResults");
    }
    let caller = request.caller();
    let text = format!(
        "{} {} {} {query}",
        request.operation(),
        caller.account,
        caller.region
    );
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..12])
}

fn sealed(token: &Token) -> Result<Value, Refusal> {
    let text = serde_json::to_vec(token).map_err(|_| Refusal::bad_page_token())?;
    Ok(Value::from(URL_SAFE_NO_PAD.encode(text)))
}

fn opened(token: &str, query: &str, count: usize) -> Result<usize, Refusal> {
    let bytes = URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| Refusal::bad_page_token())?;
    let token: Token = serde_json::from_slice(&bytes).map_err(|_| Refusal::bad_page_token())?;
    if token.query == query {
        Ok(token.next.min(count))
    } else {
        Err(Refusal::bad_page_token())
    }
}

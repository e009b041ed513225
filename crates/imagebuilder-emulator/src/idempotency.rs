//! Client tokens: the same token with the same parameters gets the first answer again, with others
//! a refusal. How long AWS remembers a token is not documented; here it is until the reset.

use std::collections::HashMap;

use serde_json::Value;

use crate::{caller::Caller, refusal::Refusal};

/// What a token is unique to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TokenKey {
    account: String,
    region: String,
    operation: &'static str,
    token: String,
}

impl TokenKey {
    /// The key of a request that has a `clientToken`.
    pub fn of(caller: &Caller, operation: &'static str, input: &Value) -> Option<Self> {
        Some(Self {
            account: caller.account.clone(),
            region: caller.region.clone(),
            operation,
            token: input.get("clientToken")?.as_str()?.to_owned(),
        })
    }
}

/// Parameters and answer of the first use.
#[derive(Debug)]
struct FirstUse {
    input: Value,
    answer: Value,
}

/// Every token that was used successfully.
#[derive(Debug, Default)]
pub(crate) struct Tokens(HashMap<TokenKey, FirstUse>);

impl Tokens {
    /// The first answer, if the token was used before.
    pub fn recall(&self, key: &TokenKey, input: &Value) -> Result<Option<Value>, Refusal> {
        match self.0.get(key) {
            Some(first) if first.input == *input => Ok(Some(first.answer.clone())),
            Some(_) => Err(Refusal::token_reused()),
            None => Ok(None),
        }
    }

    /// Remembers a successful answer.
    pub fn remember(&mut self, key: TokenKey, input: Value, answer: &Value) {
        self.0.insert(key, FirstUse { input, answer: answer.clone() });
    }
}

//! Client tokens: the same token with the same parameters gets the first answer again, with others
//! an error. How long AWS remembers a token is not documented; here it is until the reset, or a setting says so.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::common::{caller::Caller, error::ApiError};

/// The first half of a SHA-256. Tokens and parameters only have to be recognized, and each call
/// that changes something leaves one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Digest(u128);

impl Digest {
    fn of(text: &str) -> Self {
        let bytes = Sha256::digest(text);
        Self(
            bytes
                .iter()
                .take(16)
                .fold(0, |number, byte| (number << 8) | u128::from(*byte)),
        )
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        format!("{digest:?}")
    }
}

impl TryFrom<String> for Digest {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(Self)
    }
}

/// What a token is unique to: account, Region, operation and the token itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenKey(Digest);

impl TokenKey {
    /// The key of a request that has a `clientToken`.
    pub fn of(caller: &Caller, operation: &str, input: &Value) -> Option<Self> {
        let token = input.get("clientToken")?.as_str()?;
        let Caller { account, region } = caller;
        Some(Self(Digest::of(&format!(
            "{account} {region} {operation} {token}"
        ))))
    }
}

/// Parameters and answer of the first use; the answer as text, which is a tenth of the tree.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FirstUse {
    input: Digest,
    answer: Box<str>,
    at: Timestamp,
}

/// Every token that was used successfully.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tokens(BTreeMap<Digest, FirstUse>);

impl Tokens {
    /// The first answer, if the token was used at this time or later.
    pub fn recall(
        &self,
        key: TokenKey,
        input: &Value,
        since: Timestamp,
    ) -> Result<Option<Value>, ApiError> {
        match self.0.get(&key.0).filter(|first| first.at >= since) {
            Some(first) if first.input == digest(input) => {
                Ok(serde_json::from_str(&first.answer).ok())
            }
            Some(_) => Err(ApiError::token_reused()),
            None => Ok(None),
        }
    }

    /// Remembers a successful answer.
    pub fn remember(&mut self, key: TokenKey, input: &Value, answer: &Value, at: Timestamp) {
        let answer = answer.to_string().into_boxed_str();
        self.0.insert(
            key.0,
            FirstUse {
                input: digest(input),
                answer,
                at,
            },
        );
    }
}

/// Checked inputs have members in the model's order and maps in their keys', so that equal ones have
/// equal texts.
fn digest(input: &Value) -> Digest {
    Digest::of(&input.to_string())
}

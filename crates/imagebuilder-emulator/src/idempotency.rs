//! Client tokens: the same token with the same parameters gets the first answer again, with others
//! a refusal. How long AWS remembers a token is not documented; here it is until the reset.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{caller::Caller, refusal::Refusal};

/// What a token is unique to: account, Region, operation and the token itself, in one text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct TokenKey(String);

impl TokenKey {
    /// The key of a request that has a `clientToken`.
    pub fn of(caller: &Caller, operation: &str, input: &Value) -> Option<Self> {
        let token = input.get("clientToken")?.as_str()?;
        Some(Self(format!("{} {} {operation} {token}", caller.account, caller.region)))
    }
}

/// Of the parameters a digest is enough; the answer is kept as text, which is a tenth of the tree.
#[derive(Debug, Serialize, Deserialize)]
struct FirstUse {
    input: String,
    answer: String,
}

/// Every token that was used successfully.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tokens(BTreeMap<TokenKey, FirstUse>);

impl Tokens {
    /// The first answer, if the token was used before.
    pub fn recall(&self, key: &TokenKey, input: &Value) -> Result<Option<Value>, Refusal> {
        match self.0.get(key) {
            Some(first) if first.input == digest(input) => Ok(serde_json::from_str(&first.answer).ok()),
            Some(_) => Err(Refusal::token_reused()),
            None => Ok(None),
        }
    }

    /// Remembers a successful answer.
    pub fn remember(&mut self, key: TokenKey, input: &Value, answer: &Value) {
        self.0.insert(key, FirstUse { input: digest(input), answer: answer.to_string() });
    }
}

/// Checked inputs have members in the model's order and maps in their keys', so that equal ones have
/// equal texts.
fn digest(input: &Value) -> String {
    STANDARD_NO_PAD.encode(Sha256::digest(input.to_string()))
}

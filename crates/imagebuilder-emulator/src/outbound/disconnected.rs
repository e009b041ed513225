//! No endpoint: what the emulator does without one.
#![allow(
    clippy::unused_async,
    clippy::unused_self,
    reason = "the functions are those that an endpoint has"
)]

use bytes::Bytes;
use http::request::Parts;

use crate::{
    api::imagebuilder::request::FetchedDocument,
    common::{
        caller::{Caller, DEFAULT_ACCOUNT, is_account},
        error::ApiError,
        options::Options,
    },
};

/// In place of an endpoint.
#[derive(Debug)]
pub(crate) struct Outbound;

impl Outbound {
    /// Options name no endpoint without the feature `server`.
    pub fn new(_options: &Options) -> Self {
        Self
    }

    /// The account of an access key: its twelve digits, or the default account.
    #[allow(clippy::unnecessary_wraps, reason = "an endpoint can fail")]
    pub async fn account(&self, key: &str, _region: &str) -> Result<String, ApiError> {
        let account = if is_account(key) {
            key
        } else {
            DEFAULT_ACCOUNT
        };
        Ok(account.to_owned())
    }

    /// Documents by `uri` are not emulated.
    pub async fn document(
        &self,
        _caller: &Caller,
        _parts: &Parts,
        _body: &Bytes,
    ) -> Option<FetchedDocument> {
        None
    }
}

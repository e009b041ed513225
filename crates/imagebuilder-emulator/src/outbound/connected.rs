//! The endpoint that the options name, and what it is asked for.

use bytes::Bytes;
use http::request::Parts;

use super::{accounts::Accounts, delivery::Delivery, documents, endpoint::Endpoint};
use crate::{
    api::imagebuilder::request::FetchedDocument,
    common::{caller::Caller, error::ApiError, options::Options},
};

/// The other AWS endpoint, if there is one.
#[derive(Debug)]
pub(crate) struct Outbound {
    endpoint: Option<Endpoint>,
    accounts: Accounts,
}

impl Outbound {
    /// The endpoint of the options.
    pub fn new(options: &Options) -> Self {
        let endpoint = options.events_endpoint.as_deref().map(Endpoint::new);
        Self {
            accounts: Accounts::new(endpoint.clone()),
            endpoint,
        }
    }

    /// The account of an access key.
    pub async fn account(&self, key: &str, region: &str) -> Result<String, ApiError> {
        self.accounts.of(key, region).await
    }

    /// The document that a request names by `uri`, if it names one.
    pub async fn document(
        &self,
        caller: &Caller,
        parts: &Parts,
        body: &Bytes,
    ) -> Option<FetchedDocument> {
        documents::fetch(self.endpoint.as_ref(), caller, parts, body).await
    }

    /// The delivery of notifications, if there is an endpoint.
    pub fn delivery(&self) -> Option<Delivery> {
        self.endpoint.clone().map(Delivery::new)
    }
}

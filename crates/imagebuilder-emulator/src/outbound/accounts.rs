//! Which account an access key belongs to.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use quick_xml::{Reader, events::Event};

use crate::{
    common::{
        caller::{DEFAULT_ACCOUNT, is_account},
        error::ApiError,
    },
    outbound::endpoint::{CallError, Endpoint, Signer},
};

/// Keys that have been asked for.
#[derive(Debug)]
pub(crate) struct Accounts {
    sts: Option<Endpoint>,
    known: Mutex<HashMap<String, String>>,
}

impl Accounts {
    /// Asks STS at the endpoint, if there is one.
    pub fn new(sts: Option<Endpoint>) -> Self {
        Self {
            sts,
            known: Mutex::default(),
        }
    }

    /// The account of a key; each key is asked for once.
    pub async fn of(&self, key: &str, region: &str) -> Result<String, ApiError> {
        if is_account(key) {
            return Ok(key.to_owned());
        }
        let Some(sts) = &self.sts else {
            return Ok(DEFAULT_ACCOUNT.to_owned());
        };
        if let Some(known) = self.recall(key) {
            return Ok(known);
        }
        let account = ask(sts, key, region)
            .await
            .map_err(|error| api_error(&error))?;
        let account = account.ok_or_else(unknown_key)?;
        self.remember(key, &account);
        Ok(account)
    }

    fn recall(&self, key: &str) -> Option<String> {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }

    fn remember(&self, key: &str, account: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(key.to_owned(), account.to_owned());
    }
}

async fn ask(sts: &Endpoint, key: &str, region: &str) -> Result<Option<String>, CallError> {
    let key = percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC);
    let form = format!("Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId={key}");
    let signer = Signer {
        account: DEFAULT_ACCOUNT,
        region,
        service: "sts",
    };
    Ok(account_in(&sts.query(signer, form).await?))
}

/// The text of the element `Account`.
fn account_in(xml: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    loop {
        let event = reader.read_event().ok()?;
        if let Event::Start(element) = &event
            && element.local_name().as_ref() == "Account"
        {
            return Some(reader.read_text(element.name()).ok()?.trim().to_owned());
        }
        if matches!(event, Event::Eof) {
            return None;
        }
    }
}

fn api_error(error: &CallError) -> ApiError {
    if let CallError::Status {
        status: 400..=499, ..
    } = error
    {
        return unknown_key();
    }
    let error: &dyn std::error::Error = error;
    tracing::warn!(error, "cannot ask STS for the account of an access key");
    ApiError::new(
        503,
        "ServiceUnavailableException",
        "Cannot ask STS for the account of the key.",
    )
}

fn unknown_key() -> ApiError {
    let text = "The security token included in the request is invalid.";
    ApiError::new(403, "InvalidClientTokenId", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_read_from_the_answer() {
        let xml = "<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetAccessKeyInfoResult>\
                   <Account>111122223333</Account></GetAccessKeyInfoResult></R>";
        assert_eq!(account_in(xml).as_deref(), Some("111122223333"));
        assert_eq!(account_in("<R/>"), None);
    }
}

//! `goldsmith consumer`: what an account has to make on its side to be served, as text.
//!
//! It says the same as infra/consumer-account.yaml makes, for those who do it by hand; a test compares the
//! two (`tests/consumer_text_test.py`).

mod commands;
mod draw;
mod policies;
mod roles;
mod served;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{Parsed, parse};
use goldsmith_domain::names::{AccountId, KeyArn};

use crate::arguments::Consumer;
use crate::check::{Verdict, hint};
use crate::documents;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::voice::Voice;
use served::Served;

/// Why nothing can be said to a consumer.
#[derive(Debug, thiserror::Error)]
pub enum ConsumerError {
    /// The documents name no such account.
    #[error("account {account} is no consumer in these documents")]
    Unknown {
        /// The account that was asked for.
        account: AccountId,
        /// The account that was probably meant.
        near: Option<AccountId>,
        /// Whether there are organizations, to which it may belong.
        organizations: bool,
    },
    /// A key was given for a Region whose key the documents name, or which they do not have.
    #[error("the documents have no Region that waits for the key {0}")]
    Key(KeyArn),
}

impl ConsumerError {
    /// What would help.
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown { near: Some(near), .. } => format!("did you mean {near}?"),
            Self::Unknown { organizations: true, .. } => {
                "an account of an organization that is served needs nothing but the launching role's policy: \
                 docs/consumers.md has it"
                    .to_owned()
            }
            Self::Unknown { .. } => {
                "consumers are listed in environment.json and in workload_accounts.<region>.json".to_owned()
            }
            Self::Key(_) => {
                "--key is the output KeyArn of the stack, for its own Region; those of further Regions are in \
                 environment.json"
                    .to_owned()
            }
        }
    }
}

/// Tells the account what to make.
pub fn run(arguments: &Consumer, voice: Voice) -> Result<Exit, Failure> {
    let files = documents::read(&arguments.dir)?;
    let parsed = parse(&files);
    let Parsed::Desired(desired) = &parsed else {
        voice.say(Verdict::of(&parsed).below(&arguments.dir).text().trim_end());
        if let Some(hint) = hint(&arguments.dir, &files) {
            voice.hint(&hint);
        }
        return Err(Failure::Rejected(arguments.dir.clone()));
    };
    let served = served(desired, &arguments.account, &arguments.key)?;
    voice.data(&draw::text(&served));
    if let Some(missing) = served.missing() {
        voice.hint(&missing);
    }
    Ok(Exit::Done)
}

/// What the documents say of the account, with the keys that they cannot know.
fn served(
    desired: &Desired,
    account: &AccountId,
    keys: &[KeyArn],
) -> Result<Served, ConsumerError> {
    let accounts = &desired.consumers.accounts;
    let Some(consumer) = accounts.iter().find(|each| each.id == *account) else {
        return Err(ConsumerError::Unknown {
            account: account.clone(),
            near: nearest(account, accounts.iter().map(|each| &each.id)),
            organizations: !desired.consumers.organizations.is_empty(),
        });
    };
    match keys.iter().find(|key| !waits_for(desired, key)) {
        Some(key) => Err(ConsumerError::Key(key.clone())),
        None => Ok(Served::new(desired, consumer, keys)),
    }
}

/// Whether the documents have the key's Region, and no other key for it.
fn waits_for(desired: &Desired, key: &KeyArn) -> bool {
    let settings = key.region().and_then(|region| desired.regions.get(&region));
    settings.is_some_and(|settings| settings.kms_key.as_ref().is_none_or(|named| named == key))
}

/// The account that differs in one or two digits, or has two neighbouring digits exchanged.
fn nearest<'a>(
    account: &AccountId,
    known: impl Iterator<Item = &'a AccountId>,
) -> Option<AccountId> {
    let slips = |other: &AccountId| {
        account
            .as_str()
            .bytes()
            .zip(other.as_str().bytes())
            .filter(|(a, b)| a != b)
            .count()
    };
    known
        .map(|other| (slips(other), other))
        .min()
        .filter(|(slips, _)| *slips <= 2)
        .map(|(_, other)| other.clone())
}

#[cfg(test)]
mod tests;

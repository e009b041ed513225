//! `goldsmith consumer`: what an account has to create to get images, as text.
//!
//! The text says the same as infra/consumer-account.yaml, for people who do it by hand. A test compares the
//! two (`tests/consumer_text_test.py`).

mod answer;
mod commands;
mod policies;
mod render;
mod roles;
mod served;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{Parsed, parse};
use goldsmith_domain::names::{AccountId, KeyArn};

use crate::arguments::{Consumer, Format, Variables};
use crate::documents::accepted::RejectedError;
use crate::documents::check_report::{CheckReport, empty_folder_hint};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::layers::{self, LayersError};
use crate::printer::Printer;
use served::{Given, Served};

/// A consumer's part is not known.
#[derive(Debug, thiserror::Error)]
pub enum ConsumerError {
    /// The documents could not be read.
    #[error(transparent)]
    Documents(#[from] LayersError),
    /// The documents have problems, or are incomplete.
    #[error(transparent)]
    Rejected(#[from] RejectedError),
    /// The documents name no such account.
    #[error("account {account} is not a consumer in these documents")]
    Unknown {
        /// The account that was asked for.
        account: AccountId,
        /// The account that was probably meant.
        near: Option<AccountId>,
        /// Whether there are organizations, to which it may belong.
        organizations: bool,
    },
    /// The account is the one that builds.
    #[error("account {0} builds the images: they are its own, and it has nothing to create")]
    Builder(AccountId),
    /// The documents do not have the key's Region, or have another key for it.
    #[error("no Region in the documents needs the key {0}")]
    Key(KeyArn),
    /// It could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for ConsumerError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Documents(error) => return error.hint(),
            Self::Rejected(error) => return error.hint(),
            Self::Json(error) => return error.hint(),
            Self::Unknown {
                near,
                organizations,
                ..
            } => {
                return Some(unknown_account_hint(near.as_ref(), *organizations));
            }
            Self::Builder(_) => return None,
            Self::Key(_) => {
                "--key takes the stack's output KeyArn, for the stack's own Region; environment.json has the keys of other Regions"
            }
        };
        Some(hint.to_owned())
    }
}

fn unknown_account_hint(near: Option<&AccountId>, organizations: bool) -> String {
    match (near, organizations) {
        (Some(near), _) => format!("did you mean {near}?"),
        (None, true) => {
            "an account of an organization in the documents needs only the launching role's policy; see docs/consumers.md"
                .to_owned()
        }
        (None, false) => {
            "consumers are listed in environment.json and in workload_accounts.<region>.json"
                .to_owned()
        }
    }
}

/// Prints what the account has to create.
pub fn run(arguments: &Consumer, printer: Printer) -> Result<Exit, ConsumerError> {
    let layered = layers::read(&arguments.dir, &Variables::default())?;
    let files = &layered.files;
    let parsed = layered.usable(parse(files));
    let Parsed::Desired(desired) = &parsed else {
        printer.stderr(
            CheckReport::of(&parsed)
                .below(&arguments.dir)
                .text()
                .trim_end(),
        );
        if let Some(hint) = empty_folder_hint(&arguments.dir, files) {
            printer.hint(&hint);
        }
        return Err(RejectedError(arguments.dir.clone()).into());
    };
    let given = Given {
        keys: &arguments.key,
        verifiers: &arguments.verifier,
    };
    let served = served(desired, &arguments.account, &given)?;
    printer.stdout(&match arguments.format {
        Format::Text => render::text(&served),
        Format::Json => json::pretty(&answer::Answer::of(&served))?,
    });
    if let Some(missing) = served.missing() {
        printer.hint(&missing);
    }
    Ok(Exit::Done)
}

/// What the documents say of the account, together with what they do not have.
fn served(
    desired: &Desired,
    account: &AccountId,
    given: &Given<'_>,
) -> Result<Served, ConsumerError> {
    if served::building(desired, given.keys) == account.as_str() {
        return Err(ConsumerError::Builder(account.clone()));
    }
    let accounts = &desired.consumers.accounts;
    let Some(consumer) = accounts.iter().find(|each| each.id == *account) else {
        return Err(ConsumerError::Unknown {
            account: account.clone(),
            near: nearest(account, accounts.iter().map(|each| &each.id)),
            organizations: !desired.consumers.organizations.is_empty(),
        });
    };
    match given.keys.iter().find(|key| !needs_key(desired, key)) {
        Some(key) => Err(ConsumerError::Key(key.clone())),
        None => Ok(Served::new(desired, consumer, given)),
    }
}

/// Whether the documents have the key's Region, and no other key for it.
fn needs_key(desired: &Desired, key: &KeyArn) -> bool {
    let settings = key.region().and_then(|region| desired.regions.get(&region));
    settings.is_some_and(|settings| settings.kms_key.as_ref().is_none_or(|named| named == key))
}

/// The nearest account, if it differs in one or two digits.
fn nearest<'a>(
    account: &AccountId,
    known: impl Iterator<Item = &'a AccountId>,
) -> Option<AccountId> {
    let differing = |other: &AccountId| {
        account
            .as_str()
            .bytes()
            .zip(other.as_str().bytes())
            .filter(|(a, b)| a != b)
            .count()
    };
    known
        .map(|other| (differing(other), other))
        .min()
        .filter(|(differing, _)| *differing <= 2)
        .map(|(_, other)| other.clone())
}

#[cfg(test)]
mod tests;

//! What documents, world and stack say together: the questions that several steps ask.
//!
//! A view answers and changes nothing. It has one function for each question, so that two steps never
//! answer the same question differently. What a step has planned is no part of it: that is in the
//! step's result.

mod components;
mod copies;
mod facts;
mod images;
mod keys;
mod licences;
mod origins;
mod pipelines;
mod publications;
mod rebuilds;
mod recipe_contents;
mod transition;

use std::collections::BTreeMap;

use crate::consumers::Account;
use crate::desired::{Desired, RecipeEntry};
use crate::names::{AccountId, RecipeName, Region};
use crate::observed::{Catalog, Observed, Subject};
use crate::plan::reason::Refused;
use crate::stack::StackContext;

pub(in crate::plan) use self::copies::{Batch, MissingCopies, failures, retries, wants_copies};
pub use self::images::published_image;
pub(in crate::plan) use self::keys::{Key, further_keys, granted_access};
pub use self::rebuilds::RebuildsToObserve;
pub(in crate::plan) use self::rebuilds::{
    RebuildJob, attempt, home, named_places, published_copies,
};

/// The documents, the world and the stack, looked at together.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// What the documents want.
    pub desired: &'a Desired,
    /// What a run saw.
    pub observed: &'a Observed,
    /// Where the run happens.
    pub stack: &'a StackContext,
}

impl<'a> View<'a> {
    /// A view of these three.
    pub fn new(desired: &'a Desired, observed: &'a Observed, stack: &'a StackContext) -> Self {
        Self {
            desired,
            observed,
            stack,
        }
    }

    /// The same view of other documents.
    pub(in crate::plan) fn with<'b>(self, desired: &'b Desired) -> View<'b>
    where
        'a: 'b,
    {
        View { desired, ..self }
    }

    /// The documents without the quarantined accounts that no key lets in yet.
    pub(in crate::plan) fn served(self) -> Desired {
        self.desired.without(&self.unknown_principals())
    }

    /// The entry of a recipe, by its folded name.
    pub(in crate::plan) fn entry(self, name: &RecipeName) -> Option<&'a RecipeEntry> {
        self.desired
            .recipes
            .iter()
            .find(|entry| entry.name.folded() == name.folded())
    }

    /// A consumer.
    pub(in crate::plan) fn account(self, id: &AccountId) -> Option<&'a Account> {
        self.desired
            .consumers
            .accounts
            .iter()
            .find(|account| account.id == *id)
    }

    /// What new resources are made from, if it was read.
    pub(in crate::plan) fn catalog(self) -> Option<&'a Catalog> {
        self.observed.catalog.as_ref()
    }

    /// Refuses what needs something that could not be read.
    pub(in crate::plan) fn check_read(self, what: &Subject) -> Result<(), Refused> {
        match self.observed.unreadable(what) {
            None => Ok(()),
            Some(code) => Err(Refused::Unreadable {
                what: what.clone(),
                code: code.to_owned(),
            }),
        }
    }

    /// Whether the lists were read that tell what is built, copied and published. A list that was not
    /// read is empty, and an empty one would have everything made again.
    pub(in crate::plan) fn lists_are_read(self) -> bool {
        [
            Subject::Pipelines,
            Subject::Images,
            Subject::DistributionConfigurations,
        ]
        .iter()
        .all(|list| self.check_read(list).is_ok())
    }

    /// The quarantined accounts that no key lets in. An answer of KMS about a newcomer takes nothing
    /// from an account that has access.
    pub(in crate::plan) fn unknown_principals(self) -> BTreeMap<AccountId, String> {
        let keys = self.keys();
        let has_access = |account: &AccountId| {
            keys.iter()
                .any(|key| granted_access(key).accounts.contains_key(account))
        };
        let mut unknown = self.observed.quarantined.clone();
        unknown.retain(|account, _| !has_access(account));
        unknown
    }

    /// Whether a Region is the one in which images are built.
    pub(in crate::plan) fn is_home(self, region: &Region) -> bool {
        *region == self.stack.region
    }
}

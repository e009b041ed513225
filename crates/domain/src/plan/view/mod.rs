//! What documents, world and stack say together: the questions that several steps ask.
//!
//! A view answers and changes nothing. It has one function for each question, so that two steps never
//! answer the same question differently. What a step has planned is no part of it: that is in the
//! step's result.

mod components;
mod copies;
mod facts;
mod failures;
mod images;
mod index;
mod keys;
mod licences;
mod origins;
mod pipelines;
mod publications;
mod rebuilds;
mod recipe_contents;
mod settled;
mod transition;

use std::collections::BTreeMap;

use crate::consumers::Account;
use crate::desired::{Desired, RecipeEntry};
use crate::key_policy::Access;
use crate::names::{AccountId, RecipeName, Region};
use crate::observed::{Catalog, Configuration, Observed, Subject};
use crate::plan::reason::Refused;
use crate::resources::{Distribution, Wanted};
use crate::stack::StackContext;

pub(in crate::plan) use self::copies::{Batch, MissingCopies, failures, retries, wants_copies};
pub use self::images::published_image;
pub use self::index::Index;
pub(in crate::plan) use self::keys::{Key, further_keys, granted_access};
pub use self::publications::PublicationToCompare;
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
    /// The same three, put in order.
    index: &'a Index<'a>,
    /// The texts of documents that are wrong. Whoever they name keeps the access that there is: a text that
    /// nobody can read may be the one that names somebody anew.
    rejected: &'a [String],
}

impl<'a> View<'a> {
    /// Does `then` with a view of the documents without the quarantined accounts that no key lets in yet.
    pub(in crate::plan) fn as_served<T>(self, then: impl FnOnce(View<'_>) -> T) -> T {
        let unknown = self.unknown_principals();
        if unknown.is_empty() {
            return then(self);
        }
        self.with(&self.desired.without(&unknown), then)
    }

    /// Does `then` with a view of other documents.
    pub(in crate::plan) fn with<T>(self, desired: &Desired, then: impl FnOnce(View<'_>) -> T) -> T {
        let wanted = Wanted::new(desired, self.stack);
        let index = Index::new(&wanted, self.observed);
        then(index.view().despite(self.rejected))
    }

    /// The same view while documents with these texts are wrong.
    #[must_use]
    pub fn despite(self, rejected: &'a [String]) -> Self {
        Self { rejected, ..self }
    }

    /// Whether a document that is wrong names an account, an organization or a unit, by its id.
    pub(in crate::plan) fn is_in_doubt(self, id: &str) -> bool {
        self.rejected.iter().any(|text| text.contains(id))
    }

    /// The resources that the documents want.
    pub(in crate::plan) fn wanted(self) -> &'a Wanted<'a> {
        self.index.wanted
    }

    /// The entry of a recipe, by its folded name.
    pub(in crate::plan) fn entry(self, name: &RecipeName) -> Option<&'a RecipeEntry> {
        self.index.wanted.entry(name)
    }

    /// A consumer.
    pub(in crate::plan) fn account(self, id: &AccountId) -> Option<&'a Account> {
        self.index.account(id)
    }

    /// The distribution configuration of this ARN, whoever's it is.
    pub(in crate::plan) fn distribution_configuration(
        self,
        arn: &str,
    ) -> Option<&'a Configuration<Distribution>> {
        self.index.distribution(arn)
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
        let mut unknown = self.observed.quarantined.clone();
        if !unknown.is_empty() {
            let granted: Vec<Access> = self.keys().iter().map(granted_access).collect();
            let has_access =
                |account: &AccountId| granted.iter().any(|one| one.accounts.contains_key(account));
            unknown.retain(|account, _| !has_access(account));
        }
        unknown
    }

    /// Whether a Region is the one in which images are built.
    pub(in crate::plan) fn is_home(self, region: &Region) -> bool {
        *region == self.stack.region
    }
}

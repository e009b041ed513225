//! The plan, and how steps record in it.

use std::collections::BTreeMap;
use std::fmt;

use super::change::{Change, Resource};
use super::reason::{Blocked, Refused, Waiting};
use crate::announcement::{Announcement, MessageKind, News};
use crate::arn::ImageArn;
use crate::desired::Desired;
use crate::names::{AmiId, RecipeName, Region};
use crate::publication::PublishedCopy;

/// What to do about the difference between documents and world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Plan {
    /// Mutations, in an order that is safe at every prefix.
    pub changes: Vec<Change>,
    /// What will be right later, with what it is about.
    pub waiting: Vec<(String, Waiting)>,
    /// What needs a person, with what it is about.
    pub refused: Vec<(String, Refused)>,
    /// The images that would be published, if it was known that consumers can use them.
    pub to_prove: Vec<ToProve>,
}

/// An image of which it has to be known whether consumers can use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToProve {
    /// Its recipe.
    pub recipename: RecipeName,
    /// The image.
    pub image: ImageArn,
    /// Its AMIs in the building account, by Region.
    pub amis: BTreeMap<Region, AmiId>,
    /// Its copies in the consumers' accounts.
    pub copies: Vec<PublishedCopy>,
}

impl Plan {
    /// The plan while documents are missing: to wait for them.
    pub fn awaiting<'k>(documents: impl IntoIterator<Item = &'k String>) -> Self {
        let waiting = documents
            .into_iter()
            .map(|key| (key.clone(), Waiting::Document(key.clone())));
        Self {
            waiting: waiting.collect(),
            ..Self::default()
        }
    }

    /// Whether a consumer may have less access afterwards.
    pub fn may_take_access(&self) -> bool {
        self.changes.iter().any(Change::may_take_access)
    }

    /// The images that a person has to approve, as what people are told of them.
    pub fn to_approve<'a>(
        &'a self,
        desired: &'a Desired,
    ) -> impl Iterator<Item = Announcement> + 'a {
        self.waiting.iter().filter_map(|(_, waiting)| {
            let Waiting::Approval {
                recipe,
                image,
                amis,
            } = waiting
            else {
                return None;
            };
            Some(Announcement {
                environment: desired.environment.clone(),
                recipe: recipe.clone(),
                image: image.clone(),
                news: News::AwaitingApproval { amis: amis.clone() },
                is_for_people: desired.notifies(MessageKind::AwaitingApproval),
            })
        })
    }

    pub(super) fn change(&mut self, change: impl Into<Change>) {
        self.changes.push(change.into());
    }

    /// Adds a change that several recipes may ask for.
    pub(super) fn change_once(&mut self, change: impl Into<Change>) {
        let change = change.into();
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    pub(super) fn wait(&mut self, subject: &(impl ToString + ?Sized), reason: Waiting) {
        self.waiting.push((subject.to_string(), reason));
    }

    /// Records a reason to wait that several recipes may have.
    pub(super) fn wait_once(&mut self, subject: &(impl ToString + ?Sized), reason: Waiting) {
        let waiting = (subject.to_string(), reason);
        if !self.waiting.contains(&waiting) {
            self.waiting.push(waiting);
        }
    }

    pub(super) fn refuse(&mut self, subject: &(impl ToString + ?Sized), reason: Refused) {
        let refused = (subject.to_string(), reason);
        if !self.refused.contains(&refused) {
            self.refused.push(refused);
        }
    }

    pub(super) fn block(&mut self, subject: &(impl ToString + ?Sized), reason: Blocked) {
        match reason {
            Blocked::Waiting(reason) => self.wait(subject, reason),
            Blocked::Refused(reason) => self.refuse(subject, reason),
        }
    }

    /// Whether a change of the plan provides this.
    pub(super) fn provides(&self, resource: &Resource) -> bool {
        self.changes
            .iter()
            .any(|change| change.provides.as_ref() == Some(resource))
    }
}

impl fmt::Display for Plan {
    /// A line for each change and reason; the alternate form has every input of each call below its
    /// line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            changes,
            waiting,
            refused,
            to_prove: _,
        } = self;
        for change in changes {
            f.write_str("change  ")?;
            change.fmt(f)?;
            writeln!(f)?;
        }
        for (subject, reason) in waiting {
            writeln!(f, "waiting {subject}: {reason}")?;
        }
        for (subject, reason) in refused {
            writeln!(f, "refused {subject}: {reason}")?;
        }
        Ok(())
    }
}

//! An entry of `ami-version`, and what it is built on.

use super::life::EntryLife;
use super::reference::Reference;
use super::tags::Tag;
use crate::desired::{BaseImage, Platform};
use crate::names::RecipeName;
use crate::problem::Place;
use crate::promotion::{Approval, ImageVersion};

/// An entry of `ami-version`, before it is held against the other documents.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: RecipeName,
    pub(super) place: Place,
    /// None if it has a problem.
    pub(super) base: Option<Base>,
    pub(super) platform: Option<(Platform, Place)>,
    pub(super) description: Option<String>,
    pub(super) tags: Vec<Tag>,
    pub(super) components: Vec<Reference>,
    /// None if it leaves that to the environment.
    pub(super) approval: Option<Approval>,
    pub(super) approved: Option<ImageVersion>,
    pub(super) life: EntryLife,
}

/// What an image is built on, and where the document says so.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) image: BaseImage,
    pub(super) place: Place,
}

//! What consumers read of images: what it has to be, and what somebody did to it.

use super::View;
use crate::names::RecipeName;
use crate::observed::{Copy, Damage, Depth, Image, Pipeline, Target};
use crate::plan::tags::{PUBLISHED_COPIES_TAG, PUBLISHED_TAG};
use crate::plan::turns::Turns;
use crate::plan::{digests, manifest};
use crate::publication::{Publication, PublishedCopy};

/// What consumers read of an image, to be compared with what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationToCompare {
    /// As it has to be.
    pub publication: Publication,
    /// Whether everything is compared; else only what lists tell of the content.
    pub is_close: bool,
}

impl<'a> View<'a> {
    /// What is compared with what consumers read.
    pub(in crate::plan) fn publications_to_compare(
        self,
        depth: Depth,
    ) -> Vec<PublicationToCompare> {
        if !depth.is_close() {
            return Vec::new();
        }
        let names = self.managed_recipes();
        let in_turn = self.in_turn(depth);
        let published = names.iter().flat_map(|name| {
            let is_close = in_turn.contains(name);
            let publications = self.published(name).into_iter();
            publications.map(move |publication| PublicationToCompare {
                publication,
                is_close,
            })
        });
        // The image that an account rebuilt takes its turn by its own name.
        let turns = Turns::of_recipes(depth, self.observed.time, names.len());
        let rebuilt = self.rebuilt_publications().into_iter();
        let rebuilt = rebuilt.map(|publication| PublicationToCompare {
            is_close: turns.is_some_and(|turns| turns.has(publication.image.slug())),
            publication,
        });
        published.chain(rebuilt).collect()
    }

    /// What is published of a recipe by what its pipeline's tags say, as it has to be.
    fn published(self, name: &RecipeName) -> Vec<Publication> {
        let is_ours = |(pipeline, _): &(&Pipeline, _)| pipeline.is_owned(&self.desired.environment);
        let current = self.current_image(name).filter(is_ours);
        current.map_or_else(Vec::new, |(pipeline, image)| {
            // While another image may not take its place yet, consumers read the published one.
            let image = self.published_image(pipeline).unwrap_or(image);
            self.publications_of(name, pipeline, image)
        })
    }

    fn publications_of(
        self,
        name: &RecipeName,
        pipeline: &Pipeline,
        image: &Image,
    ) -> Vec<Publication> {
        let is = |tag: &str, value: &str| pipeline.tags.get(tag).is_some_and(|is| is == value);
        let mut published = Vec::new();
        if is(PUBLISHED_TAG, &image.arn.to_string()) {
            published.push(self.publication(name, pipeline, image));
        }
        let copies = self.copies_to_publish(image);
        if is(
            PUBLISHED_COPIES_TAG,
            &digests::published_copies(&copies).to_string(),
        ) {
            published.push(self.publication_of_copies(name, image, &copies));
        }
        published
    }

    /// What consumers read of an image.
    pub(in crate::plan) fn publication(
        self,
        name: &RecipeName,
        pipeline: &Pipeline,
        image: &Image,
    ) -> Publication {
        Publication {
            manifest: manifest::written(name, pipeline),
            ..Publication::of_image(self.stack, name, &image.arn, &image.amis)
        }
    }

    /// What the accounts read of an image's copies.
    pub(in crate::plan) fn publication_of_copies(
        self,
        name: &RecipeName,
        image: &Image,
        copies: &[PublishedCopy],
    ) -> Publication {
        Publication::of_copies(self.stack, name, &image.arn, copies)
    }

    /// The copies of an image that are there and wanted.
    pub(in crate::plan) fn copies_to_publish(self, image: &Image) -> Vec<PublishedCopy> {
        let wanted = self.wanted_copies();
        let is_wanted = |target: &Target| wanted.values().any(|batch| batch.contains_key(target));
        let existing = self.existing_copies(&image.arn).into_iter();
        let copy = |(target, ami): (Target, _)| PublishedCopy {
            parameter_role: self
                .account(&target.account)
                .and_then(|account| account.parameter_role.clone()),
            copy: Copy { target, ami },
        };
        existing
            .filter(|(target, _)| is_wanted(target))
            .map(copy)
            .collect()
    }

    /// What is wrong with a publication, by its parts' names; nothing if nobody looked.
    pub(in crate::plan) fn damages(self, publication: &Publication) -> Vec<(String, &'a Damage)> {
        let parts = publication.parts().into_iter();
        parts
            .filter_map(|part| {
                let damage = self.observed.damages.get(&part)?;
                Some((part, damage))
            })
            .collect()
    }
}

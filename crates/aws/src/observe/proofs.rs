//! Asks whether consumers can use images, before anything names them.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AmiId, RecipeName, Region};
use goldsmith_domain::plan::ToProve;
use goldsmith_domain::publication::PublishedCopy;
use goldsmith_domain::verify::{Finding, Known, Published, Seen, findings};

use crate::Aws;
use crate::verify::{Asker, ask, at_once, known};

/// What was found of each image. One session of each account serves all images, so that an account costs the same
/// calls for one image as for many, but for a dry run of each.
pub(super) async fn read(
    aws: &Aws,
    desired: &Desired,
    images: &[ToProve],
) -> BTreeMap<ImageArn, Vec<Finding>> {
    let names: BTreeSet<&RecipeName> = images.iter().map(|one| &one.recipename).collect();
    let mut asked = desired.clone();
    asked.recipes.retain(|entry| names.contains(&entry.name));
    let seen = Seen {
        published: images.iter().map(published).collect(),
        copies: images.iter().flat_map(copies).collect(),
        distributed: distributed(aws, desired, images).await,
        ..Seen::default()
    };
    let seen = Box::pin(ask(aws, &asked, seen, Asker::Verifier)).await;
    let found = findings(&asked, &aws.stack, &seen);
    let of = |one: &ToProve| {
        let is_of = |name: &RecipeName| *name == one.recipename;
        let about = found
            .iter()
            .filter(|finding| finding.recipename.as_ref().is_none_or(is_of));
        (one.image.clone(), about.cloned().collect())
    };
    images.iter().map(of).collect()
}

/// The image as if it was published.
fn published(one: &ToProve) -> (RecipeName, Known<Option<Published>>) {
    let published = Published {
        image: Some(one.image.clone()),
        amis: one.amis.clone(),
        damage: None,
    };
    (one.recipename.clone(), Ok(Some(published)))
}

type Copy = (
    (RecipeName, goldsmith_domain::observed::Target),
    Known<Option<Published>>,
);

fn copies(one: &ToProve) -> impl Iterator<Item = Copy> {
    one.copies.iter().map(|PublishedCopy { copy, .. }| {
        let published = Published {
            image: Some(one.image.clone()),
            amis: [(copy.target.region.clone(), copy.ami.clone())].into(),
            damage: None,
        };
        let of = (one.recipename.clone(), copy.target.clone());
        (of, Ok(Some(published)))
    })
}

/// The states of our own AMIs, in each Region of the documents.
async fn distributed(
    aws: &Aws,
    desired: &Desired,
    images: &[ToProve],
) -> BTreeMap<(RecipeName, Region), Known<Option<String>>> {
    let home = aws.stack.region.clone();
    let regions: BTreeSet<Region> = desired.regions.keys().cloned().chain([home]).collect();
    let states = images.iter().flat_map(|one| {
        let state = |region| state(aws, one, region);
        regions.iter().map(state)
    });
    at_once(states).await
}

async fn state(
    aws: &Aws,
    one: &ToProve,
    region: &Region,
) -> ((RecipeName, Region), Known<Option<String>>) {
    let state = match one.amis.get(region) {
        Some(ami) => state_of(aws, region, ami).await,
        None => Ok(None),
    };
    ((one.recipename.clone(), region.clone()), state)
}

async fn state_of(aws: &Aws, region: &Region, ami: &AmiId) -> Known<Option<String>> {
    known(aws.ec2_in(region).state_of(ami).await)
}

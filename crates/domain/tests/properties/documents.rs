//! Random documents.

use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::{BaseImage, Desired, Drift, RecipeEntry, RegionSettings};
use goldsmith_domain::promotion::Approval;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::world::{
    AMI_A, AMI_B, based, builder, consumer, desired, document, on_recipe, parameter, parent_image,
    stack,
};

const ROLE: &str = "arn:aws:iam::222222222222:role/mstr-launch";

/// What an entry is built on: an AMI, a parameter, an image, or the entry before it.
fn base(kind: usize, before: Option<&str>) -> BaseImage {
    match (kind, before) {
        (0, _) => parameter(),
        (1, _) => parent_image(),
        (2, _) => BaseImage::Ami(AMI_B.parse().expect("an AMI")),
        (3 | 4, Some(before)) => on_recipe(before),
        _ => BaseImage::Ami(AMI_A.parse().expect("an AMI")),
    }
}

/// Entries on bases of every kind; children come before their parents as often as after.
fn recipes() -> impl Strategy<Value = Vec<RecipeEntry>> {
    let names = subsequence(vec!["110302", "110304", "1105_A"], 0..=3);
    (names, prop::collection::vec(0..6usize, 3), any::<bool>()).prop_map(
        |(names, kinds, backwards)| {
            let before = std::iter::once(None).chain(names.iter().copied().map(Some));
            let bases = kinds
                .into_iter()
                .zip(before)
                .map(|(kind, before)| base(kind, before));
            let mut entries: Vec<RecipeEntry> = names
                .iter()
                .zip(bases)
                .map(|(name, base)| based(name, base))
                .collect();
            if backwards {
                entries.reverse();
            }
            entries
        },
    )
}

/// Documents that differ in everything a document can differ in.
pub fn documents() -> impl Strategy<Value = Desired> {
    let consumers = subsequence(
        vec![
            consumer("222222222222", &[ROLE]),
            consumer("333333333333", &[]),
            Account {
                serve: DeliveryMode::Copy,
                ..consumer("444444444444", &[])
            },
            Account {
                serve: DeliveryMode::Copy,
                keys: [(
                    stack().region,
                    "arn:aws:kms:us-east-1:555555555555:key/11111111-2222-4333-8444-000000000005"
                        .parse()
                        .expect("a key"),
                )]
                .into(),
                ..consumer("555555555555", &[])
            },
            builder("666666666666"),
        ],
        0..=5,
    );
    let settings = (
        select(vec![20u32, 30]),
        select(vec!["harden", "harden more"]),
        select(vec!["m6i.large", "m7i.large"]),
        any::<[bool; 5]>(),
    );
    (recipes(), consumers, settings).prop_map(
        |(
            recipes,
            consumers,
            (size, data, instance_type, [tagged, scheduled, further, reported, by_hand]),
        )| {
            let mut wanted = desired();
            wanted.recipes = recipes;
            wanted.consumers.accounts = consumers;
            wanted.volumes[0].size_gib = size;
            wanted.build_components = vec![document(data)];
            wanted.instances.types = vec![instance_type.to_owned()];
            if tagged {
                wanted.tags.insert("Product".to_owned(), "MSTR".to_owned());
            }
            if scheduled {
                wanted.schedule = Some("rate(2 days)".parse().expect("a schedule"));
            }
            if further {
                let key =
                    "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678"
                        .parse()
                        .expect("a key");
                let settings = RegionSettings {
                    kms_key: Some(key),
                    ..RegionSettings::default()
                };
                wanted
                    .regions
                    .insert("eu-west-1".parse().expect("a Region"), settings);
            }
            if by_hand {
                let promotions = wanted.recipes.iter_mut().map(|entry| &mut entry.promotion);
                promotions.for_each(|promotion| promotion.approval = Approval::Required);
            }
            if reported {
                wanted.drift = Drift::Report;
            }
            wanted
        },
    )
}

//! Who may launch the images. An environment gives all its images to each consumer, so a consumer that not every
//! image had is none: nobody gets access to more than before without a person's decision.

use std::collections::BTreeSet;

use super::{Consumer, Entry, Grant};
use crate::ledger::Ledger;
use crate::outcome::LeftKind;

/// A consumer of all images, and the Regions where it gets them.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) consumer: Consumer,
    /// None for all Regions.
    pub(super) regions: Option<Vec<String>>,
}

/// The consumers that every entry has, in the Regions where every entry has them.
pub(super) fn shared(entries: &[Entry], regions: &[String], ledger: &mut Ledger) -> Vec<Shared> {
    let mut shared = Vec::new();
    for consumer in all(entries) {
        let who = consumer.who();
        let lacks = |entry: &&Entry| !entry.grants.iter().any(|grant| grant.consumer.who() == who);
        if let Some(entry) = entries.iter().find(lacks) {
            ledger.hinted(
                LeftKind::Unsupported,
                &entry.place,
                who,
                "this image was not for it, and an environment gives all its images to each consumer",
                "import the image into a folder of its own, or add the consumer if it may have all images",
            );
            continue;
        }
        let served = served(who, entries, regions);
        report_lost(who, entries, &served, ledger);
        if served.is_empty() {
            continue;
        }
        decide(&consumer, entries, ledger);
        shared.push(Shared {
            consumer,
            regions: (served.len() < regions.len()).then_some(served),
        });
    }
    shared
}

/// The Regions of the environment where every entry has the consumer.
fn served(who: &str, entries: &[Entry], regions: &[String]) -> Vec<String> {
    let has = |entry: &Entry, region: &String| {
        let mut grants = entry
            .grants
            .iter()
            .filter(|grant| grant.consumer.who() == who);
        grants.any(|grant| grant.region.as_ref().is_none_or(|named| named == region))
    };
    let everywhere = |region: &&String| entries.iter().all(|entry| has(entry, region));
    regions.iter().filter(everywhere).cloned().collect()
}

/// Reports the Regions where some images were for the consumer, and not all of them are.
fn report_lost(who: &str, entries: &[Entry], served: &[String], ledger: &mut Ledger) {
    let grants = entries.iter().flat_map(|entry| &entry.grants);
    let of_it = grants.filter(|grant| grant.consumer.who() == who);
    let named: BTreeSet<&String> = of_it.filter_map(|grant| grant.region.as_ref()).collect();
    for region in named.into_iter().filter(|region| !served.contains(region)) {
        let place = entries.first().map(|entry| entry.place.clone());
        ledger.hinted(
            LeftKind::Unsupported,
            &place.unwrap_or_default(),
            &format!("{who} in {region}"),
            "not every image is for it there, or none goes there any more",
            "add the Region to `regions` of the consumer, if it may have all images there",
        );
    }
}

fn decide(consumer: &Consumer, entries: &[Entry], ledger: &mut Ledger) {
    if let Consumer::Account { id, .. } = consumer {
        let place = entries.first().map(|entry| &entry.place);
        let why = "the source names no roles, and a launch permission is for a whole account";
        ledger.decided(place, &format!("roles of the consumer {id}"), "any", why);
    }
}

/// Each consumer once. An account that launches our AMI in one place and gets a copy in another gets copies.
fn all(entries: &[Entry]) -> Vec<Consumer> {
    let mut all: Vec<Consumer> = Vec::new();
    for Grant { consumer, .. } in entries.iter().flat_map(|entry| &entry.grants) {
        match all.iter_mut().find(|known| known.who() == consumer.who()) {
            Some(Consumer::Account { copy: known, .. }) => {
                *known |= matches!(consumer, Consumer::Account { copy: true, .. });
            }
            Some(Consumer::Organization(_)) => {}
            None => all.push(consumer.clone()),
        }
    }
    all
}

impl Consumer {
    /// Its account or its ARN.
    fn who(&self) -> &str {
        match self {
            Self::Account { id, .. } => id,
            Self::Organization(arn) => arn,
        }
    }
}

//! Labels of AMIs and snapshots: version, expiry, commit and build.

use std::collections::BTreeMap;

use goldsmith_domain::desired::{Desired, DocumentSource, Life};
use goldsmith_domain::plan::{Action, Change, LabelImage};
use insta::assert_snapshot;

use super::{plan, settled};
use crate::world::{AMI_A, World, desired, entry};

/// The sample's first recipe with what becomes of its images, uploaded by a build.
fn labelled(version: Option<&str>, expiry: Option<u32>, commit: Option<&str>) -> Desired {
    let mut entry = entry("110304", AMI_A);
    entry.life = Life {
        version: version.map(|version| version.parse().expect("a version")),
        expiry,
        ..Life::default()
    };
    Desired {
        recipes: vec![entry],
        source: DocumentSource::new(commit, commit.map(|_| "https://ci.example/7")),
        ..desired()
    }
}

fn label(world: &World, wanted: &Desired) -> Option<LabelImage> {
    let changes = world.plan(wanted).changes.into_iter();
    let mut labels = changes.filter_map(|change| {
        if let Action::LabelImage(label) = change.action {
            return Some(label);
        }
        None
    });
    labels.next()
}

#[test]
fn a_built_image_is_labelled_once_with_all_that_people_look_for() {
    let mut world = settled(&labelled(None, None, None));
    assert_eq!(label(&world, &labelled(None, None, None)), None);
    world.time = "2026-03-01T23:30:00Z".parse().expect("a time");
    let wanted = labelled(Some("11.3.4"), Some(90), Some("0123abc"));
    let label = label(&world, &wanted).expect("a label");
    let expected: BTreeMap<_, _> = [
        ("Owner", "ccoe"),
        ("build_url", "https://ci.example/7"),
        ("expiry_date", "2026-05-30"),
        ("goldsmith:commit", "0123abc"),
        ("goldsmith:environment", "nonprod"),
        ("goldsmith:recipename", "110304"),
        ("version", "11.3.4"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    assert_eq!(label.tags, expected);
    assert_eq!(label.amis, world.images[0].amis);
    let ends = "2026-05-31T00:00:00Z".parse().expect("a time");
    assert_eq!(
        label.deprecated_at,
        Some(ends),
        "EC2 keeps it that whole day"
    );
    world.settle(&wanted);
    assert_snapshot!(plan(&world, &wanted), @"");
}

#[test]
fn another_upload_does_not_change_where_an_image_is_from() {
    let first = labelled(Some("11.3.4"), None, Some("0123abc"));
    let mut world = settled(&first);
    let later = labelled(Some("11.3.4"), None, Some("4567def"));
    assert_snapshot!(plan(&world, &later), @"");
    let other = labelled(Some("11.3.5"), None, Some("4567def"));
    let label = label(&world, &other).expect("a label");
    assert_eq!(
        label.tags.get("version").map(String::as_str),
        Some("11.3.5")
    );
    assert_eq!(label.tags.get("goldsmith:commit"), None);
    world.settle(&other);
    assert_snapshot!(plan(&world, &other), @"");
}

#[test]
fn a_version_or_an_expiry_builds_nothing() {
    let world = settled(&labelled(None, None, None));
    let wanted = labelled(Some("11.3.4"), Some(1), None);
    let kinds: Vec<_> = world
        .plan(&wanted)
        .changes
        .iter()
        .map(Change::kind)
        .collect();
    assert_eq!(kinds, ["label-image"]);
}

/// The role may not tag it: a run would fail in every hour.
#[test]
fn an_image_that_was_started_by_hand_is_not_labelled() {
    let mut world = settled(&labelled(None, None, None));
    world.images[0].tags.clear();
    assert_eq!(label(&world, &labelled(Some("1"), None, None)), None);
}

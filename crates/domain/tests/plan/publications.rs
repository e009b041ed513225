//! What consumers read, damaged by hand: a run that looks for drift finds it and puts it right.

use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::PipelineArn;
use goldsmith_domain::observed::{Damage, Depth, Tags};
use goldsmith_domain::plan::{Change, Index, PUBLISHED_TAG, requirements};
use goldsmith_domain::resources::Wanted;

use crate::plan::{rebuild, settled, short};
use crate::world::{AMI_A, World, builder, consumer, consumers, desired, entry, stack};

/// One recipe, and one account that gets copies and reads a parameter.
fn with_copies() -> Desired {
    let account = Account {
        serve: DeliveryMode::Copy,
        parameter_role: Some("arn:aws:iam::444444444444:role/p".parse().expect("a role")),
        ..consumer("444444444444", &["arn:aws:iam::444444444444:role/launch"])
    };
    Desired {
        recipes: vec![entry("110304", AMI_A)],
        consumers: consumers(vec![account]),
        ..desired()
    }
}

/// The parts of what consumers read, as a run looks for them.
fn parts(world: &World, wanted: &Desired, depth: Depth) -> Vec<String> {
    let (observed, stack) = (world.observe_to(wanted, depth), stack());
    let required = requirements(
        Index::new(&Wanted::new(wanted, &stack), &observed).view(),
        depth,
    );
    let publications = required.publications.iter();
    publications
        .flat_map(|one| one.publication.parts())
        .collect()
}

#[test]
fn an_ordinary_run_reads_nothing_of_it_and_a_deep_scan_reads_all_of_it() {
    let wanted = with_copies();
    let world = settled(&wanted);
    assert_eq!(parts(&world, &wanted, Depth::Digest), Vec::<String>::new());
    let expected = [
        "images/110304/image.json",
        "images/110304/image-us-east-1.json",
        "/goldsmith/nonprod/110304/ami-id in us-east-1 of account 111122223333",
        "images/110304/manifest.json",
        "images/110304/444444444444/image-us-east-1.json",
        "/goldsmith/nonprod/110304/ami-id in us-east-1 of account 444444444444",
    ];
    assert_eq!(parts(&world, &wanted, Depth::Content), expected);
}

#[test]
fn every_damage_of_every_part_is_repaired_once() {
    let wanted = with_copies();
    is_repaired(&settled(&wanted), &wanted);
}

/// The AMIs that an account built again by itself are published as copies are.
#[test]
fn every_damage_of_what_an_account_rebuilt_is_repaired_once() {
    let wanted = rebuild::wanted(vec![builder(rebuild::BUILDER)]);
    let mut world = World::with_a_hard_base();
    world.settle(&wanted);
    let before = parts(&world, &wanted, Depth::Content);
    let of_account = |part: &&String| part.contains(rebuild::BUILDER);
    assert!(before.iter().any(|part| of_account(&part)), "{before:?}");
    is_repaired(&world, &wanted);
}

fn is_repaired(whole: &World, wanted: &Desired) {
    for part in parts(whole, wanted, Depth::Content) {
        for damage in [
            Damage::Missing,
            Damage::Content,
            Damage::Image,
            Damage::Signature,
        ] {
            let mut world = whole.clone();
            world.damages.insert(part.clone(), damage.clone());
            let plan = world.close_plan(wanted);
            let repairs: Vec<_> = plan.changes.iter().map(|one| one.repairs.clone()).collect();
            assert_eq!(repairs, [Some(format!("{part} {damage}"))]);
            plan.changes.iter().for_each(|change| world.make(change));
            assert_eq!(world, *whole, "{part} {damage}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_and_not_written() {
    let wanted = with_copies();
    let mut world = settled(&wanted);
    let part = "images/110304/image.json".to_owned();
    let denied = Damage::Unreadable("AccessDenied".to_owned());
    world.damages.insert(part, denied);
    assert_eq!(
        short(&world.close_plan(&wanted).to_string()),
        "waiting 110304: images/110304/image.json was not compared with the image: AccessDenied\n"
    );
}

#[test]
fn a_tag_that_names_an_image_which_does_not_exist_ends_no_publication() {
    let wanted = with_copies();
    let whole = settled(&wanted);
    let arn: PipelineArn = whole.pipelines[0].arn.clone();
    let published = whole.pipelines[0].tags[PUBLISHED_TAG].clone();
    let forged = [
        published.replace("1.0.0/1", "1.0.0/4000000000"),
        published.replace("1.0.0/1", "1.0.1/1"),
        published.replace("110304", "110302"),
        "not an image".to_owned(),
    ];
    for image in forged {
        let mut world = whole.clone();
        world.tag(
            &arn,
            Tags::from([(PUBLISHED_TAG.to_owned(), image.clone())]),
        );
        let kinds: Vec<_> = world
            .plan(&wanted)
            .changes
            .iter()
            .map(Change::kind)
            .collect();
        assert_eq!(kinds, ["publish-image"], "{image}");
        world.run(&wanted);
        assert_eq!(world, whole, "{image}");
    }
}

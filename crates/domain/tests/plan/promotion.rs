//! Images that a person has to approve, and those that a person has rejected.

use goldsmith_domain::desired::{Desired, RecipeEntry};
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::Image;
use goldsmith_domain::plan::{Action, PUBLISHED_TAG};
use goldsmith_domain::promotion::{Approval, PROMOTED_TAG, Promotion, VERDICT_TAG};
use insta::assert_snapshot;

use super::{plan, settled};
use crate::world::{AMI_A, AMI_B, World, desired, entry};

fn with(entry: RecipeEntry) -> Desired {
    Desired {
        recipes: vec![entry],
        ..desired()
    }
}

fn approved_by_hand(approved: Option<&str>) -> Desired {
    let promotion = Promotion {
        approval: Approval::Required,
        approved: approved.map(|image| image.parse().expect("an image")),
        has_limits: false,
    };
    with(RecipeEntry {
        promotion,
        ..entry("110304", AMI_A)
    })
}

/// A further available build of the recipe, with an AMI of its own in each Region.
fn add_build(world: &mut World, build: u32) {
    let first = world.images[0].clone();
    let ami: AmiId = format!("ami-{build:017x}").parse().expect("an AMI");
    let amis = first.amis.keys();
    let mut tags = first.tags.clone();
    tags.remove(PROMOTED_TAG);
    world.images.push(Image {
        arn: first
            .arn
            .to_string()
            .replace("/1.0.0/1", &format!("/1.0.0/{build}"))
            .parse()
            .expect("an ARN"),
        amis: amis.map(|region| (region.clone(), ami.clone())).collect(),
        tags,
        ..first
    });
}

fn decide(world: &mut World, image: &str, verdict: &str) {
    let mut images = world.images.iter_mut();
    let image = images.find(|one| one.arn.to_string().ends_with(image));
    let tags = &mut image.expect("the image").tags;
    tags.insert(VERDICT_TAG.to_owned(), verdict.to_owned());
}

/// What the pipeline says is published, as version and build.
fn published(world: &World) -> &str {
    let tag = world.pipelines[0].tags.get(PUBLISHED_TAG);
    tag.and_then(|arn| arn.split_once("110304/"))
        .map_or("nothing", |(_, version)| version)
}

#[test]
fn an_image_waits_for_its_approval_and_is_published_then() {
    let wanted = approved_by_hand(None);
    let mut world = World::new();
    world.run(&wanted);
    world.finish_builds();
    world.settle(&wanted);
    assert_eq!(published(&world), "nothing");
    assert_snapshot!(plan(&world, &wanted), @"waiting 110304: image image/mstr-nonprod-110304/1.0.0/1 waits for a person: `goldsmith approve 110304 --image 1.0.0/1` publishes it, and `goldsmith reject` takes it out of use");
    decide(&mut world, "/1.0.0/1", "approved");
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1");
    assert_snapshot!(plan(&world, &wanted), @"");
}

#[test]
fn a_line_of_the_document_approves_one_image() {
    let mut world = World::new();
    world.run(&approved_by_hand(None));
    world.finish_builds();
    add_build(&mut world, 2);
    let of_another = approved_by_hand(Some("1.0.1/1"));
    world.settle(&of_another);
    assert_eq!(published(&world), "nothing");
    let wanted = approved_by_hand(Some("1.0.0/1"));
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1", "and not the newer one");
}

#[test]
fn what_is_published_stays_so_when_an_approval_is_asked_for() {
    let mut world = settled(&with(entry("110304", AMI_A)));
    let wanted = approved_by_hand(None);
    assert_snapshot!(plan(&world, &wanted), @"");
    add_build(&mut world, 2);
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1");
    decide(&mut world, "/1.0.0/2", "approved");
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/2");
}

#[test]
fn a_rejected_image_gives_its_place_to_the_one_before_it_and_gets_it_back() {
    let wanted = with(entry("110304", AMI_A));
    let mut world = settled(&wanted);
    add_build(&mut world, 2);
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/2");
    decide(&mut world, "/1.0.0/2", "rejected");
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1");
    assert_snapshot!(plan(&world, &wanted), @"waiting 110304: image image/mstr-nonprod-110304/1.0.0/2 was rejected (no reason given); the schedule or `goldsmith build 110304` builds another one");
    decide(&mut world, "/1.0.0/2", "approved");
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/2");
}

#[test]
fn a_rejected_image_of_a_new_version_gives_its_place_to_the_old_version() {
    let mut world = settled(&with(entry("110304", AMI_A)));
    let wanted = with(entry("110304", AMI_B));
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.1/1");
    decide(&mut world, "/1.0.1/1", "rejected");
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1");
    let builds = world.plan(&wanted).changes.into_iter();
    assert_eq!(
        builds
            .filter(|change| matches!(change.action, Action::StartBuild(_)))
            .count(),
        0,
        "nothing is built for it"
    );
}

#[test]
fn the_only_image_stays_published_although_it_is_rejected() {
    let wanted = with(entry("110304", AMI_A));
    let mut world = settled(&wanted);
    decide(&mut world, "/1.0.0/1", "rejected");
    let plan = world.plan(&wanted);
    assert!(plan.changes.is_empty() && plan.refused.is_empty(), "{plan}");
    assert!(plan.to_string().contains("was rejected"), "{plan}");
    assert_eq!(published(&world), "1.0.0/1");
}

/// Tests and scans may not find anything.
fn limited() -> Desired {
    let promotion = Promotion {
        has_limits: true,
        ..Promotion::default()
    };
    with(RecipeEntry {
        promotion,
        ..entry("110304", AMI_A)
    })
}

fn object(world: &mut World, image: &str, objections: &[&str]) {
    let mut images = world.images.iter();
    let image = images.find(|one| one.arn.to_string().ends_with(image));
    let image = image.expect("the image").arn.clone();
    let objections = objections.iter().map(|&text| text.to_owned()).collect();
    world.objections.insert(image, objections);
}

#[test]
fn an_image_with_too_many_failed_controls_waits_until_a_waiver_lets_it_pass() {
    let wanted = limited();
    let mut world = settled(&wanted);
    assert_eq!(published(&world), "1.0.0/1", "it passed");
    add_build(&mut world, 2);
    object(&mut world, "/1.0.0/2", &["3 failed", "1 is missing"]);
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1");
    assert_snapshot!(plan(&world, &wanted), @"waiting 110304: image image/mstr-nonprod-110304/1.0.0/2 is held back by its results (3 failed; 1 is missing): `goldsmith results 110304` shows them; fix the image, or have a waiver reviewed");
    object(&mut world, "/1.0.0/2", &[]);
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/2");
}

#[test]
fn nobody_goes_back_to_an_image_that_never_passed() {
    let wanted = limited();
    let mut world = settled(&wanted);
    add_build(&mut world, 2);
    object(&mut world, "/1.0.0/2", &["3 failed"]);
    world.settle(&wanted);
    add_build(&mut world, 3);
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/3");
    decide(&mut world, "/1.0.0/3", "rejected");
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1");
}

#[test]
fn what_is_published_is_not_judged_again_when_limits_are_set() {
    let mut world = settled(&with(entry("110304", AMI_A)));
    object(&mut world, "/1.0.0/1", &["3 failed"]);
    assert_snapshot!(plan(&world, &limited()), @"");
    // As an earlier release left it.
    world.images[0].tags.remove(PROMOTED_TAG);
    assert_snapshot!(plan(&world, &limited()), @"");
}

#[test]
fn a_recipe_that_left_the_documents_is_held_by_what_the_environment_asks_for() {
    let mut world = settled(&with(entry("110304", AMI_A)));
    add_build(&mut world, 2);
    let approval = Promotion {
        approval: Approval::Required,
        ..Promotion::default()
    };
    let left = Desired {
        recipes: Vec::new(),
        promotion: approval,
        ..desired()
    };
    world.settle(&left);
    assert_eq!(published(&world), "1.0.0/1");
    let limits = Promotion {
        has_limits: true,
        ..Promotion::default()
    };
    object(&mut world, "/1.0.0/2", &["3 failed"]);
    world.settle(&Desired {
        promotion: limits,
        ..left
    });
    assert_eq!(published(&world), "1.0.0/1");
}

#[test]
fn an_approved_image_is_judged_although_a_newer_one_waits() {
    let promotion = Promotion {
        approval: Approval::Required,
        has_limits: true,
        ..Promotion::default()
    };
    let wanted = with(RecipeEntry {
        promotion,
        ..entry("110304", AMI_A)
    });
    let mut world = settled(&with(entry("110304", AMI_A)));
    add_build(&mut world, 2);
    add_build(&mut world, 3);
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/1");
    decide(&mut world, "/1.0.0/2", "approved");
    world.settle(&wanted);
    assert_eq!(published(&world), "1.0.0/2");
}

#[test]
fn a_rejection_never_brings_back_a_version_that_the_documents_have_left() {
    let old = with(entry("110304", AMI_A));
    let mut world = settled(&old);
    world.settle(&with(entry("110304", AMI_B)));
    assert_eq!(published(&world), "1.0.1/1");
    world.settle(&old);
    assert_eq!(published(&world), "1.0.0/1");
    decide(&mut world, "/1.0.0/1", "rejected");
    world.settle(&old);
    assert_eq!(published(&world), "1.0.0/1", "there is none before it");
}

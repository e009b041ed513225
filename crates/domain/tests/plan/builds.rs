//! Builds: which are started, and what is published of them.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::failure::FailureClass;
use goldsmith_domain::observed::ImageState;
use goldsmith_domain::plan::{Action, Change, TagPipeline, owed_build, token};
use insta::assert_snapshot;

use crate::plan::{plan, settled};
use crate::world::{self, World, desired, entry};

#[test]
fn a_first_build_that_failed_is_not_built_again_by_itself() {
    let mut world = World::new();
    world.run(&desired());
    for image in &mut world.images {
        image.state = ImageState::Failed;
        image.reason = Some("exit status 1".to_owned());
    }
    assert_snapshot!(plan(&world, &desired()), @r"
    waiting 110304: image image/mstr-nonprod-110304/1.0.0/1 ended without an AMI (exit status 1); `goldsmith logs 110304` shows why, and the schedule or `goldsmith build 110304` builds it again
    waiting 110302: image image/mstr-nonprod-110302/1.0.0/1 ended without an AMI (exit status 1); `goldsmith logs 110302` shows why, and the schedule or `goldsmith build 110302` builds it again
    ");
}

/// A world whose first build failed for this kind of reason.
fn failed_for(class: FailureClass) -> (Desired, World) {
    let wanted = Desired {
        recipes: vec![entry("110304", world::AMI_A)],
        ..desired()
    };
    let mut world = World::new();
    world.run(&wanted);
    fail_newest(&mut world, class);
    (wanted, world)
}

fn fail_newest(world: &mut World, class: FailureClass) {
    let newest = world.images.last_mut().expect("an image");
    newest.state = ImageState::Failed;
    newest.reason = Some("no capacity at the moment".to_owned());
    newest.failure = Some(class);
}

#[test]
fn a_build_that_aws_could_not_make_is_made_once_more_and_not_for_ever() {
    let (wanted, mut world) = failed_for(FailureClass::Retryable);
    assert_snapshot!(plan(&world, &wanted), @"
    change  start-build image-pipeline/mstr-nonprod-110304
    waiting 110304: image image/mstr-nonprod-110304/1.0.0/1 failed for what may pass by itself (no capacity at the moment); it is built once more
    ");
    world.run(&wanted);
    let again = &world.images[1];
    let first = world.images[0].arn.to_string();
    assert_eq!(again.tags.get("goldsmith:instead-of"), Some(&first));
    fail_newest(&mut world, FailureClass::Retryable);
    assert_snapshot!(plan(&world, &wanted), @"waiting 110304: image image/mstr-nonprod-110304/1.0.0/2 ended without an AMI (no capacity at the moment); `goldsmith logs 110304` shows why, and the schedule or `goldsmith build 110304` builds it again");
}

#[test]
fn a_scheduled_build_that_aws_could_not_make_is_made_once_more_as_well() {
    let wanted = desired();
    let mut world = settled(&wanted);
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    world.start(&recipe);
    fail_newest(&mut world, FailureClass::Retryable);
    let planned = plan(&world, &wanted);
    assert!(
        planned.contains("start-build image-pipeline/mstr-nonprod-110304"),
        "{planned}"
    );
}

/// A schedule that fires each hour would otherwise pay for each failed build twice, day and night.
#[test]
fn a_recipe_has_twelve_tries_a_day_whatever_fails() {
    let (wanted, mut world) = failed_for(FailureClass::Retryable);
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    let is_built_again = |world: &World| {
        let changes = world.plan(&wanted).changes;
        changes
            .iter()
            .any(|change| change.to_string().contains("start-build"))
    };
    let mut tries = 0;
    while is_built_again(&world) {
        tries += 1;
        assert!(tries <= 12, "it is built again for ever");
        world.run(&wanted);
        fail_newest(&mut world, FailureClass::Retryable);
        // The schedule starts another one, which fails as well.
        world.start(&recipe);
        fail_newest(&mut world, FailureClass::Retryable);
    }
    assert_eq!(tries, 12);
    let told = world.plan(&wanted).to_string();
    assert!(told.contains("tried again 12 times within a day"), "{told}");
    world.time += jiff::SignedDuration::from_hours(24);
    assert!(is_built_again(&world), "another day has tries of its own");
}

/// The budget is the recipe's: builds made again, distributions and copies share it.
#[test]
fn distributions_that_are_tried_again_use_up_the_same_tries() {
    let (wanted, mut world) = failed_for(FailureClass::Retryable);
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    for _ in 0..4 {
        world.start(&recipe);
        fail_newest(&mut world, FailureClass::Retryable);
        let distributed = world.images.last_mut().expect("an image");
        // Anybody who may tag an image can write any number: it counts for no more than the three that there are.
        let tries = ("goldsmith:retries".to_owned(), "4000000000".to_owned());
        distributed.tags.extend([tries]);
    }
    let told = world.plan(&wanted).to_string();
    assert!(told.contains("tried again 12 times within a day"), "{told}");
    assert!(!told.contains("start-build"), "{told}");
    world.images[1].tags.remove("goldsmith:retries");
    let planned = world.plan(&wanted).to_string();
    assert!(planned.contains("start-build"), "{planned}");
}

#[test]
fn no_other_failure_is_built_again_by_itself() {
    let others = FailureClass::ALL
        .into_iter()
        .filter(|class| *class != FailureClass::Retryable);
    for class in others {
        let (wanted, world) = failed_for(class);
        assert!(world.plan(&wanted).changes.is_empty(), "{class:?}");
    }
}

/// A pipeline whose scheduled build found no room.
fn owed() -> World {
    let mut world = settled(&desired());
    let arn = world.pipeline("110304").arn.clone();
    let change = TagPipeline {
        arn,
        tags: owed_build("0f3a"),
    };
    world.make(&Action::TagPipeline(change).into());
    world
}

#[test]
fn a_scheduled_build_that_found_no_room_is_started_once() {
    let mut world = owed();
    assert_snapshot!(plan(&world, &desired()), @r"
    change  start-build image-pipeline/mstr-nonprod-110304
    change  tag-pipeline image-pipeline/mstr-nonprod-110304
    ");
    let of_schedule = {
        let pipeline = world.pipeline("110304");
        token(
            &pipeline.arn,
            pipeline.recipe.as_ref().expect("a recipe"),
            "0f3a",
        )
    };
    let planned = world.plan(&desired());
    let start = planned.changes.iter().find_map(Change::starts);
    assert_eq!(
        start.expect("a start").token,
        of_schedule,
        "what the schedule may have started after all is not built twice"
    );
    world.settle(&desired());
    assert_eq!(world.images.len(), 3, "two first builds and the owed one");
    assert_eq!(plan(&world, &desired()), "");
}

#[test]
fn a_build_that_runs_already_settles_an_owed_one() {
    let mut world = owed();
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    world.start(&recipe);
    let kinds: Vec<_> = world
        .plan(&desired())
        .changes
        .iter()
        .map(Change::kind)
        .collect();
    assert_eq!(kinds, ["tag-pipeline"]);
}

#[test]
fn an_owed_build_for_which_there_is_still_no_room_stays_owed() {
    let mut world = owed();
    world.run_refusing(&desired(), |change| change.starts().is_some());
    assert_eq!(world, owed());
}

#[test]
fn a_publication_that_the_event_missed_is_made_up_for() {
    let mut world = World::new();
    world.run(&desired());
    world.finish_builds();
    assert_snapshot!(plan(&world, &desired()), @r"
    change  publish-image image/mstr-nonprod-110304/1.0.0/1
    change  publish-image image/mstr-nonprod-110302/1.0.0/1
    ");
}

#[test]
fn a_failed_rebuild_leaves_the_last_good_image_published() {
    let mut world = settled(&desired());
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    world.start(&recipe);
    world.images.last_mut().expect("an image").state = ImageState::Failed;
    assert_snapshot!(plan(&world, &desired()), @"");
}

#[test]
fn a_version_whose_images_were_all_retired_is_built_again() {
    let mut world = settled(&desired());
    for image in &mut world.images {
        image.state = ImageState::Retired;
    }
    let tokens = |world: &World| {
        let starts = world.plan(&desired()).changes.into_iter();
        starts
            .map(|c| {
                if let Action::StartBuild(c) = c.action {
                    c.token
                } else {
                    panic!("{c}")
                }
            })
            .collect::<Vec<_>>()
    };
    let first = World::new().plan(&desired()).changes.into_iter();
    let first: Vec<_> = first
        .filter_map(|c| {
            if let Action::StartBuild(c) = c.action {
                Some(c.token)
            } else {
                None
            }
        })
        .collect();
    assert_eq!((tokens(&world).len(), first.len()), (2, 2));
    assert!(
        tokens(&world).iter().all(|token| !first.contains(token)),
        "the first token brings the old answer"
    );
}

#[test]
fn a_running_first_build_is_waited_for() {
    let mut world = World::new();
    world.run(&desired());
    let plan = plan(
        &world,
        &Desired {
            recipes: vec![entry("110304", world::AMI_A)],
            ..desired()
        },
    );
    assert_snapshot!(plan, @r"
    waiting 110302: 110302 is no longer in ami-version; its recipe, pipeline and AMIs are kept until it is retired
    waiting 110304: image image/mstr-nonprod-110304/1.0.0/1 is BUILDING
    ");
}

//! Builds: which are started, and what is published of them.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::observed::ImageState;
use goldsmith_domain::plan::Action;
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

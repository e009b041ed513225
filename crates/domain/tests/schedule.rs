//! Which pipelines a scheduled or requested run builds.

use crate::world::{World, desired, stack};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{Family, RecipeName};
use goldsmith_domain::observed::{ImageState, PipelineStatus};
use goldsmith_domain::schedule::{Candidates, Selection, Trigger, select};

fn settled() -> World {
    let mut world = World::new();
    world.settle(&desired());
    world
}

fn run(
    world: &World,
    names: &[&str],
    family: Option<&str>,
    trigger: Trigger,
    cause: &str,
) -> Selection {
    let names: Vec<RecipeName> = names
        .iter()
        .map(|name| name.parse().expect("a name"))
        .collect();
    let family: Option<Family> = family.map(|family| family.parse().expect("a family"));
    let environment = stack().environment;
    let (pipelines, images) = (&world.pipelines, &world.images);
    let view = Candidates {
        environment: &environment,
        family: family.as_ref(),
        pipelines,
        images,
        paused: false,
    };
    select(&names, view, trigger, cause)
}

fn started(selection: &Selection) -> Vec<&str> {
    selection
        .start
        .iter()
        .map(|start| start.recipename.as_str())
        .collect()
}

fn reasons(selection: &Selection) -> Vec<&str> {
    selection
        .skipped
        .iter()
        .map(|skipped| skipped.reason.as_str())
        .collect()
}

#[test]
fn exactly_what_is_named_is_built() {
    let selection = run(
        &settled(),
        &["110302"],
        Some("mstr"),
        Trigger::Schedule,
        "event",
    );
    assert_eq!(
        (started(&selection), reasons(&selection)),
        (vec!["110302"], vec![])
    );
}

#[test]
fn a_pause_builds_nothing_whoever_asks() {
    let world = settled();
    let environment = stack().environment;
    let names = ["110302".parse().expect("a name")];
    for trigger in [Trigger::Schedule, Trigger::Request] {
        let (pipelines, images) = (&world.pipelines, &world.images);
        let view = Candidates {
            environment: &environment,
            family: None,
            pipelines,
            images,
            paused: true,
        };
        let selection = select(&names, view, trigger, "event");
        assert_eq!(
            (started(&selection), reasons(&selection)),
            (vec![], vec!["environment.json says `pause`"])
        );
    }
}

#[test]
fn the_same_cause_gives_the_same_token_and_another_cause_another() {
    let token = |cause| {
        run(&settled(), &["110304"], None, Trigger::Schedule, cause).start[0]
            .token
            .clone()
    };
    assert_eq!(token("event"), token("event"));
    assert_ne!(token("event"), token("another event"));
    assert!(
        token("event").len() <= 64,
        "clientToken takes 64 characters"
    );
}

#[test]
fn a_running_build_is_not_started_again() {
    let mut world = settled();
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    world.start(&recipe);
    let selection = run(&world, &["110304", "110302"], None, Trigger::Request, "me");
    assert_eq!(started(&selection), ["110302"]);
    assert!(
        reasons(&selection)[0].ends_with("image/mstr-nonprod-110304/1.0.0/2 still builds"),
        "{selection:?}"
    );
}

#[test]
fn a_build_that_ended_badly_is_no_obstacle() {
    let mut world = settled();
    world
        .images
        .iter_mut()
        .for_each(|image| image.state = ImageState::Failed);
    assert_eq!(
        started(&run(&world, &["110304"], None, Trigger::Schedule, "event")),
        ["110304"]
    );
}

#[test]
fn a_disabled_pipeline_rests_on_the_schedule_and_builds_on_request() {
    let mut world = settled();
    world
        .pipelines
        .iter_mut()
        .for_each(|pipeline| pipeline.status = PipelineStatus::Disabled);
    let on_schedule = run(&world, &["110304"], None, Trigger::Schedule, "event");
    assert_eq!(
        (started(&on_schedule), reasons(&on_schedule)),
        (vec![], vec!["its pipeline is disabled"])
    );
    assert_eq!(
        started(&run(&world, &["110304"], None, Trigger::Request, "me")),
        ["110304"]
    );
}

#[test]
fn a_status_that_is_not_known_is_left_alone() {
    let mut world = settled();
    world
        .pipelines
        .iter_mut()
        .for_each(|pipeline| pipeline.status = PipelineStatus::Unrecognized("ODD".to_owned()));
    assert_eq!(
        reasons(&run(&world, &["110304"], None, Trigger::Request, "me")),
        ["its pipeline has the status ODD"]
    );
}

#[test]
fn what_is_not_ours_or_not_there_has_no_pipeline() {
    let mut world = settled();
    world
        .pipelines
        .iter_mut()
        .for_each(|pipeline| pipeline.tags.clear());
    let selection = run(
        &world,
        &["110304", "110399"],
        None,
        Trigger::Schedule,
        "event",
    );
    assert_eq!(
        reasons(&selection),
        ["it has no pipeline (yet)", "it has no pipeline (yet)"]
    );
}

#[test]
fn after_a_change_of_family_the_documents_pipeline_is_built() {
    let mut world = settled();
    world.settle(&Desired {
        family: "bi".parse().expect("a family"),
        ..desired()
    });
    let selection = run(&world, &["110304"], Some("bi"), Trigger::Schedule, "event");
    assert!(
        selection.start[0]
            .pipeline
            .as_str()
            .ends_with("/bi-nonprod-110304"),
        "{selection:?}"
    );
    let unclear = run(&world, &["110304"], None, Trigger::Request, "me");
    assert_eq!(reasons(&unclear), ["2 pipelines of ours are for it"]);
}

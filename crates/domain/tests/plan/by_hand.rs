//! What somebody does to pipelines and to the rule by hand.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::observed::PipelineStatus;
use goldsmith_domain::stack::RECIPENAME_TAG;
use insta::assert_snapshot;

use crate::plan::{plan, settled};
use crate::world::{AMI_B, desired, entry};

#[test]
fn a_pipeline_disabled_by_hand_is_enabled_again() {
    let mut world = settled(&desired());
    let whole = world.clone();
    world.pipelines[0].status = PipelineStatus::Disabled;
    assert_snapshot!(plan(&world, &desired()), @"change  update-pipeline image-pipeline/mstr-nonprod-110304: status: disabled, wanted enabled");
    world.run(&desired());
    assert_eq!(world, whole);
}

#[test]
fn a_rule_disabled_by_hand_is_enabled_again_whatever_the_documents_say_of_the_schedule() {
    for schedule in [desired().schedule, None] {
        let wanted = Desired {
            schedule,
            ..desired()
        };
        let mut world = settled(&wanted);
        world.rule.state = Some("DISABLED".to_owned());
        let said = plan(&world, &wanted);
        assert_eq!(said, "change  put-rule build: the build rule is disabled\n");
        world.run(&wanted);
        assert_eq!(world.rule.state.as_deref(), Some("ENABLED"));
        assert!(world.plan(&wanted).changes.is_empty());
    }
}

/// Somebody tags a pipeline of their own, so that its images count as ours.
#[test]
fn a_pipeline_with_our_tags_and_another_name_is_left_alone_and_reported() {
    let wanted = desired();
    let mut world = settled(&wanted);
    let mut foreign = world.pipelines[0].clone();
    foreign.arn = format!("{}-mine", foreign.arn).parse().expect("an ARN");
    world.pipelines.push(foreign.clone());
    foreign
        .tags
        .insert(RECIPENAME_TAG.to_owned(), "110399".to_owned());
    foreign.arn = format!("{}-too", foreign.arn).parse().expect("an ARN");
    world.pipelines.push(foreign);
    assert_snapshot!(plan(&world, &wanted), @r"
    refused image-pipeline/mstr-nonprod-110304-mine: it carries the tags of this environment, and the documents give no pipeline this name; nothing of it is built or published: if the family was changed, delete it, or else find out who made it
    refused image-pipeline/mstr-nonprod-110304-mine-too: it carries the tags of this environment, and the documents give no pipeline this name; nothing of it is built or published: if the family was changed, delete it, or else find out who made it
    ");
}

#[test]
fn a_pipeline_repointed_by_hand_is_pointed_back() {
    let mut world = settled(&desired());
    let mut other = desired();
    other.recipes[0] = entry("110304", AMI_B);
    let first = world.pipeline("110304").recipe.clone();
    world.settle(&other);
    world.pipelines[0].recipe = first;
    assert_snapshot!(plan(&world, &other), @"change  update-pipeline image-pipeline/mstr-nonprod-110304: recipe: image-recipe/mstr-nonprod-110304/1.0.0, wanted image-recipe/mstr-nonprod-110304/1.0.1");
}

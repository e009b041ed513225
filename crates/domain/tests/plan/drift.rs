//! Drift, repaired or only told, and the pause.

use goldsmith_domain::desired::{Desired, Drift};
use insta::assert_snapshot;

use crate::plan::{plan, settled, short};
use crate::world::{AMI_B, World, desired, entry};

/// A world in which somebody changed everything by hand.
fn drifted() -> World {
    let mut world = settled(&desired());
    for standing in &mut world.infrastructure {
        standing
            .content
            .as_mut()
            .expect("content")
            .known
            .instance_types = vec!["x2idn.metal".to_owned()];
    }
    let others = [("us-east-1 shared with groups".to_owned(), "all".to_owned())];
    world.distributions[0]
        .content
        .as_mut()
        .expect("content")
        .others = others.into();
    world.pipelines[0].others = [("schedule".to_owned(), "rate(1 day)".to_owned())].into();
    world
}

fn close(world: &World, wanted: &Desired) -> String {
    short(&world.close_plan(wanted).to_string())
}

#[test]
fn drift_is_repaired() {
    assert_snapshot!(close(&drifted(), &desired()), @r"
    change  update-infrastructure-configuration infrastructure-configuration/mstr-nonprod: instance types: x2idn.metal, wanted m6i.large
    change  update-distribution-configuration distribution-configuration/mstr-nonprod-110304: us-east-1 shared with groups: all, wanted none
    change  update-pipeline image-pipeline/mstr-nonprod-110304: schedule: rate(1 day), wanted none
    ");
}

#[test]
fn without_looking_closely_only_pipelines_are_compared() {
    assert_snapshot!(plan(&drifted(), &desired()), @r"change  update-pipeline image-pipeline/mstr-nonprod-110304: schedule: rate(1 day), wanted none");
}

#[test]
fn drift_is_only_reported_if_the_documents_say_so() {
    let wanted = Desired {
        drift: Drift::Report,
        ..desired()
    };
    assert_snapshot!(close(&drifted(), &wanted), @r"
    waiting infrastructure-configuration/mstr-nonprod: infrastructure-configuration/mstr-nonprod was changed by hand and is not repaired, because `drift` is `report`: instance types: x2idn.metal, wanted m6i.large
    waiting distribution-configuration/mstr-nonprod-110304: distribution-configuration/mstr-nonprod-110304 was changed by hand and is not repaired, because `drift` is `report`: us-east-1 shared with groups: all, wanted none
    waiting 110304: image-pipeline/mstr-nonprod-110304 was changed by hand and is not repaired, because `drift` is `report`: schedule: rate(1 day), wanted none
    ");
}

/// `aws imagebuilder update-infrastructure-configuration` without `--description` removes it, and our digest.
#[test]
fn a_hand_edit_that_leaves_the_description_out_is_drift_all_the_same() {
    let mut world = drifted();
    for standing in &mut world.infrastructure {
        standing.digest = None;
    }
    let report = Desired {
        drift: Drift::Report,
        ..desired()
    };
    let told = plan(&world, &report);
    assert!(
        told.contains(
            "infrastructure-configuration/mstr-nonprod was changed by hand and is not repaired"
        ) && told.contains("instance types: x2idn.metal, wanted m6i.large")
            && !told.contains("update-infrastructure-configuration"),
        "{told}"
    );
    let repaired = plan(&world, &desired());
    assert!(
        repaired.contains("update-infrastructure-configuration infrastructure-configuration/mstr-nonprod: instance types: x2idn.metal, wanted m6i.large"),
        "{repaired}"
    );
}

/// What was wanted before went with the description: the documents' part cannot be carried out by itself.
#[test]
fn a_document_that_changes_while_the_description_is_gone_waits_and_says_what_helps() {
    let mut world = drifted();
    for standing in &mut world.infrastructure {
        standing.digest = None;
    }
    let mut wanted = Desired {
        drift: Drift::Report,
        ..desired()
    };
    wanted.instances.types = vec!["m7i.large".to_owned()];
    let told = plan(&world, &wanted);
    assert!(
        !told.contains("update-infrastructure-configuration")
            && told.contains("instance types: x2idn.metal, wanted m7i.large")
            && told.contains("cannot be told from it and waits as well; `goldsmith apply` with `\"drift\": \"repair\"`"),
        "{told}"
    );
    wanted.drift = Drift::Repair;
    let repaired = plan(&world, &wanted);
    assert!(
        repaired.contains("update-infrastructure-configuration")
            && !repaired.contains("cannot be told"),
        "{repaired}"
    );
    for standing in &mut world.infrastructure {
        standing.digest = settled(&desired()).infrastructure[0].digest.clone();
    }
    wanted.drift = Drift::Report;
    assert!(
        plan(&world, &wanted).contains("update-infrastructure-configuration"),
        "with our digest it is a change of the documents"
    );
}

#[test]
fn a_rule_that_somebody_disabled_is_only_told_where_drift_is() {
    let mut world = settled(&desired());
    world.rule.state = Some("DISABLED".to_owned());
    let report = Desired {
        drift: Drift::Report,
        ..desired()
    };
    let told = plan(&world, &report);
    assert!(
        told.contains("state: DISABLED, wanted ENABLED") && !told.contains("change "),
        "{told}"
    );
    assert!(plan(&world, &desired()).contains("put-rule"));
}

#[test]
fn a_document_that_changes_is_no_drift() {
    let mut wanted = Desired {
        drift: Drift::Report,
        ..desired()
    };
    wanted.recipes[0] = entry("110304", AMI_B);
    assert_snapshot!(close(&settled(&desired()), &wanted), @r"
    change  create-recipe image-recipe/mstr-nonprod-110304/1.0.1
    change  update-pipeline image-pipeline/mstr-nonprod-110304
    change  tag-pipeline image-pipeline/mstr-nonprod-110304
    change  start-build image-pipeline/mstr-nonprod-110304
    ");
}

#[test]
fn a_description_that_changes_is_no_drift_either() {
    let mut wanted = Desired {
        drift: Drift::Report,
        ..desired()
    };
    wanted.recipes[0].description = Some("MicroStrategy 11.3.4".to_owned());
    assert_snapshot!(close(&settled(&desired()), &wanted), @"change  update-pipeline image-pipeline/mstr-nonprod-110304");
}

#[test]
fn deleted_resources_are_created_again_even_where_drift_is_only_reported() {
    let mut world = settled(&desired());
    world.infrastructure.clear();
    world.pipelines.remove(0);
    let wanted = Desired {
        drift: Drift::Report,
        ..desired()
    };
    assert_snapshot!(plan(&world, &wanted), @r"
    change  create-infrastructure-configuration infrastructure-configuration/mstr-nonprod
    change  create-pipeline image-pipeline/mstr-nonprod-110304
    ");
}

#[test]
fn a_pause_keeps_every_change_back() {
    let mut wanted = Desired {
        pause: true,
        ..desired()
    };
    wanted.recipes[0] = entry("110304", AMI_B);
    assert_snapshot!(plan(&World::new(), &wanted), @r"
    waiting environment.json: environment.json says `pause`; 13 changes wait: 1 create-component, 2 create-distribution-configuration, 1 create-infrastructure-configuration, 2 create-pipeline, 2 create-recipe, 1 put-bucket-policy, 1 put-key-policy, 1 put-rule, 2 start-build
    ");
    assert_snapshot!(plan(&settled(&desired()), &wanted), @r"waiting environment.json: environment.json says `pause`; 4 changes wait: 1 create-recipe, 1 start-build, 1 tag-pipeline, 1 update-pipeline");
    assert_snapshot!(plan(&settled(&desired()), &Desired { pause: true, ..desired() }), @"");
}

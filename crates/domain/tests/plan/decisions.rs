//! Each decision of the planner: build what is desired, derive the world that satisfies it, change one
//! thing, and look at the plan.

use goldsmith_domain::consumers::Consumers;
use goldsmith_domain::desired::{Desired, Instances, RegionSettings};
use goldsmith_domain::plan::{Action, unknown_scheduled};
use insta::assert_snapshot;

use crate::plan::{plan, settled};
use crate::world::{self, AMI_B, World, consumer, consumers, desired, document, entry, scheduled};

#[test]
fn the_first_upload_makes_everything_and_starts_each_build_once() {
    assert_snapshot!(plan(&World::new(), &desired()), @r"
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    change  put-rule build
    change  create-infrastructure-configuration infrastructure-configuration/mstr-nonprod
    change  create-distribution-configuration distribution-configuration/mstr-nonprod-110304
    change  create-component component/mstr-nonprod-harden/1.0.0/1
    change  create-recipe image-recipe/mstr-nonprod-110304/1.0.0
    change  create-pipeline image-pipeline/mstr-nonprod-110304
    change  create-distribution-configuration distribution-configuration/mstr-nonprod-110302
    change  create-recipe image-recipe/mstr-nonprod-110302/1.0.0
    change  create-pipeline image-pipeline/mstr-nonprod-110302
    change  start-build image-pipeline/mstr-nonprod-110304
    change  start-build image-pipeline/mstr-nonprod-110302
    change  put-bucket-policy the output bucket
    ");
}

#[test]
fn the_same_documents_again_change_nothing() {
    assert_snapshot!(plan(&settled(&desired()), &desired()), @"");
}

#[test]
fn a_new_version_leaves_the_others_alone() {
    let mut wanted = desired();
    wanted.recipes.push(entry("110305", AMI_B));
    assert_snapshot!(plan(&settled(&desired()), &wanted), @r"
    change  create-distribution-configuration distribution-configuration/mstr-nonprod-110305
    change  create-recipe image-recipe/mstr-nonprod-110305/1.0.0
    change  create-pipeline image-pipeline/mstr-nonprod-110305
    change  start-build image-pipeline/mstr-nonprod-110305
    ");
}

#[test]
fn a_changed_base_ami_makes_a_recipe_version_and_repoints() {
    let mut wanted = desired();
    wanted.recipes[0] = entry("110304", AMI_B);
    assert_snapshot!(plan(&settled(&desired()), &wanted), @r"
    change  create-recipe image-recipe/mstr-nonprod-110304/1.0.1
    change  update-pipeline image-pipeline/mstr-nonprod-110304
    change  tag-pipeline image-pipeline/mstr-nonprod-110304
    change  start-build image-pipeline/mstr-nonprod-110304
    ");
}

#[test]
fn a_revert_repoints_to_the_known_version_and_publishes_its_image_again() {
    let mut world = settled(&desired());
    let mut wanted = desired();
    wanted.recipes[0] = entry("110304", AMI_B);
    world.settle(&wanted);
    assert_snapshot!(plan(&world, &desired()), @r"
    change  update-pipeline image-pipeline/mstr-nonprod-110304
    change  tag-pipeline image-pipeline/mstr-nonprod-110304
    change  publish-image image/mstr-nonprod-110304/1.0.0/1
    ");
}

#[test]
fn a_revert_to_a_version_that_was_never_built_builds_it() {
    let mut world = settled(&desired());
    let mut wanted = desired();
    wanted.recipes[0] = entry("110304", AMI_B);
    world.settle(&wanted);
    world
        .images
        .retain(|image| image.arn.version().to_string() != "1.0.0");
    world.pipelines.retain(|pipeline| {
        pipeline
            .recipename()
            .is_some_and(|name| name.as_str() == "110304")
    });
    let only = Desired {
        recipes: vec![entry("110304", world::AMI_A)],
        scheduled: Vec::new(),
        ..desired()
    };
    // The manifest named the image that is gone as the version before.
    assert_snapshot!(plan(&world, &only), @r"
    change  update-pipeline image-pipeline/mstr-nonprod-110304
    change  tag-pipeline image-pipeline/mstr-nonprod-110304
    change  publish-image image/mstr-nonprod-110304/1.0.1/1
    change  start-build image-pipeline/mstr-nonprod-110304
    ");
}

#[test]
fn a_changed_component_makes_new_versions_of_every_recipe() {
    let wanted = Desired {
        build_components: vec![document("harden more")],
        ..desired()
    };
    assert_snapshot!(plan(&settled(&desired()), &wanted), @r"
    change  create-component component/mstr-nonprod-harden/1.0.1/1
    change  create-recipe image-recipe/mstr-nonprod-110304/1.0.1
    change  update-pipeline image-pipeline/mstr-nonprod-110304
    change  tag-pipeline image-pipeline/mstr-nonprod-110304
    change  create-recipe image-recipe/mstr-nonprod-110302/1.0.1
    change  update-pipeline image-pipeline/mstr-nonprod-110302
    change  tag-pipeline image-pipeline/mstr-nonprod-110302
    change  start-build image-pipeline/mstr-nonprod-110304
    change  start-build image-pipeline/mstr-nonprod-110302
    ");
}

#[test]
fn a_new_consumer_changes_key_and_distributions_and_builds_nothing() {
    let mut wanted = desired();
    wanted
        .consumers
        .accounts
        .push(consumer("333333333333", &[]));
    assert_snapshot!(plan(&settled(&desired()), &wanted), @r"
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    change  update-distribution-configuration distribution-configuration/mstr-nonprod-110304
    change  update-distribution-configuration distribution-configuration/mstr-nonprod-110302
    change  share-ami ami-f2b414292d04beab9 in us-east-1
    change  share-ami ami-b1c9280bee95a612e in us-east-1
    change  put-bucket-policy the output bucket
    ");
}

#[test]
fn a_consumer_that_leaves_loses_distribution_then_launch_permission_then_the_key() {
    let wanted = Desired {
        consumers: Consumers::default(),
        ..desired()
    };
    let mut world = settled(&desired());
    assert_snapshot!(plan(&world, &wanted), @r"
    change  update-distribution-configuration distribution-configuration/mstr-nonprod-110304
    change  update-distribution-configuration distribution-configuration/mstr-nonprod-110302
    change  put-bucket-policy the output bucket
    change  withdraw-ami ami-f2b414292d04beab9 in us-east-1
    change  withdraw-ami ami-b1c9280bee95a612e in us-east-1
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    ");
    world.settle(&wanted);
    assert!(
        !world.key_policy.contains("222222222222"),
        "it has lost the use of the key"
    );
}

#[test]
fn the_building_account_is_never_shared_with() {
    let wanted = Desired {
        consumers: consumers(vec![consumer("111122223333", &[])]),
        ..desired()
    };
    for change in &World::new().plan(&wanted).changes {
        if let Action::CreateDistribution(change) = &change.action {
            assert!(
                change
                    .content
                    .regions
                    .values()
                    .all(|region| region.shared_with.is_empty())
            );
        }
        assert!(change.puts_key_policy().is_none());
    }
}

#[test]
fn an_entry_that_leaves_keeps_its_pipeline_and_stops_sharing_with_consumers_that_left() {
    let wanted = Desired {
        recipes: vec![entry("110304", world::AMI_A)],
        consumers: Consumers::default(),
        ..desired()
    };
    assert_snapshot!(plan(&settled(&desired()), &wanted), @r"
    change  update-distribution-configuration distribution-configuration/mstr-nonprod-110304
    change  update-distribution-configuration distribution-configuration/mstr-nonprod-110302
    change  put-bucket-policy the output bucket
    change  withdraw-ami ami-f2b414292d04beab9 in us-east-1
    change  withdraw-ami ami-b1c9280bee95a612e in us-east-1
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    waiting 110302: 110302 is no longer in ami-version; its recipe, pipeline and AMIs are kept until it is retired
    ");
}

#[test]
fn a_new_instance_type_changes_the_infrastructure_once() {
    let wanted = Desired {
        instances: Instances {
            types: vec!["m7i.large".to_owned()],
            ..Instances::default()
        },
        ..desired()
    };
    assert_snapshot!(plan(&settled(&desired()), &wanted), @r"
    change  update-infrastructure-configuration infrastructure-configuration/mstr-nonprod
    ");
}

#[test]
fn a_further_region_without_a_key_is_refused_and_the_rest_goes_on() {
    let mut wanted = desired();
    wanted.regions.insert(
        "eu-west-1".parse().expect("a Region"),
        RegionSettings::default(),
    );
    let mut world = World::new();
    assert!(plan(&world, &wanted).ends_with(
        "refused eu-west-1: Region eu-west-1 has no kms-key in environment.json, and a copy there would be encrypted \
         with aws/ebs, which cannot be shared; images are not distributed to it\n"
    ));
    world.settle(&wanted);
    assert!(world.plan(&wanted).changes.is_empty());
}

#[test]
fn a_base_ami_that_is_gone_refuses_its_recipe_and_no_other() {
    let mut wanted = desired();
    wanted.recipes[0] = entry("110304", "ami-0cccccccccccccccc");
    let mut world = settled(&desired());
    assert_snapshot!(plan(&world, &wanted), @r"refused 110304: the base AMI ami-0cccccccccccccccc does not exist in this Region or is not shared with this account");
    let before = world.pipeline("110304").clone();
    world.settle(&wanted);
    assert_eq!(world.pipeline("110304"), &before);
}

#[test]
fn volumes_that_do_not_fit_the_base_ami_are_refused() {
    let mut small = desired();
    small.volumes[0].size_gib = 4;
    let more = Desired {
        volumes: [desired().volumes, desired().volumes].concat(),
        ..desired()
    };
    let refused = |wanted: &Desired| World::new().plan(wanted).refused[0].1.to_string();
    assert_snapshot!(refused(&small), @"volume /dev/xvda would have 4 GiB, and the base AMI ami-0aaaaaaaaaaaaaaaa needs at least 8");
    assert_snapshot!(refused(&more), @"environment.json lists 2 volumes, and the base AMI ami-0aaaaaaaaaaaaaaaa has 1 EBS devices");
}

#[test]
fn a_pipeline_of_that_name_without_our_tag_is_not_touched() {
    let mut world = settled(&desired());
    world.pipelines[0].tags.clear();
    let wanted = Desired {
        recipes: vec![entry("110304", AMI_B)],
        scheduled: Vec::new(),
        ..desired()
    };
    let text = plan(&world, &wanted);
    assert!(
        text.contains(
            "refused 110304: image-pipeline/mstr-nonprod-110304 exists and does not carry"
        ),
        "{text}"
    );
    assert!(!text.contains("update-pipeline"), "{text}");
}

#[test]
fn a_refused_entry_stops_sharing_with_consumers_that_left() {
    let mut wanted = Desired {
        consumers: Consumers::default(),
        ..desired()
    };
    wanted.recipes = vec![entry("110304", "ami-0cccccccccccccccc")];
    wanted.scheduled = Vec::new();
    let changes = settled(&desired()).plan(&wanted).changes;
    let updated = changes
        .iter()
        .filter(|change| matches!(change.action, Action::UpdateDistribution(_)));
    assert_eq!(
        updated.count(),
        2,
        "the refused entry's and the retired one's: {changes:?}"
    );
}

#[test]
fn a_changed_family_makes_new_pipelines_and_reports_the_old() {
    let wanted = Desired {
        family: "bi".parse().expect("a family"),
        ..desired()
    };
    let text = plan(&settled(&desired()), &wanted);
    assert!(
        text.contains("change  create-pipeline image-pipeline/bi-nonprod-110304"),
        "{text}"
    );
    assert!(
        text.contains("refused image-pipeline/mstr-nonprod-110304: it carries the tags"),
        "{text}"
    );
}

#[test]
fn another_key_for_the_building_region_is_refused() {
    let mut wanted = desired();
    let key = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-0000000000bb"
        .parse()
        .expect("a key");
    wanted.regions.insert(
        "us-east-1".parse().expect("a Region"),
        RegionSettings {
            kms_key: Some(key),
            ..RegionSettings::default()
        },
    );
    let text = plan(&settled(&desired()), &wanted);
    assert!(
        text.contains(
            "refused us-east-1: environment.json names the key key/11111111-2222-4333-8444-0000000000bb for the building"
        ),
        "{text}"
    );
}

#[test]
fn documents_of_another_environment_change_nothing() {
    let wanted = Desired {
        environment: "prod".parse().expect("an environment"),
        ..desired()
    };
    assert_snapshot!(plan(&World::new(), &wanted), @"refused environment.json: environment.json says `prod`, and this stack is `nonprod`; nothing is changed");
}

#[test]
fn a_scheduled_name_must_be_listed_or_have_a_pipeline() {
    let world = settled(&desired());
    let one = vec![entry("110304", world::AMI_A)];
    let kept = Desired {
        recipes: one.clone(),
        scheduled: vec![scheduled("110302")],
        ..desired()
    };
    assert_eq!(unknown_scheduled(&kept, &world.pipelines), []);
    let nowhere = Desired {
        recipes: one,
        scheduled: vec![scheduled("1103040")],
        ..desired()
    };
    let problems = unknown_scheduled(&nowhere, &world.pipelines);
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.found.as_str())
            .collect::<Vec<_>>(),
        ["1103040"]
    );
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean `110304`?"));
}

//! What a review says of a plan: build what is desired, derive the world that satisfies it, change one
//! thing, and read.

use goldsmith_domain::consumers::Consumers;
use goldsmith_domain::desired::{Desired, Instances, RegionSettings, VolumeType};
use goldsmith_domain::names::Region;
use goldsmith_domain::plan::Action;
use goldsmith_domain::review::{AccessChange, Difference, Storage, Verdict};
use insta::assert_snapshot;

use crate::plan::settled;
use crate::world::{AMI_B, World, builder, consumer, consumers, desired, document, entry};

/// A review in lines, but for the key policy and the changes.
fn review(world: &World, desired: &Desired) -> String {
    let review = world.review(desired);
    let mut lines = Vec::new();
    for recipe in &review.recipes {
        let (from, to) = (recipe.from.as_deref().unwrap_or("-"), &recipe.version);
        let (builds, publishes) = (recipe.builds, recipe.publishes.as_deref().unwrap_or("-"));
        let (name, action, dependents) = (&recipe.recipename, recipe.action, &recipe.dependents);
        lines.push(format!(
            "{name}: {action:?} {from} -> {to}, builds {builds}, publishes {publishes}, dependents {dependents:?}"
        ));
        lines.extend(
            recipe
                .because
                .iter()
                .map(|difference| format!("  {}", line(difference))),
        );
    }
    lines.push(format!("unchanged: {}", review.unchanged));
    for AccessChange {
        consumer,
        direction,
        principals,
        regions,
        effect,
    } in &review.access
    {
        let regions: Vec<&str> = regions.iter().map(Region::as_str).collect();
        lines.push(format!(
            "{direction:?} {consumer} {principals:?} {regions:?}: {effect}"
        ));
    }
    lines.extend(review.settings.iter().map(line));
    lines.extend(
        review
            .quotas
            .iter()
            .map(|q| format!("{}: {} -> {} of {}", q.name, q.used, q.after, q.limit)),
    );
    let stored = |s: &Storage| {
        format!(
            "{} {}: {} snapshots, {} GiB",
            s.account, s.region, s.snapshots, s.gib
        )
    };
    lines.extend(review.storage.iter().map(stored));
    lines.extend(
        review
            .waiting
            .iter()
            .map(|entry| format!("waiting {entry}")),
    );
    lines.extend(
        review
            .refused
            .iter()
            .map(|entry| format!("refused {entry}")),
    );
    lines.extend(review.notes.iter().map(|note| format!("note: {note}")));
    crate::plan::short(&lines.join("\n"))
}

fn line(difference: &Difference) -> String {
    let (from, to) = (
        difference.from.as_deref().unwrap_or("-"),
        difference.to.as_deref().unwrap_or("-"),
    );
    format!("{}: {from} -> {to}", difference.what)
}

#[test]
fn a_new_version() {
    let mut wanted = desired();
    wanted.recipes.push(entry("110305", AMI_B));
    assert_snapshot!(review(&settled(&desired()), &wanted), @r"
    110305: Create - -> 1.0.0, builds true, publishes -, dependents []
      base image: - -> ami-0bbbbbbbbbbbbbbbb
      component harden: - -> 1.0.0
      volume /dev/xvda: - -> 30 GiB gp3
      key of the volumes: - -> key/11111111-2222-4333-8444-000000001234
      AMI tag Owner: - -> ccoe
    unchanged: 2
    image pipelines: 2 -> 3 of 75
    image recipes: 2 -> 3 of 1000
    distribution configurations: 2 -> 3 of 1000
    concurrent builds: 0 -> 1 of 100
    components of a recipe: 0 -> 1 of 20
    111122223333 us-east-1: 1 snapshots, 30 GiB
    note: the base AMI ami-0bbbbbbbbbbbbbbbb of 110305 is `al2023-ami-x86_64` of amazon (137112412989), created on 2025-12-01
    ");
}

#[test]
fn a_changed_base_ami() {
    let mut wanted = desired();
    wanted.recipes[0] = entry("110304", AMI_B);
    assert_snapshot!(review(&settled(&desired()), &wanted), @r"
    110304: NewVersion 1.0.0 -> 1.0.1, builds true, publishes -, dependents []
      base image: ami-0aaaaaaaaaaaaaaaa -> ami-0bbbbbbbbbbbbbbbb
    unchanged: 1
    image recipes: 2 -> 3 of 1000
    concurrent builds: 0 -> 1 of 100
    111122223333 us-east-1: 1 snapshots, 30 GiB
    note: the base AMI ami-0bbbbbbbbbbbbbbbb of 110304 is `al2023-ami-x86_64` of amazon (137112412989), created on 2025-12-01
    ");
}

#[test]
fn a_changed_component() {
    let wanted = Desired {
        build_components: vec![document("harden more")],
        ..desired()
    };
    assert_snapshot!(review(&settled(&desired()), &wanted), @r"
    110304: NewVersion 1.0.0 -> 1.0.1, builds true, publishes -, dependents []
      component harden: 1.0.0 -> 1.0.1
    110302: NewVersion 1.0.0 -> 1.0.1, builds true, publishes -, dependents []
      component harden: 1.0.0 -> 1.0.1
    unchanged: 0
    image recipes: 2 -> 4 of 1000
    components: 1 -> 2 of 1000
    concurrent builds: 0 -> 2 of 100
    111122223333 us-east-1: 2 snapshots, 60 GiB
    note: the base AMI ami-0aaaaaaaaaaaaaaaa of 110304, 110302 is `al2023-ami-x86_64` of amazon (137112412989), created on 2025-12-01
    ");
}

#[test]
fn a_changed_volume() {
    let mut wanted = desired();
    wanted.recipes.truncate(1);
    let world = settled(&wanted);
    wanted.volumes[0].size_gib = 50;
    wanted.volumes[0].volume_type = VolumeType::Gp2;
    assert_snapshot!(review(&world, &wanted), @r"
    110304: NewVersion 1.0.0 -> 1.0.1, builds true, publishes -, dependents []
      volume /dev/xvda: 30 GiB gp3 -> 50 GiB gp2
    unchanged: 0
    image recipes: 1 -> 2 of 1000
    concurrent builds: 0 -> 1 of 100
    111122223333 us-east-1: 1 snapshots, 50 GiB
    note: the base AMI ami-0aaaaaaaaaaaaaaaa of 110304 is `al2023-ami-x86_64` of amazon (137112412989), created on 2025-12-01
    ");
}

#[test]
fn a_new_consumer() {
    let mut wanted = desired();
    wanted
        .consumers
        .accounts
        .push(consumer("333333333333", &[]));
    let world = settled(&desired());
    assert_snapshot!(review(&world, &wanted), @r#"
    unchanged: 2
    Gains 333333333333 {"arn:aws:iam::333333333333:*"} ["us-east-1"]: it may launch ami-b1c9280bee95a612e in us-east-1, ami-f2b414292d04beab9 in us-east-1; images built from now on are shared with it in us-east-1; every principal of the account that its own policies let may use the key that encrypts them
    "#);
    let policy = world.review(&wanted).key_policies.remove(0);
    let (before, after) = (policy.before, policy.after);
    assert!(
        !before.contains("333333333333") && before.contains("222222222222"),
        "{before}"
    );
    assert!(
        after.contains("arn:aws:iam::333333333333:*") && after.contains("222222222222"),
        "{after}"
    );
    assert!(
        !after.contains("Admin"),
        "only our statements are told: {after}"
    );
    assert_eq!(policy.limit, 32 * 1024);
    let put = world.plan(&wanted).changes.into_iter().find_map(|change| {
        if let Action::GrantKeyAccess(put) | Action::RevokeKeyAccess(put) = change.action {
            Some(put.policy)
        } else {
            None
        }
    });
    assert_eq!(Some(policy.bytes), put.map(|policy| policy.len()));
}

#[test]
fn a_consumer_that_leaves() {
    let wanted = Desired {
        consumers: Consumers::default(),
        ..desired()
    };
    assert_snapshot!(review(&settled(&desired()), &wanted), @r#"
    unchanged: 2
    Loses 222222222222 {"arn:aws:iam::222222222222:role/mstr-launch"} ["us-east-1"]: it may no longer launch ami-b1c9280bee95a612e in us-east-1, ami-f2b414292d04beab9 in us-east-1; images built from now on are not shared with it in us-east-1; it loses the use of the key: what runs goes on, new launches fail, and so do restarts on volumes under it
    "#);
}

#[test]
fn an_account_that_builds_images_again_and_leaves() {
    let (alone, with) = (
        desired(),
        Desired {
            consumers: consumers(vec![builder("666666666666")]),
            ..desired()
        },
    );
    let told = |world: World, wanted: &Desired| {
        let review = world.review(wanted);
        let access = review
            .access
            .into_iter()
            .find(|access| access.consumer == "666666666666");
        access.expect("its access").effect
    };
    let comes = told(settled(&alone), &with);
    assert!(
        comes.ends_with("images that cannot be copied are built again in it"),
        "{comes}"
    );
    let leaves = told(settled(&with), &alone);
    assert!(
        leaves.contains("what it has built again stays in it, and it builds nothing more"),
        "{leaves}"
    );
}

#[test]
fn a_consumer_that_left_long_ago_loses_nothing_again() {
    let wanted = Desired {
        consumers: Consumers::default(),
        ..desired()
    };
    let mut world = settled(&desired());
    world.settle(&wanted);
    let review = world.review(&wanted);
    assert_eq!(
        (review.access.len(), review.waiting.len(), review.verdict()),
        (0, 0, Verdict::Settled)
    );
}

#[test]
fn a_revert() {
    let mut other = desired();
    other.recipes[0] = entry("110304", AMI_B);
    let mut world = settled(&desired());
    world.settle(&other);
    assert_snapshot!(review(&world, &desired()), @r"
    110304: Repoint 1.0.1 -> 1.0.0, builds false, publishes image/mstr-nonprod-110304/1.0.0/1, dependents []
      base image: ami-0bbbbbbbbbbbbbbbb -> ami-0aaaaaaaaaaaaaaaa
    unchanged: 1
    note: the base AMI ami-0aaaaaaaaaaaaaaaa of 110304 is `al2023-ami-x86_64` of amazon (137112412989), created on 2025-12-01
    ");
}

#[test]
fn a_new_instance_type() {
    let wanted = Desired {
        instances: Instances {
            types: vec!["m7i.large".to_owned()],
            ..Instances::default()
        },
        ..desired()
    };
    assert_snapshot!(review(&settled(&desired()), &wanted), @r"
    unchanged: 2
    instance types: m6i.large -> m7i.large
    ");
}

#[test]
fn a_schedule() {
    let wanted = Desired {
        schedule: Some("rate(1 day)".parse().expect("a schedule")),
        ..desired()
    };
    assert_snapshot!(review(&settled(&desired()), &wanted), @r"
    unchanged: 2
    schedule: cron(0 6 ? * SUN *) -> rate(1 day)
    ");
}

#[test]
fn a_further_region_doubles_the_snapshots_of_a_build() {
    let mut wanted = desired();
    let key = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678"
        .parse()
        .expect("a key");
    wanted.regions.insert(
        "eu-west-1".parse().expect("a Region"),
        RegionSettings {
            kms_key: Some(key),
            ..RegionSettings::default()
        },
    );
    let world = settled(&desired());
    assert_snapshot!(review(&world, &wanted), @r"
    unchanged: 2
    Region eu-west-1: - -> encrypted with arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678
    ");
    wanted.recipes.push(entry("110305", AMI_B));
    let storage = world.review(&wanted).storage;
    let told: Vec<_> = storage
        .iter()
        .map(|s| (s.region.as_str(), s.snapshots, s.gib))
        .collect();
    assert_eq!(told, [("eu-west-1", 1, 30), ("us-east-1", 1, 30)]);
}

#[test]
fn the_first_upload_uses_what_it_makes() {
    let review = World::new().review(&desired());
    let quotas: Vec<_> = review
        .quotas
        .iter()
        .map(|q| (q.name.as_str(), q.used, q.after, q.limit))
        .collect();
    let expected = [
        ("image pipelines", 0, 2, 75),
        ("image recipes", 0, 2, 1000),
        ("components", 0, 1, 1000),
        ("infrastructure configurations", 0, 1, 1000),
        ("distribution configurations", 0, 2, 1000),
        ("concurrent builds", 0, 2, 100),
        ("components of a recipe", 0, 1, 20),
    ];
    assert_eq!(quotas, expected);
    assert_eq!(review.verdict(), Verdict::Changes);
}

//! Consumers join, get copies, and leave: what is done, and in which order.

use goldsmith_domain::consumers::{Account, Consumers, DeliveryMode};
use goldsmith_domain::desired::{Desired, RegionSettings};
use goldsmith_domain::names::{KeyArn, Region};
use goldsmith_domain::observed::{Grant, ImageState};
use goldsmith_domain::plan::{Action, Effect, Plan};
use insta::assert_snapshot;

use crate::plan::{plan, settled};
use crate::world::{World, consumer, consumers, desired, entry, stack};

const LAUNCH: &str = "arn:aws:iam::444444444444:role/launch";

fn copied(account: Account) -> Account {
    Account {
        serve: DeliveryMode::Copy,
        ..account
    }
}

/// One recipe, and one account that gets copies of it.
fn with(account: Account) -> Desired {
    let recipes = vec![entry("110304", crate::world::AMI_A)];
    Desired {
        recipes,
        consumers: consumers(vec![account]),
        ..desired()
    }
}

fn own_key() -> KeyArn {
    "arn:aws:kms:us-east-1:444444444444:key/11111111-2222-4333-8444-0000000000aa"
        .parse()
        .expect("a key")
}

/// The changes of a close look, without ARNs.
fn close(plan: &Plan) -> String {
    let changes = plan
        .changes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    changes.replace("arn:aws:imagebuilder:us-east-1:111122223333:", "")
}

/// The world once the first build is there, and nothing was copied yet.
fn built(wanted: &Desired) -> World {
    let mut world = World::new();
    world.run(wanted);
    world.finish_builds();
    world
}

#[test]
fn an_image_is_copied_before_it_is_published() {
    let wanted = with(copied(consumer("444444444444", &[LAUNCH])));
    let mut world = built(&wanted);
    assert_snapshot!(plan(&world, &wanted), @r"
    change  create-distribution-configuration distribution-configuration/mstr-nonprod-110304-copies-315c93625e0c
    change  distribute-image image/mstr-nonprod-110304/1.0.0/1
    waiting 110304: copies of image/mstr-nonprod-110304/1.0.0/1 for 444444444444 were requested
    ");
    world.run(&wanted);
    assert_snapshot!(plan(&world, &wanted), @r"
    waiting 110304: image image/copies-315c93625e0c/1.0.0/1, which makes copies for consumers, is BUILDING
    ");
    world.finish_builds();
    assert_snapshot!(plan(&world, &wanted), @r"
    change  publish-copies image/mstr-nonprod-110304/1.0.0/1
    change  publish-image image/mstr-nonprod-110304/1.0.0/1
    change  delete-distribution-configuration distribution-configuration/mstr-nonprod-110304-copies-315c93625e0c
    ");
    world.settle(&wanted);
    assert_snapshot!(plan(&world, &wanted), @"");
}

#[test]
fn a_key_of_its_own_takes_a_distribution_of_its_own() {
    let keys = [(stack().region, own_key())].into();
    let own = Account {
        keys,
        ..copied(consumer("444444444444", &[LAUNCH]))
    };
    let both = consumers(vec![own, copied(consumer("555555555555", &[]))]);
    let wanted = Desired {
        consumers: both,
        ..with(consumer("444444444444", &[]))
    };
    let world = built(&wanted);
    let distributions: Vec<String> = world
        .plan(&wanted)
        .changes
        .iter()
        .filter_map(|change| {
            if let Action::CreateDistribution(made) = &change.action {
                Some(made)
            } else {
                None
            }
        })
        .flat_map(|made| made.content.regions.values())
        .map(|entry| {
            format!(
                "{:?} under {}",
                entry.copied_to,
                entry.kms_key.as_ref().expect("a key")
            )
        })
        .collect();
    assert_snapshot!(distributions.join("\n"), @r#"
    {AccountId("555555555555")} under arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000001234
    {AccountId("444444444444")} under arn:aws:kms:us-east-1:444444444444:key/11111111-2222-4333-8444-0000000000aa
    "#);
}

#[test]
fn a_target_that_fails_is_tried_again_and_then_left_out_by_name() {
    let wanted = with(copied(consumer("444444444444", &[LAUNCH])));
    let mut world = built(&wanted);
    world.run(&wanted);
    for _ in 0..3 {
        world.fail_copies("444444444444");
        world.run(&wanted);
    }
    assert_snapshot!(plan(&world, &wanted), @r"
    waiting 110304: image image/copies-315c93625e0c/1.0.0/1, which makes copies for consumers, is DISTRIBUTING
    ");
    world.fail_copies("444444444444");
    assert_snapshot!(plan(&world, &wanted), @r"
    change  publish-image image/mstr-nonprod-110304/1.0.0/1
    change  delete-distribution-configuration distribution-configuration/mstr-nonprod-110304-copies-315c93625e0c
    refused 110304: account 444444444444 gets no copy of this recipe's image: image/copies-315c93625e0c/1.0.0/1 failed 3 more times (account 444444444444 in us-east-1: the role is missing). Other accounts are not affected, and the next build tries again
    ");
    world.settle(&wanted);
    let published = world
        .pipeline("110304")
        .tags
        .contains_key("goldsmith:published");
    assert!(published, "the others are served");
}

/// Copies share a recipe's tries of a day with its builds. Nobody waits until tomorrow for one account.
#[test]
fn an_image_is_published_although_its_recipe_has_no_tries_left_for_copies() {
    let wanted = with(copied(consumer("444444444444", &[LAUNCH])));
    let mut world = built(&wanted);
    world.run(&wanted);
    world.fail_copies("444444444444");
    let is_tried = |world: &World| plan(world, &wanted).contains("retry-image");
    assert!(is_tried(&world), "{}", plan(&world, &wanted));
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    for _ in 0..4 {
        world.start(&recipe);
        let failed = world.images.last_mut().expect("an image");
        failed.state = ImageState::Failed;
        let tries = ("goldsmith:retries".to_owned(), "3".to_owned());
        failed.tags.extend([tries]);
    }
    let planned = plan(&world, &wanted);
    assert!(!is_tried(&world), "{planned}");
    for told in [
        "tried again 12 times within a day",
        "change  publish-image",
        "refused 110304: account 444444444444 gets no copy",
    ] {
        assert!(planned.contains(told), "{told}: {planned}");
    }
    // Tomorrow there are tries again.
    world.time += jiff::SignedDuration::from_hours(24);
    assert!(is_tried(&world), "{}", plan(&world, &wanted));
}

#[test]
fn a_joining_consumer_gets_the_current_image_without_a_build() {
    let mut world = settled(&with(consumer("222222222222", &[])));
    let both = consumers(vec![
        consumer("222222222222", &[]),
        copied(consumer("444444444444", &[LAUNCH])),
    ]);
    let wanted = Desired {
        consumers: both,
        ..with(consumer("222222222222", &[]))
    };
    assert_snapshot!(plan(&world, &wanted), @r"
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    change  create-distribution-configuration distribution-configuration/mstr-nonprod-110304-copies-315c93625e0c
    change  distribute-image image/mstr-nonprod-110304/1.0.0/1
    change  put-bucket-policy the output bucket
    waiting 110304: copies of image/mstr-nonprod-110304/1.0.0/1 for 444444444444 were requested
    ");
    world.settle(&wanted);
    assert_eq!(
        world
            .images
            .iter()
            .filter(|image| !image.amis.is_empty())
            .count(),
        1,
        "one build"
    );
}

#[test]
fn a_consumer_that_leaves_during_a_distribution_loses_access_with_the_next_deep_scan() {
    let wanted = with(consumer("222222222222", &[]));
    let mut world = World::new();
    world.run(&wanted);
    let left = Desired {
        consumers: Consumers::default(),
        ..wanted
    };
    world.run(&left);
    // The build was started with the old distribution configuration.
    world.finish_builds();
    assert_snapshot!(close(&world.close_plan(&left)), @r"
    publish-image image/mstr-nonprod-110304/1.0.0/1
    withdraw-ami ami-f2b414292d04beab9 in us-east-1
    ");
}

#[test]
fn grants_of_service_linked_roles_are_revoked_and_those_of_volumes_are_reported() {
    let wanted = with(consumer("222222222222", &[]));
    let mut world = settled(&wanted);
    let grant = |id: &str, grantee: &str| Grant {
        id: id.to_owned(),
        grantee: grantee.to_owned(),
    };
    let scaling = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    world.grants = [(
        stack().key,
        vec![
            grant("slr", &format!("arn:aws:iam::222222222222:{scaling}")),
            grant(
                "volume",
                "arn:aws:sts::222222222222:assumed-role/aws:ec2-infrastructure/i-0123",
            ),
            grant("ours", &format!("arn:aws:iam::111122223333:{scaling}")),
        ],
    )]
    .into();
    let left = Desired {
        consumers: Consumers::default(),
        ..wanted
    };
    assert_snapshot!(plan(&world, &left), @r"
    change  update-distribution-configuration distribution-configuration/mstr-nonprod-110304
    change  put-bucket-policy the output bucket
    change  withdraw-ami ami-f2b414292d04beab9 in us-east-1
    change  revoke-grant slr
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    waiting 222222222222: instances in account 222222222222 hold grants on the key (1); the grants end with the instances
    ");
}

#[test]
fn a_pause_stops_everything_but_leaving() {
    let wanted = with(consumer("222222222222", &[]));
    let world = settled(&wanted);
    let joins = consumers(vec![consumer("333333333333", &[])]);
    let paused = Desired {
        consumers: joins,
        pause: true,
        ..wanted
    };
    assert_snapshot!(plan(&world, &paused), @r"
    change  put-bucket-policy the output bucket
    change  withdraw-ami ami-f2b414292d04beab9 in us-east-1
    change  put-key-policy key/11111111-2222-4333-8444-000000001234
    waiting environment.json: environment.json says `pause`; 4 changes wait: 1 put-bucket-policy, 1 put-key-policy, 1 share-ami, 1 update-distribution-configuration
    ");
    let put = world
        .plan(&paused)
        .changes
        .into_iter()
        .find_map(|change| change.puts_key_policy().cloned());
    assert!(
        put.expect("a key policy").access.is_empty(),
        "nobody is let in during a pause"
    );
}

#[test]
fn copies_in_a_state_that_is_not_known_are_left_alone() {
    let wanted = with(copied(consumer("444444444444", &[LAUNCH])));
    let mut world = built(&wanted);
    world.run(&wanted);
    let copying = world
        .images
        .iter_mut()
        .find(|image| image.amis.is_empty())
        .expect("the copies");
    copying.state = ImageState::Unrecognized("THINKING".to_owned());
    assert_snapshot!(plan(&world, &wanted), @r"
    waiting 110304: image/copies-315c93625e0c/1.0.0/1 is in the state `THINKING`, which this release does not know; nothing is changed
    ");
}

#[test]
fn a_quarantine_for_a_further_key_takes_nothing_away() {
    let before = with(consumer("222222222222", &[]));
    let mut world = settled(&before);
    let ireland: Region = "eu-west-1".parse().expect("a Region");
    let key: KeyArn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678"
        .parse()
        .expect("a key");
    let mut wanted = before;
    wanted.regions.insert(
        ireland.clone(),
        RegionSettings {
            kms_key: Some(key),
            ..RegionSettings::default()
        },
    );
    wanted.consumers.accounts[0].regions.insert(ireland);
    world.quarantined.insert(
        "222222222222".parse().expect("an account"),
        "invalid principals".to_owned(),
    );
    for changes in [
        world.plan(&wanted).changes,
        world.close_plan(&wanted).changes,
    ] {
        let taken: Vec<_> = changes
            .iter()
            .filter(|change| change.effect == Effect::Revokes)
            .collect();
        assert!(taken.is_empty(), "{taken:?}");
        assert!(
            changes
                .iter()
                .all(|change| change.puts_key_policy().is_none()),
            "it is not tried again"
        );
    }
}

#[test]
fn a_quarantined_account_does_not_block_other_accounts() {
    let wanted = with(consumer("222222222222", &[]));
    let mut world = World::new();
    world.quarantined.insert(
        "999999999999".parse().expect("an account"),
        "invalid principals".to_owned(),
    );
    let both = consumers(vec![
        consumer("222222222222", &[]),
        consumer("999999999999", &[]),
    ]);
    let wanted = Desired {
        consumers: both,
        ..wanted
    };
    let plan = world.plan(&wanted);
    let refused: Vec<String> = plan
        .refused
        .iter()
        .map(|(subject, why)| format!("{subject}: {why}"))
        .collect();
    assert_snapshot!(refused.join("\n"), @r"
    999999999999: AWS does not accept account 999999999999 as a principal (invalid principals). The account is excluded for a day, and all other consumers have access. Correct the account id or remove the account; to try again at once, delete quarantine.json from the output bucket
    ");
    world.settle(&wanted);
    assert!(
        world.key_policy.contains("222222222222") && !world.key_policy.contains("999999999999")
    );
    assert!(world.distributions.iter().all(|one| {
        let regions = &one.content.as_ref().expect("content").known.regions;
        regions
            .values()
            .all(|entry| entry.shared_with.accounts.len() == 1)
    }));
}

#[test]
fn a_quarantined_account_becomes_no_reader_and_stays_one() {
    let before = with(consumer("222222222222", &[]));
    let both = consumers(vec![
        consumer("222222222222", &[]),
        consumer("333333333333", &[]),
    ]);
    let wanted = Desired {
        consumers: both,
        ..before.clone()
    };
    let readers = |world: &World| {
        let changes = world.plan(&wanted).changes;
        let put = changes.into_iter().find_map(|change| {
            let Action::PutBucketPolicy(put) = change.action else {
                return None;
            };
            Some(put.policy)
        });
        let policy = put.expect("a bucket policy");
        ["222222222222", "333333333333"].map(|account| policy.contains(account))
    };
    let mut world = settled(&before);
    world.quarantined.insert(
        "222222222222".parse().expect("an account"),
        "Invalid principal".to_owned(),
    );
    assert_eq!(readers(&world), [true, true], "who reads goes on reading");
    // S3 alone refused it: the key lets it in.
    world.bucket_policy.clear();
    assert_eq!(readers(&world), [false, true]);
    let put = world
        .plan(&wanted)
        .changes
        .into_iter()
        .find_map(|change| change.puts_key_policy().cloned());
    assert_eq!(
        put.expect("a key policy").access.accounts.len(),
        2,
        "nothing is taken from who is in"
    );
}

//! What the deployment made, changed by hand: a deep scan names it, and what to do.

use goldsmith_aws::observe;
use goldsmith_domain::observed::Depth;

use crate::support::World;
use crate::support::run::{desired, plan_for};

/// What a deep scan says, a line each.
async fn said(world: &World) -> Vec<String> {
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let observed = observe(&aws, &wanted, Depth::Content)
        .await
        .expect("a look");
    let plan = plan_for(&wanted, &observed);
    assert!(plan.changes.is_empty(), "{plan}");
    let refused = plan.refused.iter();
    refused
        .map(|(what, why)| format!("{what}: {why}"))
        .collect()
}

fn sentence(what: &str, fault: &str) -> Vec<String> {
    vec![format!(
        "{what}: {fault}; the deployment owns it: deploy the stack's template again, and find out who changed it"
    )]
}

#[tokio::test]
async fn each_part_that_makes_no_noise_of_its_own_is_named() {
    let world = World::settled().await;
    assert_eq!(said(&world).await, Vec::<String>::new());
    let (hourly, events) = ("goldsmith-nonprod-hourly", "goldsmith-nonprod-image-events");
    for rule in [hourly, events] {
        world.cloud.change_deployment(|made| {
            made.disabled_rules.insert(rule.to_owned());
        });
        assert_eq!(
            said(&world).await,
            sentence(rule, "the rule is disabled or deleted")
        );
        world
            .cloud
            .change_deployment(|made| made.disabled_rules.clear());
    }
    for rule in [hourly, events, "goldsmith-build"] {
        world.cloud.change_deployment(|made| {
            made.rules_without_targets.insert(rule.to_owned());
        });
        assert_eq!(said(&world).await, sentence(rule, "the rule has no target"));
        world
            .cloud
            .change_deployment(|made| made.rules_without_targets.clear());
    }
    for suffix in ["json", "yml", "yaml"] {
        world.cloud.change_deployment(|made| {
            made.silent.insert(suffix.to_owned());
        });
        let fault = format!("uploads of *.{suffix} start no run");
        assert_eq!(said(&world).await, sentence("documents", &fault));
        world.cloud.change_deployment(|made| made.silent.clear());
    }
    world
        .cloud
        .change_deployment(|made| made.rotation_stopped = true);
    let key = world.stack.key.to_string();
    assert_eq!(said(&world).await, sentence(&key, "the key is not rotated"));
}

#[tokio::test]
async fn a_signing_key_that_is_disabled_is_named() {
    let world = World::settled().await;
    let key = "arn:aws:kms:us-east-1:111122223333:key/5678";
    world.cloud.set_key_state(key, "Disabled");
    let fault = "the key cannot be used, so that nothing can be signed";
    assert_eq!(said(&world).await, sentence(key, fault));
}

/// An ordinary run has no time for it, and its calls are counted as those in search of drift.
#[tokio::test]
async fn only_a_deep_scan_looks_at_it() {
    let world = World::settled().await;
    let looks = |world: &World| world.cloud.called("events:ListTargetsByRule");
    let aws = world.aws();
    let wanted = desired(&aws).await;
    observe(&aws, &wanted, Depth::Digest).await.expect("a look");
    assert_eq!(looks(&world), 0);
    observe(&aws, &wanted, Depth::Content)
        .await
        .expect("a look");
    assert_eq!(looks(&world), 3);
}

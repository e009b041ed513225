//! What the deployment made, changed by hand: a deep scan names it, and what to do.

use goldsmith_aws::{apply, observe};
use goldsmith_domain::observed::Depth;
use serde_json::json;

use crate::support::World;
use crate::support::cloud::RULE;
use crate::support::cloud::deployment::{Deployment, INSTANCE_ROLE, STRANGER, function};
use crate::support::emulated::ec2;
use crate::support::run::{desired, plan_for};

/// What a deep scan says, a line each.
async fn said(world: &World) -> Vec<String> {
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let observed = Box::pin(observe(&aws, &wanted, Depth::Content)).await;
    let plan = plan_for(&wanted, &observed.expect("a look"));
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

/// Somebody's hand, what it touched, and what a deep scan says of it.
type Case = (fn(&mut Deployment), &'static str, &'static str);

async fn check(cases: &[Case]) {
    let world = World::settled().await;
    assert_eq!(said(&world).await, Vec::<String>::new());
    for &(hand, resource, fault) in cases {
        world.cloud.change_deployment(hand);
        assert_eq!(said(&world).await, sentence(resource, fault));
        world
            .cloud
            .change_deployment(|made| *made = Deployment::default());
    }
}

const HOURLY: &str = "goldsmith-nonprod-hourly";
const EVENTS: &str = "goldsmith-nonprod-image-events";
const RECONCILE: &str = "goldsmith-nonprod-reconcile";
const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:goldsmith";

#[tokio::test]
async fn a_rule_that_fires_nothing_or_something_else_is_named() {
    let lost = "the rule does not hand its events on to reconcile";
    check(&[
        (
            |made| made.disabled_rules = [HOURLY.to_owned()].into(),
            HOURLY,
            "the rule is disabled or deleted",
        ),
        (
            |made| made.disabled_rules = [EVENTS.to_owned()].into(),
            EVENTS,
            "the rule is disabled or deleted",
        ),
        (|made| made.set_targets(HOURLY, &[]), HOURLY, lost),
        (
            |made| {
                let target = json!({"Id": "image-events", "Arn": function("image-events")});
                made.set_targets(EVENTS, &[target]);
            },
            EVENTS,
            lost,
        ),
        (
            |made| {
                let reconcile = json!({"Id": "reconcile", "Arn": function("reconcile")});
                let other = json!({"Id": "x", "Arn": "arn:aws:sqs:us-east-1:999999999999:q"});
                made.set_targets(HOURLY, &[reconcile, other]);
            },
            HOURLY,
            "the rule also has the target x: arn:aws:sqs:us-east-1:999999999999:q",
        ),
    ])
    .await;
}

/// Another function, or the right one with an input of somebody's, by which the hourly run would be a dry run.
#[tokio::test]
async fn a_rule_whose_target_was_replaced_is_named_with_what_it_has() {
    let world = World::settled().await;
    let dry = r#"{"dry-run":true}"#;
    for target in [
        json!({"Id": "reconcile", "Arn": function("other")}),
        json!({"Id": "reconcile", "Arn": function("reconcile"), "Input": dry}),
    ] {
        let arn = target["Arn"].as_str().expect("an ARN").to_owned();
        world
            .cloud
            .change_deployment(|made| made.set_targets(HOURLY, &[target]));
        let beside = format!("the rule also has the target reconcile: {arn}");
        let lost = "the rule does not hand its events on to reconcile";
        let expected = [sentence(HOURLY, &beside), sentence(HOURLY, lost)].concat();
        assert_eq!(said(&world).await, expected);
    }
}

#[tokio::test]
async fn a_function_that_nobody_can_invoke_or_a_stranger_can_is_named() {
    const UPLOADS: &str = "arn:aws:s3:::documents may not invoke it";
    check(&[
        (
            |made| made.statements(RECONCILE).truncate(2),
            RECONCILE,
            UPLOADS,
        ),
        (
            |made| {
                let condition = &mut made.statements(RECONCILE)[2]["Condition"];
                condition["ArnLike"]["AWS:SourceArn"] = "arn:aws:s3:::other".into();
            },
            RECONCILE,
            UPLOADS,
        ),
        (
            |made| drop(made.policies.remove("goldsmith-nonprod-scheduled-build")),
            "goldsmith-nonprod-scheduled-build",
            "arn:aws:events:us-east-1:111122223333:rule/goldsmith-nonprod-build may not invoke it",
        ),
        (
            |made| {
                let mut open = made.statements(RECONCILE)[0].clone();
                open["Principal"] = json!({"AWS": STRANGER});
                open["Condition"] = json!({});
                made.statements(RECONCILE).push(open);
            },
            RECONCILE,
            "its policy lets in arn:aws:iam::999999999999:root from other accounts",
        ),
        (
            |made| {
                let mut named = made.statements(RECONCILE)[2].clone();
                named["Condition"] = json!({"StringEquals": {"AWS:SourceAccount": "999999999999"}});
                made.statements(RECONCILE).push(named);
            },
            RECONCILE,
            "its policy lets in s3.amazonaws.com from other accounts",
        ),
        (
            |made| {
                let mut named = made.statements(RECONCILE)[2].clone();
                let foreign = "arn:aws:s3:::somebodys-bucket";
                named["Condition"] = json!({"ArnLike": {"AWS:SourceArn": foreign}});
                made.statements(RECONCILE).push(named);
            },
            RECONCILE,
            "its policy lets in s3.amazonaws.com from other accounts",
        ),
        (
            |made| {
                let mut open = made.statements(RECONCILE)[0].clone();
                open["Condition"] = json!({});
                made.statements(RECONCILE).push(open);
            },
            RECONCILE,
            "its policy lets in events.amazonaws.com from other accounts",
        ),
        (
            |made| made.reserved = [(RECONCILE.to_owned(), 0)].into(),
            RECONCILE,
            "its reserved concurrency is 0, so that it never runs",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_topic_that_alarms_cannot_reach_or_anybody_can_is_named() {
    check(&[
        (
            |made| made.topic_statements().truncate(1),
            TOPIC,
            "alarms may not publish to it",
        ),
        (
            |made| made.topic_statements()[0]["Principal"] = json!({"AWS": "*"}),
            TOPIC,
            "its policy lets in * from other accounts",
        ),
        (
            |made| made.topic_statements()[1]["Condition"] = json!({}),
            TOPIC,
            "its policy lets in cloudwatch.amazonaws.com from other accounts",
        ),
    ])
    .await;
}

#[tokio::test]
async fn uploads_that_start_no_run_another_role_and_a_key_that_stays_are_named() {
    let silent = |suffix: &str| format!("uploads of *{suffix} start no run");
    let world = World::settled().await;
    for suffix in [".json", ".yml", ".yaml"] {
        world.cloud.change_deployment(|made| {
            made.silent
                .insert(suffix.trim_start_matches('.').to_owned());
        });
        assert_eq!(said(&world).await, sentence("documents", &silent(suffix)));
        world
            .cloud
            .change_deployment(|made| *made = Deployment::default());
    }
    world
        .cloud
        .change_deployment(|made| made.announced = function("other"));
    assert_eq!(said(&world).await.len(), 3, "another function gets them");
    world
        .cloud
        .change_deployment(|made| *made = Deployment::default());
    world
        .cloud
        .change_deployment(|made| made.rotation_stopped = true);
    let key = world.stack.key.to_string();
    assert_eq!(said(&world).await, sentence(&key, "the key is not rotated"));
    check(&[
        (
            |made| made.roles.clear(),
            "goldsmith-nonprod",
            "the profile has no role, so that builds cannot start",
        ),
        (
            |made| made.attached = vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
            INSTANCE_ROLE,
            "it has the policy arn:aws:iam::aws:policy/AdministratorAccess as well, and every build may do what that allows",
        ),
        (
            |made| made.inline.push("more".to_owned()),
            INSTANCE_ROLE,
            "it has the policy more as well, and every build may do what that allows",
        ),
        (
            |made| made.roles = vec!["arn:aws:iam::111122223333:role/admin".to_owned()],
            "goldsmith-nonprod",
            "its role is arn:aws:iam::111122223333:role/admin, not the stack's",
        ),
    ])
    .await;
}

/// Reconcile owns that rule's schedule, and may give it its target.
#[tokio::test]
async fn the_build_rule_gets_its_target_back() {
    let world = World::settled().await;
    let other = json!({"Id": "scheduled-build", "Arn": function("other")});
    for targets in [vec![], vec![other]] {
        world
            .cloud
            .change_deployment(|made| made.set_targets(RULE, &targets));
        let aws = world.aws();
        let wanted = desired(&aws).await;
        let observed = observe(&aws, &wanted, Depth::Content)
            .await
            .expect("a look");
        let plan = plan_for(&wanted, &observed);
        assert_eq!(plan.changes.len(), 1, "{plan}");
        let applied = apply(&aws, &plan).await;
        let reasons: Vec<_> = applied.changes.iter().map(|entry| &entry.reason).collect();
        let reason = "target: none, wanted scheduled-build";
        assert_eq!(reasons, [&Some(reason.to_owned())]);
        assert_eq!(said(&world).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_signing_key_that_is_disabled_is_named() {
    let world = World::settled().await;
    let key = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000005678";
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

/// Image Builder shares snapshots with consumers while it copies; nobody else has one.
#[tokio::test]
async fn a_snapshot_that_a_stranger_shares_is_named() {
    let world = World::settled().await;
    let images = ec2(
        &world.emulator,
        "us-east-1",
        "Action=DescribeImages&Owner.1=self",
    )
    .await;
    let snapshot = between(&images, "<snapshotId>", "</snapshotId>");
    let share = |who: &str| {
        format!(
            "Action=ModifySnapshotAttribute&SnapshotId={snapshot}&Attribute=createVolumePermission\
             &CreateVolumePermission.Add.1.UserId={who}"
        )
    };
    ec2(&world.emulator, "us-east-1", &share("222222222222")).await;
    assert_eq!(said(&world).await, Vec::<String>::new(), "a consumer");
    ec2(&world.emulator, "us-east-1", &share("999999999999")).await;
    let expected = format!(
        "{snapshot}: the snapshot of a published AMI is shared with 999999999999, of no document; run \
         `aws ec2 modify-snapshot-attribute --region us-east-1 --snapshot-id {snapshot} --attribute \
         createVolumePermission --operation-type remove --user-ids 999999999999`, and find out who changed it"
    );
    assert_eq!(said(&world).await, [expected]);
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).expect("the start");
    rest.split_once(end).expect("the end").0
}

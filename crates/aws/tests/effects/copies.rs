//! Publishing copies: an object for each, the parameter in its account, and the tag when all is done.

use goldsmith_aws::Applied;
use goldsmith_domain::observed::{Copy, Target};
use goldsmith_domain::plan::{Action, PUBLISHED_COPIES_TAG, PublishCopies, PublishedCopy};
use serde_json::Value;

use crate::support::emulated::pipeline_at;
use crate::support::inputs::PIPELINE;
use crate::support::{World, failed, parsed};

const PARAMETER: &str = "/goldsmith/nonprod/110304/ami-id";
const ACCOUNTS: [&str; 2] = ["222222222222", "333333333333"];

fn image(build: u32) -> String {
    format!("arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/{build}")
}

fn role(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/goldsmith-nonprod-parameters")
}

fn ami(build: u32, account: &str, region: &str) -> String {
    format!(
        "ami-{:05x}{}{}",
        build,
        &account[..1],
        if region == "us-east-1" { "aa" } else { "bb" }
    )
}

/// Two copies for the first account and one for the second.
fn change(build: u32) -> PublishCopies {
    let targets = [
        (ACCOUNTS[0], "us-east-1"),
        (ACCOUNTS[0], "eu-west-1"),
        (ACCOUNTS[1], "eu-west-1"),
    ];
    let copy = |(account, region): (&str, &str)| PublishedCopy {
        copy: Copy {
            target: Target {
                account: parsed(account),
                region: parsed(region),
            },
            ami: parsed(&ami(build, account, region)),
        },
        parameter_role: Some(parsed(&role(account))),
    };
    PublishCopies {
        recipename: parsed("110304"),
        pipeline: parsed(PIPELINE),
        image: parsed(&image(build)),
        copies: targets.map(copy).into(),
        tag: PUBLISHED_COPIES_TAG,
        digest: format!("digest {build}"),
    }
}

async fn publish(world: &World, change: PublishCopies) -> Applied {
    world.attempt(Action::PublishCopies(change)).await
}

async fn tag(world: &World) -> Value {
    let pipeline = pipeline_at(&world.emulator, PIPELINE).await;
    pipeline["tags"]["goldsmith:published-copies"].clone()
}

fn content(world: &World, account: &str, region: &str) -> String {
    let key = format!("images/110304/{account}/image-{region}.json");
    world
        .cloud
        .output()
        .remove(&key)
        .unwrap_or_else(|| panic!("no {key}"))
        .content
}

fn parameter(world: &World, account: &str, region: &str) -> Option<String> {
    world
        .cloud
        .parameters()
        .remove(&format!("{account} {region} {PARAMETER}"))
}

fn check(world: &World, build: u32) {
    for (account, region) in [
        (ACCOUNTS[0], "us-east-1"),
        (ACCOUNTS[0], "eu-west-1"),
        (ACCOUNTS[1], "eu-west-1"),
    ] {
        let ami = ami(build, account, region);
        assert_eq!(
            content(world, account, region),
            format!(r#"{{"ami_id":"{ami}"}}"#)
        );
        assert_eq!(
            parameter(world, account, region),
            Some(ami),
            "{account} in {region}"
        );
    }
}

#[tokio::test]
async fn each_copy_is_published_in_its_account_and_region() {
    let world = World::with_ten_builds().await;
    assert_eq!(publish(&world, change(1)).await.changes.len(), 1);
    check(&world, 1);
    assert_eq!(
        parameter(&world, ACCOUNTS[1], "us-east-1"),
        None,
        "it has no copy there"
    );
    assert_eq!(tag(&world).await, "digest 1");
    let session = |account| (role(account), "goldsmith-nonprod".to_owned());
    assert_eq!(
        world.cloud.sessions(),
        ACCOUNTS.map(session),
        "one session for each role"
    );
}

#[tokio::test]
async fn without_a_role_there_is_no_parameter() {
    let world = World::with_ten_builds().await;
    let mut change = change(1);
    change
        .copies
        .iter_mut()
        .for_each(|copy| copy.parameter_role = None);
    assert_eq!(publish(&world, change).await.changes.len(), 1);
    assert!(world.cloud.sessions().is_empty());
    assert_eq!(parameter(&world, ACCOUNTS[0], "us-east-1"), None);
    assert_eq!(tag(&world).await, "digest 1");
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_blocks_no_other_account() {
    let world = World::with_ten_builds().await;
    world.cloud.close_role(&role(ACCOUNTS[0]));
    let applied = publish(&world, change(1)).await;
    let reason = failed(&applied);
    for region in ["us-east-1", "eu-west-1"] {
        let told = format!("not in 222222222222 in {region}: sts:AssumeRole failed: AccessDenied");
        assert!(reason.contains(&told), "{reason}");
    }
    assert!(
        !reason.contains(ACCOUNTS[1]) && !applied.transient,
        "{reason}"
    );
    assert_eq!(
        parameter(&world, ACCOUNTS[1], "eu-west-1"),
        Some(ami(1, ACCOUNTS[1], "eu-west-1"))
    );
    assert_eq!(parameter(&world, ACCOUNTS[0], "eu-west-1"), None);
    assert_eq!(world.cloud.sessions().len(), 2, "it is asked for once");
    assert!(tag(&world).await.is_null(), "the next run tries again");
}

#[tokio::test]
async fn a_newer_images_copies_stay() {
    let world = World::with_ten_builds().await;
    publish(&world, change(9)).await;
    let older = publish(&world, change(8)).await;
    assert!(
        older.changes.is_empty() && older.failed.is_empty(),
        "{older:?}"
    );
    check(&world, 9);
    assert_eq!(tag(&world).await, "digest 9");
    publish(&world, change(10)).await;
    check(&world, 10);
    assert_eq!(tag(&world).await, "digest 10");
}

#[tokio::test]
async fn a_copy_that_was_made_again_replaces_the_one_of_the_same_image() {
    let world = World::with_ten_builds().await;
    publish(&world, change(1)).await;
    let mut again = change(1);
    again.copies[2].copy.ami = parsed("ami-0a1b2c3d");
    again.digest = "again".to_owned();
    publish(&world, again).await;
    assert_eq!(
        content(&world, ACCOUNTS[1], "eu-west-1"),
        r#"{"ami_id":"ami-0a1b2c3d"}"#
    );
    assert_eq!(
        parameter(&world, ACCOUNTS[1], "eu-west-1").as_deref(),
        Some("ami-0a1b2c3d")
    );
    assert_eq!(tag(&world).await, "again");
}

#[tokio::test]
async fn a_publisher_overtaken_at_the_parameter_leaves_the_newer_copy_there() {
    let world = World::with_ten_builds().await;
    let newer = world.attempt(Action::PublishCopies(change(2)));
    world.transport.interrupt("ssm:PutParameter", async move {
        assert_eq!(newer.await.changes.len(), 1);
    });
    publish(&world, change(1)).await;
    check(&world, 2);
    assert_eq!(tag(&world).await, "digest 2");
}

//! Partial failure: whatever goes wrong at whichever call, the next runs end in the world of a run
//! that nothing disturbed, and each build is started once.
//!
//! The method is Sieve's: disturb every single call, run again, compare the final state. `make test`
//! disturbs every eleventh call, each sweep beginning at another one; `make torture` disturbs them all.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::documents::{FURTHER_KEY, KEY};
use crate::support::emulated::list;
use crate::support::run::{look, reconcile};
use crate::support::transport::Trouble;
use crate::support::{World, documents};

/// The service-linked role of the account that leaves.
const LEAVER: &str = "arn:aws:iam::222222222222:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

/// What is disturbed.
#[derive(Debug, Clone, Copy)]
enum Story {
    /// Documents are uploaded where nothing was made yet.
    FirstUpload,
    /// Where everything is built, documents come that change every resource.
    NewDocuments,
    /// Where everything is built, one account comes that gets copies and a parameter, and one leaves that has
    /// a grant.
    Consumers,
    /// An account builds again what cannot be copied, from the upload to the clean-up.
    Rebuild,
}

impl Story {
    /// The world just after the upload.
    async fn begin(self) -> World {
        match self {
            Self::FirstUpload => World::with_documents(),
            Self::NewDocuments => {
                let world = Box::pin(World::settled()).await;
                for (key, content) in documents::changed() {
                    world.cloud.upload(key, content);
                }
                world
            }
            Self::Consumers => {
                let world = Box::pin(World::settled()).await;
                for key in [KEY, FURTHER_KEY] {
                    world
                        .cloud
                        .keys(|keys| keys.grant(key, "of-auto-scaling", LEAVER));
                }
                world
                    .cloud
                    .upload("environment.json", documents::other_consumers());
                world
            }
            Self::Rebuild => World::on_a_hard_base(documents::builder()),
        }
    }

    /// What every disturbed world must become.
    async fn undisturbed(self) -> String {
        let world = Box::pin(self.begin()).await;
        tell(&world).await;
        recover(&world, "nothing").await;
        world.snapshot().await
    }
}

/// From the upload to the publication, and to what accounts build again: three runs, with the builds between
/// them.
async fn tell(world: &World) {
    for _ in 0..3 {
        // What a run could not do is its report's to tell; here only the end counts.
        let _ = Box::pin(reconcile(&world.aws())).await;
        world.finish_builds();
    }
}

/// Runs until a run finds nothing to change, as the hourly rule does.
async fn recover(world: &World, what: &str) {
    for _ in 0..6 {
        world.finish_builds();
        world.let_leases_expire();
        let outcome = Box::pin(reconcile(&world.aws()))
            .await
            .expect("a run without faults");
        if outcome.changes.is_empty() && outcome.left.is_empty() {
            return;
        }
    }
    let left = look(&world.aws()).await.expect("a look");
    panic!("after {what} there is still to do:\n{left}");
}

/// How many calls lie between two that are disturbed: `SWEEP_STRIDE`, or eleven: prime, so that sweeps of different lengths meet different calls.
fn stride() -> usize {
    let given = std::env::var("SWEEP_STRIDE").ok();
    given.map_or(11, |stride| {
        stride.parse().expect("SWEEP_STRIDE is a number")
    })
}

/// Disturbs calls in turn: all of them with a stride of one, otherwise from number `first` on.
async fn disturb_calls(first: usize, story: Story, trouble: impl Fn(usize) -> Trouble) {
    let expected = Box::pin(story.undisturbed()).await;
    for nth in (1 + first % stride()..).step_by(stride()) {
        let world = Box::pin(story.begin()).await;
        let trouble = trouble(nth);
        world.transport.strike(nth, trouble);
        tokio::select! {
            () = tell(&world) => {}
            () = world.transport.crashed() => {}
        }
        if !world.transport.calm() {
            assert!(nth > 40, "{story:?} makes more than {nth} calls");
            return;
        }
        check(&world, &expected, &format!("{trouble:?} at call {nth}")).await;
    }
}

async fn check(world: &World, expected: &str, what: &str) {
    recover(world, what).await;
    check_builds(world, what).await;
    let found = world.snapshot().await;
    assert!(
        found == expected,
        "after {what} the world is another one:\n{}",
        difference(expected, &found)
    );
}

async fn check_builds(world: &World, what: &str) {
    let images = list(&world.emulator, "ListImageBuildVersions").await;
    let version = |image: &Value| (image["name"].to_string(), image["version"].to_string());
    let versions: BTreeSet<_> = images.iter().map(version).collect();
    assert_eq!(
        images.len(),
        versions.len(),
        "after {what} each recipe version has one build: {images:?}"
    );
}

/// The lines that only one of two texts has.
fn difference(expected: &str, found: &str) -> String {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (expected, found) = (lines(expected), lines(found));
    let missing = expected
        .difference(&found)
        .map(|line| format!("- {line}\n"));
    missing
        .chain(
            found
                .difference(&expected)
                .map(|line| format!("+ {line}\n")),
        )
        .collect()
}

fn server_error(nth: usize) -> Trouble {
    let errors = [(500, "InternalFailure"), (503, "ServiceUnavailable")];
    let (status, code) = errors[nth % errors.len()];
    Trouble::Refuse { status, code }
}

fn throttled(_: usize) -> Trouble {
    Trouble::Refuse {
        status: 429,
        code: "CallRateLimitExceededException",
    }
}

/// A crash before a call is one after the call before it.
fn crash(_: usize) -> Trouble {
    Trouble::Crash
}

#[tokio::test]
async fn a_server_error_at_any_call() {
    disturb_calls(1, Story::FirstUpload, server_error).await;
}

#[tokio::test]
async fn a_throttled_call_at_any_call() {
    disturb_calls(2, Story::FirstUpload, throttled).await;
}

#[tokio::test]
async fn a_response_lost_once_at_any_call() {
    disturb_calls(3, Story::FirstUpload, |_| Trouble::LoseFirst).await;
}

#[tokio::test]
async fn every_response_lost_at_any_call() {
    disturb_calls(4, Story::FirstUpload, |_| Trouble::LoseAll).await;
}

#[tokio::test]
async fn a_crash_after_any_call_was_carried_out() {
    disturb_calls(5, Story::FirstUpload, crash).await;
}

#[tokio::test]
async fn a_server_error_at_any_call_of_an_update() {
    disturb_calls(6, Story::NewDocuments, server_error).await;
}

#[tokio::test]
async fn a_crash_after_any_call_of_an_update() {
    disturb_calls(7, Story::NewDocuments, crash).await;
}

#[tokio::test]
async fn a_server_error_at_any_call_for_joining_and_leaving_consumers() {
    disturb_calls(8, Story::Consumers, server_error).await;
}

#[tokio::test]
async fn a_throttled_call_at_any_call_for_joining_and_leaving_consumers() {
    disturb_calls(9, Story::Consumers, throttled).await;
}

#[tokio::test]
async fn a_crash_after_any_call_for_joining_and_leaving_consumers() {
    disturb_calls(10, Story::Consumers, crash).await;
}

#[tokio::test]
async fn a_server_error_at_any_call_of_a_rebuild() {
    disturb_calls(11, Story::Rebuild, server_error).await;
}

#[tokio::test]
async fn a_throttled_call_at_any_call_of_a_rebuild() {
    disturb_calls(12, Story::Rebuild, throttled).await;
}

#[tokio::test]
async fn a_crash_after_any_call_of_a_rebuild() {
    disturb_calls(13, Story::Rebuild, crash).await;
}

#[tokio::test]
async fn snapshots_of_different_worlds_differ() {
    let world = Box::pin(World::settled()).await;
    let before = world.snapshot().await;
    assert_eq!(
        before,
        Box::pin(Story::FirstUpload.undisturbed()).await,
        "the same history is the same world"
    );
    world.cloud.put_output("images/110304/image.json", "other");
    assert_ne!(world.snapshot().await, before);

    let changed = Box::pin(Story::NewDocuments.undisturbed()).await;
    for new in ["m7i.large", "333333333333", "hardened more", "1.0.1/1"] {
        assert!(changed.contains(new) && !before.contains(new), "{new}");
    }
    let consumers = Box::pin(Story::Consumers.undisturbed()).await;
    let copy = "images/110304/555555555555/image-us-east-1.json";
    assert!(
        consumers.contains(copy) && consumers.contains("555555555555 us-east-1 /goldsmith/nonprod")
    );
    assert!(
        !consumers.contains("role/mstr-launch") && !consumers.contains("of-auto-scaling"),
        "{consumers}"
    );
    let rebuilt = Box::pin(Story::Rebuild.undisturbed()).await;
    assert!(
        rebuilt.contains("images/110304/444444444444/image-us-east-1.json"),
        "{rebuilt}"
    );
    let image = "arn:aws:imagebuilder:us-east-1:444444444444:image/mstr-nonprod-110304-rebuild-";
    assert!(rebuilt.contains(image), "{rebuilt}");
}

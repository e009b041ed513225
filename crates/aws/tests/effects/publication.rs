//! Publication: whoever comes when, consumers end up reading the newest build.

use std::collections::BTreeMap;

use goldsmith_aws::fault::CallError;
use goldsmith_aws::is_of_another_environment;
use goldsmith_aws::publication::{Outcome, publish};
use goldsmith_domain::plan::{Action, Manifest, Publish};
use serde_json::{Value, json};

use crate::support::emulated::{by_hand, pipeline_at, tag_by_hand};
use crate::support::transport::Trouble;
use crate::support::{World, parsed};

const PIPELINE: &str =
    "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/mstr-nonprod-110304";
const RECIPE: &str =
    "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/mstr-nonprod-110304/1.0.0";
const PARAMETER: &str = "/goldsmith/nonprod/110304/ami-id";
const KEYS: [&str; 4] = [
    "images/110304/image-eu-west-1.json",
    "images/110304/image-us-east-1.json",
    "images/110304/image.json",
    MANIFEST,
];
const MANIFEST: &str = "images/110304/manifest.json";

/// The AMI of a build in a Region.
fn ami(build: u32, region: &str) -> String {
    format!(
        "ami-{:08x}",
        build * 16 + u32::try_from(region.len()).unwrap()
    )
}

fn image(build: u32) -> String {
    format!("arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/{build}")
}

fn change(build: u32) -> Publish {
    let amis =
        ["us-east-1", "eu-west-1"].map(|region| (parsed(region), parsed(&ami(build, region))));
    let amis: BTreeMap<_, _> = amis.into();
    let manifest = Manifest {
        recipename: parsed("110304"),
        image: parsed(&image(build)),
        amis: amis.clone(),
        previous: None,
        expiry: None,
        left_out: None,
        results: None,
    };
    Publish {
        recipename: parsed("110304"),
        pipeline: parsed(PIPELINE),
        recipe: parsed(RECIPE),
        image: parsed(&image(build)),
        amis,
        previous: None,
        manifest,
        notifies_people: true,
    }
}

/// Publishes a build, as a process of its own.
fn publisher(
    world: &World,
    build: u32,
) -> impl Future<Output = Result<Outcome, CallError>> + use<> {
    let aws = world.aws();
    async move { Box::pin(publish(&aws, &change(build))).await }
}

/// Another publisher, in the middle of something.
async fn published_by(publisher: impl Future<Output = Result<Outcome, CallError>>) {
    let outcome = publisher.await.expect("a publication");
    assert_eq!(outcome, Outcome::Published);
}

/// The build that every object says it came from.
fn published(world: &World) -> Vec<(String, String)> {
    let output = world.cloud.output();
    let builds = KEYS.iter().filter_map(|key| {
        let image = output.get(*key)?.metadata.get("goldsmith-image")?;
        Some(((*key).to_owned(), image.rsplit('/').next()?.to_owned()))
    });
    builds.collect()
}

async fn tag(world: &World) -> Value {
    let pipeline = pipeline_at(&world.emulator, PIPELINE).await;
    pipeline["tags"]["goldsmith:published"].clone()
}

/// Fails unless this build is what every consumer reads.
async fn check(world: &World, build: u32) {
    assert_eq!(
        published(world),
        KEYS.map(|key| (key.to_owned(), build.to_string()))
    );
    let output = world.cloud.output();
    let content = |key: &str| serde_json::from_str::<Value>(&output[key].content).unwrap();
    let (home, further) = (ami(build, "us-east-1"), ami(build, "eu-west-1"));
    assert_eq!(
        content(KEYS[2]),
        json!({"ami_ids": {"eu-west-1": further, "us-east-1": home}})
    );
    assert_eq!(content(KEYS[1]), json!({"ami_id": home}));
    assert_eq!(world.cloud.parameters()[PARAMETER], home);
    assert_eq!(tag(world).await, image(build));
}

#[tokio::test]
async fn a_build_is_published_everywhere() {
    let world = World::with_ten_builds().await;
    assert_eq!(publisher(&world, 3).await.unwrap(), Outcome::Published);
    check(&world, 3).await;
    assert_eq!(
        publisher(&world, 3).await.unwrap(),
        Outcome::Published,
        "once more changes nothing"
    );
    check(&world, 3).await;
}

#[tokio::test]
async fn an_older_build_is_superseded_and_a_newer_one_replaces() {
    let world = World::with_ten_builds().await;
    publisher(&world, 9).await.unwrap();
    assert_eq!(publisher(&world, 8).await.unwrap(), Outcome::Superseded);
    check(&world, 9).await;
    assert_eq!(publisher(&world, 10).await.unwrap(), Outcome::Published);
    check(&world, 10).await;
}

#[tokio::test]
async fn a_publication_that_a_newer_one_has_replaced_is_not_reported_as_made() {
    let world = World::with_ten_builds().await;
    publisher(&world, 9).await.unwrap();
    let applied = world.attempt(Action::Publish(change(8))).await;
    assert!(
        applied.changes.is_empty() && applied.failed.is_empty(),
        "{applied:?}"
    );
    let reason = applied.not_attempted[0]
        .reason
        .as_deref()
        .unwrap_or_default();
    assert!(
        reason.ends_with("a newer image of the recipe is published"),
        "{reason}"
    );
    check(&world, 9).await;
}

#[tokio::test]
async fn a_newer_build_between_look_and_write_stays() {
    let world = World::with_ten_builds().await;
    let newer = publisher(&world, 2);
    world
        .transport
        .interrupt("s3:PutObject", published_by(newer));
    assert_eq!(publisher(&world, 1).await.unwrap(), Outcome::Superseded);
    check(&world, 2).await;
}

#[tokio::test]
async fn an_older_build_between_look_and_write_is_replaced() {
    let world = World::with_ten_builds().await;
    let older = publisher(&world, 1);
    world
        .transport
        .interrupt("s3:PutObject", published_by(older));
    assert_eq!(publisher(&world, 2).await.unwrap(), Outcome::Published);
    check(&world, 2).await;
}

#[tokio::test]
async fn a_publisher_overtaken_at_the_parameter_leaves_the_newer_ami_there() {
    let world = World::with_ten_builds().await;
    let newer = publisher(&world, 2);
    world
        .transport
        .interrupt("ssm:PutParameter", published_by(newer));
    assert_eq!(publisher(&world, 1).await.unwrap(), Outcome::Superseded);
    check(&world, 2).await;
}

#[tokio::test]
async fn a_publisher_overtaken_at_the_tag_leaves_a_tag_that_asks_for_another_publication() {
    let world = World::with_ten_builds().await;
    let newer = publisher(&world, 2);
    world
        .transport
        .interrupt("imagebuilder:TagResource", published_by(newer));
    assert_eq!(publisher(&world, 1).await.unwrap(), Outcome::Published);
    assert_eq!(
        tag(&world).await,
        image(1),
        "older than the newest image, so that reconcile publishes"
    );
    assert_eq!(publisher(&world, 2).await.unwrap(), Outcome::Published);
    check(&world, 2).await;
}

/// No call writes two objects. So wherever a publication is cut off, the manifest is the whole of one build.
#[tokio::test]
async fn a_publication_that_is_cut_off_anywhere_leaves_a_whole_manifest_and_the_next_one_ends_it() {
    let mut cuts = Vec::new();
    for nth in 1.. {
        let world = World::with_ten_builds().await;
        publisher(&world, 1).await.unwrap();
        world.transport.shuffle(nth as u64);
        world.transport.strike(nth, Trouble::Crash);
        tokio::select! {
            () = world.transport.crashed() => {}
            outcome = publisher(&world, 2) => {
                assert_eq!(outcome.unwrap(), Outcome::Published);
            }
        }
        let was_cut = world.transport.calm();
        cuts.push(builds_of_files(&world));
        let named = manifest_build(&world);
        let files = builds_of_files(&world);
        assert!(
            named == 1 || files == [2, 2, 2],
            "cut {nth}: manifest {named}, files {files:?}"
        );
        assert_eq!(publisher(&world, 2).await.unwrap(), Outcome::Published);
        check(&world, 2).await;
        assert_eq!(manifest_build(&world), 2);
        if !was_cut {
            break;
        }
    }
    assert!(
        cuts.iter()
            .any(|files| files.contains(&1) && files.contains(&2)),
        "no cut between two files: {cuts:?}"
    );
}

/// The builds that `image-<region>.json` and `image.json` are of, in the order of [`KEYS`].
fn builds_of_files(world: &World) -> Vec<u32> {
    let all = published(world);
    let files = all.iter().filter(|(key, _)| key != MANIFEST);
    files
        .map(|(_, build)| build.parse().expect("a number"))
        .collect()
}

/// The build that the manifest is of, by all that it says.
fn manifest_build(world: &World) -> u32 {
    let output = world.cloud.output();
    let manifest: Value = serde_json::from_str(&output[MANIFEST].content).expect("JSON");
    let found = (1..=2).filter(|build| {
        manifest["image"] == image(*build)
            && manifest["ami-ids"]["us-east-1"] == ami(*build, "us-east-1")
            && manifest["ami-ids"]["eu-west-1"] == ami(*build, "eu-west-1")
    });
    let found: Vec<u32> = found.collect();
    assert_eq!(found.len(), 1, "{manifest:#}");
    found[0]
}

#[tokio::test]
async fn the_tag_comes_last() {
    let world = World::with_ten_builds().await;
    let (cloud, before) = (world.cloud.clone(), tag(&world).await);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    world
        .transport
        .interrupt("imagebuilder:TagResource", async move {
            let _ = sender.send((cloud.output(), cloud.parameters()));
        });
    publisher(&world, 1).await.unwrap();
    let (output, parameters) = receiver.await.expect("the tag was set");
    assert!(before.is_null() && KEYS.iter().all(|key| output.contains_key(*key)));
    assert_eq!(parameters[PARAMETER], ami(1, "us-east-1"));
}

/// Ten publishers at once, in an order and an interleaving that `seed` decides.
async fn race(seed: u64) {
    let world = World::with_ten_builds().await;
    world.transport.shuffle(seed);
    let mut publishers = tokio::task::JoinSet::new();
    for build in 1..=10_u64 {
        // 7 and 11 are coprime: a permutation of 1 to 10 for each seed that 11 does not divide.
        let build = u32::try_from(build * (seed % 10 + 1) % 11).unwrap();
        publishers.spawn(publisher(&world, build));
    }
    while let Some(result) = publishers.join_next().await {
        result
            .expect("no panic")
            .expect("a publication, or a newer one there already");
    }
    check(&world, 10).await;
}

#[tokio::test]
async fn ten_publishers_at_once_end_with_the_newest() {
    for seed in 0..10 {
        race(seed).await;
    }
}

#[tokio::test]
async fn a_new_image_is_announced_to_programs_and_people_and_a_repair_is_not() {
    let world = World::with_ten_builds().await;
    publisher(&world, 3).await.unwrap();
    let before = Publish {
        previous: Some(parsed(&image(3))),
        ..change(4)
    };
    publish(&world.aws(), &before).await.unwrap();
    let repair = Publish {
        previous: Some(parsed(&image(4))),
        ..change(4)
    };
    publish(&world.aws(), &repair).await.unwrap();
    let events = world.cloud.events();
    let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["Image Promoted"; 2]);
    let (_, detail) = &events[1];
    assert_eq!(
        (&detail["version"], &detail["previous"]),
        (&json!("1.0.0/4"), &json!(image(3)))
    );
    assert_eq!(detail["ami-ids"]["eu-west-1"], ami(4, "eu-west-1"));
    assert_eq!(world.cloud.messages().len(), 2);
}

/// Somebody rejected what is published: what was built before it takes its place.
#[tokio::test]
async fn an_older_build_takes_the_place_of_a_rejected_one_and_of_no_other() {
    let world = World::with_ten_builds().await;
    publisher(&world, 9).await.unwrap();
    assert_eq!(publisher(&world, 8).await.unwrap(), Outcome::Superseded);
    let rejected = json!({"goldsmith:verdict": "rejected"});
    tag_by_hand(&world.emulator, &image(9), rejected).await;
    assert_eq!(publisher(&world, 8).await.unwrap(), Outcome::Published);
    check(&world, 8).await;
}

#[tokio::test]
async fn a_revert_publishes_the_image_of_the_older_recipe_version() {
    let world = World::with_ten_builds().await;
    publisher(&world, 4).await.unwrap();
    for key in KEYS {
        world.cloud.change_output(key, |object| {
            let image = object.metadata.get_mut("goldsmith-image");
            *image.expect("an image") = self::image(4).replace("1.0.0", "1.0.1");
        });
    }
    assert_eq!(publisher(&world, 1).await.unwrap(), Outcome::Published);
    check(&world, 1).await;
}

/// Somebody called `CreateImage` with the reviewed recipe, on an instance of their own.
#[tokio::test]
async fn an_image_that_the_pipeline_did_not_build_is_not_published() {
    let world = World::with_ten_builds().await;
    let pipeline = pipeline_at(&world.emulator, PIPELINE).await;
    let create = json!({ "imageRecipeArn": RECIPE, "infrastructureConfigurationArn":
        pipeline["infrastructureConfigurationArn"] });
    by_hand(&world.emulator, "CreateImage", create).await;
    world.finish_builds();
    let refused = publisher(&world, 11).await.expect_err("not the pipeline's");
    let reason = goldsmith_aws::fault::chain(&refused);
    assert!(reason.contains("was not built by"), "{reason}");
    assert!(published(&world).is_empty());
    let missing = publisher(&world, 12).await.expect_err("no such image");
    assert!(
        missing.to_string().contains("imagebuilder:GetImage"),
        "{missing}"
    );
}

/// Image Builder sends the events of every environment of the account to all of them.
#[tokio::test]
async fn an_image_of_another_environment_is_known_by_its_name_or_its_tags() {
    let mut world = World::with_ten_builds().await;
    let ours = parsed(&image(1));
    let aws = world.aws();
    assert!(
        !is_of_another_environment(&aws, &ours)
            .await
            .expect("an answer")
    );
    assert!(aws.take_calls().0.is_empty(), "the name says it");
    let missing = parsed(&image(1).replace("nonprod", "x"));
    assert!(
        !is_of_another_environment(&aws, &missing)
            .await
            .expect("an answer")
    );
    world.stack.environment = parsed("prod");
    let of_prod = world.aws();
    assert!(
        is_of_another_environment(&of_prod, &ours)
            .await
            .expect("an answer")
    );
}

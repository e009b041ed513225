//! What Amazon Inspector finds holds an image back, and the software list of what is published is kept.

use goldsmith_domain::plan::Plan;
use imagebuilder_emulator::{Fault, FaultAnswer, Matching};
use serde_json::{Value, json};

use crate::support::World;
use crate::support::documents::ENVIRONMENT;
use crate::support::run::{look, reconcile};

const WAIVER: &str = "\
- profile: inspector
  rules:
    CVE-2026-0001: { reason: not reachable, approved_by: joe, approved_on: 2026-01-02 }
";

/// The documents of the tests, with a setting of the environment more.
fn with(settings: &Value) -> String {
    let mut environment: Value = serde_json::from_str(ENVIRONMENT).expect("JSON");
    let further = settings.as_object().expect("settings").clone();
    environment
        .as_object_mut()
        .expect("an object")
        .extend(further);
    environment.to_string()
}

/// A world whose images are scanned, and may have no critical finding.
fn strict() -> World {
    let world = World::with_documents();
    let settings = json!({
        "image-scan": { "type": "test-instance" }, "gates": { "findings": { "critical": 0 } },
    });
    world.cloud.upload("environment.json", with(&settings));
    world
}

fn seed(world: &World, seed: Value) {
    let seed = serde_json::from_value(seed).expect("a seed");
    world.emulator.seed(&seed);
}

/// A finding of each id, critical and with a fix.
fn critical(ids: impl IntoIterator<Item = String>) -> Value {
    let finding = |id: String| {
        json!({ "vulnerability-id": id, "severity": "CRITICAL", "fixed-in": "2",
                "package": { "name": "openssl", "version": "1" } })
    };
    json!({ "findings": ids.into_iter().map(finding).collect::<Vec<_>>() })
}

async fn plan(world: &World) -> Plan {
    look(&world.aws()).await.expect("a look")
}

/// Why images wait.
async fn waits(world: &World) -> String {
    let waiting = plan(world).await.waiting;
    let reasons: Vec<String> = waiting.iter().map(|(_, why)| why.to_string()).collect();
    reasons.join("\n")
}

fn published(world: &World) -> usize {
    let output = world.cloud.output();
    let keys = output.keys();
    keys.filter(|key| key.ends_with("/image.json")).count()
}

/// The software lists that are kept, by key.
fn lists(world: &World) -> Vec<(String, Value)> {
    let output = world.cloud.output().into_iter();
    let kept = output.filter(|(key, _)| key.starts_with("sboms/"));
    let read = |content: &str| serde_json::from_str(content).expect("JSON");
    kept.map(|(key, object)| (key, read(&object.content)))
        .collect()
}

#[tokio::test]
async fn a_critical_finding_holds_images_back_until_a_waiver_accepts_it() {
    let world = strict();
    seed(&world, critical(["CVE-2026-0001".to_owned()]));
    world.settle().await;
    assert!(world.called("ListImageScanFindings") > 0);
    let why = waits(&world).await;
    let over = "findings of severity critical: 1, and `gates` accepts 0";
    assert!(why.contains(over), "{why}");
    assert_eq!(published(&world), 0);

    world.cloud.upload("audit/skip.yml", WAIVER);
    reconcile(&world.aws()).await.expect("a run");
    assert_eq!(published(&world), 2);
    world.emulator.clear_calls();
    let plan = plan(&world).await;
    assert!(plan.changes.is_empty(), "{plan:?}");
    assert_eq!(world.called("ListImageScanFindings"), 0, "published once");
}

#[tokio::test]
async fn a_higher_limit_lets_an_image_pass_and_every_page_counts() {
    let world = strict();
    let ids = (1..=30).map(|id| format!("CVE-2026-{id:04}"));
    seed(&world, critical(ids));
    world.settle().await;
    let why = waits(&world).await;
    assert!(why.contains("findings of severity critical: 30"), "{why}");
    let milder = json!({
        "image-scan": { "type": "test-instance" }, "gates": { "findings": { "critical": 30 } },
    });
    world.cloud.upload("environment.json", with(&milder));
    reconcile(&world.aws()).await.expect("a run");
    assert_eq!(published(&world), 2);
}

#[tokio::test]
async fn an_image_that_was_built_without_a_scan_is_not_clean() {
    let world = World::with_documents();
    reconcile(&world.aws()).await.expect("a run");
    let settings = json!({
        "image-scan": { "type": "test-instance" }, "gates": { "findings": { "critical": 0 } },
    });
    world.cloud.upload("environment.json", with(&settings));
    world.settle().await;
    let why = waits(&world).await;
    assert!(why.contains("the image was built without a scan"), "{why}");
    assert_eq!(published(&world), 0);
}

#[tokio::test]
async fn the_software_list_of_what_is_published_is_kept_once() {
    let world = World::with_documents();
    let packages: Vec<Value> = (0..30)
        .map(|number| json!({ "name": format!("package-{number:02}"), "version": "1" }))
        .collect();
    seed(&world, json!({ "packages": packages }));
    world.settle().await;
    assert_eq!(world.called("ListImagePackages"), 4, "two pages each");
    let kept = lists(&world);
    assert_eq!(kept.len(), 2, "one for each recipe: {kept:?}");
    for (key, list) in &kept {
        assert!(
            key.starts_with("sboms/ami-") && key.ends_with(".cdx.json"),
            "{key}"
        );
        assert_eq!(list["components"].as_array().map(Vec::len), Some(30));
    }
    world.emulator.clear_calls();
    reconcile(&world.aws()).await.expect("a run");
    assert_eq!(world.called("ListImagePackages"), 0);
}

#[tokio::test]
async fn an_image_is_published_even_if_its_packages_cannot_be_read() {
    let world = World::with_documents();
    let answer = FaultAnswer {
        status: 403,
        code: "ForbiddenException".to_owned(),
        message: "as asked".to_owned(),
    };
    let matching = Matching::next("imagebuilder:ListImagePackages");
    world
        .emulator
        .add_faults([Fault::Answer { matching, answer }]);
    seed(
        &world,
        json!({ "packages": [{ "name": "openssl", "version": "3" }] }),
    );
    world.settle().await;
    assert_eq!(published(&world), 2);
    assert_eq!(lists(&world).len(), 1, "one of them was refused");
}

//! Somebody publishes an AMI that looks like Amazon's, and has a recipe built on it as root.

use goldsmith_tests::{Documents, Factory};
use local_stack::imagebuilder_emulator::Seed;
use serde_json::json;

use super::everything_shown;

const STRANGER: &str = "999999999999";
const LOOK_ALIKE: &str = "ami-0eeeeeeeeeeeeeeee";

/// A public AMI of a stranger, with the name and the description of Amazon Linux.
fn publish_a_look_alike(factory: &Factory) {
    let image = json!({ "id": LOOK_ALIKE, "owner": STRANGER, "public": true,
        "name": "al2023-ami-2023.8.20250818.0-kernel-6.1-x86_64",
        "description": "Amazon Linux 2023 AMI x86_64 HVM kernel-6.1" });
    let seed = serde_json::from_value::<Seed>(json!({ "images": [image] }));
    factory.emulator.seed(&seed.expect("a seed"));
}

#[tokio::test]
async fn an_ami_that_looks_like_amazons_is_refused_for_its_recipe_alone() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    publish_a_look_alike(&factory);
    let documents = Documents::of_recipes(["110304"]).with_recipe("evil", LOOK_ALIKE);
    let shown = everything_shown(&factory, "attack-bases", &documents).await;
    assert!(shown.contains("account 999999999999"), "{shown}");
    factory.upload(&documents).await;
    assert!(!factory.recipes().await.contains_key("evil"));
    let report = factory.assert_settled_but_refused().await;
    let refused: Vec<_> = report
        .refused
        .iter()
        .map(|entry| (entry.kind.as_str(), entry.target.as_str()))
        .collect();
    assert_eq!(refused, [("base-owner", "evil")]);
}

#[tokio::test]
async fn a_parameter_that_is_moved_to_a_strangers_ami_is_refused() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    publish_a_look_alike(&factory);
    let moved = factory
        .aws
        .put_parameter("/goldsmith/base", "String", LOOK_ALIKE);
    moved.await.expect("a parameter");
    let documents = Documents::of_recipes(["110304"]).with_recipe("evil", "ssm:/goldsmith/base");
    factory.upload(&documents).await;
    assert!(!factory.recipes().await.contains_key("evil"));
    let report = factory.assert_settled_but_refused().await;
    assert!(report.refused_for("base-owner").is_some(), "{report:?}");
}

#[tokio::test]
async fn an_image_of_another_region_keeps_nobodys_access() {
    let leaver = "333333333333";
    let factory = Factory::with(&Documents::of_recipes(["110304"]).with_consumer(leaver)).await;
    let elsewhere = "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x";
    let documents = Documents::of_recipes(["110304"])
        .with_region("eu-west-1", None)
        .with_recipe("evil", elsewhere);
    factory.upload(&documents).await;
    assert!(!factory.key_policy().await.contains(leaver));
    let report = factory.assert_settled_but_refused().await;
    assert!(report.refused_for("elsewhere").is_some(), "{report:?}");
}

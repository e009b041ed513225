//! A stack in another partition: every ARN that is made or compared there is of that partition.

use goldsmith_domain::observed::ImageState;
use goldsmith_domain::stack::StackContext;
use serde_json::json;

use crate::support::run::{look, reconcile};
use crate::support::{World, cloud, documents, parsed, stack};

/// A document as somebody in AWS's Regions for governments writes it.
fn in_govcloud(content: &str) -> String {
    let environment = content
        .replace(r#""eu-west-1": { "kms-key": "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000002" }"#, "")
        .replace(r#""us-east-1": {},"#, r#""us-gov-west-1": {}"#);
    environment
        .replace("us-east-1", "us-gov-west-1")
        .replace("arn:aws:", "arn:aws-us-gov:")
}

#[tokio::test]
async fn govcloud_is_built_in_its_own_partition() {
    const GOVERNED: &str = "ami-0e1f2a3b4c5d6e7f8";
    const KEY: &str =
        "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/00000000-0000-0000-0000-000000000001";
    let stack = StackContext {
        region: parsed("us-gov-west-1"),
        key: parsed(KEY),
        ..stack()
    };
    let world = World {
        stack,
        ..World::new()
    };
    world
        .cloud
        .keys(|keys| keys.set_policy(KEY, cloud::KEY_POLICY));
    let seed = json!({"images": [{"id": GOVERNED, "region": "us-gov-west-1"}]});
    world
        .emulator
        .seed(&serde_json::from_value(seed).expect("a seed"));
    for (name, content) in documents::all() {
        let content = in_govcloud(content)
            .replace(documents::AMI, GOVERNED)
            .replace(
                r#""tags": {"#,
                r#""compliance": { "stig": "high" }, "tags": {"#,
            );
        world.cloud.upload(name, content);
    }
    let first = look(&world.aws()).await.expect("a look");
    assert!(first.refused.is_empty(), "{first}");
    assert!(
        first
            .to_string()
            .contains("arn:aws-us-gov:imagebuilder:us-gov-west-1:"),
        "{first}"
    );
    world.settle().await;

    let images = goldsmith_aws::images(&world.aws()).await.expect("images");
    assert_eq!(images.len(), 2);
    for image in &images {
        assert_eq!(image.state, ImageState::Available, "{image:?}");
        assert!(
            image
                .arn
                .to_string()
                .starts_with("arn:aws-us-gov:imagebuilder:us-gov-west-1:"),
            "{image:?}"
        );
    }
    let calls = world.emulator.calls();
    let made = calls
        .iter()
        .filter(|call| call.operation.starts_with("Create"));
    let texts: Vec<String> = made.map(|call| call.parameters.to_string()).collect();
    assert!(
        !texts.is_empty() && texts.iter().all(|text| !text.contains("arn:aws:")),
        "{texts:#?}"
    );
    assert!(texts.iter().any(|text| {
        text.contains("arn:aws-us-gov:imagebuilder:us-gov-west-1:aws:component/stig-build-linux")
    }));
    let again = reconcile(&world.aws()).await.expect("a run");
    assert!(
        again.changes.is_empty() && again.left.is_empty(),
        "{again:?}"
    );
}

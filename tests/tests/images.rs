//! Images out of the ordinary: in further Regions, and of base AMIs with several volumes.

use goldsmith_tests::{CONSUMER, Documents, Factory};
use local_stack::REGION;
use local_stack::imagebuilder_emulator::Seed;
use serde_json::json;

const FURTHER: &str = "eu-west-1";

#[tokio::test]
async fn a_further_region_gets_an_encrypted_copy() {
    let factory = Factory::start().await;
    let further_key = factory
        .aws
        .in_region(FURTHER)
        .create_key()
        .await
        .expect("a key");
    let documents = Documents::of_recipes(["110304"])
        .with_region(FURTHER, Some(&further_key))
        .with_setting("expiry", json!(90));
    factory.upload(&documents).await;

    let recipe = factory.recipe("110304").await;
    let build = recipe.newest();
    assert_eq!(build.amis.keys().collect::<Vec<_>>(), [FURTHER, REGION]);
    factory.assert_published("110304", build).await;
    for (region, key) in [
        (REGION, factory.outputs.key_arn.as_str()),
        (FURTHER, further_key.as_str()),
    ] {
        let ami = factory.ami_in(region, build).await;
        assert!(ami.is_encrypted(), "{ami:#?}");
        assert!(
            ami.volumes
                .iter()
                .all(|volume| volume.kms_key_id.as_deref() == Some(key)),
            "{ami:#?}"
        );
        assert_eq!(ami.shared_with, [CONSUMER], "in {region}");
        let expires = ami.tags.get("expiry_date").expect("a day");
        for volume in &ami.volumes {
            assert_eq!(volume.tags.get("expiry_date"), Some(expires));
            assert!(volume.tags.contains_key("Owner"), "{ami:#?}");
        }
        assert!(ami.deprecated_at.is_some(), "{ami:#?}");
    }
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_further_region_without_a_key_is_refused_with_the_reason() {
    let documents = Documents::of_recipes(["110304"]).with_region(FURTHER, None);
    let factory = Factory::with(&documents).await;

    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.newest().amis.keys().collect::<Vec<_>>(), [REGION]);
    factory.assert_published("110304", recipe.newest()).await;
    let report = factory.assert_settled().await;
    assert_eq!(report.refused.len(), 1, "{report:#?}");
    let refused = &report.refused[0];
    assert_eq!(
        (refused.kind.as_str(), refused.target.as_str()),
        ("region-without-key", FURTHER)
    );
    assert!(refused.reason.contains("no kms-key"), "{refused:#?}");
}

#[tokio::test]
async fn every_volume_of_the_base_ami_is_encrypted_under_its_own_name() {
    let base_ami = "ami-0fedcba9876543210";
    let seed = json!({ "images": [{
        "id": base_ami,
        "root-device": "/dev/sda1",
        "devices": [
            { "name": "/dev/sdf", "size-gib": 20 },
            { "name": "/dev/sda1", "size-gib": 10 },
            { "name": "/dev/sdg", "size-gib": 5 }
        ]
    }] });
    let factory = Factory::start().await;
    factory
        .emulator
        .seed(&serde_json::from_value::<Seed>(seed).expect("a seed"));

    factory
        .upload(&Documents::of_recipes([]).with_recipe("110304", base_ami))
        .await;

    let ami = factory.ami(factory.recipe("110304").await.newest()).await;
    let volumes: Vec<_> = ami
        .volumes
        .iter()
        .map(|v| (v.device.as_str(), v.size_gib))
        .collect();
    // The sample's one volume of 30 GiB is the root's; the others stay as they were.
    assert_eq!(
        volumes,
        [("/dev/sda1", 30), ("/dev/sdf", 20), ("/dev/sdg", 5)]
    );
    for volume in &ami.volumes {
        assert!(volume.encrypted, "{volume:?}");
        assert_eq!(
            volume.kms_key_id.as_ref(),
            Some(&factory.outputs.key_arn),
            "{volume:?}"
        );
    }
    factory.assert_settled().await;
}

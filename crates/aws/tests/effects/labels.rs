//! Labels are written on the AMIs and the snapshots of an image, in every Region, and the image is marked last.

use goldsmith_aws::observe;
use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::{Depth, Image};
use goldsmith_domain::plan::{Action, LABELLED_TAG, LabelImage};
use imagebuilder_emulator::{Fault, FaultAnswer, Matching};

use crate::support::emulated::ec2;
use crate::support::run::desired;
use crate::support::{World, failed, parsed};

/// The image of the recipe 110304.
async fn image(world: &World) -> Image {
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let observed = observe(&aws, &wanted, Depth::Digest).await.expect("a look");
    let mut images = observed.images.into_iter();
    let image = images.find(|image| image.arn.slug().ends_with("110304"));
    image.expect("an image")
}

/// What it is marked with.
async fn mark(world: &World, label: &LabelImage) -> Option<String> {
    let image = image(world).await;
    assert_eq!(image.arn, label.image);
    image.tags.get(LABELLED_TAG).cloned()
}

async fn label(world: &World) -> LabelImage {
    let image = image(world).await;
    LabelImage {
        recipename: parsed("110304"),
        image: image.arn,
        amis: image.amis,
        tags: [
            ("version".to_owned(), "11.3.4+1".to_owned()),
            ("build_url".to_owned(), "https://ci/run?id=7&x=1".to_owned()),
        ]
        .into(),
        deprecated_at: "2036-01-01T00:00:00Z".parse().ok(),
        mark: Some("11.3.4+1/90".to_owned()),
    }
}

async fn described(world: &World, region: &Region, ami: &AmiId) -> String {
    let form = format!("Action=DescribeImages&ImageId.1={ami}");
    ec2(&world.emulator, region.as_str(), &form).await
}

/// Text between two tags of an answer.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let rest = text.split_once(start).expect("the start").1;
    rest.split_once(end).expect("the end").0
}

#[tokio::test]
async fn amis_and_snapshots_get_their_tags_and_amis_their_end_in_every_region() {
    let world = World::settled().await;
    let label = label(&world).await;
    assert_eq!(label.amis.len(), 2, "two Regions");
    world.make(Action::LabelImage(label.clone())).await;
    for (region, ami) in &label.amis {
        let image = described(&world, region, ami).await;
        assert!(
            image.contains("<key>version</key><value>11.3.4+1</value>"),
            "{image}"
        );
        assert!(
            image.contains("<value>https://ci/run?id=7&amp;x=1</value>"),
            "{image}"
        );
        assert!(
            image.contains("<deprecationTime>2036-01-01T00:00:00"),
            "{image}"
        );
        let snapshot = between(&image, "<snapshotId>", "</snapshotId>");
        let form = format!("Action=DescribeSnapshots&SnapshotId.1={snapshot}");
        let snapshots = ec2(&world.emulator, region.as_str(), &form).await;
        assert!(
            snapshots.contains("<key>version</key><value>11.3.4+1</value>"),
            "{snapshots}"
        );
    }
    assert_eq!(mark(&world, &label).await, label.mark);
}

/// It would fail in every hour.
#[tokio::test]
async fn an_ami_that_somebody_removed_keeps_no_other_from_its_labels() {
    let world = World::settled().await;
    let label = label(&world).await;
    let (removed, kept) = (label.amis.first_key_value(), label.amis.last_key_value());
    let ((region, ami), kept) = (removed.expect("an AMI"), kept.expect("another"));
    let form = format!("Action=DeregisterImage&ImageId={ami}");
    ec2(&world.emulator, region.as_str(), &form).await;
    world.make(Action::LabelImage(label.clone())).await;
    let image = described(&world, kept.0, kept.1).await;
    assert!(image.contains("<key>version</key>"), "{image}");
    assert_eq!(mark(&world, &label).await, label.mark);
}

#[tokio::test]
async fn an_image_is_not_marked_while_one_region_refuses() {
    let world = World::settled().await;
    let label = label(&world).await;
    let answer = FaultAnswer {
        status: 403,
        code: "UnauthorizedOperation".to_owned(),
        message: "as asked".to_owned(),
    };
    let matching = Matching::next("ec2:EnableImageDeprecation");
    world
        .emulator
        .add_faults([Fault::Answer { matching, answer }]);
    let applied = world.attempt(Action::LabelImage(label.clone())).await;
    assert!(
        failed(&applied).contains("ec2:EnableImageDeprecation"),
        "{applied:?}"
    );
    assert_eq!(mark(&world, &label).await, None);
    world.make(Action::LabelImage(label.clone())).await;
    assert_eq!(mark(&world, &label).await, label.mark);
}

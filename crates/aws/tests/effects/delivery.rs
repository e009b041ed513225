//! Copies for consumers: configurations with all their members, images that are distributed and distributed
//! again, and what is observed of them.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_aws::{get_image, images, observe};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::observed::{Copy, Depth, Image, ImageState, Origin, Sharing, Target};
use goldsmith_domain::plan::{Action, Configured, DistributeImage, RetryImage};
use goldsmith_domain::resources::{Distribution, RegionDistribution};
use imagebuilder_emulator::{BuildFailure, Fault};
use serde_json::{Value, json};

use crate::support::documents::{FURTHER_KEY, KEY};
use crate::support::emulated::{by_hand, get, pipeline_at};
use crate::support::inputs::{DISTRIBUTION, PIPELINE, tags};
use crate::support::run::desired;
use crate::support::{EXECUTION_ROLE, World, parsed};

const COPIES: &str = "arn:aws:imagebuilder:us-east-1:111122223333:distribution-configuration/mstr-nonprod-110304-copies-1";
const ORGANIZATION: &str = "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5";
const UNIT: &str = "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-11111111";

fn entry(key: Option<&str>, copied_to: &[&str]) -> RegionDistribution {
    RegionDistribution {
        ami_name: "mstr {{ imagebuilder:buildDate }}".to_owned(),
        ami_tags: tags(&[("goldsmith:environment", "nonprod")]),
        kms_key: key.map(parsed),
        copied_to: copied_to.iter().copied().map(parsed).collect(),
        ..RegionDistribution::default()
    }
}

/// Copies for two accounts, one of them in two Regions.
fn copies() -> Configured<Distribution> {
    let regions = BTreeMap::from([
        (parsed("us-east-1"), entry(Some(KEY), &["222222222222"])),
        (
            parsed("eu-west-1"),
            entry(Some(FURTHER_KEY), &["222222222222", "333333333333"]),
        ),
    ]);
    Configured {
        arn: COPIES.to_owned(),
        content: Distribution {
            name: "mstr-nonprod-110304-copies-1".to_owned(),
            regions,
        },
        description: "copies".to_owned(),
        tags: tags(&[("goldsmith:environment", "nonprod")]),
    }
}

async fn configuration(world: &World, arn: &str) -> Value {
    get(
        &world.emulator,
        "GetDistributionConfiguration",
        "distributionConfigurationArn",
        arn,
    )
    .await
}

#[tokio::test]
async fn a_distribution_configuration_arrives_with_every_member() {
    let world = World::new();
    let mut all = copies();
    let here = all
        .content
        .regions
        .get_mut(&parsed("us-east-1"))
        .expect("it is there");
    here.shared_with = Sharing {
        accounts: [parsed("444444444444")].into(),
        organizations: [parsed(ORGANIZATION), parsed(UNIT)].into(),
        everybody: false,
    };
    here.parameters = BTreeSet::from(["/imagebuilder/110304".to_owned()]);
    here.launch_templates = BTreeSet::from(["lt-0aaaaaaaaaaaaaaaa".to_owned()]);
    world.make(Action::CreateDistribution(all)).await;
    let made = configuration(&world, COPIES).await;
    let here = &made["distributions"][1];
    assert_eq!(here["region"], "us-east-1");
    let ami = &here["amiDistributionConfiguration"];
    assert_eq!(
        (&ami["targetAccountIds"], &ami["kmsKeyId"]),
        (&json!(["222222222222"]), &json!(KEY))
    );
    let permission = json!({"userIds": ["444444444444"], "organizationArns": [ORGANIZATION],
                            "organizationalUnitArns": [UNIT]});
    assert_eq!(ami["launchPermission"], permission);
    let parameter = json!([{"parameterName": "/imagebuilder/110304", "dataType": "aws:ec2:image"}]);
    assert_eq!(here["ssmParameterConfigurations"], parameter);
    let template = json!([{"launchTemplateId": "lt-0aaaaaaaaaaaaaaaa", "setDefaultVersion": true}]);
    assert_eq!(here["launchTemplateConfigurations"], template);
    let there = &made["distributions"][0];
    let ami = &there["amiDistributionConfiguration"];
    assert_eq!(
        ami["targetAccountIds"],
        json!(["222222222222", "333333333333"])
    );
    assert!(
        ami.get("launchPermission").is_none() && there.get("ssmParameterConfigurations").is_none()
    );
}

#[tokio::test]
async fn a_distribution_configuration_is_deleted_once_and_stays_so() {
    let world = World::new();
    world.make(Action::CreateDistribution(copies())).await;
    world
        .make(Action::DeleteDistribution(COPIES.to_owned()))
        .await;
    let left =
        crate::support::emulated::list(&world.emulator, "ListDistributionConfigurations").await;
    assert!(left.is_empty(), "{left:?}");
    world
        .make(Action::DeleteDistribution(COPIES.to_owned()))
        .await;
}

async fn available(world: &World) -> Image {
    let all = images(&world.aws()).await.expect("images");
    let of = |image: &Image| image.arn.to_string().contains("mstr-nonprod-110304/");
    all.into_iter().find(|image| of(image)).expect("an image")
}

fn distribute(image: &Image) -> Action {
    Action::DistributeImage(DistributeImage {
        recipename: parsed("110304"),
        image: image.arn.clone(),
        ami: image.amis[&parsed("us-east-1")].clone(),
        distribution: COPIES.to_owned(),
        token: "copies-1".to_owned(),
        tags: tags(&[
            ("goldsmith:environment", "nonprod"),
            ("goldsmith:copies-of", &image.arn.to_string()),
        ]),
    })
}

/// The image that copies another one.
async fn copying(world: &World) -> Image {
    let all = images(&world.aws()).await.expect("images");
    all.into_iter()
        .find(|image| image.tags.contains_key("goldsmith:copies-of"))
        .expect("it was begun")
}

async fn begun() -> World {
    let world = World::settled().await;
    world.make(Action::CreateDistribution(copies())).await;
    let image = available(&world).await;
    world.make(distribute(&image)).await;
    // The same token is the same distribution.
    world.make(distribute(&image)).await;
    world
}

#[tokio::test]
async fn an_image_is_copied_into_accounts_and_the_copies_are_observed() {
    let world = begun().await;
    let source = available(&world).await;
    let sent = world
        .emulator
        .calls()
        .into_iter()
        .find(|call| call.operation == "DistributeImage");
    let sent = sent.expect("a call").parameters;
    assert_eq!(
        sent["sourceImage"],
        source.amis[&parsed("us-east-1")].as_str()
    );
    assert_eq!(
        (&sent["executionRole"], &sent["clientToken"]),
        (&json!(EXECUTION_ROLE), &json!("copies-1"))
    );
    assert!(matches!(
        copying(&world).await.state,
        ImageState::Running(_)
    ));
    world.finish_builds();

    let image = copying(&world).await;
    assert_eq!(image.state, ImageState::Available);
    assert_eq!(image.tags["goldsmith:copies-of"], source.arn.to_string());
    let mut targets: Vec<&Target> = image
        .copies
        .iter()
        .map(|Copy { target, .. }| target)
        .collect();
    targets.sort();
    let target = |account, region| Target {
        account: parsed(account),
        region: parsed(region),
    };
    let expected = [
        target("222222222222", "eu-west-1"),
        target("222222222222", "us-east-1"),
        target("333333333333", "eu-west-1"),
    ];
    assert_eq!(targets, expected.iter().collect::<Vec<_>>());
    assert!(
        image
            .copies
            .iter()
            .all(|copy| !image.amis.values().any(|own| *own == copy.ami))
    );
    assert!(image.failed_targets.is_empty() && available(&world).await.copies.is_empty());
}

#[tokio::test]
async fn a_distribution_that_failed_names_its_targets_and_is_retried_after_it_was_counted() {
    let world = World::settled().await;
    world.make(Action::CreateDistribution(copies())).await;
    let fail = BuildFailure {
        account: Some("333333333333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        message: Some("no role".to_owned()),
        ..BuildFailure::next("DISTRIBUTING")
    };
    world.emulator.add_faults([Fault::FailBuild(fail)]);
    let image = available(&world).await;
    world.make(distribute(&image)).await;
    world.finish_builds();

    let failed = copying(&world).await;
    assert_eq!(failed.state, ImageState::Failed);
    let targets: Vec<_> = failed.failed_targets.iter().collect();
    assert_eq!(targets.len(), 1, "{targets:?}");
    assert_eq!(
        (targets[0].region.as_str(), targets[0].account.as_deref()),
        ("eu-west-1", Some("333333333333"))
    );
    assert!(targets[0].message.contains("no role"), "{targets:?}");
    assert_eq!(failed.copies.len(), 2, "the others have theirs");

    let retry = RetryImage {
        image: failed.arn.clone(),
        attempt: 2,
        token: "retry-2".to_owned(),
    };
    world.make(Action::RetryImage(retry)).await;
    let retried = copying(&world).await;
    assert_eq!(
        (retried.arn, retried.tags["goldsmith:retries"].as_str()),
        (failed.arn, "2")
    );
    let operations: Vec<String> = world
        .emulator
        .calls()
        .into_iter()
        .map(|call| call.operation)
        .collect();
    let place = |name: &str| operations.iter().rposition(|operation| operation == name);
    assert!(
        place("TagResource") < place("RetryImage"),
        "counted first: {operations:?}"
    );
    world.finish_builds();
    let done = copying(&world).await;
    assert_eq!((done.state, done.copies.len()), (ImageState::Available, 3));
}

#[tokio::test]
async fn a_build_that_failed_before_its_distribution_blames_no_region() {
    let world = World::with_documents();
    world
        .emulator
        .add_faults([Fault::FailBuild(BuildFailure::next("TESTING"))]);
    crate::support::run::reconcile(&world.aws())
        .await
        .expect("a run");
    world.finish_builds();
    let all = images(&world.aws()).await.expect("images");
    let failed: Vec<_> = all
        .iter()
        .filter(|image| image.state == ImageState::Failed)
        .collect();
    assert!(
        failed.len() == 1 && failed[0].failed_targets.is_empty(),
        "{failed:?}"
    );
}

#[tokio::test]
async fn what_we_never_say_in_a_distribution_is_kept_apart() {
    let world = World::settled().await;
    let ami = json!({"name": "mine {{ imagebuilder:buildDate }}", "targetAccountIds": ["333333333333"],
                     "launchPermission": {"userIds": ["444444444444"], "userGroups": ["all"],
                                          "organizationArns": [ORGANIZATION], "organizationalUnitArns": [UNIT]}});
    let entry = json!({
        "region": "us-east-1", "amiDistributionConfiguration": ami,
        "ssmParameterConfigurations": [
            {"parameterName": "/imagebuilder/ours", "dataType": "aws:ec2:image"},
            {"parameterName": "/imagebuilder/text", "dataType": "text"},
        ],
        "launchTemplateConfigurations": [
            {"launchTemplateId": "lt-0aaaaaaaaaaaaaaaa", "setDefaultVersion": true},
            {"launchTemplateId": "lt-0bbbbbbbbbbbbbbbb", "setDefaultVersion": false},
        ],
    });
    let input = json!({"distributionConfigurationArn": DISTRIBUTION, "description": "by hand", "distributions": [entry]});
    by_hand(&world.emulator, "UpdateDistributionConfiguration", input).await;
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let observed = observe(&aws, &wanted, Depth::Content)
        .await
        .expect("a look");
    let found = observed
        .distributions
        .iter()
        .find(|one| one.arn == DISTRIBUTION)
        .expect("it stands");
    let content = found.content.as_ref().expect("its content");
    let here = &content.known.regions[&parsed("us-east-1")];
    let sharing = Sharing {
        accounts: [parsed("444444444444")].into(),
        organizations: [parsed(ORGANIZATION), parsed(UNIT)].into(),
        everybody: true,
    };
    assert_eq!(here.shared_with, sharing);
    assert_eq!(here.copied_to, [parsed("333333333333")].into());
    assert_eq!(here.parameters, ["/imagebuilder/ours".to_owned()].into());
    assert_eq!(
        here.launch_templates,
        ["lt-0aaaaaaaaaaaaaaaa".to_owned()].into()
    );
    let others = [
        ("us-east-1 SSM parameters", "/imagebuilder/text"),
        ("us-east-1 launch templates", "lt-0bbbbbbbbbbbbbbbb"),
    ];
    assert_eq!(
        content.others,
        others
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    );
}

/// An image that somebody makes without goldsmith.
async fn made_by_hand(world: &World, operation: &str, input: Value) -> ImageArn {
    let answer = by_hand(&world.emulator, operation, input).await;
    parsed(answer["imageBuildVersionArn"].as_str().expect("an ARN"))
}

#[tokio::test]
async fn who_made_an_image_is_told_by_its_pipeline_or_by_the_role_that_distributed_it() {
    let world = begun().await;
    let (built, ours) = (available(&world).await, copying(&world).await);
    let mine = "arn:aws:iam::111122223333:role/mine";
    let input = json!({"sourceImage": built.amis[&parsed("us-east-1")].as_str(),
        "distributionConfigurationArn": COPIES, "executionRole": mine});
    let theirs = made_by_hand(&world, "DistributeImage", input).await;
    let pipeline = pipeline_at(&world.emulator, PIPELINE).await;
    let input = json!({"imageRecipeArn": pipeline["imageRecipeArn"],
        "infrastructureConfigurationArn": pipeline["infrastructureConfigurationArn"]});
    let rebuilt = made_by_hand(&world, "CreateImage", input).await;
    for (image, expected) in [
        (built.arn, Origin::Pipeline(parsed(PIPELINE))),
        (ours.arn, Origin::Distribution),
        (theirs, Origin::Other),
        (rebuilt, Origin::Other),
    ] {
        let found = get_image(&world.aws(), &image).await.expect("an answer");
        assert_eq!(found.expect("an image").origin, expected, "{image}");
    }
}

//! Reads that fail for good, one operation at a time: what the documents take away is taken away.

use std::collections::BTreeSet;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::observed::Depth;
use serde_json::Value;

use crate::support::World;
use crate::support::documents::{FURTHER_KEY, KEY, other_consumers};
use crate::support::emulated::ec2;
use crate::support::run::{desired, look, reconcile};

/// The account that leaves.
const LEAVER: &str = "222222222222";
const ROLE: &str = "arn:aws:iam::222222222222:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

/// Where everything is built, documents come in which the account has left and a recipe has another base.
async fn world() -> World {
    let world = Box::pin(World::settled()).await;
    for key in [KEY, FURTHER_KEY] {
        world
            .cloud
            .keys(|keys| keys.grant(key, "of-auto-scaling", ROLE));
    }
    world.cloud.upload("environment.json", other_consumers());
    let versions = crate::support::documents::AMI_VERSIONS;
    let other = crate::support::documents::OTHER_AMI;
    let first = crate::support::documents::AMI;
    world
        .cloud
        .upload("ami-versions.json", versions.replacen(first, other, 1));
    world
}

/// Everything that the account can still do.
async fn left_to_the_leaver(world: &World) -> BTreeSet<&'static str> {
    let mut left = BTreeSet::new();
    for (key, name) in [(KEY, "key"), (FURTHER_KEY, "further key")] {
        if world.cloud.policy_of(key).contains(LEAVER) {
            left.insert(name);
        }
    }
    if world
        .cloud
        .bucket_policy()
        .is_some_and(|policy| policy.contains(LEAVER))
    {
        left.insert("bucket");
    }
    for region in ["us-east-1", "eu-west-1"] {
        let images = ec2(
            &world.emulator,
            region,
            "Action=DescribeImages&Owner.1=self",
        )
        .await;
        for image in images.split("<imageId>").skip(1) {
            let id = image.split('<').next().unwrap_or_default();
            let form =
                format!("Action=DescribeImageAttribute&Attribute=launchPermission&ImageId={id}");
            if ec2(&world.emulator, region, &form).await.contains(LEAVER) {
                left.insert("AMI");
            }
        }
    }
    left
}

/// What a refused operation alone shows, and so keeps from being taken away.
fn shown_by(operation: &str) -> &'static [&'static str] {
    match operation {
        // A policy that is not read cannot be written: KMS and S3 only replace whole ones.
        "kms:GetKeyPolicy" => &["key", "further key"],
        "s3:GetBucketPolicy" => &["bucket"],
        "ec2:DescribeImageAttribute" | "ec2:DescribeImages" => &["AMI"],
        _ => &[],
    }
}

/// The documents themselves, and whether one of them was deleted, which lists nobody who left. Without
/// them nobody knows what to take away.
const DOCUMENTS: [&str; 3] = ["s3:GetObject", "s3:ListObjectsV2", "s3:ListObjectVersions"];

fn is_read(operation: &str) -> bool {
    let (_, name) = operation.split_once(':').expect("a service");
    ["Get", "List", "Describe", "Head"]
        .iter()
        .any(|verb| name.starts_with(verb))
}

#[tokio::test]
async fn whatever_single_read_is_denied_for_good_access_is_taken_away() {
    let untroubled = Box::pin(world()).await;
    Box::pin(reconcile(&untroubled.aws())).await.expect("a run");
    assert!(left_to_the_leaver(&untroubled).await.is_empty());
    let reads = untroubled.transport.operations();
    let reads = reads.iter().filter(|operation| is_read(operation));
    let reads: Vec<&String> = reads
        .filter(|read| !DOCUMENTS.contains(&read.as_str()))
        .collect();
    assert!(reads.len() > 15, "{reads:?}");
    for read in reads {
        let world = Box::pin(world()).await;
        assert!(!left_to_the_leaver(&world).await.is_empty());
        world.transport.refuse(read, "AccessDeniedException");
        let run = Box::pin(reconcile(&world.aws())).await;
        assert!(
            run.is_ok(),
            "{read}: {}",
            run.err().map(|error| error.to_string()).unwrap_or_default()
        );
        let left = left_to_the_leaver(&world).await;
        let shown = shown_by(read);
        let lost: Vec<_> = left.iter().filter(|what| !shown.contains(what)).collect();
        assert!(
            lost.is_empty(),
            "while {read} is denied, the account keeps {lost:?}"
        );
    }
}

#[tokio::test]
async fn a_denied_read_is_reported_by_its_name_and_code_and_the_plan_stays_safe() {
    let world = Box::pin(world()).await;
    world
        .transport
        .refuse("imagebuilder:ListImagePipelines", "ForbiddenException");
    let plan = look(&world.aws()).await.expect("a look").to_string();
    assert!(
        plan.contains("the list of image pipelines could not be read: ForbiddenException"),
        "{plan}"
    );
    assert!(
        !plan.contains("create-") && !plan.contains("start-build"),
        "{plan}"
    );
}

/// Throttling and errors of the service pass: the run ends, and the next one sees everything.
#[tokio::test]
async fn what_passes_by_itself_ends_the_run() {
    let world = Box::pin(world()).await;
    world
        .transport
        .refuse("imagebuilder:ListImagePipelines", "ThrottlingException");
    assert!(look(&world.aws()).await.is_err());
}

/// An image that Image Builder refuses to look at refuses its recipe, and no other.
#[tokio::test]
async fn an_image_that_is_refused_refuses_its_recipe_alone() {
    let world = Box::pin(world()).await;
    let image = "arn:aws:imagebuilder:us-east-1:999999999999:image/theirs/x.x.x";
    let mut versions: Value =
        serde_json::from_str(crate::support::documents::AMI_VERSIONS).expect("JSON");
    versions["ami-version"][1]["aminame"] = image.into();
    world
        .cloud
        .upload("ami-versions.json", versions.to_string());
    world
        .transport
        .refuse("imagebuilder:GetImage", "InvalidParameterValueException");
    let wanted: Desired = desired(&world.aws()).await;
    let observed = goldsmith_aws::observe(&world.aws(), &wanted, Depth::Digest)
        .await
        .expect("a look");
    let plan = crate::support::run::plan_for(&wanted, &observed);
    let refused: Vec<String> = plan
        .refused
        .iter()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    assert_eq!(
        refused,
        [format!(
            "110302: the image {image} could not be read: InvalidParameterValueException"
        )]
    );
}

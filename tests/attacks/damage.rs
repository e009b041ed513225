//! Somebody who may write where the stack writes: damage to what consumers read, and forged memory.

use goldsmith_tests::{CONSUMER, Documents, Factory, scheduled_event};

const IMAGE: &str = "images/110304/image.json";
const OF_REGION: &str = "images/110304/image-us-east-1.json";
const PARAMETER: &str = "/goldsmith/nonprod/110304/ami-id";
const LEASE: &str = "leases/key-policy.json";

/// The root of the building account, whom no policy of a bucket holds on the embedded AWS without IAM.
struct Forger<'a>(&'a Factory);

impl Forger<'_> {
    async fn writes(&self, key: &str, content: &str) {
        let bucket = &self.0.outputs.output_bucket;
        let content = content.as_bytes().to_vec();
        let written = self.0.aws.put_object(bucket, key, content).await;
        written.expect("a write");
    }
}

#[tokio::test]
async fn what_consumers_read_is_as_it_was_after_an_hour_and_people_hear_of_it() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    let topic = factory.listen().await;
    let forger = Forger(&factory);
    forger
        .writes(IMAGE, r#"{"ami_ids":{"us-east-1":"ami-00000000"}}"#)
        .await;
    let bucket = &factory.outputs.output_bucket;
    let deleted = factory.aws.delete_object(bucket, OF_REGION).await;
    deleted.expect("a deletion");
    let moved = factory
        .aws
        .put_parameter(PARAMETER, "String", "ami-00000000");
    moved.await.expect("a parameter");

    factory.deliver(&scheduled_event("hour")).await;

    let recipe = factory.recipe("110304").await;
    factory.assert_published("110304", recipe.newest()).await;
    let subjects: Vec<_> = topic
        .next()
        .await
        .into_iter()
        .filter_map(|one| one.subject)
        .collect();
    assert_eq!(subjects, ["goldsmith nonprod: 1 repair"]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn verify_does_not_believe_a_forged_file() {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    Forger(&factory)
        .writes(IMAGE, r#"{"ami_ids":{"us-east-1":"ami-00000000"}}"#)
        .await;
    let output = factory.goldsmith(&["verify"]).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("image.json does not name the image's AMI"),
        "{said}"
    );
}

#[tokio::test]
async fn a_lease_until_the_year_9990_keeps_no_consumers_access() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&documents).await;
    assert!(factory.key_policy().await.contains(CONSUMER));
    let forged = r#"{"expires":"9990-01-01T00:00:00Z","holder":1}"#;
    Forger(&factory).writes(LEASE, forged).await;
    factory.upload(&documents.without_consumer(CONSUMER)).await;
    assert!(!factory.key_policy().await.contains(CONSUMER));
    let reports = factory.reconcile_reports().await;
    let discarded = reports
        .iter()
        .find_map(|report| report.refused_for("discarded"));
    assert_eq!(discarded.expect("it is reported").target, LEASE);
}

//! Images that wait for a person, and a published image that a person takes out of use.

use goldsmith_tests::{Documents, Factory, image_event};
use local_stack::Function;
use serde_json::{Value, json};

fn by_hand() -> Documents {
    Documents::of_recipes(["110304"])
        .scheduled("110304")
        .with_setting("approval", json!("required"))
}

/// What a person's command says; panics unless it ends like this.
async fn goldsmith(factory: &Factory, arguments: &[&str], code: i32) -> String {
    let output = factory.goldsmith(arguments).await;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    text
}

#[tokio::test]
async fn an_image_is_published_when_a_person_approves_it_and_people_are_asked_once() {
    let factory = Factory::start().await;
    let topic = factory.listen().await;
    factory.upload(&by_hand()).await;
    let heard = topic.heard().await;
    let subjects: Vec<_> = heard
        .iter()
        .filter_map(|one| one.subject.as_deref())
        .collect();
    assert_eq!(
        subjects,
        ["goldsmith nonprod: 110304 1.0.0/1 waits for approval"]
    );
    assert!(factory.output("images/110304/image.json").await.is_err());
    let report = factory.reconcile().await;
    assert!(report.waiting_for("approval").is_some(), "{report:#?}");

    let text = goldsmith(
        &factory,
        &["approve", "110304", "--reason", "tested by BI"],
        0,
    )
    .await;
    assert!(
        text.contains("image 1.0.0/1 is approved by arn:aws:iam::"),
        "{text}"
    );
    let recipe = factory.recipe("110304").await;
    factory.assert_published("110304", recipe.newest()).await;
    let heard = topic.heard().await;
    assert!(
        heard
            .iter()
            .any(|one| one.message.contains("us-east-1: ami-")),
        "{heard:#?}"
    );
    let again = goldsmith(&factory, &["approve", "110304"], 0).await;
    assert!(again.contains("is approved already"), "{again}");
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_published_image_that_is_rolled_back_gives_its_place_to_the_one_before_it() {
    let factory = Factory::with(&Documents::of_recipes(["110304"]).scheduled("110304")).await;
    let only = goldsmith(
        &factory,
        &["rollback", "110304", "--reason", "x", "--yes"],
        1,
    )
    .await;
    assert!(
        only.contains("no other image of the recipe could take the place"),
        "{only}"
    );

    factory.fire_schedule().await;
    factory.until_quiet().await;
    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.build_versions(), ["1.0.0/1", "1.0.0/2"]);
    factory.assert_published("110304", recipe.newest()).await;

    let unattended = goldsmith(&factory, &["rollback", "110304", "--reason", "x"], 1).await;
    assert!(
        unattended.contains("there is no terminal; nothing was changed"),
        "{unattended}"
    );
    let reason = "the agent does not start";
    let text = goldsmith(
        &factory,
        &["rollback", "110304", "--reason", reason, "--yes"],
        0,
    )
    .await;
    assert!(
        text.contains(reason) && text.contains("1.0.0/1 is published"),
        "{text}"
    );
    factory.assert_published("110304", &recipe.builds[0]).await;
    factory.assert_settled().await;

    let back = goldsmith(&factory, &["approve", "110304", "--image", "1.0.0/2"], 0).await;
    assert!(back.contains("1.0.0/2 is published"), "{back}");
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_rejected_image_is_never_published() {
    let factory = Factory::with(&by_hand()).await;
    let text = goldsmith(&factory, &["reject", "110304", "--reason", "CVE-2026-1"], 0).await;
    assert!(text.contains("nothing is published"), "{text}");
    let none = goldsmith(&factory, &["approve", "110304"], 1).await;
    assert!(
        none.contains("no available image that is not rejected"),
        "{none}"
    );
    let report = factory.reconcile().await;
    let rejected = report.waiting_for("rejected").expect("the rejection");
    let why = &rejected.reason;
    assert!(why.contains("CVE-2026-1"), "{why}");
    factory.assert_settled().await;
}

/// Events come twice, late and out of order, while a person decides: none of them decides anything.
#[tokio::test]
async fn events_that_come_twice_or_late_during_an_approval_ask_nobody_again_and_publish_nothing() {
    let factory = Factory::start().await;
    let topic = factory.listen().await;
    factory.upload(&by_hand()).await;
    let recipe = factory.recipe("110304").await;
    let waiting = recipe.newest().clone();
    assert_eq!(topic.heard().await.len(), 1, "people were asked");

    let event = image_event(&waiting.arn, &waiting.state);
    let doubled = [
        event.clone(),
        event.clone(),
        image_event(&waiting.arn, "TESTING"),
    ];
    for event in &doubled {
        assert_eq!(outcome(&factory, event).await, "awaiting-approval");
    }
    assert_eq!(topic.heard().await, []);
    assert!(factory.output("images/110304/image.json").await.is_err());

    goldsmith(&factory, &["approve", "110304"], 0).await;
    factory.assert_published("110304", &waiting).await;
    topic.heard().await;
    for event in &doubled {
        assert_eq!(outcome(&factory, event).await, "published");
    }
    assert_eq!(topic.heard().await, [], "it is published once");

    // The next image waits; what comes late of the one before publishes neither.
    factory.fire_schedule().await;
    factory.until_quiet().await;
    topic.heard().await;
    assert_eq!(outcome(&factory, &event).await, "published");
    assert_eq!(topic.heard().await, []);
    factory.assert_published("110304", &waiting).await;
    factory.assert_settled().await;
}

/// What image-events made of an event.
async fn outcome(factory: &Factory, event: &Value) -> String {
    let answer = factory.invoke(Function::ImageEvents, event).await;
    let answer = answer.expect("an answer");
    assert!(!answer.failed, "{:#}", answer.payload);
    let outcome = answer.payload["outcome"].as_str();
    outcome.unwrap_or_default().to_owned()
}

const CVE: &str = "- profile: inspector
  rules:
    CVE-2026-0001:
      reason: the port is closed
      approved_by: joe@example.com
      approved_on: 2026-01-02
";

const SKIP: &str = "- benchmark: B
  profile: baseline
  rules:
    ssh-01:
      reason: the bastion needs it
      approved_by: joe@example.com
      approved_on: 2026-01-02
";

/// Stores results of the newest image as its test instance would, with one control of severity high.
async fn store_results(factory: &Factory, result: &str) {
    let recipe = factory.recipe("110304").await;
    let ami = factory.ami(recipe.newest()).await;
    let results = json!({"goldsmith-results": 1, "tool": "t", "profile": "baseline", "controls": [
        {"id": "ssh-01", "severity": "high", "result": result, "title": "Root cannot log in"},
    ]});
    let key = format!("results/{}/baseline/results.json", ami.id);
    let bucket = &factory.outputs.output_bucket;
    let put = factory
        .aws
        .put_object(bucket, &key, results.to_string().into_bytes());
    put.await.expect("results are stored");
}

/// Why the newest image is held back by its results.
async fn held(factory: &Factory) -> String {
    let report = factory.reconcile().await;
    let waiting = report.waiting_for("results");
    waiting
        .unwrap_or_else(|| panic!("{report:#?}"))
        .reason
        .clone()
}

#[tokio::test]
async fn a_failed_control_holds_an_image_back_until_a_waiver_is_merged() {
    let documents = Documents::of_recipes(["110304"])
        .scheduled("110304")
        .with_setting("gates", json!({"failed-controls": {"high": 0}}));
    let factory = Factory::with(&documents).await;
    let why = held(&factory).await;
    assert!(why.contains("the image has no results"), "{why}");
    store_results(&factory, "pass").await;
    factory.reconcile().await;
    let first = factory.recipe("110304").await;
    factory.assert_published("110304", first.newest()).await;

    factory.fire_schedule().await;
    factory.until_quiet().await;
    store_results(&factory, "fail").await;
    let why = held(&factory).await;
    assert!(
        why.contains("failed controls of severity high: 1, and `gates` accepts 0"),
        "{why}"
    );
    goldsmith(&factory, &["results", "110304"], 3).await;
    let status = goldsmith(&factory, &["status", "110304"], 0).await;
    let of_both = [
        "\n  tests: 0 failed, 0 waived, 0 skipped, 1 passed\n",
        "\n    tests: 1 failed (1 high), 0 waived, 0 skipped, 0 passed; that does not pass\n",
    ];
    assert!(of_both.iter().all(|line| status.contains(line)), "{status}");
    let second = factory.recipe("110304").await;
    factory.assert_published("110304", first.newest()).await;

    let waived = documents.with_file("audit/skip.yml", SKIP.as_bytes().to_vec());
    factory.upload(&waived).await;
    factory.assert_published("110304", second.newest()).await;
    goldsmith(&factory, &["results", "110304"], 0).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_critical_finding_holds_an_image_back_until_a_waiver_is_merged() {
    let seed = json!({
        "findings": [{
            "vulnerability-id": "CVE-2026-0001", "severity": "CRITICAL", "fixed-in": "3.0.9",
            "package": {"name": "openssl", "version": "3.0.8"},
        }],
        "packages": [{"name": "openssl", "version": "3.0.8"}],
    });
    let documents = Documents::of_recipes(["110304"])
        .scheduled("110304")
        .with_setting("image-scan", json!({"type": "test-instance"}))
        .with_setting("gates", json!({"findings": {"critical": 0}}));
    let factory = Factory::start().await;
    let seed = serde_json::from_value(seed).expect("a seed");
    factory.emulator.seed(&seed);
    factory.upload(&documents).await;
    let why = held(&factory).await;
    assert!(
        why.contains("findings of severity critical: 1, and `gates` accepts 0"),
        "{why}"
    );
    assert!(factory.output("images/110304/image.json").await.is_err());
    let text = goldsmith(&factory, &["results", "110304"], 3).await;
    assert!(
        text.contains("failed (critical) CVE-2026-0001")
            && text.contains("openssl 3.0.8 (fixed in 3.0.9)")
            && text.contains("scan: 1 finding (1 critical), 0 waived"),
        "{text}"
    );

    let waived = documents.with_file("audit/skip.yml", CVE.as_bytes().to_vec());
    factory.upload(&waived).await;
    let recipe = factory.recipe("110304").await;
    factory.assert_published("110304", recipe.newest()).await;
    let text = goldsmith(&factory, &["results", "110304"], 0).await;
    assert!(text.contains("1 waived"), "{text}");
    factory.assert_settled().await;
    its_software_list_is_kept_and_compared(&factory).await;
}

/// The list that was kept when the image was published, and what a later image has instead.
async fn its_software_list_is_kept_and_compared(factory: &Factory) {
    let recipe = factory.recipe("110304").await;
    let ami = factory.ami(recipe.newest()).await;
    let kept = factory.output(&format!("sboms/{}.cdx.json", ami.id)).await;
    let kept: Value = serde_json::from_slice(&kept.expect("the list")).expect("JSON");
    assert_eq!(kept["components"][0]["name"], "openssl");
    let shown = goldsmith(factory, &["sbom", "110304"], 0).await;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown, kept);

    let more = json!({"packages": [{"name": "nginx", "version": "1.26"}]});
    let more = serde_json::from_value(more).expect("a seed");
    factory.emulator.seed(&more);
    factory.fire_schedule().await;
    factory.until_quiet().await;
    let arguments = ["sbom", "110304", "--diff", "--format", "text"];
    let text = goldsmith(factory, &arguments, 0).await;
    assert!(
        text.ends_with("  + nginx 1.26\n") && !text.contains("openssl"),
        "{text}"
    );
}

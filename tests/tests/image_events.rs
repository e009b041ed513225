//! What Image Builder tells of its images: lost, late, twice, and of failures.

use goldsmith_tests::{Build, Documents, Factory, OTHER_BASE, failing, image_event};
use local_stack::Function;
use serde_json::{Value, json};

const RULE: &str = "goldsmith-nonprod-image-events";

#[tokio::test]
async fn reconcile_publishes_what_a_lost_event_did_not() {
    let factory = Factory::start_with_builds_by_hand().await;
    factory.upload(&Documents::of_recipes(["110304"])).await;
    factory.aws.disable_rule(RULE).await.expect("a rule");
    factory.finish_builds().await;
    assert_eq!(
        factory.output_keys("images/").await.expect("keys"),
        Vec::<String>::new()
    );

    let report = factory.reconcile().await;

    assert_eq!(report.kinds(), ["publish-image"], "{report:#?}");
    factory
        .assert_published("110304", factory.recipe("110304").await.newest())
        .await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn an_event_of_an_older_build_replaces_nothing() {
    let documents = Documents::of_recipes(["110304"]).scheduled("110304");
    let factory = Factory::with(&documents).await;
    let first = factory.recipe("110304").await.newest().clone();
    factory.fire_schedule().await;
    let second = factory.recipe("110304").await.newest().clone();

    assert_eq!(hear_again(&factory, &first).await, "superseded");
    factory.assert_published("110304", &second).await;
    assert_eq!(hear_again(&factory, &second).await, "published");
    factory.assert_published("110304", &second).await;

    factory
        .upload(&documents.with_recipe("110304", OTHER_BASE))
        .await;
    let other = factory.recipe("110304").await.newest().clone();
    assert_eq!(hear_again(&factory, &second).await, "not-current");
    factory.assert_published("110304", &other).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_failed_build_is_reported_once_and_the_last_good_image_stays() {
    let factory = Factory::with(&Documents::of_recipes(["110304"]).scheduled("110304")).await;
    let good = factory.recipe("110304").await.newest().clone();
    let topic = factory.listen().await;
    let lines = ["+ sshd -t", "DB_PASSWORD=hunter2", "sshd: no hostkeys"];
    let (group, stream) = ("/aws/imagebuilder/mstr-nonprod-110304", "1.0.0/2");
    let written = factory.aws.write_log(group, stream, &lines).await;
    written.expect("a log");

    factory.emulator.add_faults([failing("110304")]);
    factory.fire_schedule().await;

    let failed = factory.recipe("110304").await.newest().clone();
    assert_eq!(
        (failed.version.as_str(), failed.state.as_str()),
        ("1.0.0/2", "FAILED")
    );
    let heard = topic.heard().await;
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let subject = heard[0].subject.as_deref();
    assert_eq!(subject, Some("goldsmith nonprod: build of 110304 failed"));
    assert!(!heard[0].message.contains("hunter2"), "{heard:#?}");
    for detail in [
        failed.arn.as_str(),
        "ApplyTestComponents",
        "exit status 1",
        "  | sshd: no hostkeys",
        "#logsV2:log-groups/log-group/$252Faws$252Fimagebuilder$252Fmstr-nonprod-110304/log-events/1.0.0$252F2",
    ] {
        assert!(
            heard[0].message.contains(detail),
            "{detail} is not in {}",
            heard[0].message
        );
    }
    assert_eq!(hear_again(&factory, &failed).await, "known-failure");
    assert_eq!(topic.heard().await, []);
    let logs = factory.logs_of(Function::ImageEvents).await.expect("logs");
    assert!(
        logs.iter().any(|line| line.contains("ApplyTestComponents")),
        "{logs:#?}"
    );
    let packet = factory.output("reports/failures/110304/1.0.0-2.json").await;
    let packet: Value = serde_json::from_slice(&packet.expect("the packet")).expect("JSON");
    assert_eq!(
        (&packet["class"], &packet["last-good"]),
        (&json!("unknown"), &json!(good.arn))
    );
    assert_eq!(packet["log"][2], "sshd: no hostkeys");
    factory.assert_published("110304", &good).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_first_build_that_failed_waits_for_a_person() {
    let factory = Factory::start().await;
    factory.emulator.add_faults([failing("110304")]);
    factory.upload(&Documents::of_recipes(["110304"])).await;

    let report = factory.assert_settled().await;
    let waiting = report
        .waiting_for("failed-build")
        .unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(waiting.target, "110304");
    assert_eq!(factory.recipe("110304").await.build_versions(), ["1.0.0/1"]);
    assert_eq!(
        factory.output_keys("images/").await.expect("keys"),
        Vec::<String>::new()
    );

    factory.build(&json!({ "recipenames": "110304" })).await;
    let recipe = factory.recipe("110304").await;
    assert_eq!(recipe.build_versions(), ["1.0.0/1", "1.0.0/2"]);
    factory.assert_published("110304", recipe.newest()).await;
    factory.assert_settled().await;
}

/// Delivers the event of a finished build once more; what image-events made of it.
async fn hear_again(factory: &Factory, build: &Build) -> String {
    let answer = factory
        .invoke(
            Function::ImageEvents,
            &image_event(&build.arn, &build.state),
        )
        .await
        .expect("an answer");
    assert!(!answer.failed, "{:#}", answer.payload);
    answer.payload["outcome"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

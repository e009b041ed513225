//! AWS says no, or says nothing: the next run ends in the same world.

use goldsmith_tests::{BASE, Documents, Factory, answering, dropping};
use local_stack::Config;
use local_stack::imagebuilder_emulator::Fault;

const THROTTLED: (u16, &str) = (429, "CallRateLimitExceededException");
const UNAVAILABLE: (u16, &str) = (503, "ServiceUnavailableException");

/// What making and building a new version takes.
const STEPS: [&str; 4] = [
    "imagebuilder:CreateDistributionConfiguration",
    "imagebuilder:CreateImageRecipe",
    "imagebuilder:CreateImagePipeline",
    "imagebuilder:StartImagePipelineExecution",
];

#[tokio::test]
async fn a_throttled_call_ends_in_the_same_world() {
    each_step_suffers(|step| answering(step, THROTTLED.0, THROTTLED.1)).await;
}

#[tokio::test]
async fn an_unavailable_service_ends_in_the_same_world() {
    each_step_suffers(|step| answering(step, UNAVAILABLE.0, UNAVAILABLE.1)).await;
}

#[tokio::test]
async fn a_response_lost_after_the_write_ends_in_the_same_world() {
    each_step_suffers(dropping).await;
}

/// A new version for each step, and the step goes wrong the first time.
async fn each_step_suffers(fault: impl Fn(&str) -> Fault) {
    let mut documents = Documents::of_recipes([]);
    let factory = Factory::with(&documents).await;
    for (number, step) in STEPS.iter().enumerate() {
        let name = format!("11030{number}");
        factory.emulator.add_faults([fault(step)]);
        factory.emulator.clear_calls();
        documents = documents.with_recipe(&name, BASE);
        factory.upload(&documents).await;
        factory.reconcile().await;
        factory.until_quiet().await;
        assert_eq!(attempts(&factory, step), 2, "{step} went wrong once");
        assert_built_once(&factory, &name, step).await;
    }
    factory.assert_settled().await;
}

fn attempts(factory: &Factory, step: &str) -> usize {
    let calls = factory.emulator.calls().into_iter();
    calls
        .filter(|call| format!("{}:{}", call.service, call.operation) == step)
        .count()
}

#[tokio::test]
async fn a_quota_is_named_and_holds_up_nothing_else() {
    let mut config = Config::default();
    config.emulator.quotas.pipelines = 1;
    let factory = Factory::start_with(config).await;
    let first = Documents::of_recipes(["110302"]);
    factory.upload(&first).await;
    let policy = factory.key_policy().await;

    let one_too_many = first
        .clone()
        .with_recipe("110304", BASE)
        .with_consumer("333333333333");
    factory.upload(&one_too_many).await;

    for report in [factory.last_report().await, factory.reconcile().await] {
        assert_eq!(report.failed.len(), 1, "{report:#?}");
        let failed = &report.failed[0];
        assert_eq!(failed.kind, "create-pipeline", "{failed:#?}");
        assert!(failed.target.ends_with("110304"), "{failed:#?}");
        assert!(
            failed.reason.contains("ServiceQuotaExceededException"),
            "{failed:#?}"
        );
        assert!(
            failed.reason.contains("Image pipelines"),
            "the quota is not named: {failed:#?}"
        );
        let not_attempted: Vec<_> = report
            .not_attempted
            .iter()
            .map(|entry| entry.kind.as_str())
            .collect();
        assert_eq!(not_attempted, ["start-build"], "{report:#?}");
    }
    assert_ne!(
        factory.key_policy().await,
        policy,
        "the new consumer can use the key"
    );
    assert_built_once(&factory, "110302", "another one's quota").await;

    factory.upload(&first.with_consumer("333333333333")).await;
    assert_built_once(&factory, "110302", "another one's quota").await;
    factory.assert_settled().await;
}

async fn assert_built_once(factory: &Factory, name: &str, after: &str) {
    let recipe = factory.recipe(name).await;
    assert_eq!(recipe.build_versions(), ["1.0.0/1"], "{name} after {after}");
    factory.assert_published(name, recipe.newest()).await;
}

//! What the product team does: new versions, other schedules, nothing at all, and changing its mind.

use goldsmith_tests::{BASE, CONSUMER, Documents, Factory, OTHER_BASE};

#[tokio::test]
async fn a_new_product_ami_is_made_built_and_delivered() {
    let documents = Documents::sample();
    let factory = Factory::with(&documents).await;
    let others = factory.recipes().await;
    factory.emulator.clear_calls();

    factory
        .upload(
            &documents
                .with_recipe("110305", BASE)
                .scheduled("110304;110302;110305"),
        )
        .await;

    let only_the_new_one = [
        "CreateDistributionConfiguration",
        "CreateImageRecipe",
        "CreateImagePipeline",
        "StartImagePipelineExecution",
        // The image and its pipeline say what is published.
        "TagResource",
        "TagResource",
    ];
    assert_eq!(factory.writes(), only_the_new_one);
    let recipes = factory.recipes().await;
    assert_eq!(recipes.len(), others.len() + 1);
    for (name, recipe) in others {
        assert_eq!(
            recipes[&name].builds, recipe.builds,
            "{name} was built again"
        );
    }
    let recipe = &recipes["110305"];
    assert_eq!(
        (recipe.version.as_str(), recipe.base_ami.as_str()),
        ("1.0.0", BASE)
    );
    assert_eq!(recipe.build_versions(), ["1.0.0/1"]);
    let build = recipe.newest();
    assert_eq!(build.state, "AVAILABLE");
    let ami = factory.ami(build).await;
    for volume in &ami.volumes {
        assert_eq!(
            volume.kms_key_id.as_ref(),
            Some(&factory.outputs.key_arn),
            "{volume:?}"
        );
    }
    assert!(ami.is_encrypted(), "{ami:?}");
    assert_eq!(ami.shared_with, [CONSUMER]);
    factory.assert_published("110305", build).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn another_schedule_creates_nothing_and_counts_from_the_next_run() {
    let documents = Documents::sample().with_recipe("110305", BASE);
    let factory = Factory::with(&documents).await;
    factory.emulator.clear_calls();

    factory.upload(&documents.scheduled("110302;110305")).await;
    assert_eq!(factory.writes(), Vec::<String>::new());
    let builds = factory.fire_schedule().await;

    assert_eq!(builds.recipes(), ["110302", "110305"], "{builds:#?}");
    let recipes = factory.recipes().await;
    assert_eq!(recipes["110302"].build_versions(), ["1.0.0/1", "1.0.0/2"]);
    assert_eq!(recipes["110304"].build_versions(), ["1.0.0/1"]);
    assert_eq!(recipes["110305"].build_versions(), ["1.0.0/1", "1.0.0/2"]);
    factory.assert_settled().await;
}

#[tokio::test]
async fn nothing_changes_and_the_schedule_brings_patches() {
    let factory = Factory::with(&Documents::sample()).await;
    let before = factory.published("110304").await;

    factory.fire_schedule().await;

    for (name, recipe) in factory.recipes().await {
        assert_eq!(recipe.build_versions(), ["1.0.0/1", "1.0.0/2"], "{name}");
        factory.assert_published(&name, recipe.newest()).await;
    }
    assert_ne!(factory.published("110304").await, before);
    factory.assert_settled().await;
}

#[tokio::test]
async fn the_same_documents_again_write_nothing() {
    let documents = Documents::sample();
    let factory = Factory::with(&documents).await;
    let reports = factory.reconcile_reports().await.len();

    factory.upload_again(&documents).await;

    let again = &factory.reconcile_reports().await[reports..];
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|report| report.writes == 0), "{again:#?}");
    factory.assert_settled().await;
}

#[tokio::test]
async fn a_revert_publishes_the_first_image_again_without_building() {
    let first = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&first).await;
    let image = factory.recipe("110304").await.newest().clone();

    factory
        .upload(&first.clone().with_recipe("110304", OTHER_BASE))
        .await;
    let second = factory.recipe("110304").await;
    assert_eq!(
        (second.version.as_str(), second.base_ami.as_str()),
        ("1.0.1", OTHER_BASE)
    );
    factory.assert_published("110304", second.newest()).await;
    factory.upload(&first).await;

    let reverted = factory.recipe("110304").await;
    assert_eq!(
        (reverted.version.as_str(), reverted.base_ami.as_str()),
        ("1.0.0", BASE)
    );
    assert_eq!(reverted.build_versions(), ["1.0.0/1", "1.0.1/1"]);
    factory.assert_published("110304", &image).await;
    factory.assert_settled().await;
}

#[tokio::test]
async fn an_entry_that_leaves_waits_for_retirement_and_is_built_while_it_is_scheduled() {
    let documents = Documents::sample();
    let factory = Factory::with(&documents).await;

    factory
        .upload(&documents.clone().without_recipe("110302"))
        .await;
    let report = factory.assert_settled().await;
    let waiting = report
        .waiting_for("retirement")
        .unwrap_or_else(|| panic!("{report:#?}"));
    assert_eq!(waiting.target, "110302");
    let builds = factory.fire_schedule().await;

    assert_eq!(builds.recipes(), ["110302", "110304"], "{builds:#?}");
    let left = factory.recipe("110302").await;
    assert_eq!(left.build_versions(), ["1.0.0/1", "1.0.0/2"]);
    factory.assert_published("110302", left.newest()).await;

    factory
        .upload(&documents.without_recipe("110302").scheduled("110304"))
        .await;
    assert_eq!(factory.fire_schedule().await.recipes(), ["110304"]);
    factory.assert_settled().await;
}

//! What a run looks at beyond the lists: facts, bases, and in search of drift every configuration.

use goldsmith_aws::observe;
use goldsmith_domain::desired::{BaseImage, Desired};
use goldsmith_domain::observed::{
    Configuration, Depth, KeyState, Observed, RegionState, SubnetState,
};
use serde_json::json;

use crate::support::documents::{AMI, FURTHER_KEY, KEY};
use crate::support::emulated::by_hand;
use crate::support::inputs::{DISTRIBUTION, INFRASTRUCTURE, PIPELINE};
use crate::support::run::{desired, plan_for};
use crate::support::{ACCOUNT, World, parsed};

async fn looked(world: &World, desired: &Desired, depth: Depth) -> Observed {
    observe(&world.aws(), desired, depth).await.expect("a look")
}

/// What the deployment costs: two rules, three rules' targets, policy and concurrency of three functions, the
/// notifications, the topic, two keys, the instance profile, and twice the policies of its role.
const DEPLOYMENT: u64 = 2 + 3 + 6 + 1 + 1 + 2 + 1 + 2;

#[tokio::test]
async fn a_first_run_asks_for_facts() {
    let world = World::with_documents();
    let wanted = desired(&world.aws()).await;
    let facts = looked(&world, &wanted, Depth::Digest).await.facts;
    assert_eq!(
        facts.instance_types["m6i.large"],
        ["x86_64".to_owned()].into()
    );
    assert_eq!(
        facts.keys,
        [KEY, FURTHER_KEY]
            .map(|key| (parsed(key), KeyState::Usable))
            .into()
    );
    assert_eq!(
        facts.regions,
        [(parsed("eu-west-1"), RegionState::Enabled)].into()
    );
    assert!(facts.subnets.is_empty());
}

#[tokio::test]
async fn facts_that_do_not_fit_are_reported_as_they_are() {
    let world = World::with_documents();
    world.cloud.set_key_state(FURTHER_KEY, "PendingDeletion");
    let subnet = json!({"id": "subnet-11111111", "account": ACCOUNT, "public-ip": true});
    world
        .emulator
        .seed(&serde_json::from_value(json!({"subnets": [subnet]})).expect("a seed"));
    let mut wanted = desired(&world.aws()).await;
    wanted.instances.types = vec!["m7g.large".to_owned(), "m99.large".to_owned()];
    wanted.instances.subnet = Some("subnet-11111111".to_owned());
    let settings = wanted.regions[&parsed("eu-west-1")].clone();
    wanted.regions.insert(parsed("ap-east-1"), settings.clone());
    wanted.regions.insert(parsed("mars-north-1"), settings);
    let facts = looked(&world, &wanted, Depth::Digest).await.facts;
    assert_eq!(
        facts.instance_types["m7g.large"],
        ["arm64".to_owned()].into()
    );
    assert!(facts.instance_types["m99.large"].is_empty());
    assert_eq!(
        facts.keys[&parsed(FURTHER_KEY)],
        KeyState::Unusable("PendingDeletion".to_owned())
    );
    assert_eq!(facts.regions[&parsed("ap-east-1")], RegionState::NotOptedIn);
    assert_eq!(facts.regions[&parsed("mars-north-1")], RegionState::Unknown);
    assert_eq!(
        facts.subnets["subnet-11111111"],
        SubnetState::Found { public_ip: true }
    );
    wanted.instances.subnet = Some("subnet-22222222".to_owned());
    let facts = looked(&world, &wanted, Depth::Digest).await.facts;
    assert_eq!(facts.subnets["subnet-22222222"], SubnetState::Missing);
}

#[tokio::test]
async fn bases_of_every_kind_become_amis() {
    let world = World::settled().await;
    world.cloud.set_parameter("/goldsmith/base", AMI);
    let mut wanted = desired(&world.aws()).await;
    let image = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x";
    let bases = [
        BaseImage::Parameter(parsed("/goldsmith/base")),
        BaseImage::Image(parsed(image)),
        BaseImage::Recipe(parsed("110304")),
    ];
    let entries = bases.into_iter().enumerate().map(|(n, base)| {
        let mut entry = wanted.recipes[0].clone();
        entry.name = parsed(&format!("child-{n}"));
        entry.base = base;
        entry
    });
    let entries: Vec<_> = entries.collect();
    wanted.recipes.extend(entries);
    let observed = looked(&world, &wanted, Depth::Digest).await;
    let plan = plan_for(&wanted, &observed);
    let parents: Vec<&str> = plan
        .changes
        .iter()
        .filter_map(|change| Some(change.makes_recipe()?.parent.as_str()))
        .collect();
    let parent =
        format!("arn:aws:imagebuilder:us-east-1:{ACCOUNT}:image/mstr-nonprod-110304/1.0.0");
    assert_eq!(
        parents,
        ["ssm:/goldsmith/base", image, parent.as_str()],
        "{plan}"
    );
    let applied = Box::pin(goldsmith_aws::apply(&world.aws(), &plan)).await;
    assert!(
        applied.failed.is_empty() && applied.not_attempted.is_empty(),
        "{applied:?}"
    );
}

#[tokio::test]
async fn what_we_wrote_is_read_as_we_wrote_it() {
    let world = World::settled().await;
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let observed = observe(&aws, &wanted, Depth::Content)
        .await
        .expect("a look");
    let plan = plan_for(&wanted, &observed);
    assert!(plan.changes.is_empty() && plan.waiting.is_empty(), "{plan}");
    assert!(
        observed
            .infrastructure
            .iter()
            .all(|one| one.content.is_some())
    );
    assert!(
        observed
            .distributions
            .iter()
            .all(|one| one.content.is_some())
    );
    // One infrastructure configuration and two distributions; a list of AMIs in each of two Regions, and
    // who may launch each of the two in each of them. Of each recipe four objects, and both parameters at once. Of
    // the deployment two rules, three rules' targets, policy and concurrency of three functions, the
    // notifications, the topic, two keys, the instance profile and the policies of its role in two. The grants on two keys. What two recipe
    // versions say and one component; the snapshots of the AMIs in two Regions, and who has each; who built
    // two images.
    assert_eq!(
        aws.take_drift_calls(),
        3 + 2 + 4 + 2 * 4 + 1 + DEPLOYMENT + 2 + 3 + 2 + 4 + 2
    );
    looked(&world, &wanted, Depth::Digest).await;
    assert_eq!(aws.take_drift_calls(), 0);
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_found_and_changed_back() {
    let world = World::settled().await;
    let wanted = desired(&world.aws()).await;
    let before = looked(&world, &wanted, Depth::Content).await;
    let digest = |arn: &str| {
        let all = before
            .distributions
            .iter()
            .map(|one| (&one.arn, &one.digest));
        let all = all.chain(
            before
                .infrastructure
                .iter()
                .map(|one| (&one.arn, &one.digest)),
        );
        let (_, digest) = all
            .into_iter()
            .find(|(found, _)| *found == arn)
            .expect("it exists");
        format!("goldsmith:digest={}", digest.as_ref().expect("a digest"))
    };
    let input = json!({"infrastructureConfigurationArn": INFRASTRUCTURE, "description": digest(INFRASTRUCTURE),
                       "instanceTypes": ["x2idn.metal"], "instanceProfileName": "goldsmith-nonprod"});
    by_hand(&world.emulator, "UpdateInfrastructureConfiguration", input).await;
    let ami = json!({"name": "mine {{ imagebuilder:buildDate }}", "launchPermission": {"userGroups": ["all"]}});
    let input = json!({"distributionConfigurationArn": DISTRIBUTION, "description": digest(DISTRIBUTION),
                       "distributions": [{"region": "us-east-1", "amiDistributionConfiguration": ami}]});
    by_hand(&world.emulator, "UpdateDistributionConfiguration", input).await;
    let recipe = before
        .pipelines
        .iter()
        .find(|one| one.arn.as_str() == PIPELINE)
        .and_then(|one| one.recipe.clone());
    let input = json!({"imagePipelineArn": PIPELINE, "imageRecipeArn": recipe.map(|arn| arn.to_string()),
                       "infrastructureConfigurationArn": INFRASTRUCTURE,
                       "distributionConfigurationArn": DISTRIBUTION,
                       "schedule": {"scheduleExpression": "rate(1 day)"}});
    by_hand(&world.emulator, "UpdateImagePipeline", input).await;

    let plan_to = async |depth| plan_for(&wanted, &looked(&world, &wanted, depth).await);
    assert_eq!(kinds(&plan_to(Depth::Digest).await), ["update-pipeline"]);
    let close = plan_to(Depth::Content).await;
    let expected = [
        "update-infrastructure-configuration",
        "update-distribution-configuration",
        "update-pipeline",
    ];
    assert_eq!(kinds(&close), expected);
    Box::pin(goldsmith_aws::apply(&world.aws(), &close)).await;
    let after = looked(&world, &wanted, Depth::Content).await;
    assert_eq!(after.pipelines, before.pipelines);
    assert_eq!(
        undated(after.infrastructure),
        undated(before.infrastructure)
    );
    assert_eq!(undated(after.distributions), undated(before.distributions));
}

/// Configurations without when they were last changed.
fn undated<T>(mut all: Vec<Configuration<T>>) -> Vec<Configuration<T>> {
    for one in &mut all {
        one.updated = None;
    }
    all
}

fn kinds(plan: &goldsmith_domain::plan::Plan) -> Vec<&'static str> {
    plan.changes
        .iter()
        .map(goldsmith_domain::plan::Change::kind)
        .collect()
}

/// As many recipes as this, all built and published.
async fn settled_with(recipes: usize) -> World {
    let world = World::with_documents();
    let entry = |n: usize| {
        format!(
            r#"{{ "aminame": "{AMI}", "recipename": "{}" }}"#,
            110_000 + n
        )
    };
    let entries: Vec<String> = (0..recipes).map(entry).collect();
    let versions = format!(
        r#"{{ "ami-version": [{}], "ami-scheduled": [] }}"#,
        entries.join(",")
    );
    world.cloud.upload("ami-versions.json", versions);
    world.settle().await;
    world
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "it prints what the hourly look costs")]
async fn a_deep_look_costs_the_same_for_each_recipe_and_an_hourly_one_is_bounded() {
    for recipes in [1, 10, 75] {
        let world = settled_with(recipes).await;
        let aws = world.aws();
        let wanted = desired(&aws).await;
        aws.take_calls();
        observe(&aws, &wanted, Depth::Digest).await.expect("a look");
        let ordinary: u64 = aws.take_calls().0.values().sum();
        observe(&aws, &wanted, Depth::Content)
            .await
            .expect("a look");
        let drift = aws.take_drift_calls();
        observe(&aws, &wanted, Depth::Hour).await.expect("a look");
        let hour = aws.take_drift_calls();
        println!(
            "{recipes} recipes: {ordinary} calls of an ordinary look, {drift} more of a deep one, {hour} of the \
             hourly one"
        );
        // The infrastructure, AMIs in two Regions, the deployment, grants on two keys, a component, and the
        // snapshots in two Regions; then of each recipe its version, the distribution, the permissions of two
        // AMIs and of their snapshots, who built its image, and four objects. Ten parameters take one call.
        let once = 1 + 2 + DEPLOYMENT + 2 + 1 + 2;
        let parameters = recipes.div_ceil(10) as u64;
        assert_eq!(drift, once + 11 * recipes as u64 + parameters);
        // Of about five recipes as much, but the permissions of all AMIs, and one list of what is published.
        assert!(
            hour <= once + 11 * 8 + 2 * recipes as u64 + parameters + 1,
            "{hour}"
        );
    }
}

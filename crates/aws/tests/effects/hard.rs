//! Images that cannot be copied: what EC2 says of a base AMI reaches the plan, the pipeline remembers it,
//! and a settled run asks nothing for it.

use goldsmith_aws::observe;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{
    Action, Index, LICENCE_TAG, Plan, Refused, TagPipeline, requirements,
};
use goldsmith_domain::resources::Wanted;
use serde_json::{Value, json};

use crate::support::emulated::pipeline_at;
use crate::support::inputs::{PIPELINE, tags};
use crate::support::run::{self, desired, plan_for};
use crate::support::{World, parsed, stack};

const TAKER: &str = "444444444444";
const TAG: &str = "1.0.0/RunInstances:0010/Linux//Red Hat Enterprise Linux";

/// One recipe on a hard base and one on a free one, for an account that gets copies of both.
fn uploaded() -> World {
    let taker =
        json!({ "account-id": TAKER, "roles": "any", "serve": "copy", "regions": ["us-east-1"] });
    World::on_a_hard_base(taker)
}

async fn settled() -> World {
    let world = uploaded();
    for _ in 0..3 {
        run::reconcile(&world.aws()).await.expect("a run");
        world.finish_builds();
    }
    run::reconcile(&world.aws()).await.expect("a run");
    world
}

fn assert_barred(plan: &Plan) {
    let [(recipe, Refused::Licence(account, barrier))] = plan.refused.as_slice() else {
        panic!("{plan}")
    };
    assert_eq!((recipe.as_str(), account.as_str()), ("110304", TAKER));
    assert!(
        barrier
            .found
            .contains("Red Hat Enterprise Linux (RunInstances:0010)"),
        "{}",
        barrier.found
    );
}

async fn tag(world: &World) -> Value {
    pipeline_at(&world.emulator, PIPELINE).await["tags"][LICENCE_TAG].clone()
}

#[tokio::test]
async fn a_hard_base_bars_its_copies_before_anything_is_built_and_no_others() {
    let world = uploaded();
    assert_barred(&run::look(&world.aws()).await.expect("a look"));

    let world = settled().await;
    assert_eq!(
        world.called("DistributeImage"),
        1,
        "for the recipe on the free base"
    );
    assert_eq!(tag(&world).await, TAG);
    let images = goldsmith_aws::images(&world.aws()).await.expect("images");
    let copies: Vec<_> = images
        .iter()
        .filter(|image| !image.copies.is_empty())
        .collect();
    assert!(
        copies.len() == 1 && copies[0].tags["goldsmith:recipename"] == "110302",
        "{copies:?}"
    );
}

#[tokio::test]
async fn a_settled_run_reports_excluded_copies_without_a_call_to_ec2() {
    let world = settled().await;
    world.emulator.clear_calls();
    let plan = run::look(&world.aws()).await.expect("a look");
    assert_barred(&plan);
    assert!(plan.changes.is_empty() && plan.waiting.is_empty(), "{plan}");
    let operations: Vec<String> = world
        .emulator
        .calls()
        .into_iter()
        .map(|call| call.operation)
        .collect();
    assert_eq!(operations.len(), 4, "the four lists: {operations:?}");
    assert!(
        operations
            .iter()
            .all(|operation| operation.starts_with("List")),
        "{operations:?}"
    );
}

#[tokio::test]
async fn with_a_tag_of_another_version_the_ami_of_the_image_is_read_once() {
    let world = settled().await;
    let tags = tags(&[(LICENCE_TAG, "0.9.0/RunInstances/Linux//Linux/UNIX")]);
    world
        .make(Action::TagPipeline(TagPipeline {
            arn: parsed(PIPELINE),
            tags,
        }))
        .await;
    world.emulator.clear_calls();

    let wanted = desired(&world.aws()).await;
    let observed = observe(&world.aws(), &wanted, Depth::Digest)
        .await
        .expect("a look");
    assert_eq!(world.called("DescribeImages"), 1);
    assert_eq!(
        observed.licences.len(),
        1,
        "only of what lacks copies: {:?}",
        observed.licences
    );
    assert_barred(&plan_for(&wanted, &observed));

    run::reconcile(&world.aws()).await.expect("a run");
    assert_eq!(
        tag(&world).await,
        TAG,
        "an image inherits what its base says"
    );
    let after = observe(&world.aws(), &wanted, Depth::Digest)
        .await
        .expect("a look");
    let stack = stack();
    let required = requirements(
        Index::new(&Wanted::new(&wanted, &stack), &after).view(),
        Depth::Digest,
    );
    assert!(required.licences.is_empty());
}

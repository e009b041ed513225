//! What is read of parameters: nothing that may be a secret goes any further.

use goldsmith_aws::observe;
use goldsmith_domain::desired::{BaseImage, Desired};
use goldsmith_domain::observed::{Depth, Observed};
use goldsmith_domain::review::{AccountQuotas, review};

use crate::support::World;
use crate::support::documents::AMI;
use crate::support::run::{desired, plan_for};
use crate::support::{parsed, stack};

const SECRET: &str = "hunter2-the-password";

/// Parameters that a pull request may name, each with what is there.
const NAMES: [&str; 6] = [
    "/goldsmith/text",
    "/goldsmith/secure",
    "/goldsmith/list",
    "/goldsmith/closed",
    "/goldsmith/missing",
    "/prod/db/password",
];

fn world() -> World {
    let world = World::with_documents();
    for name in NAMES {
        if name != "/goldsmith/missing" {
            world.cloud.set_parameter(name, SECRET);
        }
    }
    world.cloud.set_parameter("/goldsmith/base", AMI);
    world.cloud.set_parameter("/goldsmith/list", AMI);
    world
        .cloud
        .set_parameter_type("/goldsmith/list", "StringList");
    world.cloud.set_parameter("/goldsmith/secure", AMI);
    world
        .cloud
        .set_parameter_type("/goldsmith/secure", "SecureString");
    world.cloud.close_parameter("/goldsmith/closed");
    world
}

/// The documents of a fork's pull request: an entry on each parameter.
async fn of_a_fork(world: &World, names: &[&str]) -> Desired {
    let mut wanted = desired(&world.aws()).await;
    let first = wanted.recipes[0].clone();
    let entries = names.iter().enumerate().map(|(n, name)| {
        let mut entry = first.clone();
        entry.name = parsed(&format!("fork-{n}"));
        entry.base = BaseImage::Parameter(parsed(name));
        entry
    });
    wanted.recipes.extend(entries);
    wanted
}

async fn observed(world: &World, wanted: &Desired) -> Observed {
    observe(&world.aws(), wanted, Depth::Content)
        .await
        .expect("a look")
}

#[tokio::test]
async fn no_value_of_a_parameter_is_kept_or_shown_unless_it_is_an_ami_id() {
    let world = world();
    let wanted = of_a_fork(&world, &NAMES).await;
    let observed = observed(&world, &wanted).await;
    let plan = plan_for(&wanted, &observed);
    let review = review(&wanted, &observed, &plan, &stack(), &AccountQuotas::new());
    let saved = serde_json::to_string(&observed).expect("JSON");
    let shown = serde_json::to_string(&review).expect("JSON");
    for text in [saved, shown, plan.to_string(), format!("{observed:?}")] {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert_eq!(observed.catalog.expect("a catalog").parameters, [].into());
}

#[tokio::test]
async fn a_name_outside_the_prefix_is_never_asked_for() {
    let world = world();
    let wanted = of_a_fork(&world, &NAMES).await;
    observed(&world, &wanted).await;
    let asked = world.cloud.asked_parameters();
    assert!(
        asked.iter().all(|name| name.starts_with("/goldsmith/")),
        "{asked:?}"
    );
    assert_eq!(asked.len(), NAMES.len() - 1);
}

/// What a fork reads must not tell which of these is the case.
#[tokio::test]
async fn missing_denied_secure_and_other_parameters_have_the_same_answer() {
    let world = world();
    let wanted = of_a_fork(&world, &NAMES[..5]).await;
    let plan = plan_for(&wanted, &observed(&world, &wanted).await);
    let answers: Vec<String> = plan
        .refused
        .iter()
        .map(|(_, why)| {
            let why = why.to_string();
            NAMES
                .iter()
                .fold(why, |why, name| why.replace(name, "NAME"))
        })
        .collect();
    assert_eq!(answers.len(), 5);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );
}

#[tokio::test]
async fn a_parameter_that_is_denied_refuses_no_other_recipe() {
    let world = world();
    let wanted = of_a_fork(&world, &["/goldsmith/closed", "/goldsmith/base"]).await;
    let plan = plan_for(&wanted, &observed(&world, &wanted).await);
    let refused: Vec<&str> = plan.refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(refused, ["fork-0"]);
    let mut made = plan
        .changes
        .iter()
        .filter_map(|change| change.makes_recipe());
    assert!(
        made.any(|create| create.parent == "ssm:/goldsmith/base"),
        "{plan}"
    );
}

//! Recipe versions that somebody else made under our names, with our tags and the digest of reviewed
//! documents: whoever reads the documents can compute it.

use std::collections::BTreeMap;

use goldsmith_domain::arn::VersionArn;
use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::{Copy, Depth, Image, Recipe, RecipeContents, Target};
use goldsmith_domain::plan::{Action, Change, CreateRecipe, Index, Publisher, plan};
use goldsmith_domain::resources::Wanted;

use super::{settled, short};
use crate::world::{World, consumer, consumers, desired, stack};

type Hand = fn(&mut RecipeContents);

/// What somebody can put into a recipe, and keep the rest as it was reviewed.
fn hands() -> [(&'static str, Hand); 12] {
    [
        ("another name", |recipe| recipe.name.push('x')),
        ("another base", |recipe| {
            recipe.parent.push('0');
        }),
        ("one component more", |recipe| {
            let mut component = recipe.components[0].clone();
            component.arn = component.arn.replace("component/", "component/x");
            recipe.components.push(component);
        }),
        ("one component less", |recipe| drop(recipe.components.pop())),
        ("the same one twice", |recipe| {
            let component = recipe.components[0].clone();
            recipe.components.push(component);
        }),
        ("another component", |recipe| {
            let arn = &mut recipe.components[0].arn;
            *arn = arn.replace(":111122223333:", ":999999999999:");
        }),
        ("a parameter", |recipe| {
            let parameters = &mut recipe.components[0].parameters;
            parameters.insert("Script".to_owned(), "evil".to_owned());
        }),
        ("another key", |recipe| {
            recipe.devices[0].key = Some(
                "arn:aws:kms:us-east-1:999999999999:key/11111111-2222-4333-8444-000000000001"
                    .to_owned(),
            );
        }),
        ("no encryption", |recipe| recipe.devices[0].key = None),
        ("no devices", |recipe| recipe.devices.clear()),
        ("another tag of the AMI", |recipe| {
            recipe.ami_tags.insert("Owner".to_owned(), "me".to_owned());
        }),
        ("user data", |recipe| {
            recipe.others = BTreeMap::from([("user data".to_owned(), "set".to_owned())]);
        }),
    ]
}

/// The first recipe version that a plan makes.
fn first_recipe(world: &World) -> CreateRecipe {
    let plan = world.plan(&desired());
    let create = |change: &Change| {
        let Action::CreateRecipe(create) = &change.action else {
            return None;
        };
        Some(create.clone())
    };
    let recipe = plan.changes.iter().find_map(create);
    recipe.expect("a new recipe")
}

/// A version with the digest of reviewed documents that says what `hand` made of them.
fn forge(world: &mut World, create: &CreateRecipe, hand: Hand) {
    let mut contents = RecipeContents::from(create);
    hand(&mut contents);
    world.catalog.contents.insert(create.arn.clone(), contents);
    world.catalog.recipes.push(Recipe {
        arn: create.arn.clone(),
        tags: create.tags.clone(),
    });
}

/// A world in which every recipe has to be made again, and its components are there.
fn before() -> World {
    let mut world = settled(&desired());
    world.pipelines.clear();
    world.images.clear();
    world.catalog.recipes.clear();
    world.catalog.contents.clear();
    world
}

#[test]
fn a_version_that_says_what_the_documents_want_is_used() {
    let mut world = before();
    let wanted = first_recipe(&world);
    forge(&mut world, &wanted, |_| {});
    let text = short(&world.plan(&desired()).to_string());
    assert!(
        !text.contains(&short(&format!("create-recipe {}", wanted.arn))),
        "{text}"
    );
    assert!(!text.contains("carries the digest"), "{text}");
}

#[test]
fn a_version_that_says_anything_else_is_named_and_not_used() {
    for (what, hand) in hands() {
        let mut world = before();
        let wanted = first_recipe(&world);
        forge(&mut world, &wanted, hand);
        let plan = world.plan(&desired());
        let next = next_of(&wanted.arn);
        let made = plan.changes.iter().any(|change| {
            matches!(&change.action, Action::CreateRecipe(create) if create.arn.to_string() == next)
        });
        assert!(made, "{what}: {plan}");
        let told = format!("refused {}: it carries the digest of recipe", wanted.arn);
        assert!(plan.to_string().contains(&told), "{what}: {plan}");
        world.run(&desired());
        assert!(
            world.plan(&desired()).changes.is_empty(),
            "{what}: made once"
        );
    }
}

fn next_of(arn: &VersionArn) -> String {
    arn.to_string().replace("/1.0.0", "/1.0.1")
}

/// Who may update a pipeline and tag it can point it to such a version: a deep scan reads what it builds.
#[test]
fn a_pipeline_that_builds_such_a_version_is_brought_to_a_new_one() {
    for (what, hand) in hands() {
        let mut world = settled(&desired());
        let current = world.pipelines[0].recipe.clone().expect("a recipe");
        let contents = world.catalog.contents.get_mut(&current);
        hand(contents.expect("what it says"));
        assert!(
            world.plan(&desired()).changes.is_empty(),
            "{what}: an ordinary run believes the tags"
        );
        let plan = world.close_plan(&desired());
        let told = format!("refused {current}: it carries the digest of recipe");
        assert!(plan.to_string().contains(&told), "{what}: {plan}");
        let brought = plan.changes.iter().any(|change| {
            change.pipeline() == Some(&world.pipelines[0].arn)
                && matches!(&change.action, Action::UpdatePipeline(_))
        });
        assert!(brought, "{what}: {plan}");
    }
}

/// Whoever may call `CreateImage` with our recipe makes the next build of it.
#[test]
fn an_image_that_no_pipeline_of_ours_built_is_named_and_nothing_is_done_with_it() {
    let wanted = desired();
    let mut world = settled(&wanted);
    let good = world.images[0].clone();
    let mut foreign = good.clone();
    foreign.arn = good
        .arn
        .to_string()
        .replace("/1.0.0/1", "/1.0.0/2")
        .parse()
        .expect("an ARN");
    let evil = "ami-0eeeeeeeeeeeeeeee".parse().expect("an AMI");
    foreign.amis = good
        .amis
        .keys()
        .map(|region| (region.clone(), AmiId::clone(&evil)))
        .collect();
    world.foreign.insert(foreign.arn.clone());
    world.images.push(foreign.clone());
    for plan in [world.plan(&wanted), world.close_plan(&wanted)] {
        assert!(
            plan.changes.is_empty(),
            "the good build stays what it was: {plan}"
        );
        let told = format!(
            "refused {}: it was not built by the pipeline of recipe 110304",
            foreign.arn
        );
        assert!(plan.to_string().contains(&told), "{plan}");
    }
    // The same image of the pipeline is published and shared.
    world.foreign.clear();
    assert!(!world.plan(&wanted).changes.is_empty());
}

/// The tag of the pipeline says so, and anybody who may tag it can.
#[test]
fn an_image_that_is_said_to_be_published_and_that_nobody_of_us_built_is_found_by_a_deep_scan() {
    let wanted = desired();
    let mut world = settled(&wanted);
    let image = world.images[0].arn.clone();
    world.foreign.insert(image.clone());
    assert!(
        world.plan(&wanted).refused.is_empty(),
        "an ordinary run believes the tag"
    );
    let plan = world.close_plan(&wanted);
    assert!(
        plan.to_string()
            .contains(&format!("refused {image}: it was not built by")),
        "{plan}"
    );
}

/// An available image that says by its tags that it copied `of` into account 444444444444.
fn copier(of: &Image) -> Image {
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let target = Target {
        account: "444444444444".parse().expect("an account"),
        region: stack().region,
    };
    let ami = "ami-0eeeeeeeeeeeeeeee".parse().expect("an AMI");
    Image {
        arn: "arn:aws:imagebuilder:us-east-1:111122223333:image/copies-of-mine/1.0.0/1"
            .parse()
            .expect("an ARN"),
        amis: BTreeMap::new(),
        copies: vec![Copy { target, ami }],
        tags: [
            tag("goldsmith:environment", "nonprod"),
            tag("goldsmith:copies-of", &of.arn.to_string()),
            tag("goldsmith:copies-for", "ours"),
        ]
        .into(),
        ..of.clone()
    }
}

/// Whoever may tag can say that an image of theirs made the copies that consumers are told of.
#[test]
fn an_image_that_only_says_that_it_made_our_copies_is_named_and_they_are_made_without_it() {
    let account = Account {
        serve: DeliveryMode::Copy,
        ..consumer("444444444444", &[])
    };
    let wanted = Desired {
        consumers: consumers(vec![account]),
        ..desired()
    };
    let mut world = World::new();
    world.run(&wanted);
    world.finish_builds();
    let forged = copier(&world.images[0]);
    world.foreign.insert(forged.arn.clone());
    world.images.push(forged.clone());
    let plan = world.plan(&wanted).to_string();
    let told = format!(
        "refused {}: its tags say that it made copies of recipe 110304",
        forged.arn
    );
    assert!(
        plan.contains(&told) && plan.contains("distribute-image"),
        "{plan}"
    );
    assert!(!plan.contains("publish-copies"), "{plan}");
    // The same image, distributed with goldsmith's role, is believed.
    world.foreign.clear();
    let plan = world.plan(&wanted).to_string();
    assert!(
        plan.contains("publish-copies") && !plan.contains(&told),
        "{plan}"
    );
}

/// One read that fails must not make a healthy version look forged.
#[test]
fn a_version_of_which_something_was_not_read_is_neither_forged_nor_replaced() {
    let world = settled(&desired());
    let mut observed = world.observe_to(&desired(), Depth::Content);
    let catalog = observed.catalog.as_mut().expect("a close look");
    catalog.component_data.clear();
    let stack = stack();
    let plan = plan(
        Index::new(&Wanted::new(&desired(), &stack), &observed).view(),
        Publisher::Reconcile,
    );
    assert!(plan.changes.is_empty(), "{plan}");
    assert!(!plan.to_string().contains("carries the digest"), "{plan}");
}

/// Tags prove nothing, and the lists that every run reads say what a pipeline builds.
#[test]
fn a_pipeline_that_builds_a_recipe_of_another_name_is_put_right_at_once() {
    for (from, to) in [
        ("mstr-nonprod-", "evil-"),
        (":111122223333:", ":999999999999:"),
    ] {
        let mut world = settled(&desired());
        let pipeline = &mut world.pipelines[0];
        let recipe = pipeline.recipe.clone().expect("a recipe").to_string();
        let evil = recipe.replace(from, to);
        pipeline.recipe = evil.parse().ok();
        pipeline
            .tags
            .insert("goldsmith:recipe".to_owned(), evil.clone());
        let plan = world.plan(&desired()).to_string();
        assert!(plan.contains("update-pipeline"), "{evil}: {plan}");
        world.run(&desired());
        let built = world.pipelines[0].recipe.as_ref().map(ToString::to_string);
        assert_eq!(built, Some(recipe));
    }
}

//! Whatever a digest covers: if it changes alone, the review names it with its old and its new value.
//!
//! The fields are those of the stored formats in `digests/v1`. A field that no case changes fails the
//! test, so that a new one needs a case.

mod cases;
mod documents;

use std::collections::BTreeSet;

use goldsmith_domain::desired::{BaseImage, Desired};
use goldsmith_domain::resources;
use goldsmith_domain::review::Review;
use goldsmith_domain::stack::DIGEST_TAG;
use serde_json::Value;

use self::cases::{CASES, rename};
use self::documents::{amazons, everything};
use crate::plan::settled;
use crate::world::{AMI_A, AMI_B, World, document, entry, on_recipe, stack};

/// Objects whose members are not fields, but names that the documents choose.
const MAPS: [&str; 4] = ["regions", "ami_tags", "resource_tags", "parameters"];

/// What no document can change in the configurations that a plan updates: an image with encrypted
/// snapshots cannot be public, and copies have configurations of their own, which are made once.
const NEVER: [&str; 2] = ["regions.*.shared_with.everybody", "regions.*.copied_to.*"];

/// What a review says: what, old value, new value.
fn told(review: &Review) -> Vec<(String, String, String)> {
    let of_recipes = review.recipes.iter().flat_map(|recipe| &recipe.because);
    let differences = of_recipes.chain(&review.settings).map(|difference| {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let (from, to) = (text(&difference.from), text(&difference.to));
        (difference.what.clone(), from, to)
    });
    let access = review.access.iter().map(|access| {
        let direction = format!("{:?}", access.direction);
        let consumer = format!("access of {}", access.consumer);
        (consumer, "-".to_owned(), direction)
    });
    differences.chain(access).collect()
}

#[track_caller]
fn assert_told(review: &Review, what: &str, from: &str, to: &str) {
    let told = told(review);
    let is_told = |(known, before, after): &(String, String, String)| {
        known == what && before.contains(from) && after.contains(to)
    };
    assert!(
        told.iter().any(is_told),
        "{what}: {from} -> {to} is not in {told:#?}"
    );
    let vague = told.iter().find(|(what, ..)| what.contains("digest"));
    assert_eq!(vague, None);
}

/// What the digests of the first recipe and its configurations are taken of.
fn inputs(wanted: &Desired) -> [Value; 3] {
    let (stack, entry) = (stack(), &wanted.recipes[0]);
    let texts = [
        resources::Wanted::new(wanted, &stack)
            .recipe(entry)
            .content
            .digest_input(),
        resources::infrastructure(wanted, &stack).digest_input(),
        resources::distribution(wanted, &stack, &entry.name).digest_input(),
    ];
    texts.map(|text| serde_json::from_str(&text).expect("JSON"))
}

/// The paths at which two inputs differ, a `*` for each name that documents choose.
fn differing(before: &Value, after: &Value, path: &str, paths: &mut BTreeSet<String>) {
    let is_map = path
        .rsplit('.')
        .next()
        .is_some_and(|last| MAPS.contains(&last));
    match (before, after) {
        (Value::Object(_), _) | (_, Value::Object(_)) => {
            let keys = [before, after]
                .into_iter()
                .filter_map(Value::as_object)
                .flatten();
            for key in keys.map(|(key, _)| key).collect::<BTreeSet<_>>() {
                let name = if is_map { "*" } else { key.as_str() };
                let path = format!("{path}.{name}");
                differing(&before[key.as_str()], &after[key.as_str()], &path, paths);
            }
        }
        (Value::Array(_), _) | (_, Value::Array(_)) => {
            let length = |value: &Value| value.as_array().map_or(0, Vec::len);
            for index in 0..length(before).max(length(after)) {
                let path = format!("{path}.*");
                differing(&before[index], &after[index], &path, paths);
            }
        }
        _ if before != after => drop(paths.insert(path.trim_start_matches('.').to_owned())),
        _ => {}
    }
}

#[test]
fn every_field_of_a_digest_is_named_with_its_old_and_new_value() {
    let before = everything();
    let world = settled(&before);
    assert_eq!(world.plan(&before).changes, []);
    let mut changed = BTreeSet::new();
    for (change, what, from, to) in CASES {
        let mut after = before.clone();
        change(&mut after);
        for (old, new) in inputs(&before).iter().zip(&inputs(&after)) {
            differing(old, new, "", &mut changed);
        }
        assert_told(&world.review(&after), what, from, to);
    }
    // The two that only another stack or another recipe changes have tests of their own.
    changed.extend(["key", "parent.recipe.name", "parent.recipe.digest"].map(str::to_owned));
    let mut all = BTreeSet::new();
    for stored in [
        include_str!("../../digests/v1/recipe.json"),
        include_str!("../../digests/v1/recipe-on-a-parameter.json"),
        include_str!("../../digests/v1/recipe-on-a-recipe.json"),
        include_str!("../../digests/v1/recipe-on-an-image.json"),
        include_str!("../../digests/v1/infrastructure.json"),
        include_str!("../../digests/v1/distribution.json"),
    ] {
        let stored = serde_json::from_str(stored).expect("JSON");
        differing(&stored, &Value::Null, "", &mut all);
    }
    let never = NEVER.map(str::to_owned);
    let missed: Vec<&String> = all
        .difference(&changed)
        .filter(|path| !never.contains(path))
        .collect();
    assert!(missed.is_empty(), "no case changes {missed:?}");
}

/// Brings a pipeline and its recipe to another digest, as if the stack had been another one.
fn as_if_by_another_stack(world: &mut World) {
    let other = "0".repeat(64);
    for pipeline in &mut world.pipelines {
        pipeline.tags.insert(DIGEST_TAG.to_owned(), other.clone());
    }
    for recipe in &mut world.catalog.recipes {
        recipe.tags.insert(DIGEST_TAG.to_owned(), other.clone());
    }
}

#[test]
fn another_key_of_the_stack_is_named() {
    let mut world = settled(&everything());
    as_if_by_another_stack(&mut world);
    for contents in world.catalog.contents.values_mut() {
        contents
            .devices
            .iter_mut()
            .for_each(|device| device.key = Some("old".to_owned()));
    }
    let key = stack().key.to_string();
    assert_told(
        &world.review(&everything()),
        "key of the volumes",
        "old",
        &key,
    );
}

#[test]
fn another_version_of_the_recipe_below_is_named() {
    let family = |ami: &str| {
        let mut wanted = everything();
        wanted.recipes = vec![entry("base", ami), entry("a", AMI_A)];
        wanted.recipes[1].base = on_recipe("base");
        wanted
    };
    let mut world = settled(&family(AMI_A));
    let wanted = family(AMI_B);
    world.run(&wanted);
    world.finish_builds();
    let review = world.review(&wanted);
    assert_told(
        &review,
        "base image",
        "image/mstr-nonprod-base/1.0.0",
        "image/mstr-nonprod-base/1.0.1",
    );
}

#[test]
fn a_version_that_was_deleted_is_named_and_everything_that_follows_it() {
    let mut world = settled(&everything());
    world.catalog.contents.clear();
    let mut wanted = everything();
    wanted.volumes[0].size_gib = 50;
    let review = world.review(&wanted);
    assert_told(
        &review,
        "recipe version",
        "1.0.0 was deleted or not read",
        "1.0.1",
    );
    assert_told(&review, "volume /dev/xvda", "not known", "50 GiB gp3");
}

#[test]
fn a_tag_that_was_changed_by_hand_is_named() {
    let mut world = settled(&everything());
    as_if_by_another_stack(&mut world);
    let because = &world.review(&everything()).recipes[0].because;
    let what: Vec<&str> = because
        .iter()
        .map(|difference| difference.what.as_str())
        .collect();
    assert_eq!(what, ["tag goldsmith:digest, for the same content"]);
    assert!(
        because[0].from.is_some() && because[0].to.is_some(),
        "{because:?}"
    );
}

/// A comment shows ten differences of a recipe at most.
#[test]
fn a_strangers_component_comes_before_everything_that_could_hide_it() {
    let world = settled(&everything());
    let mut wanted = everything();
    wanted.build_components.push(amazons("999999999999"));
    wanted.build_components.remove(0);
    wanted.recipes[0].base = BaseImage::Ami(AMI_B.parse().expect("an AMI"));
    for n in 0..20 {
        let mut more = document("more");
        rename(&mut more, &format!("a{n}"));
        wanted.build_components.insert(0, more);
    }
    let because = &world.review(&wanted).recipes[0].because;
    let first = "component arn:aws:imagebuilder:us-east-1:999999999999:component/update-linux";
    assert_eq!(because[0].what, first);
}

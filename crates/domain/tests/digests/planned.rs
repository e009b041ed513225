//! Digests that a plan writes: client tokens, and tags that say what was delivered.

use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::{Desired, RegionSettings};
use goldsmith_domain::names::Region;
use goldsmith_domain::plan::{Action, Change, REBUILT_TAG, token};
use goldsmith_domain::stack::DIGEST_TAG;

use crate::world::{AMI_A, AMI_B, World, builder, consumer, consumers, desired, entry};

const COPIED: &str = "444444444444";
const JOINING: &str = "555555555555";
const BUILDER: &str = "666666666666";
const OTHER: &str = "777777777777";

fn copied(id: &str) -> Account {
    Account {
        serve: DeliveryMode::Copy,
        ..consumer(id, &[])
    }
}

/// An account with a role that writes its parameters.
fn with_parameters(account: Account) -> Account {
    let role = format!("arn:aws:iam::{}:role/parameters", account.id);
    Account {
        parameter_role: Some(role.parse().expect("a role")),
        ..account
    }
}

/// An account that gets images in a further Region as well, under keys of its own.
fn with_own_keys(mut account: Account) -> Account {
    for region in ["us-east-1", "eu-west-1"] {
        let key = format!(
            "arn:aws:kms:{region}:{}:key/11111111-2222-4333-8444-0000000000aa",
            account.id
        );
        let region: Region = region.parse().expect("a Region");
        account.regions.insert(region.clone());
        account.keys.insert(region, key.parse().expect("a key"));
    }
    account
}

/// One recipe on `base`, distributed to two Regions.
fn wanted(base: &str, accounts: Vec<Account>) -> Desired {
    let further = RegionSettings {
        kms_key: Some(
            "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678"
                .parse()
                .expect("a key"),
        ),
        ..RegionSettings::default()
    };
    let mut wanted = Desired {
        recipes: vec![entry("110304", base)],
        consumers: consumers(accounts),
        ..desired()
    };
    wanted
        .regions
        .insert("eu-west-1".parse().expect("a Region"), further);
    wanted
}

/// What a change carries that a digest decides.
fn digests_of(change: &Change) -> Option<String> {
    if let Action::StartBuild(build) = &change.action {
        Some(format!("build {}", build.token))
    } else if let Action::DistributeImage(one) = &change.action {
        Some(format!("distribute {}", one.token))
    } else if let Action::RetryImage(one) = &change.action {
        Some(format!("retry {}", one.token))
    } else if let Action::PublishCopies(one) = &change.action {
        let what = if one.tag == REBUILT_TAG {
            "rebuilt"
        } else {
            "copies"
        };
        Some(format!("{what} {}", one.digest))
    } else if let Action::Rebuild(one) = &change.action {
        let (of, name) = (&one.tags[DIGEST_TAG], &one.recipe.name);
        Some(format!("rebuild of {of}\ntoken {}\nname {name}", one.token))
    } else {
        None
    }
}

/// What the changes of a plan carry that a digest decides.
fn carried(world: &World, wanted: &Desired) -> String {
    let changes = world.plan(wanted).changes;
    let lines: Vec<String> = changes.iter().filter_map(digests_of).collect();
    lines.join("\n")
}

fn built(mut world: World, wanted: &Desired) -> World {
    world.run(wanted);
    world.finish_builds();
    world
}

#[test]
fn the_token_of_a_build_stays() {
    let pipeline = "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/mstr-nonprod-110304";
    let recipe =
        "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/mstr-nonprod-110304/1.0.0";
    let of = |cause: &str| {
        let (pipeline, recipe) = (pipeline.parse().expect("one"), recipe.parse().expect("one"));
        token(&pipeline, &recipe, cause)
    };
    assert_eq!(
        of("first"),
        "7da155d924cf4b496bb09c96b8b01fbef215298552d8dbec3e11cd296c946a5f"
    );
    assert_eq!(
        of("\"quoted\" é"),
        "6b946d5181e902948246e9571ab4d6fb61861eaaa9286e752691920b57aa9fe2"
    );
    let wanted = wanted(AMI_A, Vec::new());
    let mut world = World::new();
    world.run(&wanted);
    world.images.clear();
    assert_eq!(
        carried(&world, &wanted),
        "build 7da155d924cf4b496bb09c96b8b01fbef215298552d8dbec3e11cd296c946a5f"
    );
}

#[test]
fn the_tokens_of_copies_stay() {
    let accounts = vec![
        copied(COPIED),
        with_own_keys(with_parameters(copied(OTHER))),
    ];
    let wanted = wanted(AMI_A, accounts);
    let world = built(World::new(), &wanted);
    assert_eq!(
        carried(&world, &wanted),
        "distribute 315c93625e0c6a654e5ec6ed80f8737c89dc010495f599b912904b641429e6be\ndistribute d75ffe469f16a36ddeef024d02a50aee116f8bff5bc14d2983aff8dbaaeda697"
    );
}

#[test]
fn the_token_of_a_later_batch_of_copies_stays() {
    let first = wanted(AMI_A, vec![copied(COPIED)]);
    let mut world = World::new();
    world.settle(&first);
    let both = wanted(AMI_A, vec![copied(COPIED), copied(JOINING)]);
    assert_eq!(
        carried(&world, &both),
        "distribute bce5aa4e67ccdf7c8224e7acf3e4f83671713dbf7511013f771bd0599946e7a0"
    );
}

#[test]
fn the_token_of_a_retry_stays() {
    let wanted = wanted(AMI_A, vec![copied(COPIED)]);
    let mut world = built(World::new(), &wanted);
    world.run(&wanted);
    world.fail_copies(COPIED);
    assert_eq!(
        carried(&world, &wanted),
        "retry a26398567050faf53133df1f4dd81560bc362cc40d070602c48783f5de44d0cf"
    );
}

#[test]
fn the_digest_of_published_copies_stays() {
    let accounts = vec![
        copied(COPIED),
        with_own_keys(with_parameters(copied(OTHER))),
    ];
    let wanted = wanted(AMI_A, accounts);
    let mut world = built(World::new(), &wanted);
    world.run(&wanted);
    world.finish_builds();
    assert_eq!(
        carried(&world, &wanted),
        "copies b3657b53b4e75ac701e6426884a143e9d13710d40d32e822742c2cdefa08924d"
    );
}

#[test]
fn the_digests_of_rebuilds_stay() {
    let accounts = vec![
        builder(BUILDER),
        with_parameters(with_own_keys(builder(OTHER))),
    ];
    let wanted = wanted(AMI_B, accounts);
    let mut world = built(World::with_a_hard_base(), &wanted);
    assert_eq!(
        carried(&world, &wanted),
        "rebuild of c633062c117be1f1ade9566de75d68ba0a08f52257c72617478ddf7b533f6f4b\ntoken 2d02cc663d23ca86c2375e007997545cf4e088dfff9a4fb7f0a8824d62265630\nname mstr-nonprod-110304-rebuild-916ac9bbfa4e\nrebuild of 52f621d2f1dc744be8e08eaff5cc93af00df5bf2e540b5e35a512dbb7fb633a7\ntoken 8c888194051832e16582c3f8c0874411063be2123c37193a9b12e0fe6dd860e3\nname mstr-nonprod-110304-rebuild-784cbaa903eb"
    );
    world.run(&wanted);
    world.finish_builds();
    assert_eq!(
        carried(&world, &wanted),
        "rebuilt 2a6056b5fe759f5a2068836a1e050ef616039b08e1fa060ea3af0beb59e3a25b"
    );
}

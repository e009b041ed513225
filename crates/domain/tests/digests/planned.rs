//! Digests that a plan writes: client tokens, and tags that say what was delivered.

use goldsmith_domain::consumers::{Account, DeliveryMode};
use goldsmith_domain::desired::{Desired, RegionSettings};
use goldsmith_domain::names::Region;
use goldsmith_domain::plan::{Change, REBUILT_TAG, token};
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
        let key = format!("arn:aws:kms:{region}:{}:key/own", account.id);
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
            "arn:aws:kms:eu-west-1:111122223333:key/5678"
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
    if let Change::StartBuild(build) = change {
        Some(format!("build {}", build.token))
    } else if let Change::DistributeImage(one) = change {
        Some(format!("distribute {}", one.token))
    } else if let Change::RetryImage(one) = change {
        Some(format!("retry {}", one.token))
    } else if let Change::PublishCopies(one) = change {
        let what = if one.tag == REBUILT_TAG {
            "rebuilt"
        } else {
            "copies"
        };
        Some(format!("{what} {}", one.digest))
    } else if let Change::Rebuild(one) = change {
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
        "distribute b065135472645307fafc0976ad8ce671de465ef14a0512fafe1a7c9e2ea87adc\ndistribute ca9b7f9bf92924bff89921aa25bfce97f19f7207931b5e79a7c190c3230a2a51"
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
        "distribute a92fa0349773962538b334232855f0bf4f777c492b285c3ef6cc2abbb5adb01b"
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
        "retry d3ca6d06a3a78288ef44da4c16fe4354fbab6569b702673f3ac682dd7ecc2ad6"
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
        "copies 1981fbbc041e86e4ddaf4e4e5cd9e193a22afb233656cb5806e592b398fd8669"
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
        "rebuild of e3947099ced9feeb5cd93d631b86d0d718066cb59f71bc6c48105df27d0bda51\ntoken 563d0129735baeb278342c99f96688cc7c54733992c3b28cdba3a4a7e5c6928e\nname mstr-nonprod-110304-rebuild-adaf663986ec\nrebuild of c6140c7403c47b6ba4ed506c208e906a7eb74e4178faa3efadb7ddcb59f27d6a\ntoken ac28c316cd0815ca4d00be71d365fc55232512d441c790f9b0d7e975149ecacc\nname mstr-nonprod-110304-rebuild-b9600978a6c8"
    );
    world.run(&wanted);
    world.finish_builds();
    assert_eq!(
        carried(&world, &wanted),
        "rebuilt 27e949e734ea2e424fc81355df941697916108e96922220b72aee892120acd7a"
    );
}

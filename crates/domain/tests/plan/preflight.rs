//! What is refused before anything is made for it, each by its fact.

use std::collections::BTreeMap;

use goldsmith_domain::consumers::Consumers;
use goldsmith_domain::desired::{Desired, Platform, RegionSettings};
use goldsmith_domain::names::{KeyArn, Region};
use goldsmith_domain::observed::{
    KeyState, Pipeline, PipelineStatus, ProductCode, RegionState, SubnetState,
};
use goldsmith_domain::plan::Change;
use goldsmith_domain::review::QuotaSource;
use insta::assert_snapshot;

use crate::plan::settled;
use crate::world::{AMI_A, AMI_B, World, desired, entry, stack};

/// What is refused, for whom, and how many recipes are made nevertheless.
fn refused(world: &World, wanted: &Desired) -> String {
    let plan = world.plan(wanted);
    let mut lines: Vec<String> = plan
        .refused
        .iter()
        .map(|(subject, why)| format!("{subject}: {why}"))
        .collect();
    let made = plan
        .changes
        .iter()
        .filter(|change| change.makes_recipe().is_some())
        .count();
    lines.push(format!("{made} made"));
    crate::plan::short(&lines.join("\n"))
}

/// The sample, with the second recipe on the other AMI.
fn two_bases() -> Desired {
    Desired {
        recipes: vec![entry("110304", AMI_A), entry("110302", AMI_B)],
        ..desired()
    }
}

fn base_ami<'w>(world: &'w mut World, ami: &str) -> &'w mut goldsmith_domain::observed::BaseAmi {
    world
        .catalog
        .base_amis
        .get_mut(&ami.parse().expect("an AMI"))
        .expect("it is there")
}

#[test]
fn an_architecture_that_no_instance_type_has() {
    let mut world = World::new();
    world.facts.instance_types = [("m6i.large".to_owned(), ["x86_64".to_owned()].into())].into();
    base_ami(&mut world, AMI_B).architecture = "arm64".to_owned();
    assert_snapshot!(refused(&world, &two_bases()), @r"
    110302: the base AMI ami-0bbbbbbbbbbbbbbbb is for arm64, and the instance type m6i.large is not
    1 made
    ");
}

#[test]
fn an_instance_type_that_does_not_exist() {
    let mut world = World::new();
    world.facts.instance_types = [("m6i.large".to_owned(), [].into())].into();
    assert_snapshot!(refused(&world, &two_bases()), @r"
    110304: the instance type m6i.large does not exist in this Region
    110302: the instance type m6i.large does not exist in this Region
    0 made
    ");
}

#[test]
fn instance_types_that_change_alone_have_to_be_there_and_fit_every_base() {
    let mut world = settled(&two_bases());
    let mut wanted = two_bases();
    wanted.instances.types = vec!["m6i.lage".to_owned()];
    world.facts.instance_types = [("m6i.lage".to_owned(), [].into())].into();
    assert_snapshot!(refused(&world, &wanted), @r"
    110304: the instance type m6i.lage does not exist in this Region
    110302: the instance type m6i.lage does not exist in this Region
    0 made
    ");
    wanted.instances.types = vec!["m6g.large".to_owned()];
    world.facts.instance_types = [("m6g.large".to_owned(), ["arm64".to_owned()].into())].into();
    assert_snapshot!(refused(&world, &wanted), @r"
    110304: the base AMI ami-0aaaaaaaaaaaaaaaa is for x86_64, and the instance type m6g.large is not
    110302: the base AMI ami-0aaaaaaaaaaaaaaaa is for x86_64, and the instance type m6g.large is not
    0 made
    ");
}

#[test]
fn a_platform_that_is_not_the_base_amis() {
    let mut wanted = two_bases();
    wanted.recipes[1].platform = Some(Platform::Windows);
    assert_snapshot!(refused(&World::new(), &wanted), @r"
    110302: its platform is Windows, and the base AMI ami-0bbbbbbbbbbbbbbbb is Linux
    1 made
    ");
}

#[test]
fn a_base_ami_that_is_not_available() {
    let mut world = World::new();
    base_ami(&mut world, AMI_B).available = false;
    assert_snapshot!(refused(&world, &two_bases()), @r"
    110302: the base AMI ami-0bbbbbbbbbbbbbbbb is not in the state `available`
    1 made
    ");
}

#[test]
fn a_deprecated_base_ami_is_reported_from_its_date_on_and_still_used() {
    let mut world = World::new();
    base_ami(&mut world, AMI_B).deprecated = Some("2026-06-01T00:00:00Z".parse().expect("a time"));
    let waiting = |world: &World| world.plan(&two_bases()).waiting;
    assert_eq!(waiting(&world), []);
    world.time = "2026-06-01T00:00:00Z".parse().expect("a time");
    assert_snapshot!(waiting(&world)[0].1.to_string(), @r"the base AMI ami-0bbbbbbbbbbbbbbbb is deprecated since 2026-06-01T00:00:00Z; images are still built on it");
    assert_eq!(refused(&world, &two_bases()), "2 made");
}

#[test]
fn the_stacks_key() {
    let mut world = World::new();
    for (state, expected) in [
        (KeyState::Usable, "2 made"),
        (
            KeyState::Unreadable("AccessDeniedException".to_owned()),
            "could not be read: AccessDeniedException",
        ),
        (KeyState::Missing, "does not exist"),
        (
            KeyState::Unusable("PendingDeletion".to_owned()),
            "is PendingDeletion",
        ),
        (
            KeyState::AwsManaged,
            "is managed by AWS, and what it encrypts cannot be shared",
        ),
        (
            KeyState::Unsuitable("RSA_2048".to_owned()),
            "is RSA_2048, and volumes need a symmetric key",
        ),
    ] {
        world.facts.keys = [(stack().key, state)].into();
        let refused = refused(&world, &two_bases());
        assert!(refused.contains(expected), "{refused}");
        assert_eq!(
            refused.lines().count(),
            if expected == "2 made" { 1 } else { 3 },
            "{refused}"
        );
    }
}

fn ireland() -> (Region, KeyArn) {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678";
    (
        "eu-west-1".parse().expect("a Region"),
        key.parse().expect("a key"),
    )
}

fn with_ireland() -> Desired {
    let (region, key) = ireland();
    let mut wanted = desired();
    wanted.regions.insert(
        region,
        RegionSettings {
            kms_key: Some(key),
            ..RegionSettings::default()
        },
    );
    wanted
}

/// Keys that are none of the stack's: of another account, of another Region or partition.
#[test]
fn a_further_regions_key_must_be_the_building_accounts_own() {
    for (key, expected) in [
        (
            "arn:aws:kms:eu-west-1:999999999999:key/11111111-2222-4333-8444-000000005678",
            "belongs to account 999999999999, and only a key of the building account 111122223333 is used",
        ),
        (
            "arn:aws:kms:eu-west-1:999999999999:key/mrk-11111111222243338444000000005678",
            "belongs to account 999999999999",
        ),
        (
            "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000005678",
            "is not in eu-west-1 of partition aws",
        ),
        (
            "arn:aws-cn:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678",
            "is not in eu-west-1 of partition aws",
        ),
    ] {
        let key: KeyArn = key.parse().expect("a key");
        let mut wanted = with_ireland();
        let settings = wanted.regions.get_mut(&ireland().0).expect("the Region");
        settings.kms_key = Some(key.clone());
        let mut world = World::new();
        world.facts.keys = [(key.clone(), KeyState::Usable)].into();
        let told = refused(&world, &wanted);
        assert!(
            told.contains(expected) && told.ends_with("2 made"),
            "{key}: {told}"
        );
        world.settle(&wanted);
        assert_eq!(regions_of(&world), [1, 1], "{key}");
        assert!(
            !world.further_key_policies.contains_key(&key),
            "its policy is not ours to write"
        );
    }
    let mut wanted = with_ireland();
    let settings = wanted.regions.get_mut(&ireland().0).expect("the Region");
    settings.kms_key = Some(
        "arn:aws:kms:eu-west-1:111122223333:key/mrk-11111111222243338444000000005678"
            .parse()
            .expect("a key"),
    );
    assert_eq!(
        refused(&World::new(), &wanted),
        "2 made",
        "a replica of our own"
    );
}

#[test]
fn a_former_key_of_another_account_is_refused() {
    let mut wanted = with_ireland();
    let settings = wanted.regions.get_mut(&ireland().0).expect("the Region");
    let foreign = "arn:aws:kms:eu-west-1:999999999999:key/11111111-2222-4333-8444-0000000000cc";
    settings.former_kms_keys = [foreign.parse().expect("a key")].into();
    assert_snapshot!(refused(&World::new(), &wanted), @r"
    eu-west-1: the former key arn:aws:kms:eu-west-1:999999999999:key/11111111-2222-4333-8444-0000000000cc belongs to account 999999999999, and only a key of the building account 111122223333 is used; nobody gets or loses access to it
    2 made
    ");
}

#[test]
fn a_further_key_that_we_may_not_look_at_refuses_its_region() {
    let mut world = World::new();
    let denied = KeyState::Unreadable("AccessDeniedException".to_owned());
    world.facts.keys = [(ireland().1, denied)].into();
    assert_snapshot!(refused(&world, &with_ireland()), @r"
    eu-west-1: Region eu-west-1 cannot be used: its key arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678 could not be read: AccessDeniedException; no distribution to it is set up while that is so
    2 made
    ");
}

fn regions_of(world: &World) -> Vec<usize> {
    let content = |one: &goldsmith_domain::observed::Configuration<
        goldsmith_domain::resources::Distribution,
    >| {
        one.content
            .as_ref()
            .map_or(0, |content| content.known.regions.len())
    };
    world.distributions.iter().map(content).collect()
}

#[test]
fn a_further_region_that_cannot_be_used_is_left_out_until_it_can() {
    let mut world = World::new();
    let (region, key) = ireland();
    world.facts.regions = [(region.clone(), RegionState::NotOptedIn)].into();
    assert_snapshot!(refused(&world, &with_ireland()), @r"
    eu-west-1: Region eu-west-1 cannot be used: the account has not opted in to it; no distribution to it is set up while that is so
    2 made
    ");
    world.facts.regions.clear();
    world.facts.keys = [(key, KeyState::Unusable("Disabled".to_owned()))].into();
    assert_snapshot!(refused(&world, &with_ireland()), @r"
    eu-west-1: Region eu-west-1 cannot be used: its key arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678 is Disabled; no distribution to it is set up while that is so
    2 made
    ");
    world.settle(&with_ireland());
    assert_eq!(regions_of(&world), [1, 1]);
    assert_eq!(
        world.plan(&with_ireland()).changes,
        [],
        "it is refused, and nothing moves"
    );
    world.facts.keys.clear();
    world.settle(&with_ireland());
    assert_eq!(regions_of(&world), [2, 2]);
}

#[test]
fn a_region_that_works_is_not_taken_away_with_its_key() {
    let mut world = settled(&with_ireland());
    world.facts.keys = [(ireland().1, KeyState::Unusable("Disabled".to_owned()))].into();
    let wanted = Desired {
        consumers: Consumers::default(),
        ..with_ireland()
    };
    world.settle(&wanted);
    assert_eq!(regions_of(&world), [2, 2]);
    assert_eq!(world.close_plan(&wanted).changes, []);
}

#[test]
fn an_instance_profile_whose_role_may_not_be_passed_is_refused() {
    let mut wanted = two_bases();
    wanted.recipes.truncate(1);
    wanted.instances.profile = Some("golden".to_owned());
    let mut world = World::new();
    let mut with_role = |role: Option<&str>| {
        let role = role.map(|role| format!("arn:aws:iam::111122223333:role/{role}"));
        world.facts.instance_profiles = [("golden".to_owned(), role)].into();
        refused(&world, &wanted)
    };
    assert_snapshot!(with_role(Some("admin")), @"
    110304: the instance profile golden has the role arn:aws:iam::111122223333:role/admin, which the stack may not pass to instances; deploy it with this role in InstanceRoleArns
    0 made
    ");
    assert_snapshot!(with_role(None), @"
    110304: the instance profile golden does not exist, or has no role; builds cannot start with it
    0 made
    ");
    assert_snapshot!(with_role(Some("builders")), @"1 made");
}

#[test]
fn the_stacks_own_profile_needs_no_look() {
    let mut wanted = two_bases();
    wanted.instances.profile = Some(stack().instance_profile);
    let mut world = World::new();
    world.facts.instance_profiles = [(stack().instance_profile, None)].into();
    assert_snapshot!(refused(&world, &wanted), @"2 made");
}

#[test]
fn a_subnet() {
    let mut wanted = two_bases();
    wanted.instances.subnet = Some("subnet-1".to_owned());
    wanted.instances.public_ip = Some(true);
    let mut world = World::new();
    world.facts.subnets = [(
        "subnet-1".to_owned(),
        SubnetState::Found { public_ip: false },
    )]
    .into();
    assert_snapshot!(refused(&world, &wanted), @r"
    110304: environment.json says `public-ip` true, and the subnet subnet-1 gives instances no public address; Image Builder leaves that to the subnet
    110302: environment.json says `public-ip` true, and the subnet subnet-1 gives instances no public address; Image Builder leaves that to the subnet
    0 made
    ");
    world.facts.subnets = [("subnet-1".to_owned(), SubnetState::Missing)].into();
    assert_snapshot!(refused(&world, &wanted), @r"
    110304: the subnet subnet-1 does not exist in this Region
    110302: the subnet subnet-1 does not exist in this Region
    0 made
    ");
    world.facts.subnets = [(
        "subnet-1".to_owned(),
        SubnetState::Found { public_ip: true },
    )]
    .into();
    assert_eq!(refused(&world, &wanted), "2 made");
}

/// Somebody else's pipelines.
fn crowd(world: &mut World, count: usize) {
    let pipeline = |n| Pipeline {
        description: None,
        arn: stack().pipeline_arn(&format!("theirs-{n}")),
        status: PipelineStatus::Enabled,
        recipe: None,
        infrastructure: String::new(),
        distribution: None,
        tags: BTreeMap::new(),
        others: BTreeMap::new(),
    };
    world.pipelines.extend((0..count).map(pipeline));
}

#[test]
fn more_than_a_default_quota_is_noted_and_left_to_aws() {
    let noted = |standing: usize| {
        let mut world = World::new();
        crowd(&mut world, standing);
        assert_eq!(refused(&world, &two_bases()), "2 made");
        let notes = world.review(&two_bases()).notes.into_iter();
        notes
            .filter(|note| note.contains("quota"))
            .collect::<String>()
    };
    assert_eq!(noted(73), "");
    assert_snapshot!(noted(74), @"the account would have 76 image pipelines, and the default quota is 75; AWS decides by the account's own, which Service Quotas shows and raises");
}

#[test]
fn a_quota_is_the_accounts_own_else_the_documents_else_the_default() {
    let mut world = World::new();
    crowd(&mut world, 74);
    let mut wanted = two_bases();
    let pipelines = |wanted: &Desired, account: usize| {
        let account = (account > 0).then(|| ("image pipelines".to_owned(), account));
        let review = world.review_with(wanted, &account.into_iter().collect());
        let mut quotas = review.quotas.iter();
        let quota = quotas
            .find(|quota| quota.name == "image pipelines")
            .expect("it is used");
        let notes = review.notes.iter().filter(|note| note.contains("quota"));
        let notes: Vec<String> = notes.cloned().collect();
        (quota.limit, quota.source, notes.join("; "))
    };
    let (limit, source, note) = pipelines(&wanted, 0);
    assert_eq!((limit, source), (75, QuotaSource::Default));
    assert!(note.contains("the default quota is 75"), "{note}");
    let (limit, source, note) = pipelines(&wanted, 50);
    assert_eq!((limit, source), (50, QuotaSource::Account));
    assert_snapshot!(note, @"the account would have 76 image pipelines, and the account's quota is 50; AWS will refuse the rest until Service Quotas has raised it");
    wanted.quotas = [("image-pipelines".to_owned(), 70)].into();
    let (limit, source, note) = pipelines(&wanted, 0);
    assert_eq!((limit, source), (70, QuotaSource::Document));
    assert_snapshot!(note, @"the account would have 76 image pipelines, and environment.json says that the quota is 70; AWS decides by the account's own, which Service Quotas shows and raises");
    let silent = (200, QuotaSource::Account, String::new());
    assert_eq!(pipelines(&wanted, 200), silent);
}

#[test]
fn a_product_code_is_noted() {
    let mut world = World::new();
    base_ami(&mut world, AMI_B).product_codes = vec![ProductCode {
        id: "abc123".to_owned(),
        kind: "marketplace".to_owned(),
    }];
    let notes = world.review(&two_bases()).notes;
    let notes = notes.iter().filter(|note| note.contains("product"));
    assert_snapshot!(notes.map(String::as_str).collect::<String>(), @"the base AMI ami-0bbbbbbbbbbbbbbbb carries the product code abc123: who launches an image built on it needs a subscription to that product");
}

#[test]
fn what_is_refused_leaves_what_there_is_alone() {
    let mut world = settled(&desired());
    let mut wanted = desired();
    wanted.recipes[0] = entry("110304", AMI_B);
    base_ami(&mut world, AMI_B).available = false;
    let before = world.pipeline("110304").clone();
    let plan = world.plan(&wanted);
    assert_eq!(
        (plan.changes, plan.refused.len()),
        (Vec::<Change>::new(), 1)
    );
    world.settle(&wanted);
    assert_eq!(world.pipeline("110304"), &before);
}

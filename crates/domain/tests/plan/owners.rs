//! Whose base AMIs and components a recipe may be made of.

use goldsmith_domain::desired::{BaseImage, ComponentRef, ComponentUse, Desired};
use goldsmith_domain::observed::Provenance;
use goldsmith_domain::owners::{Owner, Owners};
use goldsmith_domain::plan::Refused;
use insta::assert_snapshot;

use crate::plan::settled;
use crate::world::{
    AMI_A, AMI_B, World, based, desired, document, entry, on_recipe, parameter, parent_image, stack,
};

const STRANGER: &str = "999999999999";

fn refused(world: &World, wanted: &Desired) -> String {
    let plan = world.plan(wanted);
    let refused = plan.refused.iter();
    let lines: Vec<String> = refused
        .map(|(subject, why)| format!("{subject}: {why}"))
        .collect();
    lines.join("\n")
}

fn owners(words: &[&str]) -> Owners {
    let words = words.iter().map(|word| word.parse::<Owner>());
    words.collect::<Result<_, _>>().expect("owners")
}

/// An AMI that somebody has made public under Amazon's name.
fn look_alike() -> Provenance {
    Provenance {
        account: Some(STRANGER.parse().expect("an account")),
        alias: None,
        name: "al2023-ami-x86_64".to_owned(),
        created: Some("2026-01-01T00:00:00Z".parse().expect("a time")),
        public: true,
    }
}

/// A world in which AMI B is from somewhere else.
fn with_b_of(provenance: Provenance) -> World {
    let mut world = World::new();
    let ami = AMI_B.parse().expect("an AMI");
    let base = world.catalog.base_amis.get_mut(&ami).expect("it is there");
    base.provenance = provenance;
    world
}

fn on(base: BaseImage) -> Desired {
    Desired {
        recipes: vec![entry("110304", AMI_A), based("b", base)],
        ..desired()
    }
}

fn ami_b() -> BaseImage {
    BaseImage::Ami(AMI_B.parse().expect("an AMI"))
}

#[test]
fn a_base_of_another_account_refuses_its_recipe_alone_whatever_it_is_called() {
    let world = with_b_of(look_alike());
    assert_snapshot!(refused(&world, &on(ami_b())), @"b: the base AMI ami-0bbbbbbbbbbbbbbbb, `al2023-ami-x86_64` of account 999999999999, created on 2026-01-01, is of an owner that is not in base-owners of environment.json (`self`, `amazon`)");
    let made = world.plan(&on(ami_b())).changes;
    let made: Vec<_> = made
        .iter()
        .filter_map(|change| change.makes_recipe())
        .collect();
    assert_eq!(made.len(), 1);
    // The image's AMI is B; the parameter is moved to it.
    let behind_an_image = refused(&world, &on(parent_image()));
    assert!(behind_an_image.contains("base-owners"), "{behind_an_image}");
    let mut moved = world;
    let named = moved.catalog.parameters.values_mut();
    named.for_each(|ami| *ami = AMI_B.parse().expect("an AMI"));
    let behind_a_parameter = refused(&moved, &on(parameter()));
    assert!(
        behind_a_parameter.contains("base-owners"),
        "{behind_a_parameter}"
    );
}

#[test]
fn ec2_decides_who_is_amazon_and_the_account_who_is_anybody_else() {
    let stack = stack();
    let of = |account: Option<&str>, alias: Option<&str>| Provenance {
        account: account.map(|account| account.parse().expect("an account")),
        alias: alias.map(str::to_owned),
        ..look_alike()
    };
    let cases = [
        (of(Some("137112412989"), Some("amazon")), "amazon", true),
        (of(Some("137112412989"), None), "amazon", false),
        (
            of(Some(STRANGER), Some("aws-backup-vault")),
            "amazon",
            false,
        ),
        (of(Some(STRANGER), Some("Amazon")), "amazon", false),
        (of(None, None), "amazon", false),
        (
            of(Some("679593333241"), Some("aws-marketplace")),
            "aws-marketplace",
            true,
        ),
        (
            of(Some("679593333241"), Some("aws-marketplace")),
            "amazon",
            false,
        ),
        (of(Some(stack.account.as_str()), None), "self", true),
        (
            of(Some(stack.account.as_str()), None),
            stack.account.as_str(),
            true,
        ),
        (of(Some(STRANGER), None), "self", false),
        (of(Some(STRANGER), None), STRANGER, true),
        (of(Some(STRANGER), Some("amazon")), "222222222222", false),
    ];
    for (provenance, allowed, is_built) in cases {
        let wanted = Desired {
            base_owners: owners(&[allowed, "self"]),
            ..on(ami_b())
        };
        let wanted = Desired {
            base_owners: owners(&[allowed]),
            recipes: wanted.recipes[1..].to_vec(),
            scheduled: Vec::new(),
            ..wanted
        };
        let told = refused(&with_b_of(provenance.clone()), &wanted);
        assert_eq!(
            told.is_empty(),
            is_built,
            "{provenance} under {allowed}: {told}"
        );
    }
}

#[test]
fn another_recipes_image_is_ours_whatever_the_list_says_and_no_other_is() {
    let family = Desired {
        recipes: vec![entry("base", AMI_A), based("web", on_recipe("base"))],
        scheduled: Vec::new(),
        base_owners: owners(&["amazon"]),
        ..desired()
    };
    let mut world = settled(&family);
    assert_eq!(refused(&world, &family), "");
    let ours = world.amis.iter().map(|ami| ami.id.clone());
    for ami in ours.collect::<Vec<_>>() {
        let base = world.catalog.base_amis.get_mut(&ami).expect("it is known");
        base.provenance = look_alike();
    }
    let mut next = family;
    next.recipes[1].description = Some("again".to_owned());
    next.recipes[1].tags = [("Team".to_owned(), "bi".to_owned())].into();
    let told = refused(&world, &next);
    assert!(
        told.starts_with("web: the base AMI") && told.ends_with("(`self`)"),
        "{told}"
    );
}

#[test]
fn a_parameter_that_moves_to_a_stranger_is_found_by_the_hourly_run() {
    let wanted = on(parameter());
    let mut world = settled(&wanted);
    let named = world.catalog.parameters.values_mut();
    named.for_each(|ami| *ami = AMI_B.parse().expect("an AMI"));
    let ami = AMI_B.parse().expect("an AMI");
    let base = world.catalog.base_amis.get_mut(&ami).expect("it is there");
    base.provenance = look_alike();
    let plan = world.close_plan(&wanted);
    let kinds: Vec<_> = plan
        .refused
        .iter()
        .map(|(name, why)| (name.as_str(), why.kind()))
        .collect();
    assert_eq!(kinds, [("b", "base-owner")]);
    assert_eq!(plan.changes, [], "what there is stays as it is");
}

#[test]
fn going_back_to_a_version_on_a_base_that_is_no_longer_allowed_is_refused() {
    let both = Desired {
        base_owners: owners(&["self", "amazon", STRANGER]),
        ..on(ami_b())
    };
    let mut world = with_b_of(look_alike());
    world.settle(&both);
    let mut other = both.clone();
    other.recipes[1] = entry("b", AMI_A);
    world.settle(&other);
    let back = Desired {
        base_owners: Owners::default(),
        ..both
    };
    assert!(refused(&world, &back).starts_with("b: the base AMI"));
    assert!(world.plan(&back).changes.is_empty());
}

#[test]
fn the_review_says_whose_a_base_is_and_warns_of_a_public_one_of_a_stranger() {
    let wanted = Desired {
        base_owners: owners(&["self", "amazon", STRANGER]),
        ..on(ami_b())
    };
    assert_snapshot!(with_b_of(look_alike()).review(&wanted).notes.join("\n"), @r"
    the base AMI ami-0aaaaaaaaaaaaaaaa of 110304 is `al2023-ami-x86_64` of amazon (137112412989), created on 2025-12-01
    the base AMI ami-0bbbbbbbbbbbbbbbb of b is `al2023-ami-x86_64` of account 999999999999, created on 2026-01-01; everybody may launch it, and its owner is neither this account, Amazon nor AWS Marketplace
    ");
    let private = Provenance {
        public: false,
        name: "](http://x) `<script>".to_owned(),
        ..look_alike()
    };
    let notes = with_b_of(private).review(&wanted).notes.join("\n");
    assert!(
        !notes.contains("everybody") && !notes.contains("script"),
        "{notes}"
    );
}

fn component(arn: &str) -> ComponentUse {
    ComponentUse::from(ComponentRef::Arn(arn.parse().expect("a component")))
}

fn running(arn: &str) -> Desired {
    Desired {
        build_components: vec![component(arn), document("harden")],
        ..desired()
    }
}

#[test]
fn a_component_of_another_owner_is_refused_before_anything_is_looked_up() {
    let update = |place: &str| format!("arn:{place}:component/update-linux/x.x.x");
    let cases = [
        ("aws:imagebuilder:us-east-1:aws", ""),
        ("aws:imagebuilder:us-east-1:111122223333", ""),
        ("aws:imagebuilder:us-east-1:999999999999", "component-owner"),
        (
            "aws:imagebuilder:us-east-1:aws-marketplace",
            "component-owner",
        ),
        ("aws:imagebuilder:us-east-1:aws-evil", "component-owner"),
        ("aws:imagebuilder:eu-west-1:aws", "elsewhere"),
        ("aws-cn:imagebuilder:us-east-1:aws", "elsewhere"),
    ];
    for (place, expected) in cases {
        let wanted = running(&update(place));
        let kinds: Vec<&str> = World::new()
            .plan(&wanted)
            .refused
            .iter()
            .map(|(_, why)| why.kind())
            .collect();
        let all: Vec<&str> = [expected, expected]
            .into_iter()
            .filter(|kind| !kind.is_empty())
            .collect();
        assert_eq!(kinds, all, "{place}");
    }
    let arn = update("aws:imagebuilder:us-east-1:999999999999");
    assert_snapshot!(refused(&World::new(), &running(&arn)).lines().next().unwrap_or_default(), @"110304: the component arn:aws:imagebuilder:us-east-1:999999999999:component/update-linux/x.x.x is of an owner that is not in component-owners of environment.json (`self`, `amazon`); it would run as root");
}

#[test]
fn the_owners_of_components_that_the_document_names_are_allowed() {
    for owner in ["999999999999", "aws-marketplace", "third-party"] {
        let arn = format!("arn:aws:imagebuilder:us-east-1:{owner}:component/scan/1.0.0/1");
        let wanted = Desired {
            component_owners: owners(&[owner]),
            ..running(&arn)
        };
        assert_eq!(refused(&World::new(), &wanted), "", "{owner}");
    }
    let own = "arn:aws:imagebuilder:us-east-1:111122223333:component/scan/1.0.0/1";
    let by_id = Desired {
        component_owners: owners(&["111122223333"]),
        ..running(own)
    };
    assert_eq!(refused(&World::new(), &by_id), "");
}

#[test]
fn a_component_that_only_one_entry_runs_refuses_that_entry_alone() {
    let mut wanted = desired();
    let arn = "arn:aws:imagebuilder:us-east-1:999999999999:component/tool/1.0.0";
    wanted.recipes[1].components = vec![component(arn)];
    let told = refused(&World::new(), &wanted);
    assert!(
        told.starts_with("110302: ") && told.lines().count() == 1,
        "{told}"
    );
}

#[test]
fn an_image_of_another_region_or_partition_refuses_its_recipe_alone_and_is_not_asked_for() {
    for place in [
        "aws:imagebuilder:eu-west-1:aws",
        "aws-us-gov:imagebuilder:us-east-1:aws",
        "aws-cn:imagebuilder:cn-north-1:aws",
    ] {
        let arn = format!("arn:{place}:image/amazon-linux-2023-x86/x.x.x");
        let base = BaseImage::Image(arn.parse().expect("an image"));
        let plan = World::new().plan(&on(base));
        assert!(
            matches!(plan.refused.as_slice(), [(name, Refused::Elsewhere { .. })] if name == "b"),
            "{place}: {plan}"
        );
    }
}

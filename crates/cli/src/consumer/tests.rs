//! The text for a consumer, against texts written by hand. `tests/consumer_text_test.py` compares the
//! policies in them with those of infra/consumer-account.yaml.

mod shell;

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::consumers::{
    Account, DeliveryMode, GrantAdmin, LaunchPlace, Organization, Rebuild, Roles,
};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{Parsed, parse};
use goldsmith_domain::names::{AccountId, KeyArn, Region, RolePattern};

use super::served::{Given, Served};
use super::{ConsumerError, render};
use crate::documents::from_text;
use crate::error::Hint as _;

const EAST: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const WEST: &str = "arn:aws:kms:eu-west-1:111122223333:key/2345bcde-23bc-45de-67fa-234567890abc";
const OWN: &str = "arn:aws:kms:us-east-1:222222222222:key/0987dcba-09fe-87dc-65ba-ab0987654321";
const SCALING: &str = "arn:aws:iam::222222222222:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

/// Who verifies from the building account.
const VERIFIER: &str = "arn:aws:iam::111122223333:role/deploy/goldsmith-verify";

/// What the documents and `keys` say of the account.
fn served(desired: &Desired, id: &AccountId, keys: &[KeyArn]) -> Result<Served, ConsumerError> {
    let given = Given {
        keys,
        verifiers: &[],
    };
    super::served(desired, id, &given)
}

/// The same with somebody who verifies.
fn verified(desired: &Desired, id: &AccountId, keys: &[KeyArn]) -> Served {
    let verifier: RolePattern = VERIFIER.parse().expect("a role");
    let given = Given {
        keys,
        verifiers: &[verifier],
    };
    super::served(desired, id, &given).expect("a consumer")
}

fn key(arn: &str) -> KeyArn {
    arn.parse().expect("a key's ARN")
}

fn region(name: &str) -> Region {
    name.parse().expect("a Region")
}

/// The sample documents in two Regions, with one consumer that gets everything and one that gets little.
fn desired() -> Desired {
    let sample =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ami-versions/nonprod");
    let text = |key: &str| std::fs::read_to_string(sample.join(key)).expect("a document");
    let environment = text("environment.json").replace(
        r#"{ "us-east-1": {} }"#,
        &format!(r#"{{ "us-east-1": {{}}, "eu-west-1": {{ "kms-key": "{WEST}" }} }}"#),
    );
    let files = [
        from_text("environment.json", &environment),
        from_text("ami-versions.json", &text("ami-versions.json")),
        from_text("components/harden.yml", &text("components/harden.yml")),
    ];
    let Parsed::Desired(mut desired) = parse(&files) else {
        panic!("{:?}", parse(&files))
    };
    desired.consumers.accounts = vec![copied_to(), shared_with()];
    *desired
}

fn copied_to() -> Account {
    Account {
        id: "222222222222".parse().expect("an account"),
        roles: named(&["arn:aws:iam::222222222222:role/teams/mstr-launch"]),
        regions: BTreeSet::from([region("us-east-1"), region("eu-west-1")]),
        serve: DeliveryMode::Copy,
        keys: BTreeMap::from([(region("us-east-1"), key(OWN))]),
        grant_admin: Some(admin("goldsmith-nonprod-grant-admin", &[SCALING])),
        parameter_role: Some(
            "arn:aws:iam::222222222222:role/goldsmith-nonprod-parameters"
                .parse()
                .expect("a role"),
        ),
        rebuild: None,
        places: BTreeMap::new(),
    }
}

fn shared_with() -> Account {
    Account {
        id: "333333333333".parse().expect("an account"),
        roles: Roles::Any,
        regions: BTreeSet::from([region("us-east-1")]),
        serve: DeliveryMode::Share,
        keys: BTreeMap::new(),
        grant_admin: None,
        parameter_role: None,
        rebuild: None,
        places: BTreeMap::new(),
    }
}

fn named(roles: &[&str]) -> Roles {
    Roles::Named(
        roles
            .iter()
            .map(|role| role.parse().expect("a role"))
            .collect(),
    )
}

fn admin(role: &str, grantees: &[&str]) -> GrantAdmin {
    GrantAdmin {
        role: format!("arn:aws:iam::222222222222:role/{role}")
            .parse()
            .expect("a role"),
        grantees: grantees
            .iter()
            .map(|role| role.parse().expect("a role"))
            .collect(),
    }
}

/// The text for account `id`, after `change` was made to it.
fn text_for(id: &str, keys: &[&str], change: impl Fn(&mut Account)) -> String {
    let mut desired = desired();
    desired.consumers.accounts.iter_mut().for_each(change);
    let keys: Vec<KeyArn> = keys.iter().map(|arn| key(arn)).collect();
    render::text(&served(&desired, &id.parse().expect("an account"), &keys).expect("a consumer"))
}

#[test]
fn the_text_for_copies_has_every_role_and_grant() {
    let mut desired = desired();
    let places = [
        ("eu-west-1", "subnet-0a1b2c3d"),
        ("us-east-1", "subnet-1a2b3c4d"),
    ];
    let place = |subnet: &str| LaunchPlace {
        subnet: Some(subnet.parse().expect("a subnet")),
        security_group: None,
    };
    desired.consumers.accounts[0].places = places
        .map(|(name, subnet)| (region(name), place(subnet)))
        .into();
    let text = render::text(&verified(&desired, &copied_to().id, &[key(EAST)]));
    assert_eq!(text, include_str!("golden/copy.txt"));
}

#[test]
fn nobody_may_verify_or_write_parameters_unless_the_documents_or_the_caller_say_so() {
    let text = text_for("222222222222", &[EAST], |account| {
        account.parameter_role = None;
    });
    for absent in [
        "Verif",
        "-verify",
        "  WriteParameters",
        "Role goldsmith-nonprod-parameters",
        "ifecycle",
    ] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    // Somebody who verifies and has no subnet only looks.
    let looking = render::text(&verified(&desired(), &shared_with().id, &[key(EAST)]));
    assert!(
        looking.contains(&format!("VerifierArns={VERIFIER}\n")),
        "{looking}"
    );
    assert!(!looking.contains("RunInstances"), "{looking}");
}

#[test]
fn the_text_for_a_share_has_placeholders_for_unknown_keys() {
    let mut desired = desired();
    // No document has a key then, so the building account is unknown.
    desired.regions.remove(&region("eu-west-1"));
    let text = render::text(&served(&desired, &shared_with().id, &[]).expect("a consumer"));
    assert!(
        text.starts_with(include_str!("golden/share-head.txt")),
        "{text}"
    );
    assert!(
        text.ends_with(include_str!("golden/share-tail.txt")),
        "{text}"
    );
    assert!(
        !text.contains("EC2ImageBuilderDistributionCrossAccountRole"),
        "{text}"
    );
}

#[test]
fn an_unknown_key_is_asked_for_and_a_given_key_names_the_account() {
    let open = served(&desired(), &shared_with().id, &[]).expect("a consumer");
    // The key of eu-west-1 is in the documents, and this account is not served there.
    assert!(
        open.missing()
            .is_some_and(|hint| hint.starts_with("the key of us-east-1 is not in"))
    );
    let given = served(&desired(), &shared_with().id, &[key(EAST)]).expect("a consumer");
    assert_eq!(
        (given.missing(), given.building.as_str()),
        (None, "111122223333")
    );
}

#[test]
fn a_copy_is_read_in_the_building_region_too() {
    let west = |account: &mut Account| account.regions = BTreeSet::from([region("eu-west-1")]);
    assert!(
        text_for("222222222222", &[EAST], west).contains(&format!("KeyArns='{WEST},{EAST}' \\\n"))
    );
    assert!(text_for("333333333333", &[EAST], west).contains(&format!("KeyArns={WEST}\n")));
}

#[test]
fn several_roles_get_their_policy_by_hand() {
    let roles = [
        "arn:aws:iam::222222222222:role/teams/launch",
        "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Launch_*",
    ];
    let text = text_for("222222222222", &[EAST], |account| {
        account.roles = named(&roles);
    });
    assert!(!text.contains("LaunchRoleName"), "{text}");
    assert!(
        text.contains("  arn:aws:iam::222222222222:role/teams/launch\n"),
        "{text}"
    );
    assert!(
        text.contains("AWSReservedSSO_Launch_*: add the policy to its permission set"),
        "{text}"
    );
    let one = text_for("222222222222", &[EAST], |account| {
        account.roles = named(&roles[1..]);
    });
    assert!(!one.contains("LaunchRoleName"), "{one}");
}

#[test]
fn another_grant_admin_makes_every_grant_by_hand() {
    let other = format!("{SCALING}_batch");
    let own =
        |account: &mut Account| account.grant_admin = Some(admin("people", &[SCALING, &other]));
    let text = text_for("222222222222", &[EAST], own);
    assert!(
        !text.contains("AutoScaling=true") && text.contains("The stack makes none"),
        "{text}"
    );
    assert_eq!(text.matches("aws kms create-grant").count(), 4);
    assert_eq!(
        text.matches(&format!("--grantee-principal {other} "))
            .count(),
        2
    );
    assert!(
        text.contains("--retiring-principal arn:aws:iam::222222222222:role/people "),
        "{text}"
    );
}

#[test]
fn a_missing_parameter_role_is_named() {
    let text = text_for("222222222222", &[EAST], |account| {
        account.parameter_role = None;
    });
    assert!(
        text.ends_with(
            "  Parameters: none; declare arn:aws:iam::222222222222:role/goldsmith-nonprod-parameters as its parameter-role,\n  which the stack creates with WriteParameters=true.\n"
        ),
        "{text}"
    );
}

#[test]
fn another_grantee_than_the_default_is_a_parameter() {
    let other = format!("{SCALING}_batch");
    let text = text_for("222222222222", &[EAST], |account| {
        account.grant_admin = Some(admin("goldsmith-nonprod-grant-admin", &[&other]));
    });
    assert!(
        text.contains(&format!("GranteeRoleArn={other} \\\n")),
        "{text}"
    );
}

#[test]
fn an_unknown_account_is_an_error_that_names_the_nearest() {
    let hint = |id: &str, desired: &Desired| {
        let error = served(desired, &id.parse().expect("an account"), &[]).expect_err("unknown");
        (error.to_string(), error.hint().expect("a hint"))
    };
    let mut desired = desired();
    let (text, near) = hint("222222222322", &desired);
    assert_eq!(
        text,
        "account 222222222322 is not a consumer in these documents"
    );
    assert_eq!(near, "did you mean 222222222222?");
    assert!(
        hint("555555555555", &desired)
            .1
            .starts_with("consumers are listed in environment.json")
    );
    desired.consumers.organizations.push(Organization {
        arn: "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5"
            .parse()
            .expect("an ARN"),
        path: "o-a1b2c3d4e5/*".parse().expect("a path"),
        regions: BTreeSet::new(),
    });
    assert!(
        hint("555555555555", &desired)
            .1
            .starts_with("an account of an organization")
    );
}

#[test]
fn the_building_account_has_nothing_to_create() {
    let builder = "111122223333".parse().expect("an account");
    let error = served(&desired(), &builder, &[key(EAST)]).expect_err("it builds");
    let told =
        "account 111122223333 builds the images: they are its own, and it has nothing to create";
    assert_eq!(error.to_string(), told);
}

#[test]
fn a_key_that_no_region_needs_is_an_error() {
    for wrong in [
        EAST.replace("us-east-1", "ap-south-1"),
        WEST.replace("2345bcde", "99999999"),
    ] {
        let error = served(&desired(), &copied_to().id, &[key(&wrong)]).expect_err("a wrong key");
        assert!(
            matches!(&error, ConsumerError::Key(named) if named.as_str() == wrong),
            "{error}"
        );
    }
    served(&desired(), &copied_to().id, &[key(EAST), key(WEST)]).expect("a known key may be given");
}

#[test]
fn every_arn_is_in_the_partition_of_the_regions() {
    let mut desired = desired();
    let settings = desired.regions[&region("us-east-1")].clone();
    desired.regions = BTreeMap::from([(region("us-gov-west-1"), settings)]);
    for account in &mut desired.consumers.accounts {
        *account = Account {
            regions: BTreeSet::from([region("us-gov-west-1")]),
            ..shared_with()
        };
        account.serve = DeliveryMode::Copy;
    }
    let text = render::text(&served(&desired, &shared_with().id, &[]).expect("a consumer"));
    assert!(!text.contains("arn:aws:"), "{text}");
}

#[test]
fn rebuilding_in_the_account_needs_a_second_stack() {
    let text_with = |rebuild| {
        let mut desired = desired();
        desired.consumers.accounts[0].rebuild = rebuild;
        let id = desired.consumers.accounts[0].id.clone();
        render::text(&served(&desired, &id, &[key(EAST)]).expect("a consumer"))
    };
    let rebuild = Rebuild {
        role: "arn:aws:iam::222222222222:role/goldsmith-nonprod-rebuild"
            .parse()
            .expect("a role"),
        instance_profile: "goldsmith-nonprod-rebuild".to_owned(),
    };
    let command = "    aws cloudformation deploy --template-file infra/consumer-rebuild.yaml \\
      --stack-name goldsmith-rebuild-nonprod --region us-east-1 --capabilities CAPABILITY_NAMED_IAM \\
      --parameter-overrides \\
        BuildingAccount=111122223333 \\
        Environment=nonprod
";
    assert!(text_with(Some(rebuild)).contains(command), "{command}");
    assert!(!text_with(None).contains("consumer-rebuild"));
}

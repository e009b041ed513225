//! Who needs our key: by how each consumer is served.

use std::collections::BTreeSet;

use goldsmith_domain::consumers::{Account, Consumers, DeliveryMode, Rebuild};
use goldsmith_domain::key_policy::Access;

use crate::key_policy::{
    BUILDING, access, consumers, grant_admin, here, organization, role, service_linked_role,
    sharing, stack,
};

const ACCOUNT: &str = "222222222222";
const DISTRIBUTION: &str =
    "arn:aws:iam::222222222222:role/EC2ImageBuilderDistributionCrossAccountRole";

fn launch() -> String {
    role(ACCOUNT, "mstr-launch")
}

fn copying() -> Account {
    Account {
        serve: DeliveryMode::Copy,
        grant_admin: Some(grant_admin(ACCOUNT)),
        ..sharing(ACCOUNT, &[launch()])
    }
}

/// The principals of the account.
fn let_in(account: Account) -> Vec<String> {
    let access = access(&consumers(vec![account]));
    access.accounts.into_values().flatten().collect()
}

#[test]
fn a_consumer_that_launches_a_shared_ami_may_use_the_key() {
    assert_eq!(let_in(sharing(ACCOUNT, &[launch()])), [launch()]);
    assert_eq!(
        let_in(sharing(ACCOUNT, &[])),
        ["arn:aws:iam::222222222222:*"]
    );
}

#[test]
fn the_distribution_role_makes_copies_and_launch_roles_keep_their_access() {
    assert_eq!(let_in(copying()), [DISTRIBUTION.to_owned(), launch()]);
}

#[test]
fn with_a_key_of_its_own_only_the_distribution_role_uses_ours() {
    let mut account = copying();
    account.keys.insert(
        here(),
        "arn:aws:kms:us-east-1:222222222222:key/11111111-2222-4333-8444-0000000000aa"
            .parse()
            .expect("a key"),
    );
    let access = access(&consumers(vec![account.clone()]));
    assert_eq!(
        access.accounts.into_values().flatten().collect::<Vec<_>>(),
        [DISTRIBUTION]
    );
    assert!(access.grant_admins.is_empty() && access.grantees.is_empty());
    // In a Region for which it names none, ours encrypts the copy.
    let elsewhere = "eu-west-1".parse().expect("a Region");
    account
        .regions
        .insert("eu-west-1".parse().expect("a Region"));
    let access = Access::of(&consumers(vec![account]), &stack(), &elsewhere);
    let expected: Vec<String> = vec![DISTRIBUTION.to_owned(), launch()];
    assert_eq!(
        access.accounts.into_values().flatten().collect::<Vec<_>>(),
        expected
    );
}

/// Image Builder there launches ours: the role is the one of the user guide's page on service-linked roles.
#[test]
fn where_images_are_built_again_image_builders_own_role_uses_ours_too() {
    let rebuild = Rebuild {
        role: role(ACCOUNT, "rebuild").parse().expect("a role"),
        instance_profile: "rebuild".to_owned(),
    };
    let mut account = Account {
        rebuild: Some(rebuild),
        ..copying()
    };
    account.keys.insert(
        here(),
        "arn:aws:kms:us-east-1:222222222222:key/11111111-2222-4333-8444-0000000000aa"
            .parse()
            .expect("a key"),
    );
    let building = format!(
        "arn:aws:iam::{ACCOUNT}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
    );
    assert_eq!(let_in(account), [DISTRIBUTION.to_owned(), building]);
}

#[test]
fn grants_are_made_by_the_declared_role_for_the_declared_ones() {
    let access = access(&consumers(vec![copying()]));
    assert_eq!(
        access.grant_admins,
        BTreeSet::from([role(ACCOUNT, "grant-admin")])
    );
    assert_eq!(
        access.grantees,
        BTreeSet::from([service_linked_role(ACCOUNT)])
    );
}

#[test]
fn the_building_account_and_other_regions_consumers_are_left_out() {
    let elsewhere = Account {
        regions: BTreeSet::new(),
        ..sharing("333333333333", &[])
    };
    let mut organization = organization("o-aaaaaaaaaa/*");
    organization.regions.clear();
    let consumers = Consumers {
        accounts: vec![sharing(BUILDING, &[]), elsewhere],
        organizations: vec![organization],
    };
    assert!(access(&consumers).is_empty());
}

#[test]
fn organizations_get_access_by_their_paths() {
    let paths = ["o-bbbbbbbbbb/*", "o-aaaaaaaaaa/r-1111/ou-1111-11111111/*"];
    let all = Consumers {
        accounts: Vec::new(),
        organizations: paths.map(organization).into(),
    };
    assert_eq!(access(&all).organizations, paths.map(str::to_owned).into());
}

#[test]
fn what_a_wider_pattern_covers_is_not_written_beside_it() {
    let sso = |suffix| {
        role(
            ACCOUNT,
            &format!("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_{suffix}"),
        )
    };
    assert_eq!(
        let_in(sharing(
            ACCOUNT,
            &[launch(), sso("0123456789abcdef"), sso("*")]
        )),
        [sso("*"), launch()]
    );
    let paths = ["o-aaaaaaaaaa/*", "o-aaaaaaaaaa/r-1111/ou-1111-11111111/*"];
    let all = Consumers {
        accounts: Vec::new(),
        organizations: paths.map(organization).into(),
    };
    assert_eq!(
        access(&all).organizations,
        ["o-aaaaaaaaaa/*".to_owned()].into()
    );
    let named = access(&consumers(vec![sharing(ACCOUNT, &[launch()])]));
    let any = access(&consumers(vec![sharing(ACCOUNT, &[])]));
    assert_eq!(named.union(&any), any);
}

#[test]
fn another_partition_has_its_own_arns() {
    let stack = goldsmith_domain::stack::StackContext {
        key:
            "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/11111111-2222-4333-8444-000000001234"
                .parse()
                .expect("a key"),
        ..stack()
    };
    let access = Access::of(&consumers(vec![sharing(ACCOUNT, &[])]), &stack, &here());
    let written = crate::key_policy::bring(
        &crate::key_policy::policies::policy(&[crate::key_policy::policies::ADMIN]),
        &access,
    )
    .expect("it fits");
    assert!(
        written.contains(r#""AWS":["arn:aws-us-gov:iam::222222222222:root"]"#),
        "{written}"
    );
    assert!(
        written.contains(r#""aws:PrincipalArn":["arn:aws-us-gov:iam::222222222222:*"]"#),
        "{written}"
    );
}

#[test]
fn a_role_that_a_pattern_covers_loses_nothing() {
    let named = access(&consumers(vec![sharing(ACCOUNT, &[launch()])]));
    let any = access(&consumers(vec![sharing(ACCOUNT, &[])]));
    assert!(named.difference(&any).is_empty());
    let narrowed = any
        .difference(&named)
        .accounts
        .into_values()
        .flatten()
        .collect::<Vec<_>>();
    assert_eq!(narrowed, ["arn:aws:iam::222222222222:*"]);
}

#[test]
fn a_quarantined_account_is_left_out_with_its_grants() {
    let both = vec![copying(), sharing("333333333333", &[])];
    let without =
        access(&consumers(both)).excluding(&[ACCOUNT.parse().expect("an account")].into());
    assert_eq!(
        without,
        access(&consumers(vec![sharing("333333333333", &[])]))
    );
}

//! What is asked of AWS.

use goldsmith_domain::consumers::{LaunchPlace, Roles};
use goldsmith_domain::verify::questions;

use super::*;

#[test]
fn an_account_is_asked_as_its_roles_and_in_its_subnet() {
    let mut wanted = shared();
    let place = LaunchPlace {
        subnet: Some("subnet-29cb4f75".parse().expect("a subnet")),
        security_group: Some("sg-6f18e222".parse().expect("a group")),
    };
    wanted.consumers.accounts[0].places = [(home(), place.clone())].into();
    let asked = questions(&wanted, &stack(), &seen());
    assert_eq!(asked.sharing, [(home(), ami(PUBLISHED))].into());
    assert_eq!(asked.keys, [stack().key].into());
    let account = &asked.accounts[0];
    assert_eq!(account.launchers, [role(LAUNCH)]);
    assert_eq!(
        account.verifier,
        role("arn:aws:iam::222222222222:role/goldsmith-nonprod-verify")
    );
    assert_eq!(account.keys, [stack().key].into());
    let launch = &account.launches[0];
    assert_eq!(
        (&launch.ami, &launch.region, launch.is_copy),
        (&ami(PUBLISHED), &home(), false)
    );
    assert_eq!(
        (&launch.place, launch.instance_type.as_str()),
        (&place, "m6i.large")
    );
}

#[test]
fn a_copy_is_asked_for_in_its_account_and_under_its_own_key() {
    let mut wanted = copied();
    let own = key("arn:aws:kms:us-east-1:222222222222:key/11111111-2222-4333-8444-000000005678");
    wanted.consumers.accounts[0].keys = [(home(), own.clone())].into();
    let asked = questions(&wanted, &stack(), &seen());
    assert!(
        asked.sharing.is_empty(),
        "nothing is shared with it: {asked:?}"
    );
    let account = &asked.accounts[0];
    assert_eq!(account.keys, [own].into());
    assert_eq!(account.launches.len(), 1);
    assert!(
        account.launches[0].is_copy && account.launches[0].ami == ami(COPY),
        "{account:?}"
    );
}

#[test]
fn what_is_not_published_is_not_launched_and_what_has_no_name_is_not_assumed() {
    let mut wanted = shared();
    wanted.consumers.accounts[0].roles = Roles::Any;
    let asked = questions(&wanted, &stack(), &Seen::default());
    assert!(
        asked.sharing.is_empty() && asked.accounts[0].launches.is_empty(),
        "{asked:?}"
    );
    assert!(asked.accounts[0].launchers.is_empty());
    let center = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_Deploy_*";
    wanted.consumers.accounts[0].roles = Roles::Named([center.parse().expect("a pattern")].into());
    assert!(
        questions(&wanted, &stack(), &seen()).accounts[0]
            .launchers
            .is_empty()
    );
}

//! Consumers and what the Regions say for them.

use super::*;
use crate::consumers::{Consumers, DeliveryMode, GrantAdmin, LaunchPlace, Rebuild};
use crate::names::Region;

const TWO_REGIONS: &str = r#"{ "us-east-1": {}, "eu-west-1": { "kms-key": "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000000001" } }"#;

/// The sample with these consumers and further keys in two Regions, and workload accounts in one.
fn with_consumers(consumers: &str, further: &str, workloads: &str) -> Consumers {
    let text = format!(
        r#"{{
        "schema-version": 1, "environment": "nonprod", "family": "mstr", "regions": {TWO_REGIONS},
        "instance-types": ["m6i.large"], "volumes": [ {{ "size-gib": 30, "type": "gp3" }} ],
        "build-components": [], "test-components": [], "tags": {{}}, {further}
        "consumers": [{consumers}]
    }}"#
    );
    sample_with(&[(ENVIRONMENT, &text), (WORKLOADS, workloads)]).consumers
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name")
}

/// Each account with how and where it is served.
fn served(consumers: &Consumers) -> Vec<String> {
    let one = |account: &Account| {
        format!(
            "{} {} {}",
            account.id,
            account.serve.as_str(),
            texts(&account.regions)
        )
    };
    consumers.accounts.iter().map(one).collect()
}

#[test]
fn everything_about_an_account_is_read() {
    let role = "arn:aws:iam::222222222222:role";
    let linked =
        format!("{role}/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling");
    let sso = format!("{role}/aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_Deploy_*");
    let key = "arn:aws:kms:us-east-1:222222222222:key/11111111-2222-4333-8444-000000000001";
    let consumers = with_consumers(
        &format!(
            r#"{{ "account-id": "222222222222", "roles": ["{role}/bi/launch", "{sso}"], "serve": "copy",
            "regions": ["us-east-1"], "kms-keys": {{ "us-east-1": "{key}" }},
            "grant-admin": {{ "role": "{role}/grants", "service-linked-roles": ["{linked}"] }},
            "parameter-role": "{role}/parameters",
            "rebuild": {{ "role": "{role}/rebuild", "instance-profile": "goldsmith-nonprod-rebuild" }} }}"#
        ),
        "",
        "{}",
    );
    let expected = Account {
        id: parsed("222222222222"),
        roles: Roles::Named([parsed(&format!("{role}/bi/launch")), parsed(&sso)].into()),
        regions: [parsed("us-east-1")].into(),
        serve: DeliveryMode::Copy,
        keys: [(parsed("us-east-1"), parsed(key))].into(),
        grant_admin: Some(GrantAdmin {
            role: parsed(&format!("{role}/grants")),
            grantees: [parsed(&linked)].into(),
        }),
        parameter_role: Some(parsed(&format!("{role}/parameters"))),
        rebuild: Some(Rebuild {
            role: parsed(&format!("{role}/rebuild")),
            instance_profile: "goldsmith-nonprod-rebuild".to_owned(),
        }),
        places: BTreeMap::new(),
    };
    assert_eq!(
        consumers,
        Consumers {
            accounts: vec![expected],
            organizations: Vec::new()
        }
    );
}

#[test]
fn an_account_shares_in_every_region_unless_it_says_otherwise() {
    let consumers = with_consumers(
        r#"{ "account-id": "333333333333", "roles": "any" },
           { "account-id": "222222222222", "roles": "any", "serve": "copy", "regions": ["eu-west-1"] }"#,
        "",
        "{}",
    );
    assert_eq!(
        served(&consumers),
        [
            "222222222222 copy eu-west-1",
            "333333333333 share eu-west-1 us-east-1"
        ]
    );
    assert!(
        consumers
            .accounts
            .iter()
            .all(|account| account.roles == Roles::Any)
    );
}

#[test]
fn an_organization_has_a_path_of_its_own_and_a_unit_says_its_path() {
    let arn = "arn:aws:organizations::111122223333";
    let consumers = with_consumers(
        &format!(
            r#"{{ "organizational-unit": "{arn}:ou/o-a1b2c3d4e5/ou-ab12-11111111",
              "path": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "regions": ["eu-west-1"] }},
           {{ "organization": "{arn}:organization/o-a1b2c3d4e5" }}"#
        ),
        "",
        "{}",
    );
    let organizations: Vec<_> = consumers
        .organizations
        .iter()
        .map(|one| format!("{} {} {}", one.arn, one.path, texts(&one.regions)))
        .collect();
    let unit = "ou/o-a1b2c3d4e5/ou-ab12-11111111 o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/* eu-west-1";
    let whole = "organization/o-a1b2c3d4e5 o-a1b2c3d4e5/* eu-west-1 us-east-1";
    assert_eq!(
        organizations,
        [format!("{arn}:{unit}"), format!("{arn}:{whole}")]
    );
    assert!(consumers.accounts.is_empty());
}

#[test]
fn workload_accounts_are_served_by_copies_unless_the_environment_says_otherwise() {
    let workloads =
        r#"{ "a": { "account_id": "222222222222" }, "b": { "account_id": "444444444444" } }"#;
    let listed = |serve: &str| {
        format!(
            r#"{{ "account-id": "222222222222", "roles": "any", "regions": ["eu-west-1"]{serve} }},
               {{ "account-id": "333333333333", "roles": "any", "regions": ["eu-west-1"] }}"#
        )
    };
    let expected = |mode: &str| {
        [
            format!("222222222222 {mode} eu-west-1 us-east-1"),
            "333333333333 share eu-west-1".to_owned(),
            format!("444444444444 {mode} us-east-1"),
        ]
    };
    let with =
        |serve: &str, further: &str| served(&with_consumers(&listed(serve), further, workloads));
    assert_eq!(with("", ""), expected("copy"));
    assert_eq!(
        with(r#", "serve": "copy""#, r#""workload-accounts": "copy","#),
        expected("copy")
    );
    assert_eq!(
        with("", r#""workload-accounts": "share","#),
        expected("share")
    );
    assert_eq!(
        with(r#", "serve": "share""#, r#""workload-accounts": "share","#),
        expected("share")
    );
}

#[test]
fn a_workload_account_has_the_roles_and_keys_of_its_entry_even_where_only_its_document_puts_it() {
    let consumers = with_consumers(
        r#"{ "account-id": "222222222222", "roles": ["arn:aws:iam::222222222222:role/launch"],
             "regions": ["eu-west-1"], "kms-keys": { "us-east-1": "arn:aws:kms:us-east-1:222222222222:key/11111111-2222-4333-8444-000000000001" } }"#,
        "",
        r#"{ "product": { "account_id": "222222222222" }, "other": { "account_id": "333333333333" } }"#,
    );
    let [listed, unlisted] = consumers.accounts.as_slice() else {
        panic!("{consumers:?}")
    };
    assert_eq!(
        listed.roles,
        Roles::Named([parsed("arn:aws:iam::222222222222:role/launch")].into())
    );
    assert_eq!(texts(listed.keys.keys()), "us-east-1");
    assert_eq!(unlisted.roles, Roles::Any);
}

#[test]
fn where_workload_accounts_launch_is_read_as_far_as_it_can_be() {
    let consumers = with_consumers(
        r#"{ "account-id": "222222222222", "roles": "any" }"#,
        "",
        r#"{
        "a": { "account_id": "222222222222", "vpc_id": "vpc-0181557b", "subnet_id": "subnet-29cb4f75", "sg_id": "sg-6f18e222" },
        "d": { "account_id": "444444444444", "subnet_id": "subnet-29cb4f75" },
        "c": { "account_id": "444444444444", "subnet_id": "the usual", "sg_id": "sg-6f18e222" },
        "b": { "account_id": "444444444444", "subnet_id": "?", "sg_id": "" },
        "e": { "account_id": "333333333333", "subnet_id": "none" }
    }"#,
    );
    let places: Vec<_> = consumers
        .accounts
        .iter()
        .map(|account| account.places.clone())
        .collect();
    let place = |subnet: Option<&str>, group: Option<&str>| {
        let place = LaunchPlace {
            subnet: subnet.map(parsed),
            security_group: group.map(parsed),
        };
        BTreeMap::from([(parsed::<Region>("us-east-1"), place)])
    };
    assert_eq!(
        places,
        [
            place(Some("subnet-29cb4f75"), Some("sg-6f18e222")),
            BTreeMap::new(),
            place(None, Some("sg-6f18e222")),
        ]
    );
}

#[test]
fn regions_say_what_points_at_the_ami_there() {
    let text = environment(
        r#"{ "us-east-1": {} }"#,
        r#"{ "us-east-1": {
            "ssm-parameters": ["/imagebuilder/mstr/{recipename}", "/imagebuilder/{recipename}/ami-id"],
            "launch-templates": { "base-9": ["lt-00000000000000002", "lt-00000000000000001"], "110304": ["lt-00000000000000001"] }
        } }"#,
    );
    let versions = r#"{ "ami-version": [
        { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304" },
        { "aminame": "ami-08bd941ae380bd3cd", "recipename": "Base_9" } ], "ami-scheduled": [] }"#;
    let desired = sample_with(&[(ENVIRONMENT, &text), (AMI_VERSIONS, versions)]);
    let settings = &desired.regions[&parsed::<Region>("us-east-1")];
    let recipe = &desired.recipes[1].name;
    let names: Vec<_> = settings
        .parameters
        .iter()
        .map(|pattern| pattern.of(recipe).to_string())
        .collect();
    assert_eq!(
        names,
        ["/imagebuilder/mstr/Base_9", "/imagebuilder/Base_9/ami-id"]
    );
    assert_eq!(texts(settings.launch_templates.keys()), "110304 Base_9");
    assert_eq!(
        texts(&settings.launch_templates[recipe]),
        "lt-00000000000000001 lt-00000000000000002",
        "in the entry's spelling"
    );
}

#[test]
fn sysprep_is_declared_or_not() {
    let declared = |line: &str| {
        let text = environment(r#""family": "mstr""#, &format!(r#""family": "mstr"{line}"#));
        sample_with(&[(ENVIRONMENT, &text)]).sysprep
    };
    assert_eq!(
        (declared(""), declared(r#", "sysprep": true"#)),
        (None, Some(true))
    );
    assert_eq!(declared(r#", "sysprep": false"#), Some(false));
}

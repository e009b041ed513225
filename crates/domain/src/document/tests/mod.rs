//! Good documents: what of them reaches [`Desired`]. The bad ones are in the crate's `tests/`.

mod consumers;
mod entries;
mod environment;
mod hostile;
mod waivers;

use super::*;
use crate::consumers::{Account, Roles};
use crate::desired::{ComponentRef, Platform, VolumeType};

macro_rules! sample {
    ($key:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../ami-versions/nonprod/",
            $key
        ))
    };
}

const HARDEN: &str = "components/harden.yml";
const WORKLOADS: &str = "workload_accounts.us-east-1.json";

fn file(key: &str, text: &str) -> DocumentFile {
    DocumentFile {
        key: key.into(),
        version_id: "1".into(),
        size: text.len() as u64,
        bytes: text.into(),
    }
}

fn sample() -> [(&'static str, &'static str); 3] {
    [
        (AMI_VERSIONS, sample!("ami-versions.json")),
        (ENVIRONMENT, sample!("environment.json")),
        (HARDEN, sample!("components/harden.yml")),
    ]
}

/// The sample, with some of its documents in another version and some added.
fn sample_with(changed: &[(&str, &str)]) -> Desired {
    let sample = sample();
    // The first file of a key counts.
    let files: Vec<_> = changed
        .iter()
        .chain(&sample)
        .map(|(key, text)| file(key, text))
        .collect();
    match parse(&files) {
        Parsed::Desired(desired) => *desired,
        Parsed::Absent(keys) => panic!("absent: {keys:?}"),
        Parsed::Rejected(problems) => panic!("rejected: {problems:#?}"),
    }
}

/// The sample's environment with one line of it in other words.
fn environment(from: &str, to: &str) -> String {
    let text = sample!("environment.json");
    assert!(text.contains(from), "the sample has no {from}");
    text.replace(from, to)
}

fn components(used: &[ComponentUse]) -> Vec<&ComponentRef> {
    used.iter().map(|used| &used.component).collect()
}

fn texts<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items
        .into_iter()
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_sample_is_read_as_it_is_written() {
    let desired = sample_with(&[]);
    assert_eq!(desired.environment.as_str(), "nonprod");
    assert_eq!(desired.family.as_str(), "mstr");
    assert_eq!(texts(desired.regions.keys()), "us-east-1");
    assert_eq!(texts(desired.schedule), "cron(0 6 ? * SUN *)");
    assert_eq!(desired.instances.types, ["m6i.large"]);
    let volumes = desired
        .volumes
        .iter()
        .map(|v| (v.size_gib, v.volume_type))
        .collect::<Vec<_>>();
    assert_eq!(volumes, [(30, VolumeType::Gp3)]);
    assert_eq!(desired.tags.len(), 2);
    assert_eq!(
        texts(desired.recipes.iter().map(|recipe| &recipe.name)),
        "110304 110302"
    );
    assert_eq!(
        texts(desired.scheduled.iter().map(|name| &name.name)),
        "110304 110302"
    );
}

#[test]
fn components_keep_their_order_and_documents_their_text() {
    let desired = sample_with(&[]);
    let [ComponentRef::Arn(update), ComponentRef::Document(harden)] =
        &components(&desired.build_components)[..]
    else {
        panic!("{:?}", desired.build_components)
    };
    assert!(update.as_str().ends_with("/update-linux/x.x.x"));
    assert_eq!(
        (harden.key.as_str(), harden.stem.as_str()),
        (HARDEN, "harden")
    );
    assert_eq!(harden.platform, Platform::Linux);
    assert_eq!(harden.data, sample!("components/harden.yml"));
    assert_eq!(
        harden.digest,
        crate::digest::of_bytes(harden.data.as_bytes())
    );
    assert!(matches!(
        components(&desired.test_components)[..],
        [ComponentRef::Arn(_)]
    ));
}

#[test]
fn an_entry_is_placed_at_its_name() {
    let desired = sample_with(&[]);
    let place = |place: &crate::problem::Place| (place.line, place.column);
    assert_eq!(place(&desired.recipes[1].place), (4, 57));
    let scheduled: Vec<_> = desired
        .scheduled
        .iter()
        .map(|name| place(&name.place))
        .collect();
    assert_eq!(scheduled, [(6, 40), (6, 47)]);
}

#[test]
fn a_scheduled_name_need_not_be_in_the_document() {
    let text = r#"{"ami-version": [], "ami-scheduled": [{"recipenames": " 100 ;; 99;"}, {"recipenames": ""}]}"#;
    let desired = sample_with(&[(AMI_VERSIONS, text)]);
    assert_eq!(
        texts(desired.scheduled.iter().map(|name| &name.name)),
        "100 99"
    );
}

#[test]
fn a_workload_account_consumes_in_its_region_only() {
    let two_regions = r#"{ "us-east-1": {}, "eu-west-1": { "kms-key": "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000000001" } }"#;
    let environment = environment(r#"{ "us-east-1": {} }"#, two_regions);
    let workloads = r#"{
        "product": { "account_id": "222222222222", "vpc_id": "vpc-0181557b", "owner": "engineer1" },
        "trainee": { "account_id": "111111111111", "cost-centre": 7 },
        "again": { "account_id": "111111111111" }
    }"#;
    let desired = sample_with(&[(ENVIRONMENT, &environment), (WORKLOADS, workloads)]);
    let roles = |account: &Account| match &account.roles {
        Roles::Any => 0,
        Roles::Named(roles) => roles.len(),
    };
    let consumers: Vec<_> = desired
        .consumers
        .accounts
        .iter()
        .map(|account| {
            format!(
                "{}: {} role(s), {}",
                account.id,
                roles(account),
                texts(&account.regions)
            )
        })
        .collect();
    assert_eq!(
        consumers,
        [
            "111111111111: 0 role(s), us-east-1",
            "222222222222: 1 role(s), eu-west-1 us-east-1",
        ]
    );
    assert!(
        desired
            .regions
            .values()
            .any(|region| region.kms_key.is_some())
    );
}

#[test]
fn workload_accounts_are_read_as_users_have_them_wherever_they_are() {
    let users = r#"{
      "product": { "account_id": "111111111111", "vpc_id": "vpc-0181557b", "subnet_id": "subnet-29cb4f75", "sg_id": "sg-6f18e222", "owner": "engineer1" },
      "trainee": { "account_id": "333333333333", "vpc_id": "vpc-07ced0d080a8f9419", "subnet_id": "subnet-04bab323ac37ee117", "sg_id": "sg-0ab199d93a6328210", "owner": "engineer1" },
      "$schema": "../schema/workload-accounts.schema.json"
    }"#;
    for key in workload_accounts::keys(&"us-east-1".parse().expect("a Region")) {
        let desired = sample_with(&[(&key, users)]);
        let accounts = texts(desired.consumers.accounts.iter().map(|account| &account.id));
        assert_eq!(accounts, "111111111111 222222222222 333333333333", "{key}");
    }
}

#[test]
fn workload_accounts_of_a_region_that_gets_no_images_are_not_read() {
    let desired = sample_with(&[("workload_accounts.eu-west-1.json", "not even JSON")]);
    assert_eq!(desired.consumers.accounts.len(), 1);
}

#[test]
fn optional_keys_may_be_left_out() {
    let text = r#"{
        "schema-version": 1, "environment": "nonprod", "family": "mstr",
        "regions": { "us-east-1": {} }, "instance-types": ["m6i.large"],
        "volumes": [ { "size-gib": 16000, "type": "st1" } ],
        "build-components": [], "test-components": [], "tags": {}
    }"#;
    let desired = sample_with(&[(ENVIRONMENT, text)]);
    assert!(desired.schedule.is_none() && desired.consumers.accounts.is_empty());
}

/// A component that runs one action in its `build` phase, and what the sample makes of it.
fn platform_of(action: &str) -> Platform {
    let inputs = "{commands: [a], path: a, name: a, value: a, type: a, source: a, destination: a}";
    let text = format!(
        "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n  - {{name: s, action: {action}, inputs: {inputs}}}\n"
    );
    let desired = sample_with(&[(HARDEN, &text)]);
    match &desired.build_components[1].component {
        ComponentRef::Document(document) => document.platform,
        ComponentRef::Arn(arn) => panic!("{arn}"),
    }
}

#[test]
fn the_platform_is_what_the_actions_need() {
    for action in [
        "ExecutePowerShell",
        "InstallMSI",
        "UninstallMSI",
        "SetRegistry",
    ] {
        assert_eq!(platform_of(action), Platform::Windows, "{action}");
    }
    for action in ["ExecuteBash", "UpdateOS", "WebDownload"] {
        assert_eq!(platform_of(action), Platform::Linux, "{action}");
    }
}

#[test]
fn a_component_may_use_what_yaml_and_the_service_offer() {
    let text = r#"
        description: |
          Keys we do not know are the service's business.
        schemaVersion: "1.0"
        parameters:
          - Level: { type: string, default: High }
        phases:
          - name: build
            steps:
              - name: Each
                action: ExecuteBash
                timeoutSeconds: -1
                loop: { forEach: [ a, b ] }
                if: { stringEquals: "a", value: "{{ Level }}" }
                inputs: { commands: [ "echo {{ loop.value }}" ] }
          - name: test
            steps:
              - { name: Each, action: Reboot }
    "#;
    assert_eq!(sample_with(&[(HARDEN, text)]).build_components.len(), 2);
}

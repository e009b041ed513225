//! The documents of the tests: two versions of a product, one component of ours, one consumer, and
//! a further Region.

use serde_json::{Value, json};

/// The stack's key.
pub const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000001";
/// The key of the further Region.
pub const FURTHER_KEY: &str =
    "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000002";
/// A base AMI with one device, `/dev/xvda` of 8 GiB; the emulator has it from the start.
pub const AMI: &str = "ami-08bd941ae380bd3cd";
/// A base AMI with two devices, `/dev/sda1` of 10 GiB and `/dev/sdf` of 20 GiB; likewise.
pub const OTHER_AMI: &str = "ami-0a1b2c3d4e5f60718";

/// A base AMI that is billed with the instance, so that AWS copies nothing that is built on it.
pub const HARD: &str = "ami-0dddddddddddddddd";

pub const ENVIRONMENT: &str = r#"{
  "schema-version": 1,
  "environment": "nonprod",
  "family": "mstr",
  "regions": {
    "us-east-1": {},
    "eu-west-1": { "kms-key": "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000002" }
  },
  "schedule": "cron(0 6 ? * SUN *)",
  "instance-types": ["m6i.large"],
  "volumes": [ { "size-gib": 30, "type": "gp3" } ],
  "build-components": ["arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x", "components/harden.yml"],
  "test-components": ["arn:aws:imagebuilder:us-east-1:aws:component/simple-boot-test-linux/x.x.x"],
  "consumers": [
    { "account-id": "222222222222", "roles": ["arn:aws:iam::222222222222:role/mstr-launch"] }
  ],
  "tags": { "Owner": "ccoe", "Product": "MSTR" }
}
"#;

pub const AMI_VERSIONS: &str = r#"{
  "ami-version": [
    { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304" },
    { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110302" }
  ],
  "ami-scheduled": [ { "recipenames": "110304;110302" } ]
}
"#;

pub const HARDEN: &str = "\
name: harden
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Harden
        action: ExecuteBash
        inputs:
          commands:
            - echo hardened
";

/// Every document, by key.
pub fn all() -> [(&'static str, &'static str); 3] {
    [
        ("environment.json", ENVIRONMENT),
        ("ami-versions.json", AMI_VERSIONS),
        ("components/harden.yml", HARDEN),
    ]
}

/// Documents that change every resource: another instance type and consumer, and another component.
pub fn changed() -> [(&'static str, String); 2] {
    let second = r#", { "account-id": "333333333333", "roles": "any" }
  ],
  "tags""#;
    let environment = ENVIRONMENT
        .replace("m6i.large", "m7i.large")
        .replace("\n  ],\n  \"tags\"", second);
    [
        ("environment.json", environment),
        (
            "components/harden.yml",
            HARDEN.replace("hardened", "hardened more"),
        ),
    ]
}

/// The environment with one consumer more.
pub fn with_consumer(consumer: Value) -> String {
    let mut environment: Value = serde_json::from_str(ENVIRONMENT).expect("JSON");
    environment["consumers"]
        .as_array_mut()
        .expect("a list")
        .push(consumer);
    environment.to_string()
}

/// The account that builds images again.
pub const BUILDER: &str = "444444444444";

/// Its entry.
pub fn builder() -> Value {
    let role = |name: &str| format!("arn:aws:iam::{BUILDER}:role/goldsmith-nonprod-{name}");
    json!({ "account-id": BUILDER, "roles": "any", "serve": "copy", "regions": ["us-east-1"],
        "kms-keys": { "us-east-1": format!("arn:aws:kms:us-east-1:{BUILDER}:key/11111111-2222-4333-8444-0000000000aa") },
        "parameter-role": role("parameters"),
        "rebuild": { "role": role("rebuild"), "instance-profile": "goldsmith-nonprod-rebuild" } })
}

/// The environment in which the consumer has left, and another one came that gets copies and a parameter.
pub fn other_consumers() -> String {
    let mut environment: Value = serde_json::from_str(ENVIRONMENT).expect("JSON");
    environment["consumers"] = json!([{ "account-id": "555555555555", "roles": "any", "serve": "copy",
        "parameter-role": "arn:aws:iam::555555555555:role/goldsmith-nonprod-parameters" }]);
    environment.to_string()
}

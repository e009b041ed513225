//! Texts that properties of the documents' reader draw from.

use goldsmith_domain::document::{AMI_VERSIONS, ENVIRONMENT};

pub(crate) const HARDEN: &str = "components/harden.yml";
pub(crate) const WORKLOADS: &str = "workload_accounts.us-east-1.json";

/// Documents that say everything they may.
pub(crate) const FULL: [(&str, &str); 4] = [
    (
        AMI_VERSIONS,
        r#"{
  "ami-version": [
    { "aminame": "ami-08bd941ae380bd3cd", "recipename": "base_9" },
    { "aminame": "ssm:/golden/base", "recipename": "110301" },
    { "aminame": "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x", "recipename": "110302" },
    { "aminame": "recipe:base_9", "recipename": "110304", "platform": "Linux", "description": "MSTR 11.3.4",
      "tags": { "Team": "bi", "Cost": "7" },
      "components": [ { "component": "components/harden.yml", "parameters": { "Text": "hello", "Lines": "3" } } ] }
  ],
  "ami-scheduled": [ { "recipenames": ["110304", "110302"] }, { "recipenames": "110301" } ],
  "$schema": "../schema/ami-versions.schema.json"
}"#,
    ),
    (
        ENVIRONMENT,
        r#"{
  "schema-version": 1,
  "environment": "nonprod",
  "family": "mstr",
  "regions": {
    "us-east-1": {
      "ssm-parameters": ["/imagebuilder/mstr/{recipename}", "/imagebuilder/{recipename}/ami-id"],
      "launch-templates": { "base-9": ["lt-00000000000000001", "lt-00000000000000002"], "110304": ["lt-00000000000000003"] }
    },
    "eu-west-1": { "kms-key": "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000000001" }
  },
  "schedule": "rate(7 days)",
  "instance-types": ["m6i.large"],
  "instances": {
    "instance-profile": "build", "key-pair": "ops", "subnet": "subnet-29cb4f75", "security-groups": ["sg-6f18e222"],
    "public-ip": false, "metadata-options": { "tokens": "optional", "hop-limit": 2 },
    "log-bucket": { "name": "build-logs", "prefix": "mstr" }, "keep-instance-on-failure": true,
    "ssh-user": "ec2-user", "vpc-id": "vpc-0181557b"
  },
  "volumes": [ { "size-gib": 30, "type": "gp3", "iops": 3000, "throughput": 125 }, { "size-gib": 9, "type": "io2", "iops": 100 } ],
  "build-components": [ { "component": "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x", "parameters": { "a": "b", "c": "d" } } ],
  "test-components": [],
  "allowed-components": [ { "component": "components/harden.yml", "parameters": { "Place": "/etc/motd" } } ],
  "compliance": { "stig": "medium" },
  "ami-name": "MSTR {recipename}",
  "consumers": [
    { "account-id": "222222222222", "roles": ["arn:aws:iam::222222222222:role/launch", "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_Deploy_*"],
      "serve": "share", "regions": ["us-east-1"],
      "grant-admin": { "role": "arn:aws:iam::222222222222:role/grants", "service-linked-roles": ["arn:aws:iam::222222222222:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"] } },
    { "account-id": "111111111111", "roles": "any", "kms-keys": { "us-east-1": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-4333-8444-000000000001", "eu-west-1": "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-4333-8444-000000000001" },
      "parameter-role": "arn:aws:iam::111111111111:role/parameters",
      "rebuild": { "role": "arn:aws:iam::111111111111:role/rebuild", "instance-profile": "rebuild" } },
    { "organization": "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5", "regions": ["eu-west-1"] },
    { "organizational-unit": "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-11111111", "path": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*" }
  ],
  "workload-accounts": "copy",
  "sysprep": true,
  "tags": { "Owner": "ccoe", "Product": "MSTR" },
  "drift": "report",
  "pause": false
}"#,
    ),
    (
        HARDEN,
        "schemaVersion: 1.0
parameters:
  - Text: { type: string }
  - Place: { type: string, default: /etc/issue, allowedValues: [ /etc/issue, /etc/motd ] }
  - Lines: { type: integer, default: 1 }
phases:
  - name: build
    steps:
      - name: Write
        action: ExecuteBash
        inputs: { commands: [ 'echo {{ Text }}' ] }
",
    ),
    (WORKLOADS, WORKLOAD_ACCOUNTS),
];

/// A sample of a workload accounts document.
pub(crate) const WORKLOAD_ACCOUNTS: &str = r#"{ "product": { "account_id": "111111111111", "vpc_id": "vpc-0181557b", "subnet_id": "subnet-29cb4f75", "sg_id": "sg-6f18e222", "owner": "engineer1" },
  "again": { "account_id": "111111111111", "subnet_id": "subnet-04bab323ac37ee117" } }"#;

/// What documents are made of, and what breaks them.
pub(crate) const PIECES: [&str; 48] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "\0",
    "-",
    "- ",
    "? ",
    ": ",
    "---\n",
    "...\n",
    "&a ",
    "*a",
    "!!int ",
    "%YAML 1.2\n",
    "|\n",
    ">-\n",
    "#",
    "'",
    "<<: ",
    "null",
    "true",
    "0",
    "-1",
    "1e9",
    "30.0",
    "\u{FEFF}",
    "ä",
    "\u{1F980}",
    "\u{2028}",
    "\"aminame\"",
    "\"recipename\"",
    "name: ",
    "phases:",
    "steps:",
    "inputs:",
];

//! What each variable becomes in the documents.

use goldsmith_domain::document::{Parsed, parse};
use goldsmith_layers::table::{TABLE, Target};
use goldsmith_layers::{Spot, Use};
use serde_json::{Value, json};

use crate::support::{Project, project};

/// An environment without what the variables below say.
pub const ENVIRONMENT: &str = r#"{
  "schema-version": 1,
  "family": "golden",
  "volumes": [ { "size-gib": 30, "type": "gp3" } ],
  "build-components": [ "components/setup.yml" ],
  "test-components": [],
  "consumers": []
}
"#;

const SETUP: &str = "\
name: setup
description: Installs an agent.
schemaVersion: 1.0
parameters:
  - agent_version:
      type: string
      default: \"1\"
  - admin_password:
      type: string
      default: \"\"
phases:
  - name: build
    steps:
      - name: Say
        action: ExecuteBash
        inputs:
          commands:
            - echo {{ agent_version }} {{ admin_password }}
";

/// A project of the framework whose variables say all that its documents leave out.
pub fn whole(own: &Value) -> Project {
    let shared = json!({
        "subnet_id": "subnet-29cb4f75", "sg_ids": "sg-6f18e222,sg-6f18e223", "vpc_id": "vpc-0181557b",
        "instance_type": "m6i.large", "owner": "platform", "source_ami": "ami-08bd941ae380bd3cd",
    });
    let (shared, own) = (shared.to_string(), own.to_string());
    let files = [
        ("environment.json", ENVIRONMENT),
        ("components/setup.yml", SETUP),
        ("amis/vars.json", shared.as_str()),
        ("vars.json", own.as_str()),
    ];
    let region = [("AWS_REGION", "us-east-1")];
    project(&files).named("baseos-rhel7").environment(&region)
}

pub fn own(more: &Value) -> Value {
    let mut own = json!({ "name": "baseos-rhel7" });
    for (name, value) in more.as_object().expect("an object") {
        own[name] = value.clone();
    }
    own
}

#[test]
fn variables_complete_the_documents_so_that_they_pass() {
    let produced = whole(&own(&json!({}))).produced();
    assert_eq!(produced.problems, []);
    let parsed = parse(&produced.files);
    let Parsed::Desired(desired) = parsed else {
        panic!("{parsed:?}")
    };
    assert_eq!(
        desired.environment.as_str(),
        "dev",
        "the default of PIPELINE_ENV"
    );
    assert_eq!(desired.recipes[0].name.as_str(), "baseos-rhel7");
    assert_eq!(desired.instances.subnet.as_deref(), Some("subnet-29cb4f75"));
    assert_eq!(
        desired.instances.security_groups,
        ["sg-6f18e222", "sg-6f18e223"]
    );
    assert_eq!(desired.instances.types, ["m6i.large"]);
    let regions: Vec<&str> = desired
        .regions
        .keys()
        .map(goldsmith_domain::names::Region::as_str)
        .collect();
    assert_eq!(regions, ["us-east-1"]);
}

/// A variable in vars.json, and the document, the JSON pointer and the value that it becomes.
const CASES: &str = r#"
{"source_ami": "ami-0123456789abcdef0"} => ami-versions.json /ami-version/0/aminame "ami-0123456789abcdef0"
{"source_ami": "ssm:/goldsmith/base"} => ami-versions.json /ami-version/0/aminame "ssm:/goldsmith/base"
{"version": "1.10"} => ami-versions.json /ami-version/0/version "1.10"
{"version": 1.10} => ami-versions.json /ami-version/0/version "1.10"
{"environment": "qa"} => environment.json /environment "qa"
{"ami_users": "222222222222, 333333333333"} => environment.json /consumers [{"account-id": "222222222222", "roles": "any"}, {"account-id": "333333333333", "roles": "any"}]
{"ami_users": ["222222222222", "222222222222", "444444444444"]} => environment.json /consumers [{"account-id": "222222222222", "roles": "any"}]
{"instance_type": "m7i.large"} => environment.json /instance-types ["m7i.large"]
{"instance_size": "m7i.large"} => environment.json /instance-types ["m7i.large"]
{"instance_type": ["m7i.large", "m6i.large"]} => environment.json /instance-types ["m7i.large", "m6i.large"]
{"subnet_id": "subnet-0bab"} => environment.json /instances/subnet "subnet-0bab"
{"sg_id": "sg-0ab1"} => environment.json /instances/security-groups ["sg-0ab1"]
{"security_group_ids": "sg-0ab1"} => environment.json /instances/security-groups ["sg-0ab1"]
{"vpc_id": "vpc-0181557c"} => environment.json /instances/vpc-id "vpc-0181557c"
{"instance_profile": "builder"} => environment.json /instances/instance-profile "builder"
{"iam_instance_profile": "builder"} => environment.json /instances/instance-profile "builder"
{"ssh_keypair_name": "inspectors"} => environment.json /instances/key-pair "inspectors"
{"ssh_username": "ec2-user"} => environment.json /instances/ssh-user "ec2-user"
{"public_ip": "true"} => environment.json /instances/public-ip true
{"public_ip": false} => environment.json /instances/public-ip false
{"owner": "ccoe"} => environment.json /tags/Owner "ccoe"
{"Owner": "ccoe2"} => environment.json /tags/Owner "ccoe2"
{"product": "MSTR"} => environment.json /tags/Product "MSTR"
{"project": "golden"} => environment.json /tags/Project "golden"
{"agent_version": "3.3.23-1"} => environment.json /build-components/0 {"component": "components/setup.yml", "parameters": {"agent_version": "3.3.23-1"}}
{"agent_version": 7} => environment.json /build-components/0/parameters/agent_version "7"
{"agent_version": ["a", "b"]} => environment.json /build-components/0/parameters/agent_version "a,b"
"#;

/// A line of [`CASES`].
struct Case {
    /// As vars.json has it: numbers keep their digits.
    text: &'static str,
    variable: Value,
    document: &'static str,
    pointer: &'static str,
    expected: Value,
}

fn cases() -> Vec<Case> {
    let json = |text: &str| serde_json::from_str(text).expect("JSON");
    let lines = CASES.lines().filter(|line| !line.is_empty());
    let case = |line: &'static str| {
        let (text, becomes) = line.split_once(" => ").expect("two parts");
        let mut parts = becomes.splitn(3, ' ');
        let mut next = || parts.next().expect("a part");
        Case {
            text,
            variable: json(text),
            document: next(),
            pointer: next(),
            expected: json(next()),
        }
    };
    lines.map(case).collect()
}

#[test]
fn each_variable_becomes_its_member_and_names_where_it_went() {
    for case in cases() {
        let mut project = whole(&json!({}));
        let name = "{\"name\": \"baseos-rhel7\", ";
        let text = case.text.replacen('{', name, 1);
        project.files.insert("vars.json".to_owned(), text);
        let document = project.document(case.document);
        let found = document.pointer(case.pointer);
        assert_eq!(found, Some(&case.expected), "{}", case.text);
        let produced = project.produced();
        let mut names = case.variable.as_object().expect("an object").keys();
        let becomes = &produced.uses[names.next().expect("a name")];
        let Use::Members(spots) = becomes else {
            panic!("{}: {becomes:?}", case.text)
        };
        let is_there = |spot: &Spot| {
            let (there, here) = (spot.pointer.as_str(), case.pointer);
            spot.document == case.document && (there.starts_with(here) || here.starts_with(there))
        };
        assert!(spots.iter().all(is_there), "{}: {spots:?}", case.text);
    }
}

/// No row of the table is without a case.
#[test]
fn every_variable_of_the_table_has_a_case() {
    let tried = cases();
    let is_tried = |name: &str| tried.iter().any(|case| case.variable.get(name).is_some());
    for row in TABLE {
        let is_document = !matches!(
            row.target,
            Target::Name | Target::Region | Target::Upload | Target::Nothing(_)
        );
        assert!(
            !is_document || row.names.iter().any(|name| is_tried(name)),
            "{:?}",
            row.names
        );
    }
}

fn becomes(own_variables: &Value, name: &str) -> Use {
    whole(&own(own_variables)).produced().uses[name].clone()
}

#[test]
fn what_has_no_use_says_why() {
    let reason = |variable: Value, name: &str| match becomes(&variable, name) {
        Use::Unused(reason) => reason,
        other @ (Use::Members(_) | Use::Kept(_) | Use::Elsewhere(_)) => panic!("{name}: {other:?}"),
    };
    let unknown = reason(json!({"chefdk_version": "3"}), "chefdk_version");
    assert_eq!(
        unknown,
        "no component of the image declares a parameter `chefdk_version`"
    );
    let secret = reason(json!({"admin_password": "hunter2"}), "admin_password");
    assert_eq!(
        secret,
        "its name says that it is a secret, and documents are no place for one"
    );
    let expiry = reason(json!({"expiry_date": "2026-12-01"}), "expiry_date");
    assert_eq!(expiry, "a date of expiry for each image is not supported");
    let both = json!({"instance_type": "m6i.large", "instance_size": "m7i.large"});
    assert_eq!(
        reason(both, "instance_size"),
        "`instance_type` says the same"
    );
    let nested = reason(json!({"agent_version": {"a": 1}}), "agent_version");
    assert_eq!(nested, "a parameter takes a text, or a list of texts");
    assert_eq!(
        becomes(&json!({"build_url": "https://ci/1"}), "build_url"),
        Use::Elsewhere("`build-url` in the metadata of each upload")
    );
}

#[test]
fn no_secret_reaches_a_document() {
    let variables = json!({"admin_password": "hunter2", "x_token": "hunter2"});
    for file in whole(&own(&variables)).produced().files {
        assert!(
            !String::from_utf8_lossy(&file.bytes).contains("hunter2"),
            "{}",
            file.key
        );
    }
}

/// Another name for the same, in a nearer layer, counts.
#[test]
fn of_two_names_for_the_same_the_nearer_layer_counts() {
    let project = whole(&own(&json!({"sg_id": "sg-0ab1"})));
    let environment = project.document("environment.json");
    assert_eq!(
        environment["instances"]["security-groups"],
        json!(["sg-0ab1"])
    );
    let uses = project.produced().uses;
    assert_eq!(
        uses["sg_ids"],
        Use::Unused("`sg_id` says the same".to_owned())
    );
}

//! What each variable becomes in the documents.

use std::collections::BTreeMap;

use goldsmith_domain::document::{DocumentFile, Parsed, parse, place_in};
use goldsmith_layers::table::{TABLE, Target};
use goldsmith_layers::{Spot, Use};
use serde_json::{Value, json};

use crate::support::{Project, project};

/// An environment without what the variables below say.
const ENVIRONMENT: &str = r#"{
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
fn whole(own: &Value) -> Project {
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

fn own(more: &Value) -> Value {
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
{"version": "1.10"} => ami-versions.json /ami-version/0/tags/version "1.10"
{"version": 1.10} => ami-versions.json /ami-version/0/tags/version "1.10"
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

fn with_document(key: &'static str, text: &'static str, own_variables: &Value) -> Project {
    let mut project = whole(&own(own_variables));
    project.files.insert(key.to_owned(), text.to_owned());
    project
}

const TWO: &str = r#"{ "ami-version": [
  { "aminame": "ami-08bd941ae380bd3c1", "recipename": "baseos-rhel7" },
  { "aminame": "ami-08bd941ae380bd3c2", "recipename": "baseos_RHEL8" } ],
  "ami-scheduled": [] }"#;

#[test]
fn the_name_chooses_the_entry() {
    let chosen = |name: &str| {
        let variables = json!({"source_ami": "ami-new", "name": name});
        with_document("ami-versions.json", TWO, &variables).document("ami-versions.json")
    };
    let bases = |document: &Value| {
        let entries = document["ami-version"].as_array().expect("entries").iter();
        let base = |entry: &Value| {
            entry["aminame"]
                .as_str()
                .map(str::to_owned)
                .unwrap_or_default()
        };
        entries.map(base).collect::<Vec<_>>()
    };
    assert_eq!(
        bases(&chosen("baseos-rhel7")),
        ["ami-new", "ami-08bd941ae380bd3c2"]
    );
    // Image Builder takes both for one name.
    assert_eq!(
        bases(&chosen("baseos-rhel8")),
        ["ami-08bd941ae380bd3c1", "ami-new"]
    );
    let unknown = with_document(
        "ami-versions.json",
        TWO,
        &json!({"source_ami": "ami-new", "name": "x"}),
    );
    let produced = unknown.produced();
    assert_eq!(
        produced.files[0].bytes,
        TWO.as_bytes(),
        "it is not clear which entry is meant"
    );
    let problem = produced.problems[0].to_string();
    assert!(problem.starts_with("vars.json:1:"), "{problem}");
    assert!(
        problem.contains("expected `name` to be a `recipename` of ami-versions.json"),
        "{problem}"
    );
}

/// A name chooses an entry and never renames one: another name would be another recipe.
#[test]
fn a_recipename_that_is_written_stays() {
    let one = r#"{ "ami-version": [ { "aminame": "ami-1", "recipename": "110304" } ], "ami-scheduled": [] }"#;
    let project = with_document("ami-versions.json", one, &json!({"source_ami": "ami-2"}));
    let document = project.document("ami-versions.json");
    assert_eq!(
        document["ami-version"],
        json!([{"aminame": "ami-2", "recipename": "110304"}])
    );
    assert_eq!(
        project.produced().uses["name"],
        Use::Elsewhere("the choice of the entry and of the layers")
    );
}

/// The configuration fills what a document leaves out or has as `null`; vars.json replaces what it has.
#[test]
fn documents_keep_what_they_say_against_the_configuration_only() {
    let written = ENVIRONMENT.replace(
        "\"consumers\"",
        "\"tags\": { \"Owner\": \"product\" }, \"instances\": { \"subnet\": null }, \"consumers\"",
    );
    let mut project = whole(&own(&json!({"project": "golden"})));
    project
        .files
        .insert("environment.json".to_owned(), written.clone());
    let environment = project.document("environment.json");
    assert_eq!(
        environment["tags"],
        json!({"Owner": "product", "Project": "golden"})
    );
    assert_eq!(environment["instances"]["subnet"], "subnet-29cb4f75");
    let mut project = whole(&own(&json!({"owner": "team"})));
    project.files.insert("environment.json".to_owned(), written);
    assert_eq!(
        project.document("environment.json")["tags"]["Owner"],
        "team"
    );
    let owner = &project.variables()["owner"];
    let overrode: Vec<String> = owner
        .overrode
        .iter()
        .map(|one| one.origin.to_string())
        .collect();
    assert_eq!(overrode, ["environment.json:7:22", "amis/vars.json:1:127"]);
}

#[test]
fn a_parameter_that_a_document_gives_counts_more_than_the_configuration() {
    let written = ENVIRONMENT.replace(
        r#""components/setup.yml""#,
        r#"{ "component": "components/setup.yml", "parameters": { "agent_version": "2" } }"#,
    );
    let parameter = |shared: &str, own_text: &str| {
        let mut project = whole(&json!({}));
        project
            .files
            .insert("environment.json".to_owned(), written.clone());
        project
            .files
            .insert("amis/vars.json".to_owned(), shared.to_owned());
        project
            .files
            .insert("vars.json".to_owned(), own_text.to_owned());
        let document = project.document("environment.json");
        let value = document["build-components"][0]["parameters"]["agent_version"].clone();
        (value, project.produced().uses.get("agent_version").cloned())
    };
    let (value, kept) = parameter(r#"{"agent_version": "3"}"#, "{}");
    assert_eq!(value, "2");
    let pointer = "/build-components/0/parameters/agent_version".to_owned();
    let spot = Spot {
        document: "environment.json",
        pointer,
    };
    assert_eq!(kept, Some(Use::Kept(spot)));
    assert_eq!(parameter("{}", r#"{"agent_version": "3"}"#).0, "3");
}

#[test]
fn a_region_must_be_one_of_the_documents_and_never_changes_them() {
    let written = ENVIRONMENT.replace(
        "\"family\"",
        "\"regions\": { \"eu-west-1\": {}, \"us-east-1\": {} }, \"family\"",
    );
    let mut project = whole(&own(&json!({})));
    project.files.insert("environment.json".to_owned(), written);
    assert_eq!(project.produced().problems, []);
    let regions = project.document("environment.json")["regions"].clone();
    assert_eq!(regions, json!({"eu-west-1": {}, "us-east-1": {}}));
    let project = project.environment(&[("AWS_REGION", "us-west-2")]);
    let problem = project.produced().problems[0].to_string();
    let expected = "the environment variable AWS_REGION:1:1: found us-west-2, expected a Region of environment.json: \
                    eu-west-1, us-east-1";
    assert_eq!(problem, expected);
}

#[test]
fn without_a_variable_of_a_document_its_bytes_stay() {
    let produced = with_document("ami-versions.json", TWO, &json!({"name": "x"}));
    let mut project = produced;
    project.files.remove("amis/vars.json");
    let files: BTreeMap<String, DocumentFile> = project
        .produced()
        .files
        .into_iter()
        .map(|file| (file.key.clone(), file))
        .collect();
    assert_eq!(files["ami-versions.json"].bytes, TWO.as_bytes());
}

/// What is wrong with a document stays wrong: nothing is dropped or repaired on the way.
#[test]
fn a_document_that_cannot_be_read_stays_as_it_is() {
    for text in ["{ \"tags\": {}, \"tags\": {} }", "{", "[]", ""] {
        let mut project = whole(&own(&json!({})));
        project
            .files
            .insert("environment.json".to_owned(), text.to_owned());
        let produced = project.produced();
        let file = produced
            .files
            .iter()
            .find(|file| file.key == "environment.json");
        assert_eq!(file.expect("it is there").bytes, text.as_bytes());
        assert!(matches!(produced.uses["subnet_id"], Use::Unused(_)));
    }
}

#[test]
fn a_problem_names_the_file_of_the_variable() {
    let project = whole(&own(&json!({"subnet_id": "subnet-no"})));
    let produced = project.produced();
    let Parsed::Rejected(problems) = parse(&produced.files) else {
        panic!("it is no subnet")
    };
    let documents = project.documents();
    let written = |key: &str, pointer: &str| {
        let file = documents.iter().find(|file| file.key == key)?;
        Some(place_in(file, pointer))
    };
    let problem = problems.first()[0].clone();
    let relocated = produced.placed.relocated(problem, written).to_string();
    assert!(
        relocated.starts_with("vars.json:1:36: found \"subnet-no\", expected"),
        "{relocated}"
    );
    assert!(
        relocated.contains("the value is that of `subnet_id`, from vars.json:1:36"),
        "{relocated}"
    );
}

#[test]
fn a_value_of_another_kind_is_a_problem_at_its_place() {
    let cases = [
        (json!({"subnet_id": ["a"]}), "expected a text"),
        (json!({"public_ip": "maybe"}), "expected `true` or `false`"),
        (json!({"sg_ids": {"a": 1}}), "expected a list of texts"),
        (json!({"source_ami": {}}), "expected a text"),
        (json!({"ami_users": true}), "expected a list of texts"),
        (json!({"ami_users": "12"}), "expected an account id"),
    ];
    for (variable, expected) in cases {
        let problems = whole(&own(&variable)).produced().problems;
        let [problem] = problems.as_slice() else {
            panic!("{variable}: {problems:?}")
        };
        let problem = problem.to_string();
        assert!(
            problem.starts_with("vars.json:1:") && problem.contains(expected),
            "{problem}"
        );
    }
}

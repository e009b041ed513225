//! Variables beside documents that say something already.

use std::collections::BTreeMap;

use goldsmith_domain::document::{DocumentFile, Parsed, parse, place_in};
use goldsmith_layers::{Spot, Use};
use serde_json::{Value, json};

use crate::becomes::{ENVIRONMENT, own, whole};
use crate::support::Project;

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
    let expected = "environment.json:1:1: found us-west-2, expected a Region of environment.json: eu-west-1, us-east-1\n  \
                    hint: the value is that of `aws_region`, from the environment variable AWS_REGION";
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

/// An object where a list belongs is a problem of the document: it is not replaced.
#[test]
fn a_member_of_another_kind_is_not_replaced() {
    let written = [
        ("consumers", "ami_users", json!("222222222222")),
        ("instances", "subnet_id", json!("subnet-1")),
    ];
    for (member, name, value) in written {
        let mut project = whole(&own(&json!({ name: value })));
        let mut environment: Value = serde_json::from_str(ENVIRONMENT).expect("JSON");
        environment[member] = json!("another kind");
        project
            .files
            .insert("environment.json".to_owned(), environment.to_string());
        assert_eq!(project.document("environment.json")[member], "another kind");
        assert!(
            matches!(project.produced().uses[name], Use::Unused(_)),
            "{name}"
        );
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

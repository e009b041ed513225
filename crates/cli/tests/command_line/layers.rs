//! A project of the framework with a pulled configuration: check, plan and apply.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::configuration::{Repository, SHARED, goldsmith, project, text};
use crate::offline::empty_account;
use crate::run::Outcome;

pub const OWN: &str = "{\n  \"name\": \"baseos-rhel7\",\n  \"project\": \"golden\"\n}\n";

/// A project with what the repository `SHARED` holds, and that repository.
pub fn pulled(own: &str, shared: &[(&str, &str)]) -> (TempDir, Repository, String) {
    let repository = Repository::new(shared);
    let commit = repository.publish();
    let dir = project(own);
    let path = text(dir.path());
    let outcome = goldsmith(&["pull", &path, "--url", &repository.url()], &[]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    (dir, repository, commit)
}

pub fn check(dir: &TempDir) -> Outcome {
    goldsmith(&["check", &text(dir.path())], &[])
}

/// An AMI of Amazon that images can be built on.
fn base() -> Value {
    json!({
        "provenance": {
            "account": "137112412989", "alias": "amazon", "name": "al2023", "created": "2026-01-01T00:00:00Z", "public": true,
        },
        "available": true, "platform": "Linux", "architecture": "x86_64", "deprecated": null,
        "platform-details": "Linux/UNIX", "usage-operation": "RunInstances", "product-codes": [],
        "root-device": "/dev/xvda", "devices": [{ "name": "/dev/xvda", "size-gib": 8, "volume-type": "gp3" }],
    })
}

/// Plans for an account in which only base AMIs exist, and which is that of the environment `dev`.
fn plan(dir: &TempDir, more: &[&str]) -> Outcome {
    plan_with(dir, &json!([]), &json!([]), more)
}

/// The same beside pipelines and images.
fn plan_with(dir: &TempDir, pipelines: &Value, images: &Value, more: &[&str]) -> Outcome {
    let observed = dir.path().join("target/observed.json");
    let mut account = empty_account();
    account["observed"]["pipelines"] = pipelines.clone();
    account["observed"]["images"] = images.clone();
    account["stack"]["environment"] = json!("dev");
    account["observed"]["catalog"] = json!({
        "components": [], "component-data": {}, "recipes": [], "contents": {}, "parameters": {}, "parents": {},
        "base-amis": { "ami-08bd941ae380bd3cd": base(), "ami-0123456789abcdef0": base() },
    });
    account["observed"]["facts"]["instance-types"] = json!({ "m6i.large": ["x86_64"] });
    account["observed"]["facts"]["subnets"] =
        json!({ "subnet-29cb4f75": { "found": { "public_ip": true } } });
    fs::write(&observed, account.to_string()).expect("a file");
    let (path, observed) = (text(dir.path()), text(&observed));
    let arguments = ["plan", &path, "--observed", &observed, "--format", "json"];
    goldsmith(&[&arguments[..], more].concat(), &[])
}

#[test]
fn a_project_of_the_framework_passes_check() {
    let (dir, ..) = pulled(OWN, &SHARED);
    let outcome = check(&dir);
    let note = format!(
        "{}/target/pipeline-config/amis/vars.json:1:1: 1 variable of the configuration without use; `goldsmith explain` \
         lists them\n",
        dir.path().display()
    );
    assert_eq!((outcome.code, outcome.out), (0, note));
    assert_eq!(outcome.err, "4 documents read: nothing is wrong, 1 note\n");
}

#[test]
fn without_its_configuration_the_project_lacks_what_that_says() {
    let dir = project(OWN);
    let outcome = check(&dir);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    for lacking in ["`instance-types`", "parameter `agent_version`"] {
        assert!(outcome.out.contains(lacking), "{lacking}: {outcome:?}");
    }
}

#[test]
fn a_plan_is_made_of_the_merged_documents() {
    let (dir, ..) = pulled(OWN, &SHARED);
    let outcome = plan(&dir, &["--output-dir", "target"]);
    assert_eq!(outcome.code, 2, "{outcome:?}");
    let review: Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert_eq!(
        review["recipes"][0]["recipename"], "baseos-rhel7",
        "{review:#}"
    );
    let shown = review.to_string();
    for part in ["ami-08bd941ae380bd3cd", "222222222222", "6.11.1"] {
        assert!(shown.contains(part), "{part}: {review:#}");
    }
    let inputs = fs::read_to_string(dir.path().join("target/image-inputs.json")).expect("a file");
    let inputs: Value = serde_json::from_str(&inputs).expect("JSON");
    let expected = json!({
        "agent_version": "6.11.1", "ami_users": "222222222222", "aws_region": "us-east-1", "chefdk_version": "3.3.23-1",
        "environment": "dev", "instance_type": "m6i.large", "name": "baseos-rhel7", "owner": "rhel", "product": "MSTR",
        "project": "golden", "sg_ids": "sg-6f18e222", "source_ami": "ami-08bd941ae380bd3cd",
        "subnet_id": "subnet-29cb4f75", "version": "1.4.0",
    });
    assert_eq!(inputs, expected);
    assert!(
        !dir.path().join("target/image.json").exists(),
        "nothing is published"
    );
}

/// What another image's build reads as its `SOURCE_IMAGE_FILE`.
#[test]
fn what_is_published_is_left_as_the_framework_leaves_it() {
    let (dir, ..) = pulled(OWN, &SHARED);
    let arn = "arn:aws:imagebuilder:us-east-1:111122223333";
    let image = format!("{arn}:image/golden-dev-baseos-rhel7/1.0.0/1");
    let tags = json!({
        "goldsmith:environment": "dev", "goldsmith:recipename": "baseos-rhel7", "goldsmith:published": image,
    });
    let pipelines = json!([{
        "arn": format!("{arn}:image-pipeline/golden-dev-baseos-rhel7"), "description": null, "status": "enabled",
        "recipe": format!("{arn}:image-recipe/golden-dev-baseos-rhel7/1.0.0"), "infrastructure": format!("{arn}:infrastructure-configuration/golden-dev"),
        "distribution": format!("{arn}:distribution-configuration/golden-dev-baseos-rhel7"), "tags": tags, "others": {},
    }]);
    let built = json!([{
        "arn": image, "state": "available", "reason": null, "copies": [], "failed-targets": [], "failed-in": null, "created": null, "failure": null,
        "amis": { "us-east-1": "ami-0aaaaaaaaaaaaaaaa", "eu-west-1": "ami-0bbbbbbbbbbbbbbbb" }, "tags": tags,
    }]);
    let outcome = plan_with(&dir, &pipelines, &built, &["--output-dir", "target"]);
    assert!([0, 2].contains(&outcome.code), "{outcome:?}");
    let read = |name: &str| -> Value {
        let text = fs::read_to_string(dir.path().join("target").join(name)).expect(name);
        serde_json::from_str(&text).expect("JSON")
    };
    let amis =
        json!({ "eu-west-1": "ami-0bbbbbbbbbbbbbbbb", "us-east-1": "ami-0aaaaaaaaaaaaaaaa" });
    assert_eq!(read("image.json"), json!({ "ami_ids": amis }));
    assert_eq!(
        read("image-us-east-1.json"),
        json!({ "ami_id": "ami-0aaaaaaaaaaaaaaaa" })
    );
    assert_eq!(
        read("image-eu-west-1.json"),
        json!({ "ami_id": "ami-0bbbbbbbbbbbbbbbb" })
    );
}

#[test]
fn a_plan_takes_other_values_for_one_run() {
    let (dir, ..) = pulled(OWN, &SHARED);
    let outcome = plan(&dir, &["--var", "source_ami=ami-0123456789abcdef0"]);
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(
        outcome.out.contains("ami-0123456789abcdef0")
            && !outcome.out.contains("ami-08bd941ae380bd3cd")
    );
    let said = "warning: planned with the value of --var for `source_ami`\n";
    assert!(outcome.err.contains(said), "{outcome:?}");
    let file = dir.path().join("target/other.json");
    fs::write(
        &file,
        r#"{"name": "baseos-rhel7", "agent_version": "7.0.0"}"#,
    )
    .expect("a file");
    let outcome = plan(&dir, &["--var-file", &text(&file)]);
    assert!(outcome.out.contains("7.0.0"), "{outcome:?}");
    let wrong = plan(&dir, &["--var", "subnet_id=subnet-no"]);
    assert_eq!(wrong.code, 1);
    let hint = "hint: the value is that of `subnet_id`, from --var";
    assert!(wrong.err.contains(hint), "{wrong:?}");
    let shape = plan(&dir, &["--var", "x"]);
    assert!(
        shape.err.contains("found `x`, expected NAME=VALUE"),
        "{shape:?}"
    );
}

/// One of the accounts may be the one that builds: it needs no access to its own images.
#[test]
fn accounts_of_ami_users_get_access_except_the_one_that_builds() {
    let (dir, ..) = pulled(OWN, &SHARED);
    let outcome = plan(
        &dir,
        &["--var", "ami_users=111122223333,222222222222,333333333333"],
    );
    assert_eq!(outcome.code, 2, "{outcome:?}");
    let review: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let gaining = review["access"].as_array().expect("a list").iter();
    let gaining: Vec<&str> = gaining.filter_map(|one| one["consumer"].as_str()).collect();
    assert_eq!(gaining, ["222222222222", "333333333333"], "{review:#}");
    assert_eq!(review["refused"], json!([]), "{review:#}");
}

/// `VAR_FILE` and `SOURCE_IMAGE_FILE` are paths from the project, as the framework is run there.
#[test]
fn the_environment_of_the_framework_counts() {
    let (dir, ..) = pulled(OWN, &SHARED);
    fs::write(
        dir.path().join("local.json"),
        r#"{"name": "baseos-rhel7", "agent_version": "8"}"#,
    )
    .expect("a file");
    fs::write(
        dir.path().join("target/image-us-east-1.json"),
        r#"{"ami_id": "ami-0f18387ab543f07be"}"#,
    )
    .expect("a file");
    let environment = [
        ("VAR_FILE", "local.json"),
        ("SOURCE_IMAGE_FILE", "target/image-us-east-1.json"),
        ("PIPELINE_ENV", "qa"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ];
    let path = text(dir.path());
    let names = ["agent_version", "source_ami", "environment", "aws_region"];
    let arguments = [&["explain", &path, "--format", "json"], &names[..]].concat();
    let outcome = goldsmith(&arguments, &environment);
    let explained: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let all = explained["variables"].as_array().expect("a list").iter();
    let found: Vec<String> = all
        .map(|one| {
            format!(
                "{} {}",
                one["value"].as_str().expect("a text"),
                one["from"].as_str().expect("a text")
            )
        })
        .collect();
    let expected = [
        "8 local.json:1:43",
        "us-east-1 the environment variable AWS_REGION",
        "qa the environment variable PIPELINE_ENV",
        "ami-0f18387ab543f07be target/image-us-east-1.json:1:12",
    ];
    assert_eq!(found, expected);
}

/// The same answer with the spellings that only the framework has.
#[test]
fn workload_accounts_are_found_under_every_name() {
    let accounts = SHARED[3].1;
    let names = [
        "amis/rhel7/baseos/workload_accounts.us-east-1.json",
        "amis/rhel7/workload_account.us-east-1.json",
        "amis/workload_account.json",
        "workload_accounts.us-east-1.json",
        "workload-account.us-east-1.json",
    ];
    for name in names {
        let shared = [SHARED[0], SHARED[1], SHARED[2], (name, accounts)];
        let (dir, ..) = pulled(OWN, &shared);
        let outcome = plan(&dir, &[]);
        assert!(
            outcome.code == 2 && outcome.out.contains("222222222222"),
            "{name}: {outcome:?}"
        );
    }
    let own = [
        "workload_account.us-east-1.json",
        "workload_accounts.json",
        "amis/workload_account.us-east-1.json",
    ];
    for name in own {
        let (dir, ..) = pulled(OWN, &SHARED);
        fs::create_dir_all(dir.path().join("amis")).expect("a folder");
        let text = accounts.replace("222222222222", "333333333333");
        fs::write(dir.path().join(name), text).expect("a file");
        let outcome = plan(&dir, &[]);
        let is_own = outcome.out.contains("333333333333") && !outcome.out.contains("222222222222");
        assert!(
            outcome.code == 2 && is_own,
            "the project is nearer: {name}: {outcome:?}"
        );
    }
}

#[test]
fn two_workload_accounts_files_in_one_folder_contradict_each_other() {
    let accounts = SHARED[3].1;
    let both = [
        SHARED[0],
        SHARED[1],
        SHARED[2],
        ("amis/workload_accounts.us-east-1.json", accounts),
        ("amis/workload_account.us-east-1.json", accounts),
    ];
    let (dir, ..) = pulled(OWN, &both);
    let outcome = check(&dir);
    let said = "target/pipeline-config/amis/workload_account.us-east-1.json:1:1: found";
    assert!(
        outcome.code == 1 && outcome.out.contains(said),
        "{outcome:?}"
    );
}

#[test]
fn prefix_and_key_of_the_pull_choose_the_layers() {
    let shared = [
        ("pipelines/jenkins/vars.json", r#"{"owner": "jenkins"}"#),
        ("amis/vars.json", r#"{"owner": "amis"}"#),
    ];
    let repository = Repository::new(&shared);
    repository.publish();
    let dir = project(OWN);
    let (path, url) = (text(dir.path()), repository.url());
    let pull = [
        "pull",
        &path,
        "--url",
        &url,
        "--prefix",
        "pipelines",
        "--key",
        "jenkins",
    ];
    assert_eq!(goldsmith(&pull, &[]).code, 0);
    let outcome = goldsmith(&["explain", &path, "owner"], &[]);
    let from = "owner = jenkins\n  from      target/pipeline-config/pipelines/jenkins/vars.json:1:11 (configuration)\n";
    assert!(outcome.out.starts_with(from), "{outcome:?}");
}

/// Problems name the file in which somebody can correct them.
#[test]
fn what_is_wrong_is_reported_where_it_is_written() {
    let wrong = "{\n  \"subnet_id\": \"subnet-no\",\n  \"sg_ids\": \"sg-6f18e222\"\n}\n";
    let (dir, ..) = pulled(
        OWN,
        &[
            SHARED[0],
            ("amis/rhel7/vars.json", wrong),
            SHARED[2],
            SHARED[3],
        ],
    );
    let outcome = check(&dir);
    let said = format!(
        "{}/target/pipeline-config/amis/rhel7/vars.json:2:16: found \"subnet-no\"",
        dir.path().display()
    );
    assert!(
        outcome.code == 1 && outcome.out.starts_with(&said),
        "{outcome:?}"
    );
    let accounts = (
        "amis/workload_accounts.json",
        "{\n  \"product\": { \"account_id\": \"22\" }\n}\n",
    );
    let (dir, ..) = pulled(OWN, &[SHARED[0], SHARED[1], SHARED[2], accounts]);
    let outcome = check(&dir);
    let said = format!(
        "{}/target/pipeline-config/amis/workload_accounts.json:2:30: found",
        dir.path().display()
    );
    assert!(
        outcome.code == 1 && outcome.out.starts_with(&said),
        "{outcome:?}"
    );
}

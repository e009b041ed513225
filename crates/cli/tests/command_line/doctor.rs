//! `goldsmith doctor` against a stand-in: each check with its result, and nothing is written.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::look::configuration;
use crate::run::{Outcome, changed, goldsmith, in_folder, run};
use crate::stand_in::{Answer, Request, StandIn};

const CALLER: &str = "arn:aws:sts::111122223333:assumed-role/platform/jane";

/// A stack whose last run was in 2026, in an account that may have three pipelines, and whose consumers let nobody
/// in.
fn stack(request: &Request) -> Answer {
    let json = |value: Value| (200, Vec::new(), value.to_string());
    let target = request.headers.get("x-amz-target").map(String::as_str);
    if target == Some("ServiceQuotasV20190624.ListServiceQuotas") {
        return json(json!({ "Quotas": [{ "QuotaName": "Image pipelines", "Value": 1.0 }] }));
    }
    match request.path.split('?').next().unwrap_or_default() {
        "/" if request.body.contains("GetCallerIdentity") => {
            let date = ("date", "Thu, 01 Jan 2026 10:00:00 GMT".to_owned());
            let answer = format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{CALLER}</Arn>\
                 <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            );
            (200, vec![date], answer)
        }
        "/" => (
            403,
            Vec::new(),
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
                .to_owned(),
        ),
        "/2015-03-31/functions/goldsmith-nonprod-reconcile/configuration" => json(configuration()),
        "/output/reports/latest.json" => json(json!({
            "time": "2026-01-01T00:00:00.000Z", "release": { "version": "0.0.1" }, "documents": {},
            "dry-run": false, "changes": [], "waiting": [], "refused": [], "failed": [], "not-attempted": [],
            "problems": [], "calls": {}, "writes": 0, "run": "r", "told": [],
        })),
        _ => (
            404,
            Vec::new(),
            "<Error><Code>NoSuchKey</Code></Error>".to_owned(),
        ),
    }
}

fn checks(outcome: &Outcome) -> Vec<Value> {
    let diagnosis: Value =
        serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    let checks = diagnosis["checks"].as_array().expect("a list");
    checks.clone()
}

fn state<'a>(checks: &'a [Value], name: &str) -> (&'a str, &'a Value, &'a Value) {
    let check = checks.iter().find(|check| check["name"] == name);
    let check = check.unwrap_or_else(|| panic!("no check {name}: {checks:?}"));
    (
        check["state"].as_str().expect("a state"),
        &check["found"],
        &check["remedy"],
    )
}

#[test]
fn each_check_has_its_result_and_what_helps_and_nothing_is_written() {
    let folder = changed("ami-versions.json", "110304;110302", "110304");
    let path = folder.path().display().to_string();
    let stand_in = StandIn::new(stack);
    let outcome = run(&["doctor", &path, "--format", "json"], &stand_in.url);
    assert_eq!(outcome.code, 3, "{outcome:?}");
    let checks = checks(&outcome);
    assert_eq!(state(&checks, "documents").0, "ok");
    assert_eq!(
        state(&checks, "git"),
        (
            "warning",
            &json!("the folder is in no Git repository, so nothing keeps who changed what"),
            &json!(format!("git init {path}"))
        )
    );
    assert_eq!(
        state(&checks, "credentials").1,
        &json!(format!("{CALLER} in account 111122223333"))
    );
    // Whatever this machine says: that answer is of the past.
    assert_eq!(state(&checks, "clock").0, "failed");
    assert_eq!(
        state(&checks, "stack"),
        (
            "ok",
            &json!("goldsmith-nonprod in 111122223333, us-east-1"),
            &Value::Null
        )
    );
    assert_eq!(
        state(&checks, "release").2,
        &json!("docs/deploy.md#2-deploy")
    );
    assert_eq!(
        state(&checks, "last-run").2,
        &json!("goldsmith reconcile --against goldsmith-nonprod")
    );
    let (quotas, found, _) = state(&checks, "quotas");
    assert_eq!(
        (quotas, found),
        (
            "failed",
            &json!("the documents need 2 of 1 image pipelines")
        )
    );
    let (consumers, _, remedy) = state(&checks, "consumers");
    assert_eq!(
        (consumers, remedy),
        (
            "warning",
            &json!(format!(
                "goldsmith consumer 222222222222 {path} --verifier arn:aws:iam::111122223333:role/platform"
            ))
        )
    );
    for request in stand_in.requests() {
        let only_reads = ["GetCallerIdentity", "AssumeRole", "ListServiceQuotas"];
        let target = request.headers.get("x-amz-target");
        let asked = format!("{} {target:?}", request.body);
        assert!(
            request.method == "GET" || only_reads.iter().any(|read| asked.contains(read)),
            "{request:?}"
        );
    }
}

#[test]
fn text_has_a_line_for_each_check_and_a_command_below_what_is_wrong() {
    let folder = changed("ami-versions.json", "110304;110302", "11 03");
    let path = folder.path().display().to_string();
    let outcome = goldsmith(&["doctor", &path]);
    assert!(
        outcome.code == 3
            && outcome
                .out
                .contains(&format!("\n         > goldsmith check {path}\n"))
            && outcome
                .out
                .contains("\nskipped: consumers    there are no credentials that AWS takes\n"),
        "{outcome:?}"
    );
    let none = goldsmith(&["doctor", "/nowhere/at/all"]);
    assert!(
        none.code == 1 && none.err.contains("/nowhere/at/all is not a folder"),
        "{none:?}"
    );
}

/// A repository with a workflow, and a `gh` that prints `variables` for each environment.
fn repository(variables: &str) -> tempfile::TempDir {
    let folder = changed("ami-versions.json", "110304;110302", "110304");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    };
    write(".github/workflows/ami-versions.yml", "");
    let script =
        format!("#!/bin/sh\ncase \"$*\" in *--env*) echo '{variables}';; *) echo '[]';; esac\n");
    let gh = write("bin/gh", &script);
    std::fs::set_permissions(gh, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
        git.current_dir(folder.path())
            .args(identity)
            .args(arguments);
        assert!(git.output().expect("git").status.success());
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "x"]);
    folder
}

fn on_a_workstation(folder: &Path) -> Vec<Value> {
    let path = std::env::var("PATH").expect("a path");
    let path = format!("{}/bin:{path}", folder.display());
    let variables = [("PATH", path.as_str()), ("HOME", "/nonexistent")];
    checks(&in_folder(
        &["doctor", "--format", "json"],
        folder,
        &variables,
    ))
}

#[test]
fn git_and_the_variables_of_github_are_checked_where_they_are() {
    let right = r#"[{"name":"AWS_ROLE","value":"arn:aws:iam::111122223333:role/upload"},{"name":"AWS_REGION","value":"us-east-1"}]"#;
    let folder = repository(right);
    let clean = on_a_workstation(folder.path());
    assert_eq!(state(&clean, "git").0, "ok", "{clean:?}");
    assert_eq!(
        state(&clean, "github").1,
        &json!("AWS_ROLE and AWS_REGION are set for nonprod")
    );
    assert_eq!(state(&clean, "region").0, "failed");
    assert_eq!(state(&clean, "credentials").0, "skipped");
    std::fs::write(folder.path().join("more"), "x").expect("a file");
    let changed = on_a_workstation(folder.path());
    assert!(
        state(&changed, "git")
            .1
            .as_str()
            .is_some_and(|found| found.ends_with("; 1 file is not committed")),
        "{changed:?}"
    );
    let missing = repository(r#"[{"name":"AWS_REGION","value":"us-east-1"}]"#);
    let missing = on_a_workstation(missing.path());
    assert_eq!(
        state(&missing, "github"),
        (
            "warning",
            &json!("AWS_ROLE of nonprod: found nothing, expected the ARN of a role"),
            &json!("docs/pull-requests.md#setting-it-up-on-github")
        )
    );
}

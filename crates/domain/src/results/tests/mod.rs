//! What is read from a stranger's files, counted, compared with limits and waived.

mod findings;
mod waiving;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::problem::Problem;

fn rule(id: &str, severity: &str, result: &str) -> Value {
    json!({"id": id, "severity": severity, "result": result, "title": "A rule"})
}

fn own(controls: &[Value]) -> Value {
    json!({
        "goldsmith-results": 1, "tool": "OpenSCAP 1.3.7",
        "benchmark": "xccdf_org.ssgproject.content_benchmark_RHEL-7",
        "profile": "xccdf_org.ssgproject.content_profile_stig", "controls": controls,
    })
}

fn read(file: &str, content: &Value) -> Result<SuiteResults, Box<Problem>> {
    parse("suite", file, content.to_string().as_bytes()).expect("a file of results")
}

fn suite(controls: &[Value]) -> SuiteResults {
    read("results.json", &own(controls)).expect("results")
}

/// An InSpec report of one profile, as the JSON reporter of InSpec 5 writes it.
fn inspec(controls: &Value) -> Value {
    json!({
        "platform": {"name": "redhat", "release": "7.9", "target_id": "x"},
        "profiles": [{
            "name": "STIG-RHEL-7", "version": "1.0.0", "sha256": "0", "title": "RHEL 7 STIG",
            "supports": [], "attributes": [], "groups": [], "controls": controls,
            "status": "loaded", "status_message": ""
        }],
        "statistics": {"duration": 0.5}, "version": "5.22.3"
    })
}

/// Id, status, severity and message of a control.
fn shown(one: &Control) -> (&str, &str, &str, &str) {
    let (status, severity) = (one.status.as_str(), one.severity.as_str());
    (&one.id, status, severity, &one.message)
}

fn seen(suite: &SuiteResults) -> Vec<(&str, &str, &str, &str)> {
    suite.controls().map(shown).collect()
}

#[test]
fn every_word_of_xccdf_is_a_status_and_what_was_not_evaluated_has_failed() {
    let words = [
        ("pass", "passed", ""),
        ("fixed", "passed", ""),
        ("fail", "failed", ""),
        ("error", "failed", "the scanner ended with an error"),
        ("unknown", "failed", "the scanner could not find it out"),
        ("notapplicable", "skipped", "does not apply"),
        ("notchecked", "skipped", "a person has to check it"),
        ("informational", "skipped", "for information only"),
    ];
    for (word, status, message) in words {
        let suite = suite(&[rule("a", "medium", word)]);
        assert_eq!(seen(&suite), [("a", status, "medium", message)], "{word}");
    }
    for word in ["notselected", "waived", "passed", ""] {
        assert!(
            read("results.json", &own(&[rule("a", "low", word)])).is_err(),
            "{word}"
        );
    }
}

#[test]
fn a_rule_and_a_profile_have_the_short_names_that_people_use() {
    let mut rule = rule(
        "xccdf_org.ssgproject.content_rule_sudo_add_noexec",
        "high",
        "fail",
    );
    rule["aliases"] = json!(" CCE-27140-5  RHEL-07-010500 CCE-27140-5 ");
    let suite = suite(&[rule]);
    let profile = &suite.profiles[0];
    assert_eq!(
        profile.names,
        [
            "xccdf_org.ssgproject.content_profile_stig",
            "stig",
            "xccdf_org.ssgproject.content_benchmark_RHEL-7",
            "RHEL-7"
        ]
    );
    assert_eq!(
        profile.controls[0].aliases,
        ["sudo_add_noexec", "CCE-27140-5", "RHEL-07-010500"]
    );
}

#[test]
fn a_control_of_inspec_is_what_its_tests_are_together() {
    let with = |id: &str, impact: f64, results: Value| json!({"id": id, "title": null, "impact": impact, "tags": {"stig_id": "RHEL-07-010500", "nist": ["CM-6"]}, "code": "...", "results": results, "waiver_data": {}});
    let passed = json!({"status": "passed", "code_desc": "it is so", "run_time": 0.1, "start_time": "2026-11-29T00:00:00+00:00"});
    let failed =
        json!({"status": "failed", "code_desc": "it is so", "message": "expected: 1\n     got: 2"});
    let skipped = json!({"status": "skipped", "skip_message": "not here"});
    let thrown = json!({"status": "passed", "code_desc": "it is so", "backtrace": ["a"]});
    let controls = json!([
        with("all", 0.9, json!([passed, passed])),
        with("one", 0.7, json!([passed, failed, skipped])),
        with("some", 0.4, json!([passed, skipped])),
        with("none", 0.0, json!([])),
        with("thrown", 0.1, json!([thrown])),
        with("word", -1.0, json!([{"status": "waived"}])),
        {"id": "bare", "results": [passed]},
    ]);
    let suite = read("inspec.json", &inspec(&controls)).expect("results");
    assert_eq!(suite.tool, "InSpec 5.22.3");
    assert_eq!(
        seen(&suite),
        [
            ("all", "passed", "critical", ""),
            ("one", "failed", "high", "it is so: expected: 1      got: 2"),
            ("some", "skipped", "medium", "not here"),
            ("none", "skipped", "info", "it tested nothing"),
            ("thrown", "failed", "low", "it is so"),
            ("word", "failed", "unknown", ""),
            ("bare", "passed", "unknown", ""),
        ]
    );
    assert_eq!(suite.profiles[0].controls[0].aliases, ["RHEL-07-010500"]);
}

#[test]
fn a_profile_of_inspec_that_did_not_run_does_not_look_as_if_all_was_well() {
    for (status, expected, severity) in [
        ("failed", "failed", "critical"),
        ("skipped", "skipped", "unknown"),
        ("odd", "failed", "critical"),
    ] {
        let mut report = inspec(&json!([]));
        report["profiles"][0]["status"] = json!(status);
        report["profiles"][0]["status_message"] = json!("cannot load");
        let suite = read("inspec.json", &report).expect("results");
        assert_eq!(
            seen(&suite),
            [("STIG-RHEL-7", expected, severity, "cannot load")]
        );
    }
}

#[test]
fn what_a_file_must_not_be_is_one_problem_at_its_place() {
    let many = vec![rule("a", "low", "pass"); MOST_CONTROLS + 1];
    let mut later = own(&[]);
    later["goldsmith-results"] = json!(2);
    let mut more = own(&[]);
    more["waived"] = json!([]);
    for (content, found) in [
        (
            own(&many).to_string(),
            "found 5001 controls, expected at most 5000 controls in a file",
        ),
        (
            later.to_string(),
            "found format 2, expected results of a component of goldsmith, format 1",
        ),
        (more.to_string(), "found unknown field `waived`"),
        ("[".repeat(100_000), "found "),
        (
            "{\"goldsmith-results\":1".to_owned(),
            "found EOF while parsing",
        ),
        (
            " ".repeat(LARGEST + 1),
            "found 8388609 bytes or more, expected at most 8 MiB of results",
        ),
        (String::new(), "found EOF while parsing"),
    ] {
        let read = parse("s", "results.json", content.as_bytes()).expect("a file of results");
        let problem = read.expect_err("a problem").to_string();
        assert!(problem.starts_with("s/results.json:1:"), "{problem}");
        assert!(problem.contains(found), "{problem}");
    }
    assert!(parse("s", "inspec.json", b"\xff\xfe{}").is_some_and(|read| read.is_err()));
    assert!(parse("s", "report.html", b"<html>").is_none());
}

#[test]
fn a_text_is_kept_printable_and_short() {
    let mut rule = rule("\u{1b}[2Ja\u{202e}", "low", "fail");
    rule["message"] = json!("x\n".repeat(5_000));
    let suite = suite(&[rule]);
    let [control] = suite.profiles[0].controls.as_slice() else {
        panic!("one control")
    };
    assert_eq!(control.id, "\u{fffd}[2Ja\u{fffd}");
    assert_eq!(control.message.chars().count(), 500);
    assert!(!control.message.contains('\n') && control.message.ends_with('…'));
}

#[test]
fn only_two_names_below_an_image_are_a_key_of_results() {
    let ami = "ami-08bd941ae380bd3cd".parse().expect("an AMI");
    let prefix = prefix(&ami);
    assert_eq!(prefix, "results/ami-08bd941ae380bd3cd/");
    let key = |rest: &str| ResultsKey::below(&prefix, &format!("{prefix}{rest}")).is_some();
    assert!(key("openscap/results.json") && key("inspec-server_1/inspec.json"));
    for rest in [
        "",
        "a",
        "a/",
        "/a",
        "a/b/c",
        "a b/c",
        "../c",
        "a/\u{202e}",
        &"a/b".repeat(40),
    ] {
        assert!(!key(rest), "{rest}");
    }
    assert!(ResultsKey::below(&prefix, "images/ami-1/a/b").is_none());
}

#[test]
fn limits_count_what_failed_and_a_suite_that_evaluated_nothing_is_named() {
    let suites = [
        suite(&[
            rule("a", "high", "fail"),
            rule("b", "high", "error"),
            rule("c", "medium", "fail"),
            rule("d", "low", "pass"),
        ]),
        SuiteResults {
            suite: "idle".to_owned(),
            ..suite(&[rule("a", "high", "notapplicable")])
        },
    ];
    let summary = Summary::of(&suites);
    assert_eq!(
        (
            summary.passed,
            summary.failed,
            summary.waived,
            summary.skipped
        ),
        (1, 3, 0, 1)
    );
    let limits = |high, medium| {
        let limits = [(Severity::High, high), (Severity::Medium, medium)];
        Thresholds(limits.into())
    };
    let texts = |thresholds: &Thresholds, suites: &[SuiteResults]| {
        let asked = ["idle", "server"].map(str::to_owned).into();
        let concerns = concerns(suites, thresholds, &asked);
        concerns.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let missing = "`gates` limits failed controls, and the image has no results of server";
    let idle = "idle evaluated no control: does its profile fit the operating system?";
    assert_eq!(texts(&Thresholds::default(), &suites), [idle]);
    assert_eq!(texts(&limits(2, 1), &suites), [idle, missing]);
    assert_eq!(
        texts(&limits(1, 1), &suites),
        [
            "failed controls of severity high: 2, and `gates` accepts 1",
            idle,
            missing
        ]
    );
    assert_eq!(texts(&Thresholds::default(), &[]), [""; 0]);
    let none = concerns(&[], &limits(0, 0), &["server".to_owned()].into());
    assert_eq!(none, [Concern::NoResults]);
}

/// JSON of any shape, so deep and so wide as a hostile file could have it in a test's time.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "goldsmith-results",
        "tool",
        "profile",
        "controls",
        "id",
        "severity",
        "result",
        "profiles",
        "version",
        "name",
        "results",
        "status",
        "tags",
        "impact",
        "backtrace",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec!["pass", "fail", "high", "failed", "loaded"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        let object =
            prop::collection::hash_map(key.clone().prop_map(str::to_owned), inner.clone(), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..8).prop_map(Value::from),
            object.prop_map(|members| members
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

/// What holds for whatever a file says.
fn is_bounded(read: Result<SuiteResults, Box<Problem>>) -> bool {
    let is_kept = |text: &str| text.chars().count() <= 500 && !text.contains(char::is_control);
    match read {
        Err(problem) => is_kept(&problem.found),
        Ok(suite) => suite.controls().all(|control| {
            is_kept(&control.id)
                && is_kept(&control.title)
                && is_kept(&control.message)
                && control.status != Status::Waived
        }),
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for file in ["results.json", "inspec.json"] {
            prop_assert!(is_bounded(parse("s", file, &bytes).expect("a file of results")));
        }
    }

    #[test]
    fn any_json_is_read_or_refused_and_waives_nothing(value in any_json()) {
        let wrapped = [value.clone(), own(std::slice::from_ref(&value)), inspec(&json!([value]))];
        for content in wrapped {
            for file in ["results.json", "inspec.json"] {
                prop_assert!(is_bounded(read(file, &content)));
            }
        }
    }
}

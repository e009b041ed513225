//! The formats of results, over what a stranger could have written.

use goldsmith_domain::results::{Concern, Severity, Status, Summary, concerns};

use super::*;

const HOSTILE: &str = r#"{"goldsmith-results": 1, "tool": "OpenSCAP", "profile": "xccdf_org.ssgproject.content_profile_stig",
  "benchmark": "x", "controls": [
    {"id": "sudo_add_noexec", "severity": "medium", "result": "pass", "title": "Noexec"},
    {"id": "a", "severity": "low", "result": "fail", "title": "</td><script>alert(1)</script>", "message": "\u001b[2J\n::add-mask::x \"'&"},
    {"id": "b", "severity": "high", "result": "fail", "title": "]]><x a='"},
    {"id": "c", "severity": "high", "result": "notchecked"}]}"#;

fn key(suite: &str, file: &str) -> ResultsKey {
    ResultsKey {
        suite: suite.to_owned(),
        file: file.to_owned(),
    }
}

fn hostile() -> Findings {
    let files = [
        (key("openscap", "results.json"), HOSTILE.as_bytes().to_vec()),
        (key("inspec", "inspec.json"), b"{\"profiles\": <".to_vec()),
        (key("openscap", "report.html"), b"<html>".to_vec()),
    ];
    let mut findings = Findings::read(&files);
    findings.of = "110304 1.0.0/2".to_owned();
    findings.ami = Some("ami-08bd941ae380bd3cd".to_owned());
    let control = &mut findings.suites[0].profiles[0].controls[1];
    control.status = Status::Waived;
    let limits = [(Severity::High, 0)];
    findings.summary = Summary::of(&findings.suites);
    findings.concerns = concerns(
        &findings.suites,
        &goldsmith_domain::results::Thresholds(limits.into()),
        &["inspec".to_owned()].into(),
    );
    findings.unused_waivers = vec!["RHEL-07-010500 of stig (audit/poam.yml)".to_owned()];
    findings
}

#[test]
fn text_shows_what_failed_and_counts_the_rest() {
    insta::assert_snapshot!(text::render(&hostile()), @r#"
    results of 110304 1.0.0/2
      AMI: ami-08bd941ae380bd3cd

    openscap, by OpenSCAP
      profile xccdf_org.ssgproject.content_profile_stig: 1 passed, 1 skipped
      failed (high) b: ]]><x a='
      waived (low) a: </td><script>alert(1)</script>
        �[2J ::add-mask::x "'&

    1 failed (1 high), 1 waived, 1 skipped, 1 passed
    does not pass: failed controls of severity high: 1, and `gates` accepts 0
    does not pass: `gates` limits failed controls, and the image has no results of inspec
    cannot be read: inspec/inspec.json:1:14: found expected value at line 1 column 14, expected what InSpec's JSON reporter writes
    waiver without a control: RHEL-07-010500 of stig (audit/poam.yml)
    "#);
}

#[test]
fn junit_has_a_case_for_each_control_and_no_markup_of_a_stranger() {
    insta::assert_snapshot!(junit::render(&hostile()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="openscap xccdf_org.ssgproject.content_profile_stig" tests="4" failures="1" skipped="2">
        <testcase classname="openscap xccdf_org.ssgproject.content_profile_stig" name="sudo_add_noexec: Noexec"/>
        <testcase classname="openscap xccdf_org.ssgproject.content_profile_stig" name="a: &lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;"><skipped message="�[2J ::add-mask::x &quot;&#39;&amp;"/></testcase>
        <testcase classname="openscap xccdf_org.ssgproject.content_profile_stig" name="b: ]]&gt;&lt;x a=&#39;"><failure type="high" message=""/></testcase>
        <testcase classname="openscap xccdf_org.ssgproject.content_profile_stig" name="c"><skipped message="a person has to check it"/></testcase>
      </testsuite>
      <testsuite name="gates" tests="3" failures="3" skipped="0">
        <testcase classname="gates" name="failed controls of severity high: 1, and `gates` accepts 0"><failure message="failed controls of severity high: 1, and `gates` accepts 0"/></testcase>
        <testcase classname="gates" name="`gates` limits failed controls, and the image has no results of inspec"><failure message="`gates` limits failed controls, and the image has no results of inspec"/></testcase>
        <testcase classname="gates" name="inspec/inspec.json:1:14: found expected value at line 1 column 14, expected what InSpec&#39;s JSON reporter writes"><failure message="inspec/inspec.json:1:14: found expected value at line 1 column 14, expected what InSpec&#39;s JSON reporter writes"/></testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_page_has_no_tag_of_a_stranger_and_those_that_failed_come_first() {
    let page = html::render(&hostile());
    assert!(
        !page.contains("<script") && !page.contains("<x a="),
        "{page}"
    );
    assert!(page.contains("&lt;script&gt;"));
    let at = |row: &str| page.find(row).unwrap_or_else(|| panic!("no {row}"));
    let rows = ["failed", "waived", "skipped", "passed"];
    let places = rows.map(|status| at(&format!("<tr class=\"{status}\">")));
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn json_has_every_control_and_what_was_decided() {
    let json = json::pretty(&hostile()).expect("JSON");
    let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        read["suites"][0]["profiles"][0]["controls"]
            .as_array()
            .map(Vec::len),
        Some(4)
    );
    assert_eq!(read["concerns"][0]["kind"], "too-many-failed");
    assert_eq!(read["summary"]["failed-by-severity"]["high"], 1);
    assert!(!json.contains('\u{1b}'));
}

#[test]
fn a_limit_that_is_exceeded_and_a_file_that_cannot_be_read_end_with_3() {
    assert_eq!(Findings::default().exit(), Exit::Done);
    let exceeded = Findings {
        concerns: vec![Concern::NoResults],
        ..Findings::default()
    };
    assert_eq!(exceeded.exit(), Exit::Refused);
    let mut unread = hostile();
    unread.concerns.clear();
    assert_eq!(unread.exit(), Exit::Refused);
}

//! Reviewed waivers over what was found.

use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::document::{DocumentFile, parse_waivers};
use crate::names::{RecipeName, Region};
use crate::waivers::Waiver;

pub(super) fn waivers(files: &[(&str, &str)]) -> Vec<Waiver> {
    let files: Vec<DocumentFile> = files
        .iter()
        .map(|(key, text)| DocumentFile {
            key: (*key).to_owned(),
            version_id: String::new(),
            size: text.len() as u64,
            bytes: text.as_bytes().to_vec(),
        })
        .collect();
    parse_waivers(&files).expect("waivers")
}

const POAM: &str = "\
- benchmark: RHEL_7_STIG
  profile: STIG
  rules:
    rhel-07-010500:
      reason: no LDAP server in this environment
      requested_by: jane@example.com
      requested_on: 2026-07-15 16:47:56
      approved_by: joe@example.com
      approved_on: 2026-07-16
      days_allowed: 180
    nowhere: { reason: typo, approved_by: joe, expires: 2030-01-01 }
";

const SKIP: &str = "\
- profile: RHEL-7
  rules:
    b: { reason: no such service, approved_by: joe, status: notapplicable }
    c: { reason: accepted, approved_by: joe }
";

/// What is left of the controls of a recipe in a Region on a day, and the rules of unused waivers.
fn waived(waivers: &[Waiver], recipe: &str, day: jiff::civil::Date) -> (String, String) {
    let recipe: RecipeName = recipe.parse().expect("a recipe");
    let region: Region = "us-east-1".parse().expect("a Region");
    let mut first = rule("a", "high", "fail");
    first["aliases"] = json!("RHEL-07-010500");
    let others = ["b", "c", "d"].map(|id| rule(id, "high", "fail"));
    let mut suites = [suite(&[&[first], &others[..]].concat())];
    let unused = waive(&mut suites, waivers, (&recipe, &region), day).unused;
    let unused: Vec<&str> = unused.iter().map(|waiver| waiver.rule.as_str()).collect();
    let left = seen(&suites[0]);
    let left: Vec<String> = left
        .iter()
        .map(|(id, status, ..)| format!("{id} {status}"))
        .collect();
    (left.join(", "), unused.join(" "))
}

#[test]
fn a_waiver_counts_for_its_profile_its_recipe_its_region_and_its_days() {
    let all = waivers(&[
        ("audit/poam.yml", POAM),
        ("110304/audit/skip.yml", SKIP),
        (
            "audit/aws.eu-west-1.skip.yml",
            "- {profile: stig, rules: {d: {reason: x, approved_by: y}}}",
        ),
    ]);
    let last = date(2027, 1, 11);
    assert_eq!(
        waived(&all, "110304", last),
        (
            "a waived, b skipped, c waived, d failed".to_owned(),
            "nowhere".to_owned()
        )
    );
    assert_eq!(
        waived(&all, "110302", last).0,
        "a waived, b failed, c failed, d failed"
    );
    let after = last.tomorrow().expect("a day");
    assert_eq!(
        waived(&all, "110302", after).0,
        "a failed, b failed, c failed, d failed"
    );
    let before = date(2026, 7, 14);
    assert_eq!(
        waived(&all, "110302", before).0,
        "a failed, b failed, c failed, d failed"
    );
    let other = waivers(&[(
        "audit/skip.yml",
        "- {profile: cis, rules: {d: {reason: x, approved_by: y}}}",
    )]);
    assert_eq!(waived(&other, "110302", last).1, "d");
}

#[test]
fn a_waived_control_says_who_accepted_it_and_one_that_ended_says_when() {
    let all = waivers(&[("audit/poam.yml", POAM)]);
    let message = |day| {
        let mut failed = rule("RHEL-07-010500", "high", "fail");
        failed["message"] = json!("found 0");
        let mut suites = [suite(&[failed])];
        let recipe = "110304".parse().expect("a recipe");
        let region = "us-east-1".parse().expect("a Region");
        waive(&mut suites, &all, (&recipe, &region), day);
        suites[0].profiles[0].controls[0].message.clone()
    };
    assert_eq!(
        message(date(2026, 8, 1)),
        "waived until 2027-01-11 (joe@example.com): no LDAP server in this environment; found 0"
    );
    assert_eq!(
        message(date(2027, 2, 1)),
        "the waiver ended on 2027-01-11; found 0"
    );
    assert_eq!(
        message(date(2026, 2, 1)),
        "the waiver begins on 2026-07-15; found 0"
    );
}

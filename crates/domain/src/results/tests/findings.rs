//! What the scan of an image found, against limits and waivers.

use std::collections::BTreeSet;

use jiff::civil::date;

use super::waiving::waivers;
use super::*;
use crate::names::{RecipeName, Region};
use crate::waivers::Waiver;

fn finding(vulnerability: &str, severity: &str, fixed_in: &str) -> Finding {
    Finding {
        vulnerability: vulnerability.to_owned(),
        title: format!("{vulnerability} - openssl"),
        severity: severity.to_owned(),
        has_fix: !fixed_in.is_empty(),
        packages: vec![VulnerablePackage {
            name: "openssl".to_owned(),
            version: "3.0.8".to_owned(),
            fixed_in: fixed_in.to_owned(),
        }],
    }
}

fn over(findings: &[Finding]) -> Scan {
    Scan::Over {
        findings: findings.to_vec(),
        is_whole: true,
    }
}

fn some() -> Scan {
    over(&[
        finding("CVE-2026-0001", "CRITICAL", "3.0.9"),
        finding("CVE-2026-0002", "HIGH", ""),
        finding("CVE-2026-0003", "HIGH", "3.0.9"),
        finding("CVE-2026-0004", "INFORMATIONAL", ""),
        finding("CVE-2026-0005", "UNTRIAGED", "3.0.9"),
    ])
}

fn limits(limits: &[(Severity, u32)], only_with_fix: bool) -> FindingLimits {
    FindingLimits {
        thresholds: Thresholds(limits.iter().copied().collect()),
        only_with_fix,
    }
}

/// What objections a scan raises under limits and waivers, on a day in November 2026.
fn objected(scan: &Scan, findings: &FindingLimits, waivers: &[Waiver]) -> Vec<String> {
    let recipe: RecipeName = "110304".parse().expect("a recipe");
    let region: Region = "us-east-1".parse().expect("a Region");
    let standard = Standard {
        limits: &Thresholds::default(),
        suites: &BTreeSet::new(),
        findings,
        waivers,
        place: (&recipe, &region),
        today: date(2026, 11, 30),
    };
    objections(&[], true, Some(scan), &standard)
}

const ALL: [(Severity, u32); 6] = [
    (Severity::Critical, 0),
    (Severity::High, 0),
    (Severity::Medium, 0),
    (Severity::Low, 0),
    (Severity::Info, 0),
    (Severity::Unknown, 0),
];

#[test]
fn findings_of_each_severity_are_counted_against_its_limit() {
    let counted = |severity: &str, found| {
        format!("findings of severity {severity}: {found}, and `gates` accepts 0")
    };
    assert_eq!(
        objected(&some(), &limits(&ALL, false), &[]),
        [
            counted("critical", 1),
            counted("high", 2),
            counted("info", 1),
            counted("unknown", 1)
        ]
    );
    assert_eq!(
        objected(&some(), &limits(&ALL, true), &[]),
        [
            counted("critical", 1),
            counted("high", 1),
            counted("unknown", 1)
        ]
    );
    let exact = limits(&[(Severity::High, 2)], false);
    assert_eq!(objected(&some(), &exact, &[]), <[String; 0]>::default());
    let clean = objected(&over(&[]), &limits(&ALL, false), &[]);
    assert_eq!(clean, <[String; 0]>::default());
}

const ACCEPTED: &str = "\
- profile: Inspector
  rules:
    cve-2026-0001: { reason: not reachable, approved_by: joe, requested_on: 2026-11-01, days_allowed: 60 }
    CVE-2026-0003: { reason: fixed next week, approved_by: joe, expires: 2026-11-29 }
";

#[test]
fn a_reviewed_waiver_accepts_a_finding_until_it_ends() {
    let waivers = waivers(&[("audit/poam.yml", ACCEPTED)]);
    let strict = limits(&[(Severity::Critical, 0), (Severity::High, 0)], true);
    let left = objected(&some(), &strict, &waivers);
    let expected = "findings of severity high: 1, and `gates` accepts 0";
    assert_eq!(left, [expected]);
}

#[test]
fn a_scan_that_says_nothing_yet_does_not_count_as_a_clean_one() {
    let strict = limits(&[(Severity::Critical, 0)], false);
    let says = |scan: &Scan| objected(scan, &strict, &[]).join("|");
    let running = says(&Scan::Running("SCANNING".to_owned()));
    assert_eq!(
        running,
        "`gates` limits findings, and its scan is SCANNING, and what it finds is not there yet: the next run looks again"
    );
    let failed = says(&Scan::Failed {
        state: "TIMED_OUT".to_owned(),
        reason: "no\u{1b}[2Jagent".to_owned(),
    });
    assert!(failed.contains("ended as TIMED_OUT (no"), "{failed}");
    assert!(!failed.contains('\u{1b}'), "{failed}");
    let missing = says(&Scan::Missing);
    assert!(missing.contains("built without a scan"), "{missing}");
    let cut = says(&Scan::Over {
        findings: vec![finding("CVE-2026-0009", "LOW", ""); 3],
        is_whole: false,
    });
    assert!(
        cut.contains("more findings than the 3 that are read"),
        "{cut}"
    );
}

#[test]
fn findings_are_no_failed_controls_and_failed_controls_are_no_findings() {
    let mut suites = vec![suite(&[rule("a", "critical", "fail")])];
    suites.extend(some().suite(false));
    let none = BTreeSet::new();
    let controls = concerns(&suites, &limits(&ALL, false).thresholds, &none);
    assert!(
        matches!(controls[..], [Concern::TooManyFailed { failed: 1, .. }]),
        "{controls:?}"
    );
    let critical = limits(&[(Severity::Critical, 0)], false).thresholds;
    let found = scan_concerns(&some(), &suites, &critical);
    assert!(
        matches!(found[..], [Concern::TooManyFindings { found: 1, .. }]),
        "{found:?}"
    );
    // Nor do they stand for the results that the documents ask for.
    let only_scan = &suites[1..];
    assert_eq!(concerns(only_scan, &critical, &none), [Concern::NoResults]);
    // No file of an instance can be taken for them.
    let key = format!("{}/results.json", suites[1].suite);
    assert_eq!(ResultsKey::below("", &key), None);
}

#[test]
fn the_texts_of_a_finding_are_short_and_printable() {
    let hostile = Finding {
        vulnerability: "CVE\u{202e}\n\u{1b}[31m".repeat(100),
        title: "\u{0}t".repeat(5000),
        severity: "critical\n".to_owned(),
        has_fix: true,
        packages: vec![
            VulnerablePackage {
                name: "\r\nn".repeat(200),
                ..VulnerablePackage::default()
            };
            300
        ],
    };
    let suite = over(&[hostile]).suite(false).expect("a suite");
    let control = &suite.profiles[0].controls[0];
    for text in [&control.id, &control.title, &control.message] {
        assert!(text.chars().count() <= 500, "{text}");
        assert!(
            !text.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{text:?}"
        );
    }
    assert_eq!(control.severity, Severity::Unknown, "no word of Inspector");
    assert_eq!(control.status, Status::Failed);
}

//! Waivers as users of the image framework have them, and what is wrong with others.

use jiff::civil::{Date, date};

use super::file;
use crate::document::{WaiversKey, is_document, parse_waivers};
use crate::waivers::{Term, Waiver};

fn parsed(files: &[(&str, &str)]) -> Result<Vec<Waiver>, String> {
    let files: Vec<_> = files.iter().map(|(key, text)| file(key, text)).collect();
    parse_waivers(&files).map_err(|problems| {
        let lines = problems
            .first()
            .iter()
            .map(|problem| format!("{problem}\n"));
        lines.collect()
    })
}

/// A document of one rule, whose members are `members`.
fn rule(members: &str) -> String {
    format!(
        "- benchmark: RHEL_7_STIG\n  profile: STIG-RHEL-7\n  rules:\n    RHEL-07-010500:\n      {members}\n"
    )
}

/// The term of a document's one waiver.
fn term(key: &str, members: &str) -> Term {
    parsed(&[(key, &rule(members))]).expect("a waiver")[0].term
}

/// The form of the image framework's manual, word for word.
const MANUAL: &str = r#"- benchmark: RHEL_7_STIG
  profile: STIG-RHEL-7
  rules:
    RHEL-07-010500:
      reason: "no LDAP server in this environment"
      requested_by: jane@example.com
      requested_on: 2019-07-15 16:47:56
      approved_by: ...
      approved_on: 2019-07-16 08:00:00
      days_allowed: 180        # poam only: after that the rule fails again
"#;

#[test]
fn a_temporary_waiver_is_read_as_users_have_it() {
    let waivers = parsed(&[("audit/poam.yml", MANUAL)]).expect("waivers");
    let [waiver] = waivers.as_slice() else {
        panic!("{waivers:?}")
    };
    assert_eq!(
        waiver.term,
        Term::Temporary {
            first_day: Some(date(2019, 7, 15)),
            last_day: date(2020, 1, 11)
        }
    );
    assert_eq!(waiver.benchmark.as_deref(), Some("RHEL_7_STIG"));
    assert_eq!(
        (waiver.profile.as_str(), waiver.rule.as_str()),
        ("STIG-RHEL-7", "RHEL-07-010500")
    );
    assert_eq!((waiver.approved_by.as_str(), waiver.place.line), ("...", 4));
    assert!(waiver.recipe.is_none() && waiver.region.is_none());
}

#[test]
fn the_key_says_for_whom_the_waivers_are() {
    let of = |key: &str| {
        assert_eq!(is_document(key), WaiversKey::of(key).is_some(), "{key}");
        let key = WaiversKey::of(key)?;
        let text = |name: Option<String>| name.unwrap_or_else(|| "all".to_owned());
        let (recipe, region) = (key.recipe.map(String::from), key.region.map(String::from));
        Some((text(recipe), text(region), key.is_temporary))
    };
    let all = |recipe: &str, region: &str, ends| Some((recipe.to_owned(), region.to_owned(), ends));
    assert_eq!(of("audit/poam.yml"), all("all", "all", true));
    assert_eq!(of("audit/skip.yml"), all("all", "all", false));
    assert_eq!(
        of("audit/aws.eu-west-1.skip.yml"),
        all("all", "eu-west-1", false)
    );
    assert_eq!(of("110304/audit/poam.yml"), all("110304", "all", true));
    assert_eq!(
        of("110304/audit/aws.us-east-1.skip.yml"),
        all("110304", "us-east-1", false)
    );
    for other in [
        "poam.yml",
        "audit/filter.yml",
        "audit/poam.yaml",
        "audit/aws.nowhere.skip.yml",
        "audit/aws.us-east-1.poam.yml",
        "a/b/audit/poam.yml",
        "/audit/poam.yml",
        "audit/x/poam.yml",
    ] {
        assert_eq!(of(other), None, "{other}");
    }
}

#[test]
fn the_end_is_a_day_or_a_number_of_days_and_both_days_count() {
    let reasons = "{ reason: x, approved_by: y, ";
    let ends = |rest: &str| match term("audit/poam.yml", &format!("{reasons}{rest} }}")) {
        Term::Temporary { last_day, .. } => last_day.to_string(),
        Term::Permanent { .. } => panic!("it ends"),
    };
    assert_eq!(ends("expires: 2026-12-31"), "2026-12-31");
    assert_eq!(ends("expires: \"2026-12-31T23:59:59Z\""), "2026-12-31");
    assert_eq!(ends("expires: 2026-12-31 23:59:59 +0000"), "2026-12-31");
    assert_eq!(
        ends("expires: 2026-12-31 23:59:59.000000000 -04:00"),
        "2026-12-31"
    );
    assert_eq!(
        ends("requested_on: 2024-02-28, days_allowed: 1"),
        "2024-02-29"
    );
    let skip = |status| term("audit/skip.yml", &format!("{reasons}{status} }}"));
    assert_eq!(
        skip("approved_on: 2026-01-01"),
        Term::Permanent {
            not_applicable: false
        }
    );
    assert_eq!(
        skip("status: notapplicable"),
        Term::Permanent {
            not_applicable: true
        }
    );
}

/// The one problem of a document of one rule, without its place.
fn problem(key: &str, members: &str) -> String {
    let problems = parsed(&[(key, &rule(members))]).expect_err("a problem");
    let (_, problem) = problems.split_once(": ").expect("a place");
    problem.trim_end().to_owned()
}

const DATE: &str = "expected a date such as 2019-07-15, with or without a time such as 16:47:56";

#[test]
fn a_date_of_another_form_or_calendar_is_one_problem() {
    let first = "the year comes first, then month and day";
    let gregorian = "the year is that of the Gregorian calendar, from 2000 on";
    for (written, hint) in [
        ("15.07.2026", first),
        ("07/15/2026", first),
        ("Jul 15 2026", first),
        ("20260715", first),
        ("2026-07-15 4pm", first),
        ("2026-07-15 16:47:5é", first),
        ("2026-07-15 é", first),
        ("2026-02-30", first),
        ("R8-07-15", first),
        ("0115-07-15", gregorian),
        ("1405-04-24", gregorian),
        ("2569-07-15", gregorian),
        ("５０２６-07", first),
    ] {
        let members = format!("{{ reason: x, approved_by: y, expires: {written} }}");
        let problem = problem("audit/poam.yml", &members);
        assert_eq!(problem, format!("found {written}, {DATE}\n  hint: {hint}"));
    }
}

#[test]
fn what_a_waiver_lacks_or_may_not_have_is_a_problem() {
    let cases = [
        (
            "poam",
            "{ approved_by: y, expires: 2026-01-01 }",
            "found an object without `reason`, expected the key `reason`",
        ),
        (
            "poam",
            "{ reason: x, expires: 2026-01-01 }",
            "found an object without `approved_by`, expected the key `approved_by`",
        ),
        (
            "skip",
            "{ reason: '', approved_by: y }",
            "found '', expected why the rule may fail: 1 to 500 characters on one line",
        ),
        (
            "skip",
            "{ reason: x, approved_by: }",
            "found nothing, expected the person who approved it: 1 to 500 characters on one line",
        ),
        (
            "poam",
            "{ reason: x, approved_by: y }",
            "found an object without `expires`, expected `days_allowed` or `expires`\n  hint: `days_allowed` counts from `requested_on`; `expires` is the last day",
        ),
        (
            "poam",
            "{ reason: x, approved_by: y, days_allowed: 3 }",
            "found an object without `requested_on`, expected the key `requested_on`\n  hint: `days_allowed` counts from that day",
        ),
        (
            "poam",
            "{ reason: x, approved_by: y, requested_on: 2026-01-01, days_allowed: 3661 }",
            "found 3661, expected a whole number of days from 1 to 3660",
        ),
        (
            "poam",
            "{ reason: x, approved_by: y, requested_on: 2026-01-01, days_allowed: 9, expires: 2026-01-01 }",
            "found 9, expected `days_allowed` or `expires`, not both",
        ),
        (
            "poam",
            "{ reason: x, approved_by: y, status: notapplicable, expires: 2026-01-01 }",
            "found status, expected nothing here: `status` belongs in skip.yml, whose waivers do not end",
        ),
        (
            "skip",
            "{ reason: x, approved_by: y, days_allowed: 9 }",
            "found days_allowed, expected no end: a waiver that ends belongs in poam.yml",
        ),
        (
            "skip",
            "{ reason: x, approved_by: y, status: passed }",
            "found passed, expected `notapplicable`",
        ),
    ];
    for (name, members, expected) in cases {
        assert_eq!(
            problem(&format!("audit/{name}.yml"), members),
            expected,
            "{members}"
        );
    }
    let misspelt = problem("audit/skip.yml", "{ raeson: x, reason: x, approved_by: y }");
    assert!(misspelt.ends_with("did you mean `reason`?"), "{misspelt}");
    let before = "{ reason: x, approved_by: y, requested_on: 2026-01-02, expires: 2026-01-01 }";
    assert!(
        problem("audit/poam.yml", before)
            .ends_with("expected an end that is not before `requested_on`")
    );
}

#[test]
fn two_waivers_of_one_rule_may_not_overlap_unless_one_is_a_recipes_own() {
    let poam = |first: &str, last: &str| {
        rule(&format!(
            "{{ reason: x, approved_by: y, requested_on: {first}, expires: {last} }}"
        ))
    };
    let skip = rule("{ reason: x, approved_by: y }");
    let early = poam("2026-01-01", "2026-03-31");
    let late = poam("2026-04-01", "2026-06-30");
    let problems = parsed(&[("audit/poam.yml", &early), ("audit/skip.yml", &skip)]);
    assert_eq!(
        problems.expect_err("they overlap"),
        "audit/skip.yml:4:5: found RHEL-07-010500, expected one waiver for a rule of a profile at a time\n  \
         hint: line 4 of audit/poam.yml waives it already\n"
    );
    let good = |files: &[(&str, &str)]| parsed(files).map(|waivers| waivers.len());
    assert_eq!(
        good(&[("audit/poam.yml", &format!("{early}{late}"))]),
        Ok(2)
    );
    assert_eq!(
        good(&[("audit/skip.yml", &skip), ("110304/audit/skip.yml", &skip)]),
        Ok(2)
    );
    let regions = [
        "audit/aws.us-east-1.skip.yml",
        "audit/aws.eu-west-1.skip.yml",
    ];
    assert_eq!(good(&regions.map(|key| (key, skip.as_str()))), Ok(2));
    assert!(parsed(&[("audit/skip.yml", &skip), (regions[0], &skip)]).is_err());
    let lower = skip.to_lowercase();
    assert!(
        parsed(&[
            ("audit/poam.yml", &early),
            ("audit/skip.yml", &lower.replace("rhel_7_stig", "x"))
        ])
        .is_err()
    );
    let same_day = poam("2026-03-31", "2026-06-30");
    assert!(parsed(&[("audit/poam.yml", &format!("{early}{same_day}"))]).is_err());
}

#[test]
fn people_are_warned_two_weeks_before_an_end_and_after_it() {
    let waivers = parsed(&[(
        "audit/poam.yml",
        &rule("{ reason: x, approved_by: y, expires: 2026-12-15 }"),
    )]);
    let waiver = &waivers.expect("a waiver")[0];
    let on = |day: Date| waiver.warning(day);
    assert_eq!(on(date(2026, 11, 30)), None);
    assert_eq!(
        on(date(2026, 12, 1)).as_deref(),
        Some(
            "the waiver of RHEL-07-010500 ends on 2026-12-15, in 14 days; then the rule fails again"
        )
    );
    assert!(on(date(2026, 12, 15)).is_some_and(|text| text.contains("in 0 days")));
    assert_eq!(
        on(date(2026, 12, 16)).as_deref(),
        Some("the waiver of RHEL-07-010500 ended on 2026-12-15, so that the rule fails again")
    );
    assert!(waiver.is_in_force(date(2026, 12, 15)) && !waiver.is_in_force(date(2026, 12, 16)));
}

#[test]
fn many_waivers_of_one_rule_cost_little_and_are_refused() {
    let one = "- {profile: p, rules: {r: {reason: x, approved_by: y}}}\n";
    let problems = parsed(&[("audit/skip.yml", &one.repeat(4_000))]).expect_err("they overlap");
    assert_eq!(problems.matches("hint: ").count(), 100);
}

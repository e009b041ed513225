//! The findings as text: a table row for each consumer, Region and recipe, then the findings to look at.

use std::collections::BTreeMap;

use goldsmith_domain::escape::printable;
use goldsmith_domain::names::{RecipeName, Region};
use goldsmith_domain::verify::{Check, Finding, Status};

use super::Verification;
use crate::render::phrase;
use crate::render::table::aligned;
use crate::render::text::{Width, line};

const CHECKS: [Check; 5] = [
    Check::Image,
    Check::Key,
    Check::KeyUse,
    Check::Launch,
    Check::Probe,
];

/// A consumer, a Region, and a recipe. A finding about a key belongs to every recipe and comes first.
type Place<'a> = (&'a str, &'a Region, Option<&'a RecipeName>);

/// All findings; the sentences fit `width`.
pub(super) fn table(verification: &Verification, width: Width) -> String {
    if verification.findings.is_empty() {
        return "There are no consumers.\n".to_owned();
    }
    let present = |check: &Check| {
        verification
            .findings
            .iter()
            .any(|finding| finding.check == *check)
    };
    let checks: Vec<Check> = CHECKS.into_iter().filter(present).collect();
    let mut columns = vec!["consumer", "Region", "recipe"];
    columns.extend(checks.iter().map(|check| check.as_str()));
    let rows: Vec<Vec<String>> = places(&verification.findings)
        .into_iter()
        .map(|(place, findings)| row(place, &findings, &checks))
        .collect();
    let reasons = verification
        .findings
        .iter()
        .filter(|finding| finding.status != Status::Correct)
        .map(|finding| line("", &reason(finding), width));
    let reasons: String = reasons.collect();
    let table = aligned(&columns, &rows).join("\n");
    format!("{table}\n\n{reasons}{}\n", verdict(verification))
}

fn places(findings: &[Finding]) -> BTreeMap<Place<'_>, Vec<&Finding>> {
    let mut places = BTreeMap::new();
    for finding in findings {
        let place = (
            finding.consumer.as_str(),
            &finding.region,
            finding.recipename.as_ref(),
        );
        places.entry(place).or_insert_with(Vec::new).push(finding);
    }
    places
}

fn row(
    (consumer, region, recipe): Place<'_>,
    findings: &[&Finding],
    checks: &[Check],
) -> Vec<String> {
    let recipe = recipe.map_or_else(|| "all".to_owned(), ToString::to_string);
    let status = |check: &Check| {
        let of_check = findings.iter().filter(|finding| finding.check == *check);
        of_check
            .map(|finding| finding.status)
            .max_by_key(|status| severity(*status))
    };
    let cells = checks
        .iter()
        .map(|check| status(check).map_or("-", Status::as_str).to_owned());
    [printable(consumer), region.to_string(), recipe]
        .into_iter()
        .chain(cells)
        .collect()
}

/// Of several principals' statuses the most severe is shown: a known error matters more than a doubt.
fn severity(status: Status) -> u8 {
    match status {
        Status::Correct => 0,
        Status::Unknown => 1,
        Status::Missing => 2,
        Status::Incorrect => 3,
    }
}

fn reason(finding: &Finding) -> String {
    let Finding {
        consumer,
        region,
        recipename,
        check,
        status,
        expected,
        actual,
    } = finding;
    let recipe = recipename
        .as_ref()
        .map(|name| format!(" {name}"))
        .unwrap_or_default();
    let (check, status) = (check.as_str(), status.as_str());
    let (consumer, expected, actual) =
        (printable(consumer), printable(expected), printable(actual));
    format!(
        "{consumer} {region}{recipe}: {check} is {status}: expected that {expected}; found: {actual}"
    )
}

fn verdict(verification: &Verification) -> String {
    let count = |status: Status| {
        verification
            .findings
            .iter()
            .filter(|finding| finding.status == status)
            .count()
    };
    let wrong = count(Status::Incorrect) + count(Status::Missing);
    let all = phrase::count(verification.findings.len(), "check", "checks");
    let unknown = count(Status::Unknown);
    let blocks = match (unknown, verification.unknown_blocks) {
        (0, _) => "",
        (_, true) => " (unknown blocks in this environment)",
        (_, false) => " (unknown does not block in this environment)",
    };
    let result = if verification.passes {
        "Passed"
    } else {
        "Failed"
    };
    format!("{result}: {all}, {wrong} incorrect or missing, {unknown} unknown{blocks}.")
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::verify::passes;

    use super::*;

    fn finding(recipe: Option<&str>, check: Check, status: Status) -> Finding {
        Finding {
            consumer: "222222222222".to_owned(),
            region: "us-east-1".parse().expect("a Region"),
            recipename: recipe.map(|name| name.parse().expect("a name")),
            check,
            status,
            expected: "it may launch ami-08bd941ae380bd3cd".to_owned(),
            actual: "its launch permissions do not name it".to_owned(),
        }
    }

    fn verification(findings: Vec<Finding>, unknown_blocks: bool) -> Verification {
        Verification {
            passes: passes(&findings, unknown_blocks),
            unknown_blocks,
            findings,
        }
    }

    #[test]
    fn the_most_severe_status_is_shown_with_every_reason() {
        let findings = vec![
            finding(None, Check::Key, Status::Correct),
            finding(None, Check::Key, Status::Unknown),
            finding(Some("110304"), Check::Image, Status::Missing),
        ];
        insta::assert_snapshot!(table(&verification(findings, false), None), @r"
        consumer      Region     recipe  image    key
        222222222222  us-east-1  all     -        Unknown
        222222222222  us-east-1  110304  Missing  -

        222222222222 us-east-1: key is Unknown: expected that it may launch ami-08bd941ae380bd3cd; found: its launch permissions do not name it
        222222222222 us-east-1 110304: image is Missing: expected that it may launch ami-08bd941ae380bd3cd; found: its launch permissions do not name it
        Failed: 3 checks, 1 incorrect or missing, 1 unknown (unknown does not block in this environment).
        ");
    }

    #[test]
    fn the_last_line_says_what_an_unknown_does() {
        let last = |blocks| {
            let findings = vec![finding(None, Check::KeyUse, Status::Unknown)];
            table(&verification(findings, blocks), None)
                .lines()
                .last()
                .expect("a line")
                .to_owned()
        };
        assert_eq!(
            [last(false), last(true)],
            [
                "Passed: 1 check, 0 incorrect or missing, 1 unknown (unknown does not block in this environment).",
                "Failed: 1 check, 0 incorrect or missing, 1 unknown (unknown blocks in this environment).",
            ]
        );
    }
}

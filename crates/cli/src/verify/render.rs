//! The proof as a table: a line for each consumer, Region and recipe, then why something is not so.

use std::collections::BTreeMap;

use goldsmith_domain::names::{RecipeName, Region};
use goldsmith_domain::verify::{Check, Finding, Status};

use super::Proof;
use crate::render::table::aligned;
use crate::render::{phrase, printable};

const CHECKS: [Check; 5] = [
    Check::Image,
    Check::Key,
    Check::KeyUse,
    Check::Launch,
    Check::Probe,
];

/// Who, where and of which recipe; what is said of a key comes first and is of every recipe.
type Place<'a> = (&'a str, &'a Region, Option<&'a RecipeName>);

/// All of it.
pub(super) fn table(proof: &Proof) -> String {
    if proof.findings.is_empty() {
        return "No consumer is served.\n".to_owned();
    }
    let told = |check: &Check| proof.findings.iter().any(|finding| finding.check == *check);
    let checks: Vec<Check> = CHECKS.into_iter().filter(told).collect();
    let mut columns = vec!["consumer", "Region", "recipe"];
    columns.extend(checks.iter().map(|check| check.as_str()));
    let rows: Vec<Vec<String>> = places(&proof.findings)
        .into_iter()
        .map(|(place, findings)| row(place, &findings, &checks))
        .collect();
    let reasons = proof
        .findings
        .iter()
        .filter(|finding| finding.status != Status::Correct)
        .map(reason);
    let lines = aligned(&columns, &rows)
        .into_iter()
        .chain([String::new()])
        .chain(reasons);
    lines
        .chain([verdict(proof)])
        .map(|line| line + "\n")
        .collect()
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
            .max_by_key(|status| gravity(*status))
    };
    let cells = checks
        .iter()
        .map(|check| status(check).map_or("-", Status::as_str).to_owned());
    [printable(consumer), region.to_string(), recipe]
        .into_iter()
        .chain(cells)
        .collect()
}

/// Which of several principals' statuses is shown: what is surely wrong tells more than a doubt.
fn gravity(status: Status) -> u8 {
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

fn verdict(proof: &Proof) -> String {
    let count = |status: Status| {
        proof
            .findings
            .iter()
            .filter(|finding| finding.status == status)
            .count()
    };
    let wrong = count(Status::Incorrect) + count(Status::Missing);
    let all = phrase::count(proof.findings.len(), "check", "checks");
    let unknown = count(Status::Unknown);
    let blocks = match (unknown, proof.unknown_blocks) {
        (0, _) => String::new(),
        (_, true) => ", which blocks here".to_owned(),
        (_, false) => ", which does not block here".to_owned(),
    };
    let passes = if proof.passes {
        "Nothing stands in the way"
    } else {
        "Something stands in the way"
    };
    format!("{passes}: of {all}, {wrong} wrong or missing, {unknown} unknown{blocks}.")
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

    fn proof(findings: Vec<Finding>, unknown_blocks: bool) -> Proof {
        Proof {
            passes: passes(&findings, unknown_blocks),
            unknown_blocks,
            findings,
        }
    }

    #[test]
    fn the_worst_of_several_principals_is_shown_and_every_reason() {
        let findings = vec![
            finding(None, Check::Key, Status::Correct),
            finding(None, Check::Key, Status::Unknown),
            finding(Some("110304"), Check::Image, Status::Missing),
        ];
        insta::assert_snapshot!(table(&proof(findings, false)), @r"
        consumer      Region     recipe  image    key
        222222222222  us-east-1  all     -        Unknown
        222222222222  us-east-1  110304  Missing  -

        222222222222 us-east-1: key is Unknown: expected that it may launch ami-08bd941ae380bd3cd; found: its launch permissions do not name it
        222222222222 us-east-1 110304: image is Missing: expected that it may launch ami-08bd941ae380bd3cd; found: its launch permissions do not name it
        Something stands in the way: of 3 checks, 1 wrong or missing, 1 unknown, which does not block here.
        ");
    }

    #[test]
    fn the_last_line_says_what_an_unknown_does() {
        let last = |blocks| {
            let findings = vec![finding(None, Check::KeyUse, Status::Unknown)];
            table(&proof(findings, blocks))
                .lines()
                .last()
                .expect("a line")
                .to_owned()
        };
        assert_eq!(
            [last(false), last(true)],
            [
                "Nothing stands in the way: of 1 check, 0 wrong or missing, 1 unknown, which does not block here.",
                "Something stands in the way: of 1 check, 0 wrong or missing, 1 unknown, which blocks here.",
            ]
        );
    }
}

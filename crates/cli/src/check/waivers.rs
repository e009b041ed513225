//! What `check` says of waivers: problems of their documents, and ends that are near.

use goldsmith_domain::desired::{Desired, Note};
use goldsmith_domain::document::{DocumentFile, Parsed, parse_waivers};
use goldsmith_domain::problem::Problem;
use goldsmith_domain::waivers::{Term, Waiver};
use jiff::civil::Date;

use crate::documents::check_report::{CheckReport, Remark};

/// Adds what is wrong with the waivers in `files`, and what people should know on this day.
pub fn check(files: &[DocumentFile], parsed: &Parsed, today: Date, report: &mut CheckReport) {
    let waivers = match parse_waivers(files) {
        Ok(waivers) => waivers,
        Err(problems) => {
            let (first, more) = problems.into_parts();
            report.problems.extend(first);
            report.more_problems += more;
            return;
        }
    };
    let early = waivers.iter().filter_map(|waiver| early(waiver, today));
    report.problems.extend(early);
    if let Parsed::Desired(desired) = parsed {
        let homeless = waivers
            .iter()
            .filter_map(|waiver| homeless(waiver, desired));
        report.problems.extend(homeless);
    }
    report.notes.extend(waivers.iter().filter_map(|waiver| {
        let text = waiver.warning(today)?;
        let place = waiver.place.clone();
        Some(Remark::from(&Note { place, text }))
    }));
}

/// A waiver that nobody can have requested yet: with a mistyped year it would last for years.
fn early(waiver: &Waiver, today: Date) -> Option<Problem> {
    let Term::Temporary {
        first_day: Some(first),
        ..
    } = waiver.term
    else {
        return None;
    };
    (first > today).then(|| {
        let found = format!("{} requested on {first}", waiver.rule);
        let expected = format!("a `requested_on` that is not after today, {today} in UTC");
        waiver.place.problem(found, expected)
    })
}

/// A waiver for a recipe or a Region that the documents do not have.
fn homeless(waiver: &Waiver, desired: &Desired) -> Option<Problem> {
    let problem = |found: String, expected| waiver.place.problem(found, expected);
    if let Some(recipe) = &waiver.recipe {
        let folded = recipe.folded();
        if !desired
            .recipes
            .iter()
            .any(|entry| entry.name.folded() == folded)
        {
            let expected = "a recipe that ami-versions.json has in `ami-version`";
            return Some(problem(format!("a waiver for {recipe}"), expected));
        }
    }
    let region = waiver.region.as_ref()?;
    let expected = "a Region that environment.json has in `regions`";
    let is_there = desired.regions.contains_key(region);
    (!is_there).then(|| problem(format!("a waiver for {region}"), expected))
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::document::parse;
    use jiff::civil::date;

    use super::*;
    use crate::documents::from_text;

    const ENVIRONMENT: &str = r#"{ "schema-version": 1, "environment": "nonprod", "family": "golden", "regions": { "us-east-1": {} },
  "instance-types": ["m6i.large"], "volumes": [ { "size-gib": 30, "type": "gp3" } ], "build-components": [],
  "test-components": [], "tags": {} }"#;
    const VERSIONS: &str = r#"{ "ami-version": [ { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304" } ],
  "ami-scheduled": [] }"#;

    /// The problems and notes of a waivers document, on a day.
    fn checked(key: &str, rule: &str, today: Date) -> (Vec<String>, Vec<String>) {
        let text = format!("- profile: stig\n  rules:\n    r1: {rule}\n");
        let files = [
            from_text("environment.json", ENVIRONMENT),
            from_text("ami-versions.json", VERSIONS),
            from_text(key, &text),
        ];
        let parsed = parse(&files);
        let mut report = CheckReport::of(&parsed).of_some(&files);
        check(&files, &parsed, today, &mut report);
        let problems = report.problems.iter().map(ToString::to_string).collect();
        (
            problems,
            report.notes.into_iter().map(|note| note.text).collect(),
        )
    }

    #[test]
    fn a_waiver_that_ends_soon_or_has_ended_is_a_note() {
        let rule = "{ reason: x, approved_by: y, requested_on: 2026-06-01, expires: 2026-12-15 }";
        let on = |day| checked("audit/poam.yml", rule, day);
        assert_eq!(on(date(2026, 11, 29)), (vec![], vec![]));
        let (problems, notes) = on(date(2026, 12, 2));
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            notes,
            ["the waiver of r1 ends on 2026-12-15, in 13 days; then the rule fails again"]
        );
        assert_eq!(on(date(2026, 12, 16)).1.len(), 1);
        let (problems, _) = on(date(2026, 5, 31));
        assert_eq!(
            problems,
            [
                "audit/poam.yml:3:5: found r1 requested on 2026-06-01, expected a `requested_on` that is not after \
              today, 2026-05-31 in UTC"
            ]
        );
    }

    #[test]
    fn a_waiver_is_for_a_recipe_and_a_region_that_exist() {
        let rule = "{ reason: x, approved_by: y }";
        let problems = |key: &str| checked(key, rule, date(2026, 1, 1)).0;
        assert_eq!(problems("110304/audit/skip.yml"), [""; 0]);
        assert_eq!(problems("audit/aws.us-east-1.skip.yml"), [""; 0]);
        assert_eq!(
            problems("110340/audit/skip.yml"),
            [
                "110340/audit/skip.yml:3:5: found a waiver for 110340, expected a recipe that ami-versions.json has in \
              `ami-version`"
            ]
        );
        assert_eq!(
            problems("audit/aws.eu-west-1.skip.yml"),
            [
                "audit/aws.eu-west-1.skip.yml:3:5: found a waiver for eu-west-1, expected a Region that \
              environment.json has in `regions`"
            ]
        );
        let bad = checked("audit/skip.yml", "{ reason: x }", date(2026, 1, 1)).0;
        assert!(
            bad[0]
                .ends_with("found an object without `approved_by`, expected the key `approved_by`")
        );
    }
}

//! Tells people what is wrong with a document, once for each of its versions.

use std::collections::BTreeSet;

use goldsmith_aws::fault::CallError;
use goldsmith_aws::{Aws, notify, output};
use goldsmith_domain::report::Report;

/// Notifies the topic if the report has problems with a document version that was not told before.
///
/// What was told is remembered beside the reports. The mark is set first, so that a duplicate event
/// tells nothing twice, and taken back if the notification fails.
pub async fn tell_once(aws: &Aws, report: &Report) -> Result<(), CallError> {
    let mut told = Vec::new();
    for key in marks(report) {
        if !report.dry_run && output::put_once(aws, &key).await? {
            told.push(key);
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    let subject = format!("goldsmith {}: documents refused", aws.site.environment);
    let result = notify::publish(aws, &subject, &message(report)).await;
    if result.is_err() {
        for key in told {
            output::remove(aws, &key).await?;
        }
    }
    result
}

/// One mark for each version of each document that has problems.
fn marks(report: &Report) -> BTreeSet<String> {
    let files = report.problems.iter().map(|problem| &problem.file);
    files.map(|file| format!("reports/problems/{file}/{}.json", version(report, file))).collect()
}

fn version<'a>(report: &'a Report, file: &str) -> &'a str {
    report.documents.get(file).map_or("null", String::as_str)
}

fn message(report: &Report) -> String {
    let mut lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    if report.more_problems > 0 {
        lines.push(format!("... and {} more", report.more_problems));
    }
    lines.push("Nothing was changed.\n".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::problem::Place;

    use super::*;

    #[test]
    fn the_message_has_place_found_expected_and_hint() {
        let place = Place { file: "ami-versions.json".to_owned(), line: 3, column: 17 };
        let problem = place.problem("`ami-nope`", "an AMI id").hint("copy it from the console");
        let report = Report { problems: vec![problem], more_problems: 2, ..Report::default() };
        let expected = "ami-versions.json:3:17: found `ami-nope`, expected an AMI id\n  \
                        hint: copy it from the console\n... and 2 more\nNothing was changed.\n";
        assert_eq!(message(&report), expected);
    }

    #[test]
    fn each_version_of_each_document_has_one_mark() {
        let place = Place { file: "environment.json".to_owned(), line: 1, column: 1 };
        let documents = [("environment.json".to_owned(), "v7".to_owned())].into();
        let problems = vec![place.problem("x", "y"), place.problem("z", "y")];
        let report = Report { documents, problems, ..Report::default() };
        assert_eq!(marks(&report), BTreeSet::from(["reports/problems/environment.json/v7.json".to_owned()]));
    }
}

//! Results as `JUnit`'s XML, which build servers show: a test suite for each profile, a test case for each control.

use std::fmt::Write as _;

use goldsmith_domain::results::{Control, ProfileResults, Status};

use super::Findings;
use super::markup::escaped;

/// The results of an image. What could not be read or is not accepted is a failed case of a suite of its own.
pub fn render(findings: &Findings) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for suite in &findings.suites {
        for profile in &suite.profiles {
            xml.push_str(&test_suite(&suite.suite, profile));
        }
    }
    let concerns = findings.concerns.iter().map(ToString::to_string);
    let problems = findings.problems.iter().map(ToString::to_string);
    let verdict: Vec<String> = concerns.chain(problems).collect();
    if !verdict.is_empty() {
        let count = verdict.len();
        let open = format!(
            "<testsuite name=\"gates\" tests=\"{count}\" failures=\"{count}\" skipped=\"0\">"
        );
        let cases = verdict.iter().map(|text| {
            let text = escaped(text);
            format!("    <testcase classname=\"gates\" name=\"{text}\"><failure message=\"{text}\"/></testcase>\n")
        });
        let cases: String = cases.collect();
        writeln!(xml, "  {open}\n{cases}  </testsuite>").expect("a string takes any text");
    }
    xml + "</testsuites>\n"
}

fn test_suite(suite: &str, profile: &ProfileResults) -> String {
    let name = escaped(&format!("{suite} {}", profile.name()));
    let count = |wanted: &[Status]| {
        let of_status = |control: &&Control| wanted.contains(&control.status);
        profile.controls.iter().filter(of_status).count()
    };
    let (tests, failures) = (profile.controls.len(), count(&[Status::Failed]));
    let skipped = count(&[Status::Skipped, Status::Waived]);
    let cases: String = profile
        .controls
        .iter()
        .map(|control| case(&name, control))
        .collect();
    format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\">\n\
         {cases}  </testsuite>\n"
    )
}

fn case(class: &str, control: &Control) -> String {
    let [id, title, message] =
        [&control.id, &control.title, &control.message].map(|text| escaped(text));
    let name = if title.is_empty() {
        id
    } else {
        format!("{id}: {title}")
    };
    let open = format!("    <testcase classname=\"{class}\" name=\"{name}\"");
    let severity = control.severity.as_str();
    match control.status {
        Status::Passed => format!("{open}/>\n"),
        Status::Failed => {
            format!("{open}><failure type=\"{severity}\" message=\"{message}\"/></testcase>\n")
        }
        Status::Waived | Status::Skipped => {
            format!("{open}><skipped message=\"{message}\"/></testcase>\n")
        }
    }
}

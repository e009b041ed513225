//! Results as text: what failed and what is waived, and how many of each.

use std::collections::BTreeMap;

use goldsmith_domain::escape::printable;
use goldsmith_domain::results::{Control, ProfileResults, Severity, Status, SuiteResults, Summary};

use super::Findings;

/// The results of an image.
pub fn render(findings: &Findings) -> String {
    let mut lines = vec![format!("results of {}", printable(&findings.of))];
    let about = [("image", &findings.image), ("AMI", &findings.ami)];
    for (what, name) in about {
        lines.extend(
            name.iter()
                .map(|name| format!("  {what}: {}", printable(name))),
        );
    }
    lines.extend(findings.suites.iter().flat_map(suite));
    lines.push(String::new());
    lines.push(summary(&findings.summary));
    lines.extend(findings.scan.as_ref().map(scan));
    let concerns = findings.concerns.iter().map(ToString::to_string);
    lines.extend(concerns.map(|text| format!("does not pass: {}", printable(&text))));
    let problems = findings.problems.iter().map(ToString::to_string);
    lines.extend(problems.map(|text| format!("cannot be read: {text}")));
    let unused = findings.unused_waivers.iter();
    lines.extend(unused.map(|waiver| format!("waiver without a control: {}", printable(waiver))));
    lines.join("\n") + "\n"
}

fn suite(suite: &SuiteResults) -> Vec<String> {
    let (name, tool) = (printable(&suite.suite), printable(&suite.tool));
    let mut lines = vec![String::new(), format!("{name}, by {tool}")];
    lines.extend(suite.profiles.iter().flat_map(profile));
    lines
}

fn profile(profile: &ProfileResults) -> Vec<String> {
    let counted = |status| {
        let of_status = |control: &&Control| control.status == status;
        profile.controls.iter().filter(of_status).count()
    };
    let (passed, skipped) = (counted(Status::Passed), counted(Status::Skipped));
    let name = printable(profile.name());
    let mut lines = vec![format!(
        "  profile {name}: {passed} passed, {skipped} skipped"
    )];
    let mut shown: Vec<&Control> = profile
        .controls
        .iter()
        .filter(|control| matches!(control.status, Status::Failed | Status::Waived))
        .collect();
    shown.sort_by_key(|control| (control.status, control.severity));
    lines.extend(shown.into_iter().flat_map(control));
    lines
}

fn control(control: &Control) -> Vec<String> {
    let (status, severity) = (control.status.as_str(), control.severity.as_str());
    let [id, title, message] =
        [&control.id, &control.title, &control.message].map(|text| printable(text));
    let title = if title.is_empty() {
        title
    } else {
        format!(": {title}")
    };
    let mut lines = vec![format!("  {status} ({severity}) {id}{title}")];
    if !message.is_empty() {
        lines.push(format!("    {message}"));
    }
    lines
}

/// The number of findings of a scan, by severity.
pub fn scan(summary: &Summary) -> String {
    let Summary {
        failed,
        waived,
        skipped,
        failed_by_severity,
        passed: _,
    } = summary;
    let by_severity = by_severity(failed_by_severity);
    let findings = if *failed == 1 { "finding" } else { "findings" };
    format!(
        "scan: {failed} {findings}{by_severity}, {waived} waived, {skipped} without a fix not counted"
    )
}

/// The number of controls of each status, those that failed by severity.
pub fn summary(summary: &Summary) -> String {
    let Summary {
        passed,
        failed,
        waived,
        skipped,
        failed_by_severity,
    } = summary;
    let by_severity = by_severity(failed_by_severity);
    format!("{failed} failed{by_severity}, {waived} waived, {skipped} skipped, {passed} passed")
}

fn by_severity(counts: &BTreeMap<Severity, u32>) -> String {
    let counts = counts
        .iter()
        .map(|(severity, count)| format!("{count} {}", severity.as_str()));
    let counts: Vec<String> = counts.collect();
    match counts.as_slice() {
        [] => String::new(),
        some => format!(" ({})", some.join(", ")),
    }
}

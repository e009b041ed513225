//! Results as a page. It runs no script and loads nothing, and its policy forbids both.

use std::fmt::Write as _;

use goldsmith_domain::results::{Control, ProfileResults};

use super::markup::escaped;
use super::{Findings, text};

const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">
<title>Results</title>
<style>
body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; width: 100%; }
td, th { border: 1px solid #ccc; padding: .3em .5em; text-align: left; vertical-align: top; }
.failed { background: #fdd; } .waived { background: #ffd; } .skipped { color: #666; }
</style>
</head>
<body>
";

/// The results of an image, those that failed first.
pub fn render(findings: &Findings) -> String {
    let mut page = HEAD.to_owned();
    line(&mut page, "h1", &format!("Results of {}", findings.of));
    for name in [&findings.image, &findings.ami].into_iter().flatten() {
        line(&mut page, "p", name);
    }
    line(&mut page, "p", &text::summary(&findings.summary));
    if let Some(scan) = &findings.scan {
        line(&mut page, "p", &text::scan(scan));
    }
    let concerns = findings
        .concerns
        .iter()
        .map(|concern| format!("Does not pass: {concern}"));
    let problems = findings
        .problems
        .iter()
        .map(|problem| format!("Cannot be read: {problem}"));
    let unused = findings.unused_waivers.iter();
    let unused = unused.map(|waiver| format!("Waiver without a control: {waiver}"));
    for text in concerns.chain(problems).chain(unused) {
        line(&mut page, "p", &text);
    }
    for suite in &findings.suites {
        line(
            &mut page,
            "h2",
            &format!("{}, by {}", suite.suite, suite.tool),
        );
        for profile in &suite.profiles {
            table(&mut page, profile);
        }
    }
    page + "</body>\n</html>\n"
}

fn line(page: &mut String, tag: &str, text: &str) {
    let text = escaped(text);
    writeln!(page, "<{tag}>{text}</{tag}>").expect("a string takes any text");
}

fn table(page: &mut String, profile: &ProfileResults) {
    line(page, "h3", profile.name());
    page.push_str(
        "<table>\n<tr><th>result</th><th>severity</th><th>control</th><th>title</th><th>message</th></tr>\n",
    );
    let mut controls: Vec<&Control> = profile.controls.iter().collect();
    controls.sort_by_key(|control| (control.status, control.severity));
    for control in controls {
        let (status, severity) = (control.status.as_str(), control.severity.as_str());
        let [id, title, message] =
            [&control.id, &control.title, &control.message].map(|text| escaped(text));
        writeln!(
            page,
            "<tr class=\"{status}\"><td>{status}</td><td>{severity}</td><td>{id}</td><td>{title}</td><td>{message}</td></tr>"
        )
        .expect("a string takes any text");
    }
    page.push_str("</table>\n");
}

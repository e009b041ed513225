//! The checks as text.

use goldsmith_domain::escape::printable;

use super::model::{Check, Diagnosis, State};
use crate::render::wrap::wrapped;

/// All of it, in lines of at most `width` characters. A remedy is never broken, so that it can be copied.
pub fn text(diagnosis: &Diagnosis, width: usize) -> String {
    let mut lines = vec![head(diagnosis), String::new()];
    let names = diagnosis.checks.iter().map(|check| check.name.len());
    let longest = names.max().unwrap_or(0);
    for check in &diagnosis.checks {
        lines.extend(of_check(check, longest, width));
    }
    lines.extend([String::new(), summary(&diagnosis.checks)]);
    lines.join("\n") + "\n"
}

fn head(diagnosis: &Diagnosis) -> String {
    let directory = diagnosis.directory.as_deref().unwrap_or("no documents");
    let stack = diagnosis.stack.as_deref().unwrap_or("no stack");
    printable(&format!(
        "goldsmith {}, with {directory} and {stack}",
        diagnosis.release
    ))
}

fn of_check(check: &Check, longest: usize, width: usize) -> Vec<String> {
    let state = format!("{}:", check.state.as_str());
    let first = format!("{state:<9}{:<longest$}  ", check.name);
    let mut lines = wrapped(&printable(&check.found), width, &first);
    let remedy = check.remedy.iter();
    lines.extend(remedy.map(|remedy| format!("         > {}", printable(remedy))));
    lines
}

/// `9 checks: 7 ok, 1 warning, 1 skipped`.
fn summary(checks: &[Check]) -> String {
    let counts = State::ALL.iter().filter_map(|state| {
        let count = checks.iter().filter(|check| check.state == *state).count();
        let plural = if *state == State::Warning && count > 1 {
            "s"
        } else {
            ""
        };
        (count > 0).then(|| format!("{count} {}{plural}", state.as_str()))
    });
    let counts: Vec<String> = counts.collect();
    format!("{} checks: {}", checks.len(), counts.join(", "))
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::release::Release;

    use super::*;

    #[test]
    fn each_check_has_a_line_and_what_helps_below_it() {
        let checks = vec![
            Check::ok("git", "commit 0123 of main"),
            Check::failed(
                "documents",
                "2 problems in environment.json and ami-versions.json\u{1b}[2J",
                "goldsmith check ami-versions/nonprod",
            ),
            Check::skipped("quotas", "there are no AWS credentials"),
        ];
        let mut diagnosis = Diagnosis::new(Some("ami-versions/nonprod".to_owned()), None, checks);
        diagnosis.release = Release {
            version: "1.2.3".to_owned(),
            commit: None,
        };
        assert!(!diagnosis.passes);
        insta::assert_snapshot!(text(&diagnosis, 50), @r"
        goldsmith 1.2.3, with ami-versions/nonprod and no stack

        ok:      git        commit 0123 of main
        failed:  documents  2 problems in environment.json
                              and ami-versions.json�[2J
                 > goldsmith check ami-versions/nonprod
        skipped: quotas     there are no AWS credentials

        3 checks: 1 ok, 1 failed, 1 skipped
        ");
    }
}

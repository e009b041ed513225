//! What `check` prints, in each format.

use std::path::Path;

use goldsmith_domain::problem::Problem;
use serde_json::json;

use super::*;
use crate::documents::check_report::Remark;

fn problem(file: &str, line: usize, found: &str, expected: &str, hint: Option<&str>) -> Problem {
    let problem = json!({ "file": file, "line": line, "column": 2, "found": found, "expected": expected, "hint": hint });
    serde_json::from_value(problem).expect("a problem")
}

fn wrong() -> CheckReport {
    let hint = Some("did you mean `m6i.large`?");
    let (file, text) = (
        "environment.json".to_owned(),
        "Image Builder takes no VPC".to_owned(),
    );
    CheckReport {
        problems: vec![
            problem(
                "a,b:c.json",
                1,
                "100%\n::add-mask::x",
                "`a`\r\nor `b`",
                None,
            ),
            problem("environment.json", 3, "\"m6i\"", "an instance type", hint),
        ],
        more_problems: 2,
        absent: vec!["ami-versions.json".to_owned()],
        elsewhere: Vec::new(),
        notes: vec![Remark {
            file,
            line: 7,
            column: 3,
            pointer: "/vpc-id".to_owned(),
            text,
        }],
    }
}

#[test]
fn text_has_the_form_that_editors_and_terminals_know() {
    let report = CheckReport {
        problems: wrong().problems.split_off(1),
        ..wrong()
    };
    insta::assert_snapshot!(report.below(Path::new("ami-versions/nonprod")).text(), @r#"
    ami-versions/nonprod/environment.json:3:2: found "m6i", expected an instance type
      hint: did you mean `m6i.large`?
    ... and 2 more
    ami-versions/nonprod/ami-versions.json: found nothing, expected a document
    ami-versions/nonprod/environment.json:7:3: Image Builder takes no VPC
    "#);
}

#[test]
fn a_document_cannot_break_out_of_an_annotation() {
    insta::assert_snapshot!(github::annotations(&wrong().below(Path::new("d"))), @r#"
    ::error file=d/a%2Cb%3Ac.json,line=1,col=2::found 100%25 ::add-mask::x, expected `a`  or `b`
    ::error file=d/environment.json,line=3,col=2::found "m6i", expected an instance type%0Ahint: did you mean `m6i.large`?
    ::error::2 more problems are not shown
    ::error file=d/ami-versions.json::d/ami-versions.json is missing; nothing can be done without it
    ::warning file=d/environment.json,line=7,col=3::Image Builder takes no VPC
    "#);
}

#[test]
fn the_summary_counts() {
    assert_eq!(
        wrong().summary(1),
        "1 document read: 4 problems, 1 document is missing, 1 note"
    );
    assert_eq!(
        CheckReport::default().summary(3),
        "3 documents read: nothing is wrong"
    );
}

#[test]
fn a_folder_of_environments_is_recognised() {
    let folder = tempfile::tempdir().expect("a folder");
    let nonprod = folder.path().join("nonprod");
    std::fs::create_dir(&nonprod).expect("a folder");
    std::fs::write(nonprod.join("environment.json"), "{}").expect("a file");
    let hint = empty_folder_hint(folder.path(), &[]).expect("a hint");
    assert!(
        hint.ends_with(&format!("try {}", nonprod.display())),
        "{hint}"
    );
}

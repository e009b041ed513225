//! Bad documents and the problems they are told with.
//!
//! Each folder in `documents/` is a case: its files take the place of the sample's in
//! `ami-versions/nonprod/`, and its `problems.txt` has the problems as they are told. What no editor
//! would keep as it is (marks, encodings, sizes) is made here.

#![expect(
    clippy::disallowed_methods,
    reason = "the core reads no files, but the samples are files"
)]

use std::fs;
use std::path::{Path, PathBuf};

use goldsmith_domain::document::{
    AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, needed_keys, parse,
};
use insta::assert_snapshot;

pub(crate) const HARDEN: &str = "components/harden.yml";
const EXPECTED: &str = "problems.txt";

fn folder(below_the_crate: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below_the_crate)
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

/// Every file below a folder, its key being the path below it.
fn files(folder: &Path) -> Vec<DocumentFile> {
    let read = |path: PathBuf| {
        let key = path
            .strip_prefix(folder)
            .expect("below the folder")
            .display()
            .to_string();
        file(&key, fs::read(&path).expect("a file"))
    };
    let (folders, files): (Vec<_>, Vec<_>) = paths(folder).into_iter().partition(|p| p.is_dir());
    let below = folders.iter().flat_map(|folder| paths(folder));
    files.into_iter().chain(below).map(read).collect()
}

pub(crate) fn file(key: &str, bytes: impl Into<Vec<u8>>) -> DocumentFile {
    let bytes = bytes.into();
    DocumentFile {
        key: key.into(),
        version_id: "1".into(),
        size: bytes.len() as u64,
        bytes,
    }
}

pub(crate) fn sample() -> Vec<DocumentFile> {
    files(&folder("../../ami-versions/nonprod"))
}

/// The sample with some of its files in another version.
pub(crate) fn sample_with(changed: Vec<DocumentFile>) -> Vec<DocumentFile> {
    let mut files = sample();
    files.retain(|file| changed.iter().all(|changed| changed.key != file.key));
    files.extend(changed);
    files
}

pub(crate) fn problems(files: &[DocumentFile]) -> String {
    match parse(files) {
        Parsed::Rejected(problems) => problems
            .first()
            .iter()
            .map(|problem| problem.to_string() + "\n")
            .collect(),
        Parsed::Absent(keys) => format!("absent: {}\n", keys.join(", ")),
        Parsed::Desired(_) => "no problem\n".into(),
    }
}

/// The problems with the sample when one file has this content.
pub(crate) fn problems_with(key: &str, content: impl Into<Vec<u8>>) -> String {
    problems(&sample_with(vec![file(key, content)]))
}

#[test]
fn every_bad_document_is_reported_as_expected() {
    let cases = paths(&folder("tests/documents"));
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    let wrong: String = cases.iter().filter_map(|case| difference(case)).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

fn difference(case: &Path) -> Option<String> {
    let (expected, changed): (Vec<_>, Vec<_>) = files(case)
        .into_iter()
        .partition(|file| file.key == EXPECTED);
    let expected: String = expected
        .into_iter()
        .map(|f| String::from_utf8(f.bytes).expect("UTF-8"))
        .collect();
    let actual = problems(&sample_with(changed));
    let name = case.file_name().expect("a name").display();
    (actual != expected).then(|| format!("\n{name}\n--- expected\n{expected}--- actual\n{actual}"))
}

#[test]
fn the_sample_has_no_problem() {
    assert_eq!(problems(&sample()), "no problem\n");
}

#[test]
fn a_byte_order_mark_is_one_problem() {
    assert_snapshot!(problems_with(AMI_VERSIONS, "\u{FEFF}{}"), @"
    ami-versions.json:1:1: found a byte order mark, expected UTF-8 text
      hint: save the file as UTF-8 without BOM
    ");
}

#[test]
fn utf_16_is_one_problem() {
    let marked: Vec<u8> = "\u{FEFF}{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_snapshot!(problems_with(AMI_VERSIONS, marked), @"
    ami-versions.json:1:1: found UTF-16 text, expected UTF-8 text
      hint: save the file as UTF-8 without BOM
    ");
    let unmarked: Vec<u8> = "name: x"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_snapshot!(problems_with(HARDEN, unmarked), @"
    components/harden.yml:1:1: found UTF-16 text, expected UTF-8 text
      hint: save the file as UTF-8 without BOM
    ");
}

#[test]
fn latin_1_is_reported_at_its_first_byte() {
    let latin_1 = b"{\n  \"tags\": { \"Owner\": \"Z\xFCrich\" }\n}";
    assert_snapshot!(problems_with(ENVIRONMENT, latin_1), @"
    environment.json:2:24: found the byte 0xFC, expected UTF-8 text
      hint: save the file as UTF-8 without BOM
    ");
}

#[test]
fn a_problem_points_at_its_value() {
    let versions = r#"{ "ami-version": [ { "aminame": 5, "recipename": "1", "tags": { "a/b~c": 7, "Name": "" } },
        { "recipname": "2" } ], "ami-scheduled": [ { "recipenames": "1;-" } ] }"#;
    let harden = "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n  - {name: s, action: Nothing, inputs: }\n";
    let changed = vec![
        file(AMI_VERSIONS, versions),
        file(HARDEN, harden),
        file(ENVIRONMENT, "{"),
    ];
    let Parsed::Rejected(problems) = parse(&sample_with(changed)) else {
        panic!("accepted")
    };
    let pointers: Vec<_> = problems
        .first()
        .iter()
        .map(|p| format!("{} {}", p.file, p.pointer))
        .collect();
    assert_snapshot!(pointers.join("\n"), @"
    ami-versions.json /ami-version/0/aminame
    ami-versions.json /ami-version/0/tags/a~1b~0c
    ami-versions.json /ami-version/0/tags/a~1b~0c
    ami-versions.json /ami-version/0/tags/Name
    ami-versions.json /ami-version/1
    ami-versions.json /ami-version/1
    ami-versions.json /ami-version/1/recipname
    ami-versions.json /ami-scheduled/0/recipenames
    environment.json 
    ");
    let Parsed::Rejected(problems) = parse(&sample_with(vec![file(HARDEN, harden)])) else {
        panic!("accepted")
    };
    assert_eq!(problems.first()[0].pointer, "/phases/0/steps/0/action");
}

#[test]
fn an_empty_file_is_one_problem() {
    assert_snapshot!(problems_with(AMI_VERSIONS, ""), @"ami-versions.json:1:1: found an empty file, expected a document");
    assert_snapshot!(problems_with(HARDEN, "\n\n"), @"components/harden.yml:1:1: found an empty file, expected a document");
}

#[test]
fn what_is_not_there_is_absent_and_not_wrong() {
    let without = |key: &str| {
        let files: Vec<_> = sample()
            .into_iter()
            .filter(|file| file.key != key)
            .collect();
        problems(&files)
    };
    assert_eq!(
        problems(&[]),
        "absent: ami-versions.json, environment.json\n"
    );
    assert_eq!(without(AMI_VERSIONS), "absent: ami-versions.json\n");
    assert_eq!(without(ENVIRONMENT), "absent: environment.json\n");
    assert_eq!(without(HARDEN), "absent: components/harden.yml\n");
}

#[test]
fn a_problem_outweighs_an_absent_document() {
    assert_eq!(
        problems(&[file(AMI_VERSIONS, r#"{"ami-version": []}"#)]),
        "ami-versions.json:1:1: found an object without `ami-scheduled`, expected the key `ami-scheduled`\n",
    );
}

#[test]
fn the_environment_names_what_else_is_worth_reading() {
    let needed = |files: &[DocumentFile]| Vec::from_iter(needed_keys(files)).join(" ");
    let environment = || sample().into_iter().filter(|file| file.key == ENVIRONMENT);
    let read_first: Vec<_> = environment().collect();
    let workloads = "amis/workload-accounts.us-east-1.json amis/workload_accounts.us-east-1.json";
    let beside = "workload-accounts.us-east-1.json workload_accounts.us-east-1.json";
    assert_eq!(
        needed(&read_first),
        format!("{workloads} components/harden.yml {beside}")
    );
    assert_eq!(needed(&sample()), format!("{workloads} {beside}"));
    assert_eq!(needed(&[]), "");
    assert_eq!(needed(&[file(ENVIRONMENT, "{")]), "");
    let half_wrong = r#"{"regions": {"eu-west-1": 1, "nowhere": {}}, "build-components": [5, "components/a.yml"]}"#;
    assert_eq!(needed(&[file(ENVIRONMENT, half_wrong)]), "components/a.yml");
    let allowed =
        r#"{"allowed-components": ["components/b.yml", {"component": "components/c.yml"}]}"#;
    assert_eq!(
        needed(&[file(ENVIRONMENT, allowed)]),
        "components/b.yml components/c.yml"
    );
}

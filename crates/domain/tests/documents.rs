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
    AMI_VERSIONS, DocumentFile, ENVIRONMENT, LARGEST, Parsed, needed_keys, parse,
};
use goldsmith_domain::problem::MOST_PROBLEMS;
use insta::assert_snapshot;

const HARDEN: &str = "components/harden.yml";
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

fn file(key: &str, bytes: impl Into<Vec<u8>>) -> DocumentFile {
    let bytes = bytes.into();
    DocumentFile {
        key: key.into(),
        version_id: "1".into(),
        size: bytes.len() as u64,
        bytes,
    }
}

fn sample() -> Vec<DocumentFile> {
    files(&folder("../../ami-versions/nonprod"))
}

/// The sample with some of its files in another version.
fn sample_with(changed: Vec<DocumentFile>) -> Vec<DocumentFile> {
    let mut files = sample();
    files.retain(|file| changed.iter().all(|changed| changed.key != file.key));
    files.extend(changed);
    files
}

fn problems(files: &[DocumentFile]) -> String {
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
fn problems_with(key: &str, content: impl Into<Vec<u8>>) -> String {
    problems(&sample_with(vec![file(key, content)]))
}

#[test]
fn every_bad_document_is_told_as_expected() {
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
fn latin_1_is_told_at_its_first_byte() {
    let latin_1 = b"{\n  \"tags\": { \"Owner\": \"Z\xFCrich\" }\n}";
    assert_snapshot!(problems_with(ENVIRONMENT, latin_1), @"
    environment.json:2:24: found the byte 0xFC, expected UTF-8 text
      hint: save the file as UTF-8 without BOM
    ");
}

#[test]
fn a_document_of_two_megabytes_is_not_parsed() {
    assert_snapshot!(problems_with(AMI_VERSIONS, vec![b'['; 2_000_000]), @"ami-versions.json:1:1: found 2.0 MB (2000000 bytes), expected at most 256 KiB (262144 bytes)");
    assert_snapshot!(problems_with(HARDEN, vec![b'-'; 2_000_000]), @"components/harden.yml:1:1: found 2.0 MB (2000000 bytes), expected at most 256 KiB (262144 bytes)");
}

#[test]
fn a_document_of_a_megabyte_is_refused_and_the_largest_is_read_whatever_is_in_it() {
    let entry = r#"{ "aminame": "recipe:n", "recipename": "n" },"#;
    let entries = format!(
        r#"{{ "ami-version": [{}"#,
        entry.repeat(1_000_000 / entry.len())
    );
    assert_snapshot!(problems_with(AMI_VERSIONS, entries.as_str()).split(", expected").next().unwrap_or_default(), @"ami-versions.json:1:1: found 1.0 MB (1000008 bytes)");
    // Nothing that is read takes a time that grows with the square of the document.
    let largest = |item: &str, head: &str, tail: &str| {
        let count = (LARGEST - head.len() - tail.len()) / (item.len() + 1);
        problems_with(
            AMI_VERSIONS,
            format!("{head}{}{item}{tail}", format!("{item},").repeat(count - 1)),
        )
    };
    let tail = r#"], "ami-scheduled": []}"#;
    assert!(
        largest(entry.trim_end_matches(','), r#"{"ami-version": ["#, tail)
            .contains("each recipe name once")
    );
    assert!(
        largest(
            r#""n""#,
            r#"{"ami-version": [], "ami-scheduled": [{"recipenames": ["#,
            "]}]}"
        )
        .contains("once")
    );
    assert!(
        largest(
            r#""a":{}"#,
            r#"{"ami-version": [{"tags":{"#,
            &format!("}}}}{tail}")
        )
        .contains("once")
    );
    assert_eq!(chain_of_thousands().lines().count(), MOST_PROBLEMS);
}

/// Thousands of recipes, each on the one further down, the last on the first.
fn chain_of_thousands() -> String {
    let entry = |n: usize| {
        format!(
            r#"{{"aminame":"recipe:{}","recipename":"{n}"}}"#,
            (n + 1) % 5_000
        )
    };
    let entries: Vec<_> = (0..5_000).map(entry).collect();
    let loops = format!(
        r#"{{"ami-version":[{}],"ami-scheduled":[]}}"#,
        entries.join(",")
    );
    let problems = problems_with(AMI_VERSIONS, loops);
    assert!(
        problems.contains("the cycle is 0 -> 1 -> ") && problems.contains(" -> 31 -> …"),
        "{problems}"
    );
    let pairs = |n: usize| format!(r#"{{"aminame":"recipe:{}","recipename":"{n}"}}"#, n ^ 1);
    let entries: Vec<_> = (0..5_000).map(pairs).collect();
    problems_with(
        AMI_VERSIONS,
        format!(
            r#"{{"ami-version":[{}],"ami-scheduled":[]}}"#,
            entries.join(",")
        ),
    )
    .lines()
    .filter(|line| !line.starts_with("  hint"))
    .map(|line| line.to_owned() + "\n")
    .collect()
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
fn a_hundred_thousand_brackets_are_one_problem() {
    assert_snapshot!(problems_with(AMI_VERSIONS, "[".repeat(100_000)), @"ami-versions.json:1:33: found [, expected at most 32 levels of nesting");
    assert_snapshot!(problems_with(AMI_VERSIONS, "{\"a\":".repeat(50_000)), @r#"ami-versions.json:1:161: found {, expected at most 32 levels of nesting"#);
}

#[test]
fn nesting_is_counted_outside_of_strings_and_may_reach_the_limit() {
    let deepest = format!("{}{}", "[".repeat(32), "]".repeat(32));
    let strings = format!("{{\"{}\\\"[\": 1}}", "[".repeat(100));
    for text in [deepest, strings] {
        let problems = problems_with(AMI_VERSIONS, text);
        assert!(!problems.contains("levels of nesting"), "{problems}");
    }
}

#[test]
fn a_document_of_100_megabytes_is_refused_by_its_beginning() {
    let beginning = DocumentFile {
        size: 100_000_000,
        ..file(AMI_VERSIONS, vec![b'['; 2_000_000])
    };
    assert_snapshot!(problems(&sample_with(vec![beginning])), @"ami-versions.json:1:1: found 100.0 MB (100000000 bytes), expected at most 256 KiB (262144 bytes)");
}

#[test]
fn of_a_hundred_thousand_problems_the_first_are_told_and_all_are_counted() {
    let ones = format!(
        r#"{{"ami-version": [{}1], "ami-scheduled": []}}"#,
        "1,".repeat(99_999)
    );
    let Parsed::Rejected(rejected) = parse(&sample_with(vec![file(AMI_VERSIONS, ones)])) else {
        panic!("accepted");
    };
    assert_eq!(
        (rejected.first().len(), rejected.more()),
        (MOST_PROBLEMS, 100_000 - MOST_PROBLEMS)
    );
    let columns: Vec<_> = rejected
        .first()
        .iter()
        .map(|problem| problem.column)
        .collect();
    assert_eq!(
        columns,
        (0..MOST_PROBLEMS).map(|n| 18 + 2 * n).collect::<Vec<_>>()
    );
}

#[test]
fn an_empty_file_is_one_problem() {
    assert_snapshot!(problems_with(AMI_VERSIONS, ""), @"ami-versions.json:1:1: found an empty file, expected a document");
    assert_snapshot!(problems_with(HARDEN, "\n\n"), @"components/harden.yml:1:1: found an empty file, expected a document");
}

#[test]
fn a_component_longer_than_the_service_takes_is_not_parsed() {
    let longest = format!("# {}\n", "ü".repeat(16_000 - 3));
    assert!(!problems_with(HARDEN, longest.clone()).contains("characters"));
    assert_snapshot!(problems_with(HARDEN, longest + "x"), @"components/harden.yml:1:1: found 16001 characters, expected at most 16000 characters, Image Builder's limit");
}

#[test]
fn a_component_nested_as_deep_as_its_size_allows_is_one_problem() {
    assert_snapshot!(problems_with(HARDEN, "- ".repeat(8_000)), @"components/harden.yml:1:65: found - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -…, expected at most 32 levels of nesting");
    assert_snapshot!(problems_with(HARDEN, "[".repeat(16_000)), @"
    components/harden.yml:1:256: found [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…, expected at most 32 levels of nesting
      hint: recursion limit exceeded
    ");
    let steps: Vec<String> = (0..175).map(|level| " ".repeat(level) + "a:").collect();
    let staircase = steps.join("\n");
    assert_snapshot!(problems_with(HARDEN, staircase), @"components/harden.yml:33:33: found a:, expected at most 32 levels of nesting");
}

#[test]
fn aliases_that_would_multiply_are_refused_at_the_first_anchor() {
    let nine_times = |(this, next): (char, char)| {
        format!(
            "{next}: &{next} [{}]",
            vec![format!("*{this}"); 9].join(",")
        )
    };
    let bomb: Vec<String> = ('a'..='i').zip('b'..='j').map(nine_times).collect();
    assert_snapshot!(problems_with(HARDEN, format!("a: &a x\n{}", bomb.join("\n"))), @"
    components/harden.yml:1:4: found &a x, expected a value without an anchor or alias
      hint: anchors (`&name`) and aliases (`*name`) are not supported; put quotes around text that looks like one
    ");
}

#[test]
fn twenty_nine_tags_are_the_most() {
    let tags = |count: usize| {
        let tags: Vec<String> = (0..count).map(|n| format!("\"t{n}\": \"\"")).collect();
        let sample = sample()
            .into_iter()
            .find(|file| file.key == ENVIRONMENT)
            .expect("there");
        let text = String::from_utf8(sample.bytes).expect("UTF-8");
        text.replace(
            r#"{ "Owner": "ccoe", "Product": "MSTR" }"#,
            &format!("{{{}}}", tags.join(",")),
        )
    };
    assert_eq!(problems_with(ENVIRONMENT, tags(29)), "no problem\n");
    assert_snapshot!(problems_with(ENVIRONMENT, tags(30)), @"environment.json:19:11: found 30 tags, expected at most 29 tags");
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

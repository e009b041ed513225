//! Documents that are too large, too deep or too many: each is one problem, in little time.

use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, LARGEST, Parsed, parse};
use goldsmith_domain::problem::MOST_PROBLEMS;
use insta::assert_snapshot;

use crate::documents::{HARDEN, file, problems, problems_with, sample, sample_with};

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
fn of_a_hundred_thousand_problems_the_first_are_listed_and_all_are_counted() {
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
fn a_component_longer_than_the_service_takes_is_not_parsed() {
    let longest = format!("# {}x\n", "ü".repeat(32_766));
    assert_eq!(longest.len(), 65_536, "64 KB, the quota");
    assert!(!problems_with(HARDEN, longest.clone()).contains("bytes"));
    assert_snapshot!(problems_with(HARDEN, longest + "x"), @"components/harden.yml:1:1: found 65537 bytes, expected at most 65536 bytes, Image Builder's limit");
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

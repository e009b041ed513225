//! Whatever is uploaded, the documents' reader answers, and points into the document.

#![expect(clippy::disallowed_methods, reason = "the core reads no files, but the samples are files")]

use std::fs;
use std::path::Path;

use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, needed_keys, parse};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const HARDEN: &str = "components/harden.yml";
const WORKLOADS: &str = "workload_accounts.us-east-1.json";
const KEYS: [&str; 4] = [AMI_VERSIONS, ENVIRONMENT, HARDEN, WORKLOADS];

const WORKLOAD_ACCOUNTS: &str = r#"{ "product": { "account_id": "111111111111" } }"#;

/// What documents are made of, and what breaks them.
const PIECES: [&str; 48] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "\0",
    "-",
    "- ",
    "? ",
    ": ",
    "---\n",
    "...\n",
    "&a ",
    "*a",
    "!!int ",
    "%YAML 1.2\n",
    "|\n",
    ">-\n",
    "#",
    "'",
    "<<: ",
    "null",
    "true",
    "0",
    "-1",
    "1e9",
    "30.0",
    "\u{FEFF}",
    "ä",
    "\u{1F980}",
    "\u{2028}",
    "\"aminame\"",
    "\"recipename\"",
    "name: ",
    "phases:",
    "steps:",
    "inputs:",
];

fn sample(key: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ami-versions/nonprod");
    fs::read(root.join(key)).unwrap_or_else(|_| WORKLOAD_ACCOUNTS.into())
}

fn sample_with(key: &str, bytes: &[u8]) -> Vec<DocumentFile> {
    let file = |k: &str| {
        let bytes = if k == key { bytes.to_vec() } else { sample(k) };
        let size = bytes.len() as u64;
        DocumentFile { key: k.to_owned(), version_id: "1".to_owned(), size, bytes }
    };
    KEYS.map(file).into()
}

/// Whether a line and a column exist in a document; one past its end does, for what is missing.
fn lies_within(bytes: &[u8], line: usize, column: usize) -> bool {
    let is_start_of_character = |byte: &&u8| !matches!(byte, 0x80..=0xBF);
    let characters = |line: &[u8]| line.iter().filter(is_start_of_character).count();
    let nth = bytes.split(|byte| *byte == b'\n').nth(line.wrapping_sub(1));
    nth.is_some_and(|line| (1..=characters(line) + 1).contains(&column))
}

fn assert_points_into_the_documents(files: &[DocumentFile]) {
    needed_keys(files);
    let Parsed::Rejected(problems) = parse(files) else {
        return;
    };
    assert!(!problems.is_empty());
    let problems = problems.first();
    let places: Vec<_> = problems.iter().map(|p| (&p.file, p.line, p.column)).collect();
    assert!(places.is_sorted(), "{places:?}");
    for problem in problems {
        let file = files.iter().find(|file| file.key == problem.file).expect("a file of ours");
        assert!(lies_within(&file.bytes, problem.line, problem.column), "{problem:?}");
    }
}

fn any_key() -> impl Strategy<Value = &'static str> {
    select(&KEYS[..])
}

fn any_pieces() -> impl Strategy<Value = String> {
    vec(select(&PIECES[..]), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_answered(key in any_key(), bytes in vec(any::<u8>(), 0..200)) {
        assert_points_into_the_documents(&sample_with(key, &bytes));
    }

    #[test]
    fn any_text_is_answered(key in any_key(), text in any_pieces()) {
        assert_points_into_the_documents(&sample_with(key, text.as_bytes()));
    }

    #[test]
    fn any_change_to_the_sample_is_answered(
        key in any_key(),
        from in any::<Index>(),
        length in 0_usize..12,
        pieces in vec(select(&PIECES[..]), 0..3),
    ) {
        let mut bytes = sample(key);
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, pieces.concat().into_bytes());
        assert_points_into_the_documents(&sample_with(key, &bytes));
    }
}

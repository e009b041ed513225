//! Whatever is uploaded, the documents' reader answers, and points into the document.

#![expect(
    clippy::disallowed_methods,
    reason = "the core reads no files, but the samples are files"
)]

use std::fs;
use std::path::Path;

use goldsmith_domain::consumers::{DeliveryMode, Roles};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{
    AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, access, needed_keys, parse,
};
use goldsmith_domain::problem::Place;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use crate::document_texts::{FULL, HARDEN, PIECES, WORKLOAD_ACCOUNTS, WORKLOADS};

const KEYS: [&str; 4] = [AMI_VERSIONS, ENVIRONMENT, HARDEN, WORKLOADS];

fn full() -> Vec<DocumentFile> {
    FULL.map(|(key, text)| document(key, text.as_bytes()))
        .into()
}

fn document(key: &str, bytes: &[u8]) -> DocumentFile {
    let (bytes, size) = (bytes.to_vec(), bytes.len() as u64);
    DocumentFile {
        key: key.to_owned(),
        version_id: "1".to_owned(),
        size,
        bytes,
    }
}

/// A JSON text whose objects have their members in another order: turned by some of `turns` each.
fn reordered(value: &Value, turns: &mut impl Iterator<Item = usize>) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .map(|(key, value)| (key.clone(), reordered(value, turns)))
                .collect();
            if !members.is_empty() {
                let turn = turns.next().unwrap_or_default() % members.len();
                members.rotate_left(turn);
            }
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(|item| reordered(item, turns)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// What the documents ask for, but for the places, which follow from the order of the text.
fn without_places(files: &[DocumentFile]) -> Desired {
    let Parsed::Desired(mut desired) = parse(files) else {
        panic!("{:#?}", parse(files))
    };
    desired
        .recipes
        .iter_mut()
        .for_each(|entry| entry.place = Place::start_of(""));
    desired
        .scheduled
        .iter_mut()
        .for_each(|name| name.place = Place::start_of(""));
    desired.notes.sort_by(|a, b| a.text.cmp(&b.text));
    desired
        .notes
        .iter_mut()
        .for_each(|note| note.place = Place::start_of(""));
    *desired
}

/// Whether a pointer leads somewhere in a document, if the document is JSON at all.
fn leads_somewhere(bytes: &[u8], pointer: &str) -> bool {
    serde_json::from_slice::<Value>(bytes).is_ok_and(|document| document.pointer(pointer).is_some())
}

/// Every way to break one value of a document: nothing, another kind, another text.
const BREAKS: [&str; 12] = [
    "null",
    "true",
    "-1",
    "1e9",
    "\"\"",
    "\"x\"",
    "\"ami\"",
    "[]",
    "[[]]",
    "{}",
    r#"{"x": 1}"#,
    r#""recipe:110304""#,
];

/// The values of a JSON document, each as a pointer.
fn pointers(value: &Value, here: &str, all: &mut Vec<String>) {
    all.push(here.to_owned());
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let step = key.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{here}/{step}"), all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{here}/{index}"), all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn whatever_takes_the_place_of_one_value_is_answered_at_a_value() {
    for (key, text) in FULL.into_iter().filter(|(key, _)| *key != HARDEN) {
        let document: Value = serde_json::from_str(text).expect("JSON");
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        for (pointer, broken) in all
            .iter()
            .flat_map(|pointer| BREAKS.map(|broken| (pointer, broken)))
        {
            let mut changed = document.clone();
            *changed.pointer_mut(pointer).expect("there") =
                serde_json::from_str(broken).expect("JSON");
            let bytes = serde_json::to_vec_pretty(&changed).expect("JSON");
            assert_pointers_lead_somewhere(&with_document(key, &bytes), &bytes, key);
        }
    }
}

fn with_document(key: &str, bytes: &[u8]) -> Vec<DocumentFile> {
    let mut files = full();
    files.retain(|file| file.key != key);
    files.push(document(key, bytes));
    files
}

fn assert_pointers_lead_somewhere(files: &[DocumentFile], bytes: &[u8], key: &str) {
    assert_points_into_the_documents(files);
    let Parsed::Rejected(problems) = parse(files) else {
        return;
    };
    for problem in problems
        .first()
        .iter()
        .filter(|problem| problem.file == key)
    {
        assert!(leads_somewhere(bytes, &problem.pointer), "{problem:?}");
    }
}

fn sample(key: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ami-versions/nonprod");
    fs::read(root.join(key)).unwrap_or_else(|_| WORKLOAD_ACCOUNTS.into())
}

fn sample_with(key: &str, bytes: &[u8]) -> Vec<DocumentFile> {
    let file = |k: &str| {
        let bytes = if k == key { bytes.to_vec() } else { sample(k) };
        let size = bytes.len() as u64;
        DocumentFile {
            key: k.to_owned(),
            version_id: "1".to_owned(),
            size,
            bytes,
        }
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
    let problems = match parse(files) {
        Parsed::Rejected(problems) => problems,
        Parsed::Desired(desired) => return assert_consumers_are_of_the_document(&desired),
        Parsed::Absent(_) => return,
    };
    assert!(!problems.is_empty());
    let problems = problems.first();
    let places: Vec<_> = problems
        .iter()
        .map(|p| (&p.file, p.line, p.column))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    for problem in problems {
        let file = files
            .iter()
            .find(|file| file.key == problem.file)
            .expect("a file of ours");
        assert!(
            lies_within(&file.bytes, problem.line, problem.column),
            "{problem:?}"
        );
    }
}

/// Whatever is accepted: nobody is served outside the document's Regions or without any, only copies have
/// keys, and what an account has of its own is its own.
fn assert_consumers_are_of_the_document(desired: &Desired) {
    for account in &desired.consumers.accounts {
        assert!(!account.regions.is_empty(), "{account:?}");
        assert!(
            account
                .regions
                .iter()
                .all(|region| desired.regions.contains_key(region)),
            "{account:?}"
        );
        assert!(
            account
                .keys
                .keys()
                .chain(account.places.keys())
                .all(|r| account.regions.contains(r))
        );
        assert!(
            account.keys.is_empty() || account.serve == DeliveryMode::Copy,
            "{account:?}"
        );
        let Roles::Named(roles) = &account.roles else {
            continue;
        };
        assert!(
            !roles.is_empty()
                && roles
                    .iter()
                    .all(|role| role.account().as_ref() == Some(&account.id))
        );
    }
    for organization in &desired.consumers.organizations {
        assert_eq!(
            organization.path.organization(),
            organization.arn.organization()
        );
        assert_eq!(organization.path.unit(), organization.arn.unit());
    }
}

fn any_key() -> impl Strategy<Value = &'static str> {
    select(&KEYS[..])
}

fn any_pieces() -> impl Strategy<Value = String> {
    vec(select(&PIECES[..]), 0..60).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_document_that_says_who_may_launch_is_named_when_it_is_wrong() {
    for key in [ENVIRONMENT, WORKLOADS] {
        let wrong = access(&with_document(key, b"{"));
        assert_eq!(wrong, Err([key.to_owned()].into()));
    }
    let mut away = full();
    away.retain(|file| file.key != ENVIRONMENT);
    assert_eq!(access(&away), Err([ENVIRONMENT.to_owned()].into()));
}

proptest! {
    /// A typing error must not keep anybody's access alive.
    #[test]
    fn who_may_launch_is_known_whatever_is_wrong_with_the_other_documents(
        key in select(&[AMI_VERSIONS, HARDEN][..]),
        bytes in vec(any::<u8>(), 0..200),
        is_there in any::<bool>(),
    ) {
        let mut files = with_document(key, &bytes);
        files.retain(|file| is_there || file.key != key);
        let desired = without_places(&full());
        let known = access(&files).expect("who may launch");
        prop_assert_eq!(&known.consumers, &desired.consumers);
        for (region, settings) in &desired.regions {
            let seen = &known.regions[region];
            prop_assert_eq!((&seen.kms_key, &seen.former_kms_keys), (&settings.kms_key, &settings.former_kms_keys));
        }
    }

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

    #[test]
    fn the_order_of_members_changes_nothing(turns in vec(0_usize..12, 0..40)) {
        let files: Vec<_> = full().into_iter().map(|file| {
            let Ok(value) = serde_json::from_slice::<Value>(&file.bytes) else { return file };
            let text = reordered(&value, &mut turns.iter().copied());
            document(&file.key, text.to_string().as_bytes())
        }).collect();
        prop_assert_eq!(without_places(&files), without_places(&full()));
    }

    #[test]
    fn any_change_to_full_documents_is_answered(
        key in any_key(),
        from in any::<Index>(),
        length in 0_usize..12,
        pieces in vec(select(&PIECES[..]), 0..3),
    ) {
        let file = full().into_iter().find(|file| file.key == key).expect("one of ours");
        let mut bytes = file.bytes;
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, pieces.concat().into_bytes());
        assert_points_into_the_documents(&with_document(key, &bytes));
    }
}

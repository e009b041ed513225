//! Files that somebody made to do harm.

use goldsmith_domain::document::{DocumentFile, LARGEST};
use goldsmith_layers::{Layer, read};

use crate::support::file;

/// What is wrong with a file of variables: its first problem.
fn refused(name: &str, bytes: &[u8]) -> String {
    let file = DocumentFile {
        key: "vars.json".to_owned(),
        version_id: String::new(),
        size: bytes.len() as u64,
        bytes: bytes.to_vec(),
    };
    let problems = read::file(&file, Layer::Configuration).expect_err(name);
    problems.first()[0].to_string()
}

#[test]
fn what_is_no_file_of_variables_is_refused_with_its_place() {
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(LARGEST));
    let long = format!("{{\n \"{}\": 1}}", "x".repeat(257));
    let cases: [(&str, &[u8], &str); 10] = [
        (
            "deep",
            deep.as_bytes(),
            "vars.json:1:38: found [, expected at most 32 levels of nesting",
        ),
        ("large", large.as_bytes(), "vars.json:1:1: found 0.3 MB"),
        (
            "not UTF-8",
            b"{\"a\": \"\xE9\"}",
            "vars.json:1:8: found the byte 0xE9",
        ),
        (
            "UTF-16",
            b"\xFF\xFE{\0}\0",
            "vars.json:1:1: found UTF-16 text",
        ),
        ("empty", b"", "vars.json:1:1: found an empty file"),
        (
            "a list",
            b"[1]",
            "vars.json:1:1: found [1], expected an object",
        ),
        (
            "twice",
            b"{\"a\": 1,\n\"a\": 2}",
            "vars.json:2:1: found \"a\", expected each key once",
        ),
        ("a long name", long.as_bytes(), "vars.json:2:"),
        (
            "no name",
            b"{\"\": 1}",
            "vars.json:1:6: found , expected the name of a variable",
        ),
        (
            "a control character",
            b"{\"a\\u001b[2J\": 1}",
            "vars.json:1:16: found a\u{FFFD}[2J, expected",
        ),
    ];
    for (name, bytes, expected) in cases {
        let found = refused(name, bytes);
        assert!(found.starts_with(expected), "{name}: {found}");
    }
}

#[test]
fn a_file_of_another_image_must_have_its_ami() {
    for text in ["{}", r#"{"ami_ids": {}}"#, r#"{"ami_id": 7}"#, "[]", "no"] {
        assert!(
            read::image_file(&file("image.json", text)).is_err(),
            "{text}"
        );
    }
}

#[test]
fn a_version_is_one_line() {
    let long = "1".repeat(257);
    for text in ["", "\n", "1\n2", "a\u{1b}b", long.as_str()] {
        assert!(read::version(&file("VERSION", text)).is_err(), "{text:?}");
    }
    let bytes = DocumentFile {
        bytes: vec![0xFF],
        ..file("VERSION", "")
    };
    assert!(read::version(&bytes).is_err());
}

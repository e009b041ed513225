use super::*;

fn value(text: &str) -> Value {
    Ruby::new(text, 0).statement()
}

#[test]
fn literals_have_their_values() {
    assert_eq!(value("'it''s'").text().ok(), None);
    assert_eq!(value(r"'it\'s'").text().as_deref(), Ok("it's"));
    assert_eq!(value("\"a\\tb\" # a comment").text().as_deref(), Ok("a\tb"));
    assert_eq!(value(":none").text().as_deref(), Ok("none"));
    assert_eq!(value("1_000").text().as_deref(), Ok("1000"));
    let hash = value("{ :a => 1,\n  'b' => [%w[x y], nil], # why\n  c: true, }");
    assert_eq!(hash.summary(), "an object with a, b, c");
    assert_eq!(hash.get("c").map(|value| value.line), Some(Some(3)));
}

#[test]
fn what_runs_is_unknown_and_its_neighbours_are_not() {
    for text in [
        "ENV['X']",
        "\"a#{b}\"",
        "'a' + 'b'",
        "'a' if b",
        "foo",
        "[",
        "{ a: ",
    ] {
        assert!(value(text).text().is_err(), "{text}");
    }
    let hash = value("{ a: ENV.fetch('X', [1, 2]), b: 'known' }");
    assert!(hash.get("a").is_some_and(|value| value.text().is_err()));
    assert_eq!(
        hash.get("b").and_then(|value| value.text().ok()).as_deref(),
        Some("known")
    );
}

#[test]
fn a_deep_list_ends() {
    assert!(value(&"[".repeat(100_000)).text().is_err());
}

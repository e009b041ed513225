use super::*;

/// An observation of format 8 in which every member has a value.
const FORMAT_8: &str = include_str!("format-8.json");

fn read(json: &str) -> Result<Saved, SavedError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("observed.json");
    fs::write(&path, json).expect("a file");
    Saved::read(&path)
}

/// What is wrong with a file, without its folder.
fn wrong(json: &str) -> String {
    let error = read(json).expect_err("it is refused");
    let text = error.to_string();
    let (_, rest) = text.split_once("observed.json").expect("its name");
    rest.to_owned()
}

/// The value without what `pointer` points to.
fn without(whole: &Value, pointer: &str) -> Value {
    let mut rest = whole.clone();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/").replace("~0", "~");
    let parent = rest.pointer_mut(parent).and_then(Value::as_object_mut);
    parent.expect("an object").remove(&key).expect("the member");
    rest
}

/// Pointers to every member at any depth.
fn members(value: &Value, pointer: &str, found: &mut Vec<String>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let key = key.replace('~', "~0").replace('/', "~1");
        let pointer = format!("{pointer}/{key}");
        members(value, &pointer, found);
        found.push(pointer);
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        members(value, &format!("{pointer}/{index}"), found);
    }
}

#[test]
fn the_format_stays() {
    let saved = read(FORMAT_8).expect("format 8");
    let again = saved.to_json().expect("JSON");
    assert_eq!(String::from_utf8(again).expect("text"), FORMAT_8.trim_end());
}

#[test]
fn another_format_is_refused() {
    let mut other: Value = serde_json::from_str(FORMAT_8).expect("JSON");
    for (format, found) in [
        (Value::from(1), "format 1"),
        (Value::from(2), "format 2"),
        (Value::from(3), "format 3"),
        (Value::from("4"), "format \"4\""),
        (Value::Null, "no format"),
    ] {
        other["format"] = format;
        let expected = format!(": found {found}, expected format 8");
        assert_eq!(wrong(&other.to_string()), expected);
    }
    let none = without(&other, "/format").to_string();
    assert_eq!(wrong(&none), ": found no format, expected format 8");
    let hint = read(&none)
        .expect_err("it is refused")
        .hint()
        .expect("a hint");
    assert!(hint.starts_with("save the observation again with this release"));
}

/// Entries of maps may be missing: the file then says what it says without them. No member of a type of
/// ours may be missing and come back as empty.
#[test]
fn a_file_that_lacks_a_member_is_refused() {
    let whole: Value = serde_json::from_str(FORMAT_8).expect("JSON");
    read(FORMAT_8).expect("the whole file");
    let mut pointers = Vec::new();
    members(&whole, "", &mut pointers);
    let mut refused = 0;
    for pointer in pointers {
        let rest = without(&whole, &pointer);
        let Ok(saved) = read(&rest.to_string()) else {
            refused += 1;
            continue;
        };
        let again: Value = serde_json::from_slice(&saved.to_json().expect("JSON")).expect("JSON");
        assert_eq!(again, rest, "{pointer} is not missed");
    }
    assert!(refused > 100, "{refused} members are missed");
}

#[test]
fn a_file_with_an_unknown_member_is_refused() {
    let mut more: Value = serde_json::from_str(FORMAT_8).expect("JSON");
    read(&more.to_string()).expect("the file as it is");
    more["observed"]["further"] = Value::Null;
    assert!(wrong(&more.to_string()).contains("is not what"));
    assert!(wrong("[]").contains("is not what") && wrong("{").contains("is not what"));
}

//! From a JSON pointer back to its place in a document.

use super::reader::Source;
use super::spelling::Guesses;
use super::{DocumentFile, json, pointer, text};
use crate::problem::Place;

/// Where a JSON document has what the pointer `at` points to, or the last part of the way that it has.
pub fn place_in(file: &DocumentFile, at: &str) -> Place {
    let guesses = Guesses::default();
    let start = Place::start_of(&file.key);
    let Ok(text) = text::decode(file) else {
        return start;
    };
    let source = Source::new(&file.key, text, &guesses);
    let offset = json::tree(&source).map(|root| pointer::find(&root, at).span.start);
    let place = source.place(offset.unwrap_or_default());
    Place {
        pointer: at.to_owned(),
        ..place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_found_or_the_last_part_of_the_way() {
        let text = "{ \"a\": [1,\n  { \"b/c\": 2 }],\n  \"d\": 3 }";
        let file = DocumentFile {
            key: "environment.json".to_owned(),
            version_id: String::new(),
            size: text.len() as u64,
            bytes: text.as_bytes().to_vec(),
        };
        let at = |pointer: &str| {
            let Place { line, column, .. } = place_in(&file, pointer);
            (line, column)
        };
        assert_eq!(at("/a/1/b~1c"), (2, 12));
        assert_eq!(at("/d"), (3, 8));
        assert_eq!(
            at("/a/7/x"),
            (1, 8),
            "the list is the last part that is there"
        );
        assert_eq!(at("/x"), (1, 1));
    }
}

//! The phases of a component document. Only their names are looked at; the document goes through as it is.

use saphyr_parser::{Event, Parser};

/// What a parser's event adds to.
enum Open {
    List,
    /// With the key whose value is next, if it is.
    Object(Option<String>),
}

/// The names of the phases; none if the text is no YAML.
pub(super) fn of(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        match event.ok()?.0 {
            Event::SequenceStart(..) => open.push(Open::List),
            Event::MappingStart(..) => open.push(Open::Object(None)),
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                ended(&mut open);
            }
            Event::Scalar(text, ..) => {
                if is_name(&open) {
                    names.push(text.to_string());
                }
                scalar(&mut open, &text);
            }
            Event::Alias(_) => ended(&mut open),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
    Some(names)
}

/// Whether the next value is `phases[].name`.
fn is_name(open: &[Open]) -> bool {
    let [
        Open::Object(Some(phases)),
        Open::List,
        Open::Object(Some(name)),
    ] = open
    else {
        return false;
    };
    phases == "phases" && name == "name"
}

fn scalar(open: &mut [Open], text: &str) {
    if let Some(Open::Object(key)) = open.last_mut() {
        *key = match key.take() {
            Some(_) => None,
            None => Some(text.to_owned()),
        };
    }
}

/// A value that is a list or an object has ended, and so has its key.
fn ended(open: &mut [Open]) {
    if let Some(Open::Object(key)) = open.last_mut() {
        *key = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_phases_are_found_and_those_of_steps_are_not() {
        let text = "name: x\nphases:\n  - name: build\n    steps:\n      - name: test\n        action: Reboot\n  - steps: []\n    name: validate\n";
        assert_eq!(
            of(text),
            Some(vec!["build".to_owned(), "validate".to_owned()])
        );
        assert_eq!(
            of("{\"phases\": [{\"name\": \"test\"}]}"),
            Some(vec!["test".to_owned()])
        );
        assert_eq!(of("a: [b"), None);
    }
}

//! Where what was put into documents comes from, so that a problem with it names the file of the variable.

use std::collections::BTreeMap;

use goldsmith_domain::problem::{Place, Problem};

use crate::origin::Origin;

/// The origins of what was put into documents, by the document's key and the JSON pointer in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placed(BTreeMap<(String, String), (String, Origin)>);

impl Placed {
    /// Remembers that the variable `name` from `origin` was put there.
    pub fn add(&mut self, document: &str, pointer: &str, name: &str, origin: &Origin) {
        let key = (document.to_owned(), pointer.to_owned());
        self.0.insert(key, (name.to_owned(), origin.clone()));
    }

    /// Whether anything was put into a document.
    pub fn is_in(&self, document: &str) -> bool {
        self.0.keys().any(|(key, _)| key == document)
    }

    /// The problem where its value was written: in the file of the variable, or else where `written` finds it in
    /// the document.
    pub fn relocated(
        &self,
        problem: Problem,
        written: impl Fn(&str, &str) -> Option<Place>,
    ) -> Problem {
        if !self.is_in(&problem.file) {
            return problem;
        }
        let found = self.nearest(&problem.file, &problem.pointer);
        let place = found.and_then(|(_, origin)| origin.place().cloned());
        let place = place.or_else(|| written(&problem.file, &problem.pointer));
        let note =
            found.map(|(name, origin)| format!("the value is that of `{name}`, from {origin}"));
        let hint = [problem.hint.clone(), note].into_iter().flatten();
        let hint = hint.collect::<Vec<_>>().join("; ");
        let place = place.unwrap_or_else(|| Place::start_of(&problem.file));
        Problem {
            file: place.file,
            line: place.line,
            column: place.column,
            hint: (!hint.is_empty()).then_some(hint),
            ..problem
        }
    }

    /// What was put at a pointer, or around it.
    fn nearest(&self, document: &str, pointer: &str) -> Option<&(String, Origin)> {
        let mut pointer = pointer;
        loop {
            let key = (document.to_owned(), pointer.to_owned());
            if let Some(found) = self.0.get(&key) {
                return Some(found);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

//! What `check` says about variables that have no use.

use goldsmith_domain::problem::Place;
use goldsmith_layers::{Use, Variable, is_own};

use super::Layered;
use crate::documents::check_report::Remark;
use crate::render::phrase::count;

/// How many of the project's own variables without use are listed; `explain` lists all.
const MOST_OWN: usize = 20;

impl Layered {
    /// The project's own variables without use, and how many of the configuration have none: that one is shared
    /// by many images.
    pub fn remarks(&self) -> Vec<Remark> {
        let unused: Vec<(&Variable, &String)> = self
            .variables
            .values()
            .filter_map(|variable| match self.uses.get(&variable.name)? {
                Use::Unused(reason) => Some((variable, reason)),
                Use::Members(_) | Use::Kept(_) | Use::Elsewhere(_) => None,
            })
            .collect();
        let own = unused.iter().filter(|(variable, _)| is_own(variable));
        let mut remarks: Vec<Remark> = own
            .take(MOST_OWN)
            .filter_map(|(variable, reason)| {
                let place = variable.origin.place()?;
                let text = format!("`{}` has no use: {reason}", variable.name);
                Some(remark(place, text))
            })
            .collect();
        let shared = unused.iter().filter(|(variable, _)| !is_own(variable));
        let mut shared = shared.filter_map(|(variable, _)| variable.origin.place());
        if let Some(first) = shared.next() {
            let number = count(1 + shared.count(), "variable", "variables");
            let text = format!(
                "{number} of the configuration without use; `goldsmith explain` lists them"
            );
            remarks.push(remark(&Place::start_of(&first.file), text));
        }
        remarks
    }
}

fn remark(place: &Place, text: String) -> Remark {
    Remark {
        file: place.file.clone(),
        line: place.line,
        column: place.column,
        pointer: place.pointer.clone(),
        text,
    }
}

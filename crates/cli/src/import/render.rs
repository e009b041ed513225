//! What came of an import, for people and programs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use goldsmith_domain::escape::printable;
use goldsmith_import::{Decision, Imported, Kind, Left};
use serde::Serialize;

use crate::documents::check_report::CheckReport;
use crate::exit::Exit;

/// What was written, chosen and left.
#[derive(Debug, Serialize)]
pub(super) struct ImportReport {
    kind: &'static str,
    files: Vec<PathBuf>,
    decisions: Vec<Decision>,
    left: Vec<Left>,
    check: CheckReport,
}

impl ImportReport {
    pub(super) fn new(
        kind: Kind,
        files: Vec<PathBuf>,
        imported: Imported,
        check: CheckReport,
    ) -> Self {
        let kind = match kind {
            Kind::Packer => "packer",
            Kind::Rake => "rake",
            Kind::Terraform => "terraform",
        };
        Self {
            kind,
            files,
            decisions: imported.decisions,
            left: imported.left,
            check,
        }
    }

    /// How many things a person has to look at.
    fn open(&self) -> usize {
        self.left
            .iter()
            .filter(|left| left.needs_a_person())
            .count()
    }

    pub(super) fn exit(&self) -> Exit {
        match (self.check.is_usable(), self.open()) {
            (false, _) => Exit::Error,
            (true, 0) => Exit::Done,
            (true, _) => Exit::Refused,
        }
    }

    /// In a line.
    pub(super) fn summary(&self) -> String {
        format!(
            "{} files written, {} values chosen, {} things left, {} of which need a person",
            self.files.len(),
            self.decisions.len(),
            self.left.len(),
            self.open()
        )
    }

    /// For people.
    pub(super) fn text(self: &ImportReport, dir: &Path) -> String {
        let mut out = String::from("Written\n");
        for path in &self.files {
            let _ = writeln!(out, "  {}", printable(&path.display().to_string()));
        }
        if !self.decisions.is_empty() {
            out.push_str("\nChosen\n");
        }
        for decision in &self.decisions {
            out.push_str(&chosen(decision));
        }
        for (needs_a_person, head) in [
            (true, "Left for a person"),
            (false, "Left, and nobody has to do anything"),
        ] {
            let mut of_it = self
                .left
                .iter()
                .filter(|left| left.needs_a_person() == needs_a_person)
                .peekable();
            if of_it.peek().is_some() {
                let _ = writeln!(out, "\n{head}");
            }
            for left in of_it {
                out.push_str(&left_out(left));
            }
        }
        let check = self.check.clone().below(dir).text();
        if !check.is_empty() {
            let _ = write!(out, "\nWhat `goldsmith check` finds\n{check}");
        }
        out
    }
}

fn chosen(decision: &Decision) -> String {
    let what = printable(&format!("{} is {}", decision.what, decision.value));
    let why = printable(&decision.why);
    let place = decision
        .place
        .as_ref()
        .map(|place| printable(&format!(" ({place})")));
    format!("  {what}: {why}{}\n", place.unwrap_or_default())
}

fn left_out(left: &Left) -> String {
    let place = printable(&left.place.to_string());
    let found = printable(&left.found);
    let hint = left
        .hint
        .as_ref()
        .map(|hint| format!("    hint: {}\n", printable(hint)));
    format!(
        "  {place}: found {found}; {}\n{}",
        printable(&left.why),
        hint.unwrap_or_default()
    )
}

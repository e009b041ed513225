//! Provisioners as steps of components.

mod ansible;
mod chef;
mod embedded;
mod file;
mod script;
mod shell;
mod windows;

use super::template::Block;
use crate::component::{Document, Step};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::source::Sources;

/// What a provisioner became.
pub(super) enum Content {
    /// A step of the document that is being made.
    Step(Box<Step>),
    /// A document of its own, because it has parameters.
    Document(Box<Document>),
}

/// What a provisioner is read with.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) sources: &'c Sources,
    /// The folder that its paths are relative to.
    pub(super) folder: &'c str,
    pub(super) is_windows: bool,
}

impl Context<'_> {
    /// A path of the template, as the folder has it.
    fn path(&self, path: &str) -> String {
        match self.folder {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        }
    }
}

/// What a provisioner becomes; nothing if it was left.
pub(super) fn made(block: &Block, context: &Context<'_>, ledger: &mut Ledger) -> Vec<Content> {
    let mut fields = Fields::new(&block.settings, &block.place);
    for key in ["only", "except"] {
        fields.take(key);
    }
    let common = Common::read(&mut fields, ledger);
    let contents = match block.kind.as_str() {
        "shell" => shell::made(&mut fields, context, ledger),
        "file" => file::made(&mut fields, context, ledger),
        "powershell" => windows::made(&mut fields, context, ledger),
        "windows-restart" => windows::restart(&mut fields, ledger),
        "ansible" | "ansible-local" => ansible::made(&block.kind, &mut fields, context, ledger),
        "chef-solo" => chef::made(&mut fields, context, ledger),
        kind => return left(kind, block, ledger),
    };
    fields.finish(ledger);
    contents
        .into_iter()
        .map(|content| common.on(content))
        .collect()
}

/// What every provisioner may say.
#[derive(Debug, Default, Clone, Copy)]
struct Common {
    timeout: Option<u64>,
    attempts: Option<u64>,
}

impl Common {
    fn read(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Self {
        let timeout = fields.text("timeout", ledger);
        let timeout = timeout.and_then(|text| {
            let seconds = seconds(&text);
            if seconds.is_none() {
                let place = fields.place("timeout");
                ledger.left(
                    LeftKind::Invalid,
                    &place,
                    &text,
                    "expected a duration such as `10m`",
                );
            }
            seconds
        });
        let attempts = fields
            .number("max_retries", ledger)
            .map(|more| more.saturating_add(1));
        let waits = "the step before it has ended when this one begins";
        fields.unneeded(&["pause_before", "pause_after"], waits, ledger);
        fields.unsupported(
            &["override"],
            "a component is the same for every recipe that runs it",
            "write a component for the recipe that differs, and allow it in `allowed-components`",
            ledger,
        );
        Self { timeout, attempts }
    }

    fn on(self, content: Content) -> Content {
        match content {
            Content::Step(mut step) => {
                step.timeout_seconds = self.timeout;
                step.attempts = self.attempts;
                Content::Step(step)
            }
            Content::Document(document) => Content::Document(document),
        }
    }
}

/// A duration of Go, such as `1h30m`, in seconds; none if it is none, or shorter than one.
fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut number = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let count: u64 = number.parse().ok()?;
        total = total.checked_add(count.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && total > 0).then_some(total)
}

fn left(kind: &str, block: &Block, ledger: &mut Ledger) -> Vec<Content> {
    let place = &block.place;
    match kind {
        "breakpoint" => {
            let why = "`keep-instance-on-failure` keeps an instance for inspection";
            ledger.left(LeftKind::Unneeded, place, kind, why);
        }
        "shell-local" => {
            let why = "nothing of goldsmith runs commands on the machine of a build server";
            let hint = "write it as a component, or run it before the documents are uploaded";
            ledger.hinted(LeftKind::Unsupported, place, kind, why, hint);
        }
        "inspec" => {
            let why = "a test runs on a new instance of the built image";
            let hint = "copy ami-versions/components/inspec.yml, and name it in `test-components`; see docs/gates.md";
            ledger.hinted(LeftKind::Unsupported, place, kind, why, hint);
        }
        "windows-update" => {
            let why = "Image Builder has an action for it";
            let hint = "write a component with the action UpdateOS, or use Amazon's update-windows";
            ledger.hinted(LeftKind::Unsupported, place, kind, why, hint);
        }
        _ => {
            let why = "no component is known that does the same";
            let hint = "write a component for it, and name it in `build-components`";
            ledger.hinted(LeftKind::Unsupported, place, kind, why, hint);
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("45s"), Some(45));
        for wrong in ["", "0s", "5", "1.5h", "99999999999999999999h", "m"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}

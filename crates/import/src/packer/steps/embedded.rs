//! Folders of the source as steps that write them on the instance: playbooks, roles and cookbooks.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Context, script};
use crate::component::{Action, MOST_BYTES, Step, bash, step_name};
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};

/// What fits into one document beside the steps that use it.
const MOST: usize = MOST_BYTES - 8_000;

/// The files of a folder or a file, by their paths below `target`; none if they do not fit or one is missing.
pub(super) fn steps(
    files: &[(String, String)],
    target: &str,
    context: &Context<'_>,
    place: &Place,
    ledger: &mut Ledger,
) -> Option<Vec<Step>> {
    if let Some((_, name)) = files.iter().find(|(_, name)| name.contains("{{")) {
        let why = "Image Builder takes the double braces in its name for references";
        ledger.left(LeftKind::Invalid, place, name, why);
        return None;
    }
    let mut texts = Vec::new();
    for (path, name) in files {
        texts.push((name, script::content(path, context, place, ledger)?));
    }
    let size: usize = texts
        .iter()
        .map(|(name, text)| text.len() + text.lines().count() * 14 + name.len() + 200)
        .sum();
    if size > MOST {
        let why = "its files do not fit into a component document, which has at most 64 KiB";
        let hint =
            "store them in S3 as an archive, and write a component with the action S3Download";
        ledger.hinted(
            LeftKind::Invalid,
            place,
            &format!("{} files", files.len()),
            why,
            hint,
        );
        return None;
    }
    let mut steps = vec![folders(&texts, target)];
    for (name, text) in texts {
        let path = bash::quoted(&format!("{target}/{name}"));
        let commands = format!("set -e\n{}", bash::written(&path, &text));
        let step = step_name("File", crate::source::file_name(name));
        steps.push(Step::new(&step, Action::Bash(commands)));
    }
    Some(steps)
}

/// The step that creates the folders of the files.
fn folders(texts: &[(&String, String)], target: &str) -> Step {
    let folders: BTreeSet<&str> = texts
        .iter()
        .filter_map(|(name, _)| Some(name.rsplit_once('/')?.0))
        .collect();
    let mut commands = format!("set -e\nrm -rf {target}\nmkdir -p {target}\n");
    for folder in folders {
        let folder = bash::quoted(&format!("{target}/{folder}"));
        let _ = writeln!(commands, "mkdir -p {folder}");
    }
    Step::new(&step_name("Folders", ""), Action::Bash(commands))
}

/// The files below a folder, each with its path and its name below `under`.
pub(super) fn files(folder: &str, under: &str, context: &Context<'_>) -> Vec<(String, String)> {
    let folder = folder.trim_end_matches('/');
    let below = context.sources.below(&context.path(folder));
    let one = |(name, _): (&str, &str)| {
        let under = match under {
            "" => name.to_owned(),
            under => format!("{under}/{name}"),
        };
        (format!("{folder}/{name}"), under)
    };
    below.into_iter().map(one).collect()
}

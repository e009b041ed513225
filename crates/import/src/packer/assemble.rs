//! From a template to a draft: an entry for each builder, and components of what runs on its machine.

use std::collections::BTreeSet;

use super::steps::{self, Content, Context};
use super::template::{Block, Build, Template};
use super::{amazon_ebs, post};
use crate::component::{Document, MOST_BYTES, Step};
use crate::draft::{Draft, Use};
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::settings::Settings;
use crate::source::Sources;
use crate::valid;
use crate::value::Value;

/// What runs, and for which entries.
struct Piece {
    entries: BTreeSet<usize>,
    content: Content,
}

/// Adds everything that the template says to the draft.
pub(crate) fn assemble(
    template: &Template,
    sources: &Sources,
    settings: &Settings,
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    for build in &template.builds {
        let ours = entries(build, template, settings, draft, ledger);
        let pieces = pieces(build, &ours, template, sources, draft, ledger);
        components(pieces, &ours, draft, ledger);
        post::report(&build.post_processors, ledger);
    }
}

/// The entries of a build, with their builders.
fn entries<'b>(
    build: &'b Build,
    template: &Template,
    settings: &Settings,
    draft: &mut Draft,
    ledger: &mut Ledger,
) -> Vec<(usize, &'b Block)> {
    let mut ours = Vec::new();
    for builder in &build.builders {
        if builder.kind != "amazon-ebs" {
            foreign(builder, ledger);
            continue;
        }
        let name = recipe_name(builder, settings, ledger);
        let why = "the stack's schedule rebuilds it, so that patches reach it";
        ledger.decided(Some(&builder.place), "ami-scheduled", &name, why);
        let mut entry = amazon_ebs::read(builder, &name, template, settings, draft, ledger);
        let windows = [
            "powershell",
            "windows-restart",
            "windows-shell",
            "windows-update",
        ];
        let mut provisioners = build.provisioners.iter();
        entry.is_windows |= provisioners.any(|block| windows.contains(&block.kind.as_str()));
        ours.push((draft.entries.len(), builder));
        draft.entries.push(entry);
    }
    ours
}

fn recipe_name(builder: &Block, settings: &Settings, ledger: &mut Ledger) -> String {
    if !builder.name.is_empty() && builder.name != builder.kind {
        return valid::label(&builder.name, 56, "image");
    }
    let name = valid::label(&settings.name, 56, "image");
    let why = "the builder has no name of its own, and this is the folder's";
    ledger.decided(Some(&builder.place), "recipename", &name, why);
    name
}

fn foreign(builder: &Block, ledger: &mut Ledger) {
    let (why, hint) = if builder.kind.starts_with("amazon-") {
        let why =
            "Image Builder bakes an AMI from an instance that it starts, as `amazon-ebs` does";
        (
            why,
            "describe the image as a builder `amazon-ebs`, and import again",
        )
    } else {
        let why = "goldsmith builds on AWS only";
        (why, "keep Packer for this builder")
    };
    ledger.hinted(
        LeftKind::Unsupported,
        &builder.place,
        &builder.kind,
        why,
        hint,
    );
}

fn pieces(
    build: &Build,
    ours: &[(usize, &Block)],
    template: &Template,
    sources: &Sources,
    draft: &Draft,
    ledger: &mut Ledger,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for block in &build.provisioners {
        let entries = entries_of(block, ours, ledger);
        if entries.is_empty() && !ours.is_empty() {
            let why = "it runs for no builder that was taken over";
            ledger.left(LeftKind::Unneeded, &block.place, &block.kind, why);
            continue;
        }
        let context = Context {
            sources,
            folder: &template.folder,
            is_windows: entries.iter().any(|index| draft.entries[*index].is_windows),
        };
        for content in steps::made(block, &context, ledger) {
            pieces.push(Piece {
                entries: entries.clone(),
                content,
            });
        }
    }
    pieces
}

/// The entries that a provisioner runs for, by its `only` and `except`.
fn entries_of(block: &Block, ours: &[(usize, &Block)], ledger: &mut Ledger) -> BTreeSet<usize> {
    let mut names = |key: &str| {
        let value = block.settings.get(key)?;
        let texts: Result<Vec<String>, _> = value.items().iter().map(Value::text).collect();
        texts
            .map_err(|trouble| ledger.trouble(&block.place.key(key), &trouble))
            .ok()
    };
    let (only, except) = (names("only"), names("except"));
    let runs = |(_, builder): &&(usize, &Block)| {
        only.as_ref().is_none_or(|names| builder.is_named(names))
            && !except.as_ref().is_some_and(|names| builder.is_named(names))
    };
    ours.iter().filter(runs).map(|(index, _)| *index).collect()
}

/// Makes documents of the pieces: steps for the same entries share one, as long as it is not too large.
fn components(
    pieces: Vec<Piece>,
    ours: &[(usize, &Block)],
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let mut open: Option<(BTreeSet<usize>, Vec<Step>)> = None;
    for piece in pieces {
        match piece.content {
            Content::Step(step) => {
                let size = |steps: &[Step]| steps.iter().map(Step::size).sum::<usize>();
                let fits = open.as_ref().is_some_and(|(entries, steps)| {
                    *entries == piece.entries && size(steps) + step.size() <= MOST_BYTES
                });
                if !fits {
                    close(open.take(), ours, draft, ledger);
                }
                open.get_or_insert_with(|| (piece.entries, Vec::new()))
                    .1
                    .push(*step);
            }
            Content::Document(document) => {
                close(open.take(), ours, draft, ledger);
                add(*document, &piece.entries, draft);
            }
        }
    }
    close(open.take(), ours, draft, ledger);
}

fn close(
    open: Option<(BTreeSet<usize>, Vec<Step>)>,
    ours: &[(usize, &Block)],
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let Some((entries, steps)) = open else {
        return;
    };
    let of_all = entries.len() == ours.len();
    let names = entries
        .iter()
        .map(|index| draft.entries[*index].name.as_str());
    let names = names.collect::<Vec<_>>().join("-");
    let stem = if of_all {
        "provision".to_owned()
    } else {
        format!("provision-{names}")
    };
    let document = Document {
        stem: valid::label(&stem, 56, "provision"),
        description: "What the template ran on the instance.".to_owned(),
        steps,
        ..Document::default()
    };
    let path = add(document, &entries, draft);
    let why = "Image Builder runs its commands as root, on Windows as SYSTEM";
    ledger.decided(None, "components", &path, why);
}

fn add(document: Document, entries: &BTreeSet<usize>, draft: &mut Draft) -> String {
    let path = draft.document(document);
    let used = Use::of_document(&path);
    if entries.is_empty() {
        draft.common.push(used);
    } else {
        for index in entries {
            draft.entries[*index].components.push(used.clone());
        }
    }
    path
}

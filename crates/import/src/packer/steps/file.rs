//! The provisioner `file`: files of the folder, or a text of the template.

use super::{Content, Context, script};
use crate::component::{Action, Step, bash, step_name};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::source::file_name;

pub(super) fn made(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger,
) -> Vec<Content> {
    fields.unsupported(
        &["direction"],
        "nothing comes back from the instance of a build",
        "let a component upload it to S3",
        ledger,
    );
    fields.unneeded(&["generated"], "nothing runs before the build", ledger);
    let Some(destination) = fields.text("destination", ledger) else {
        for key in ["source", "sources", "content"] {
            fields.take(key);
        }
        return Vec::new();
    };
    let mut contents = Vec::new();
    let place = fields.place("content");
    if let Some(text) = fields.text("content", ledger)
        && script::is_fit(&text, &place, "content", ledger)
    {
        contents.extend(step(&destination, text, context, fields, ledger));
    }
    let mut paths = fields.texts("sources", ledger);
    paths.extend(fields.text("source", ledger));
    for path in paths {
        contents.extend(copied(&path, &destination, context, fields, ledger));
    }
    contents
}

/// A file, or a folder with what is in it. As in Packer, a path that ends with `/` means the content of a folder.
fn copied(
    path: &str,
    destination: &str,
    context: &Context<'_>,
    fields: &Fields<'_>,
    ledger: &mut Ledger,
) -> Vec<Content> {
    let place = fields.place("source");
    let full = context.path(path);
    let below = context.sources.below(&full);
    if below.is_empty() || context.sources.text(&full).is_some() {
        let text = script::content(path, context, &place, ledger);
        let target = if destination.ends_with(['/', '\\']) {
            format!("{destination}{}", file_name(path))
        } else {
            destination.to_owned()
        };
        let made = text.and_then(|text| step(&target, text, context, fields, ledger));
        return made.into_iter().collect();
    }
    let root = destination.trim_end_matches(['/', '\\']);
    let root = if path.ends_with('/') {
        root.to_owned()
    } else {
        format!("{root}/{}", file_name(path))
    };
    for (lost, why) in context.sources.unread_below(&full) {
        ledger.left(LeftKind::Missing, &place, lost, why);
    }
    let mut contents = vec![folders(&root, &below, context)];
    for (name, _) in below {
        let inner = format!("{}/{name}", path.trim_end_matches('/'));
        if let Some(text) = script::content(&inner, context, &place, ledger) {
            contents.extend(step(
                &format!("{root}/{name}"),
                text,
                context,
                fields,
                ledger,
            ));
        }
    }
    contents
}

/// A step that creates the folders that files go to.
fn folders(root: &str, files: &[(&str, &str)], context: &Context<'_>) -> Content {
    let mut folders = vec![root.to_owned()];
    for (name, _) in files {
        if let Some((folder, _)) = name.rsplit_once('/') {
            let folder = format!("{root}/{folder}");
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    let action = if context.is_windows {
        let line = |folder: &String| {
            format!(
                "New-Item -ItemType Directory -Force '{}' | Out-Null\n",
                folder.replace('\'', "''")
            )
        };
        Action::PowerShell(folders.iter().map(line).collect())
    } else {
        let line = |folder: &String| format!("mkdir -p {}\n", bash::quoted(folder));
        Action::Bash(format!(
            "set -e\n{}",
            folders.iter().map(line).collect::<String>()
        ))
    };
    Content::Step(Box::new(Step::new(&step_name("Folders", ""), action)))
}

fn step(
    target: &str,
    text: String,
    context: &Context<'_>,
    fields: &Fields<'_>,
    ledger: &mut Ledger,
) -> Option<Content> {
    let name = step_name("File", file_name(target));
    if target.contains("{{") {
        let place = fields.place("destination");
        let why = "Image Builder takes its double braces for references";
        ledger.left(LeftKind::Invalid, &place, target, why);
        return None;
    }
    let has_braces = text.contains("{{");
    let action = match (has_braces, context.is_windows) {
        (false, is_windows) => Action::File {
            path: target.to_owned(),
            content: text,
            mode: (!is_windows).then(|| "0644".to_owned()),
        },
        (true, false) => {
            let written = bash::written(&bash::quoted(target), &text);
            Action::Bash(format!("set -e\n{written}"))
        }
        (true, true) => {
            let place = fields.place("source");
            let why = "Image Builder takes its double braces for references";
            let hint = "store the file in S3, and write a component with the action S3Download";
            ledger.hinted(LeftKind::Invalid, &place, target, why, hint);
            return None;
        }
    };
    Some(Content::Step(Box::new(Step::new(&name, action))))
}

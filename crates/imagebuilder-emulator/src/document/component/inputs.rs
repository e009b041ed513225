//! The action modules and what their inputs must have.

use crate::document::{
    DocumentError,
    yaml::{Fields, Node},
};

/// Whether a module takes one mapping, or a list of them.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    One,
    /// A single mapping instead of the list is let pass.
    Many,
}

use Form::{Many, One};

/// What is known of a module's inputs.
struct Module {
    name: &'static str,
    form: Form,
    /// Strings that must be there. A module without any can do without inputs.
    strings: &'static [&'static str],
    optional: &'static [(&'static str, Sort)],
}

/// What an optional input must be. Whatever contains a reference is let pass.
#[derive(Clone, Copy)]
enum Sort {
    Text,
    Flag,
    Number,
    Texts,
    Pairs,
}

use Sort::{Flag, Number, Pairs, Text, Texts};

const fn module(
    name: &'static str,
    form: Form,
    strings: &'static [&'static str],
    optional: &'static [(&'static str, Sort)],
) -> Module {
    Module {
        name,
        form,
        strings,
        optional,
    }
}

const INSTALLER: &[(&str, Sort)] = &[
    ("reboot", Text),
    ("logOptions", Text),
    ("logFile", Text),
    ("properties", Pairs),
    ("ignoreAuthenticodeSignatureErrors", Flag),
    ("allowUnsignedInstaller", Flag),
];

const OVERWRITE: &[(&str, Sort)] = &[("overwrite", Flag)];

const CREATE: &[(&str, Sort)] = &[
    ("owner", Text),
    ("group", Text),
    ("permissions", Text),
    ("overwrite", Flag),
];

/// All modules of the User Guide's page "Action modules". `commands`, `file` and `value` are
/// checked by themselves.
const MODULES: [Module; 30] = [
    module("Assert", Many, &[], &[]),
    module("ExecuteBash", One, &[], &[]),
    module("ExecuteBinary", One, &["path"], &[("arguments", Texts)]),
    module(
        "ExecuteDocument",
        One,
        &["document"],
        &[("document-s3-bucket-owner", Text), ("phases", Text)],
    ),
    module("ExecutePowerShell", One, &[], &[]),
    module(
        "S3Download",
        Many,
        &["source", "destination"],
        &[("expectedBucketOwner", Text), ("overwrite", Flag)],
    ),
    module(
        "S3Upload",
        Many,
        &["source", "destination"],
        &[("recurse", Flag), ("expectedBucketOwner", Text)],
    ),
    module(
        "WebDownload",
        Many,
        &["source", "destination"],
        &[
            ("overwrite", Flag),
            ("checksum", Text),
            ("algorithm", Text),
            ("ignoreCertificateErrors", Flag),
        ],
    ),
    module(
        "AppendFile",
        Many,
        &["path"],
        &[("content", Text), ("encoding", Text)],
    ),
    module("CopyFile", Many, &["source", "destination"], OVERWRITE),
    module("CopyFolder", Many, &["source", "destination"], OVERWRITE),
    module("CreateFile", Many, &["path"], CREATE),
    module("CreateFolder", Many, &["path"], CREATE),
    module(
        "CreateSymlink",
        Many,
        &["path", "target"],
        &[("force", Flag)],
    ),
    module("DeleteFile", Many, &["path"], &[]),
    module("DeleteFolder", Many, &["path"], &[("force", Flag)]),
    module(
        "ListFiles",
        Many,
        &["path"],
        &[("fileNamePattern", Text), ("recursive", Flag)],
    ),
    module("MoveFile", Many, &["source", "destination"], OVERWRITE),
    module("MoveFolder", Many, &["source", "destination"], OVERWRITE),
    module(
        "ReadFile",
        Many,
        &["path"],
        &[("encoding", Text), ("printFileContent", Flag)],
    ),
    module("SetFileEncoding", Many, &["path"], &[("encoding", Text)]),
    module("SetFileOwner", Many, &["path", "owner"], &[("group", Text)]),
    module(
        "SetFolderOwner",
        Many,
        &["path", "owner"],
        &[("group", Text), ("recursive", Flag)],
    ),
    module("SetFilePermissions", Many, &["path", "permissions"], &[]),
    module(
        "SetFolderPermissions",
        Many,
        &["path", "permissions"],
        &[("recursive", Flag)],
    ),
    module("InstallMSI", One, &["path"], INSTALLER),
    module("UninstallMSI", One, &["path"], INSTALLER),
    module("Reboot", One, &[], &[("delaySeconds", Number)]),
    module("SetRegistry", Many, &["path", "name", "type"], &[]),
    module(
        "UpdateOS",
        One,
        &[],
        &[("include", Texts), ("exclude", Texts)],
    ),
];

/// The modules that only Windows has, and those that it lacks (the same page).
const WINDOWS_ONLY: [&str; 4] = [
    "ExecutePowerShell",
    "InstallMSI",
    "SetRegistry",
    "UninstallMSI",
];

const NOT_ON_WINDOWS: [&str; 1] = ["ExecuteBash"];

/// Whether a platform has a module.
fn has(platform: &str, module: &str) -> bool {
    let absent = if platform == "Windows" {
        NOT_ON_WINDOWS.as_slice()
    } else {
        WINDOWS_ONLY.as_slice()
    };
    !absent.contains(&module)
}

/// Checks that a step's action is a module of the platform, and its inputs.
pub(super) fn check(action: &str, step: &Fields<'_>, platform: &str) -> Result<(), DocumentError> {
    let module = MODULES
        .iter()
        .find(|module| module.name == action && has(platform, action));
    let Some(module) = module else {
        // Seen in the wild: "Parsing step 'InstallNginx' in phase 'build' failed. Error:
        // Unsupported action InvokeBash for os platform linux."
        let system = platform.to_ascii_lowercase();
        return Err(DocumentError::said(format!(
            "Unsupported action {action} for os platform {system}."
        )));
    };
    let Some(inputs) = step.get("inputs").filter(|inputs| !is_empty(inputs)) else {
        if matches!(action, "Reboot" | "UpdateOS") {
            return Ok(());
        }
        // Seen in the wild: "Parsing step 'Download' in phase 'build' failed. Error: Action
        // S3Download has no inputs; it requires an 'inputs'".
        return Err(DocumentError::said(format!(
            "Action {action} has no inputs; it requires an 'inputs'"
        )));
    };
    check_form(module, inputs).map_err(|error| error.within("inputs"))
}

fn is_empty(node: &Node) -> bool {
    node.list().is_ok_and(<[_]>::is_empty)
        || node
            .fields()
            .is_ok_and(|fields| fields.entries().is_empty())
}

fn check_form(module: &Module, inputs: &Node) -> Result<(), DocumentError> {
    match inputs.list() {
        Ok(items) if module.form == Many => {
            items.iter().try_for_each(|item| check_entry(module, item))
        }
        Ok(_) | Err(_) => check_entry(module, inputs),
    }
}

fn check_entry(module: &Module, node: &Node) -> Result<(), DocumentError> {
    let fields = node.fields()?;
    for input in module.strings {
        fields
            .required(input)?
            .text()
            .map_err(|error| error.within(input))?;
    }
    for (input, sort) in module.optional {
        if let Some(value) = fields.get(input) {
            check_sort(value, *sort).map_err(|error| error.within(input))?;
        }
    }
    match module.name {
        "ExecuteBash" => check_commands(fields.required("commands")?),
        "ExecutePowerShell" => check_power_shell(&fields),
        "SetRegistry" => fields.required("value").map(drop),
        _ => Ok(()),
    }
}

/// `commands` or `file`, not both.
fn check_power_shell(fields: &Fields<'_>) -> Result<(), DocumentError> {
    match (fields.get("commands"), fields.get("file")) {
        (Some(commands), None) => check_commands(commands),
        (None, Some(file)) => file.text().map(drop).map_err(|error| error.within("file")),
        (Some(_), Some(_)) => Err(fields
            .node
            .problem("found both 'commands' and 'file', expected one")),
        (None, None) => Err(fields.node.problem("expected 'commands' or 'file'")),
    }
}

fn check_commands(node: &Node) -> Result<(), DocumentError> {
    let check = || match node.list()? {
        [] => Err(node.problem("found no commands")),
        commands => commands
            .iter()
            .try_for_each(|command| command.text().map(drop)),
    };
    check().map_err(|error| error.within("commands"))
}

fn check_sort(node: &Node, sort: Sort) -> Result<(), DocumentError> {
    if node.scalar().is_some_and(|text| text.contains("{{")) {
        return Ok(());
    }
    match sort {
        Text => node.text().map(drop),
        Number => node.integer().map(drop),
        Flag if is_flag(node) => Ok(()),
        Flag => Err(node.problem(format!("found {}, expected true or false", node.shown()))),
        Texts => node
            .list()?
            .iter()
            .try_for_each(|item| item.text().map(drop)),
        Pairs => node
            .fields()?
            .entries()
            .iter()
            .try_for_each(|(_, value)| value.text().map(drop)),
    }
}

/// YAML 1.1, which AWSTOE may well read, has more words for it.
pub(super) fn is_flag(node: &Node) -> bool {
    let word = node.scalar().map(str::to_ascii_lowercase);
    word.is_some_and(|word| {
        matches!(
            word.as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off"
        )
    })
}

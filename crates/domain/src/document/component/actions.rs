//! The action modules, and what the inputs of each must be (user guide, "Action modules supported by
//! AWSTOE"). Inputs that the page does not name are not refused.

use super::values::{self, given};
use crate::desired::Platform;
use crate::document::fields::{Fields, Keys};
use crate::document::reader::Cursor;

/// What an input must be.
#[derive(Clone, Copy)]
enum Sort {
    Text,
    Flag,
    Number,
    Texts,
    Pairs,
}

use Sort::{Flag, Number, Pairs, Text, Texts};

/// What an action module asks for.
#[derive(Clone, Copy)]
pub(super) struct Action {
    /// Its name, as a document has it.
    name: &'static str,
    /// The platform, if it works on one only.
    pub(super) platform: Option<Platform>,
    /// Whether it is something without inputs.
    is_bare: bool,
    /// Whether it takes a list of objects; a single object is let pass.
    takes_list: bool,
    required: &'static [&'static str],
    optional: &'static [(&'static str, Sort)],
}

/// A module that runs on both platforms and takes one object.
const fn one(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [(&'static str, Sort)],
) -> (&'static str, Action) {
    let action = Action {
        name,
        platform: None,
        is_bare: false,
        takes_list: false,
        required,
        optional,
    };
    (name, action)
}

/// A module that takes a list of objects.
const fn many(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [(&'static str, Sort)],
) -> (&'static str, Action) {
    let (name, action) = one(name, required, optional);
    let action = Action {
        takes_list: true,
        ..action
    };
    (name, action)
}

const fn on(platform: Platform, (name, action): (&'static str, Action)) -> (&'static str, Action) {
    let action = Action {
        platform: Some(platform),
        ..action
    };
    (name, action)
}

const fn bare((name, action): (&'static str, Action)) -> (&'static str, Action) {
    let action = Action {
        is_bare: true,
        ..action
    };
    (name, action)
}

const OVERWRITE: &[(&str, Sort)] = &[("overwrite", Flag)];
const RECURSIVE: &[(&str, Sort)] = &[("recursive", Flag)];
const OWNED: &[(&str, Sort)] = &[
    ("owner", Text),
    ("group", Text),
    ("permissions", Text),
    ("overwrite", Flag),
];
const INSTALLER: &[(&str, Sort)] = &[
    ("reboot", Text),
    ("logOptions", Text),
    ("logFile", Text),
    ("properties", Pairs),
    ("ignoreAuthenticodeSignatureErrors", Flag),
    ("allowUnsignedInstaller", Flag),
];
const FROM_TO: &[&str] = &["source", "destination"];
const PATH: &[&str] = &["path"];

pub(super) const ACTIONS: [(&str, Action); 30] = [
    many("AppendFile", PATH, &[("content", Text), ("encoding", Text)]),
    many("Assert", &[], &[]),
    many("CopyFile", FROM_TO, OVERWRITE),
    many("CopyFolder", FROM_TO, OVERWRITE),
    many("CreateFile", PATH, OWNED),
    many("CreateFolder", PATH, OWNED),
    many("CreateSymlink", &["path", "target"], &[("force", Flag)]),
    many("DeleteFile", PATH, &[]),
    many("DeleteFolder", PATH, &[("force", Flag)]),
    on(Platform::Linux, one("ExecuteBash", &[], &[])),
    one("ExecuteBinary", PATH, &[("arguments", Texts)]),
    one(
        "ExecuteDocument",
        &["document"],
        &[("document-s3-bucket-owner", Text), ("phases", Text)],
    ),
    on(Platform::Windows, one("ExecutePowerShell", &[], &[])),
    on(Platform::Windows, one("InstallMSI", PATH, INSTALLER)),
    many(
        "ListFiles",
        PATH,
        &[("fileNamePattern", Text), ("recursive", Flag)],
    ),
    many("MoveFile", FROM_TO, OVERWRITE),
    many("MoveFolder", FROM_TO, OVERWRITE),
    many(
        "ReadFile",
        PATH,
        &[("encoding", Text), ("printFileContent", Flag)],
    ),
    bare(one("Reboot", &[], &[("delaySeconds", Number)])),
    many(
        "S3Download",
        FROM_TO,
        &[("expectedBucketOwner", Text), ("overwrite", Flag)],
    ),
    many(
        "S3Upload",
        FROM_TO,
        &[("recurse", Flag), ("expectedBucketOwner", Text)],
    ),
    many("SetFileEncoding", PATH, &[("encoding", Text)]),
    many("SetFileOwner", &["path", "owner"], &[("group", Text)]),
    many("SetFilePermissions", &["path", "permissions"], &[]),
    many(
        "SetFolderOwner",
        &["path", "owner"],
        &[("group", Text), ("recursive", Flag)],
    ),
    many("SetFolderPermissions", &["path", "permissions"], RECURSIVE),
    on(
        Platform::Windows,
        many("SetRegistry", &["path", "name", "type"], &[]),
    ),
    on(Platform::Windows, one("UninstallMSI", PATH, INSTALLER)),
    bare(one(
        "UpdateOS",
        &[],
        &[("include", Texts), ("exclude", Texts)],
    )),
    many(
        "WebDownload",
        FROM_TO,
        &[
            ("overwrite", Flag),
            ("checksum", Text),
            ("algorithm", Text),
            ("ignoreCertificateErrors", Flag),
        ],
    ),
];

impl Action {
    /// Whether `stdout` is all that a later step can refer to.
    pub(super) fn runs_commands(self) -> bool {
        matches!(
            self.name,
            "ExecuteBash" | "ExecuteBinary" | "ExecutePowerShell"
        )
    }

    /// Checks the inputs of a step with this action.
    pub(super) fn check(self, step: &Fields<'_>) {
        match given(step, "inputs").filter(|inputs| !inputs.is_empty()) {
            Some(inputs) if self.takes_list && inputs.is_list() => {
                inputs.list(|item| self.check_object(item));
            }
            Some(inputs) => {
                self.check_object(inputs);
            }
            None if self.is_bare => {}
            None => match step.entry("inputs") {
                Some((_, empty)) => {
                    empty.expected::<()>(format!("inputs, which `{}` needs", self.name));
                }
                None => {
                    step.required::<()>("inputs", |_| None);
                }
            },
        }
    }

    fn check_object(self, inputs: Cursor<'_>) -> Option<()> {
        let fields = inputs.object(Keys::AmongOthers)?;
        for key in self.required {
            match given(&fields, key) {
                Some(value) => values::text(value).map(drop),
                None => fields.required(key, |empty| empty.expected("a string")),
            };
        }
        for (key, sort) in self.optional {
            if let Some(value) = given(&fields, key) {
                check_sort(value, *sort);
            }
        }
        match self.name {
            "ExecuteBash" => fields.required("commands", commands),
            "ExecutePowerShell" => power_shell(&fields),
            "SetRegistry" => fields.required("value", |_| Some(())),
            _ => Some(()),
        }
    }
}

/// `commands` or `file`, not both.
fn power_shell(fields: &Fields<'_>) -> Option<()> {
    match (given(fields, "commands"), given(fields, "file")) {
        (Some(list), None) => commands(list),
        (None, Some(file)) => values::text(file).map(drop),
        (Some(_), Some(file)) => file.expected("`commands` or `file`, not both"),
        (None, None) => fields.required("commands", |_| None),
    }
}

fn commands(at: Cursor<'_>) -> Option<()> {
    at.some("command", values::text).map(drop)
}

/// Whatever contains a reference is let pass.
fn check_sort(at: Cursor<'_>, sort: Sort) -> Option<()> {
    if at.as_text().is_some_and(|text| text.contains("{{")) {
        return Some(());
    }
    match sort {
        Text => values::text(at).map(drop),
        Number => values::integer(at, "a whole number", |_| true),
        Flag => values::flag(at),
        Texts => at.every(values::text).map(drop),
        Pairs => {
            for (_, value) in at.entries()? {
                values::text(value);
            }
            Some(())
        }
    }
}

//! What a folder depends on, resolved by the tools that people have for it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::VendorError;
use crate::tool::{ToolError, answer};

/// How long a tool may take: it downloads.
const LONGEST: Duration = Duration::from_mins(10);

/// A file that names what a folder depends on, where that belongs, and the tool that fetches it.
struct Resolver {
    file: &'static str,
    /// Whether the file names anything of this kind.
    names: fn(&str) -> bool,
    into: &'static str,
    tool: &'static str,
    arguments: &'static [&'static str],
}

const RESOLVERS: [Resolver; 3] = [
    Resolver {
        file: "Berksfile",
        names: |_| true,
        into: "cookbooks",
        tool: "berks",
        arguments: &["vendor", "cookbooks"],
    },
    Resolver {
        file: "requirements.yml",
        // The old form is a list of roles (Ansible Galaxy user guide, "Installing roles and collections").
        names: |text| {
            text.lines()
                .any(|line| line.starts_with("- ") || line.starts_with("roles:"))
        },
        into: "roles",
        tool: "ansible-galaxy",
        arguments: &[
            "role",
            "install",
            "--role-file",
            "requirements.yml",
            "--roles-path",
            "roles",
        ],
    },
    Resolver {
        file: "requirements.yml",
        names: |text| text.lines().any(|line| line.starts_with("collections:")),
        into: "collections",
        tool: "ansible-galaxy",
        arguments: &[
            "collection",
            "install",
            "--requirements-file",
            "requirements.yml",
            "--collections-path",
            "collections",
        ],
    },
];

/// Fetches what the folder depends on and does not have; with `update`, what it has as well. What was run is returned,
/// a line each.
pub fn resolve(folder: &Path, update: bool) -> Result<Vec<String>, VendorError> {
    let mut done = Vec::new();
    for resolver in &RESOLVERS {
        let text = fs::read_to_string(folder.join(resolver.file)).unwrap_or_default();
        let is_there = folder.join(resolver.into).exists();
        if text.is_empty() || !(resolver.names)(&text) || (is_there && !update) {
            continue;
        }
        let mut command = Command::new(resolver.tool);
        command.args(resolver.arguments).current_dir(folder);
        if update && resolver.tool == "ansible-galaxy" {
            command.arg("--force");
        }
        let shown = format!("{} {}", resolver.tool, resolver.arguments.join(" "));
        answer(command, LONGEST).map_err(|source| unresolved(folder, resolver, source))?;
        done.push(shown);
    }
    Ok(done)
}

fn unresolved(folder: &Path, resolver: &Resolver, source: ToolError) -> VendorError {
    VendorError::Unresolved {
        path: folder.join(resolver.file),
        tool: resolver.tool,
        into: resolver.into,
        source,
    }
}

//! Component documents of Image Builder, in the form of `ami-versions/components/`.

pub(crate) mod bash;
pub(crate) mod power_shell;
mod yaml;

use std::fmt::Write as _;

/// A document has at most 64 KiB (AWS General Reference, quota "component size"), and this leaves some room.
pub(crate) const MOST_BYTES: usize = 60_000;

/// A document with one phase, `build`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Document {
    /// The name of its file, without `.yml`.
    pub(crate) stem: String,
    pub(crate) description: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) steps: Vec<Step>,
}

/// A parameter, which is a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) default: String,
    pub(crate) description: String,
}

/// A step of the build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it is called; numbers make it the only one of its name.
    pub(crate) name: String,
    pub(crate) action: Action,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) attempts: Option<u64>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Commands for bash.
    Bash(String),
    /// Commands for PowerShell.
    PowerShell(String),
    /// A file with its content, and its mode on Linux.
    File {
        path: String,
        content: String,
        mode: Option<String>,
    },
    /// A restart, after which the next step follows.
    Reboot,
}

impl Step {
    pub(crate) fn new(name: &str, action: Action) -> Self {
        Self {
            name: name.to_owned(),
            action,
            timeout_seconds: None,
            attempts: None,
        }
    }

    /// About how many bytes it takes in a document.
    pub(crate) fn size(&self) -> usize {
        let mut text = String::new();
        render_step(&mut text, self, &self.name);
        text.len()
    }
}

impl Document {
    /// The document as YAML.
    pub(crate) fn render(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "name: {}", self.stem);
        let _ = writeln!(out, "description: {}", yaml::quoted(&self.description));
        out.push_str("schemaVersion: 1.0\n");
        if !self.parameters.is_empty() {
            out.push_str("\nparameters:\n");
        }
        for parameter in &self.parameters {
            let _ = writeln!(out, "  - {}:", parameter.name);
            out.push_str("      type: string\n");
            let _ = writeln!(out, "      default: {}", yaml::quoted(&parameter.default));
            let description = yaml::quoted(&parameter.description);
            let _ = writeln!(out, "      description: {description}");
        }
        out.push_str("\nphases:\n  - name: build\n    steps:\n");
        for (number, step) in self.steps.iter().enumerate() {
            if number > 0 {
                out.push('\n');
            }
            let name = format!("{}{}", step.name, number + 1);
            render_step(&mut out, step, &name);
        }
        out
    }
}

fn render_step(out: &mut String, step: &Step, name: &str) {
    let action = match step.action {
        Action::Bash(_) => "ExecuteBash",
        Action::PowerShell(_) => "ExecutePowerShell",
        Action::File { .. } => "CreateFile",
        Action::Reboot => "Reboot",
    };
    let _ = writeln!(out, "      - name: {name}");
    let _ = writeln!(out, "        action: {action}");
    if let Some(seconds) = step.timeout_seconds {
        let _ = writeln!(out, "        timeoutSeconds: {seconds}");
    }
    if let Some(attempts) = step.attempts {
        let _ = writeln!(out, "        maxAttempts: {attempts}");
    }
    match &step.action {
        Action::Bash(text) | Action::PowerShell(text) => {
            out.push_str("        inputs:\n          commands:\n            - ");
            yaml::block(out, text, 14);
        }
        Action::File {
            path,
            content,
            mode,
        } => {
            let _ = writeln!(
                out,
                "        inputs:\n          - path: {}",
                yaml::quoted(path)
            );
            if let Some(mode) = mode {
                let _ = writeln!(out, "            permissions: {}", yaml::quoted(mode));
            }
            out.push_str("            overwrite: true\n            content: ");
            yaml::block(out, content, 14);
        }
        Action::Reboot => {}
    }
}

/// What a step may be called: letters, digits and `-`.
pub(crate) fn step_name(kind: &str, of: &str) -> String {
    let stem = of
        .split('.')
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let label: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    match label.trim_matches('-') {
        "" => format!("{kind}-"),
        label => format!("{kind}-{label}-"),
    }
}

//! References in double braces: to parameters and constants, and to what other steps were given and
//! put out.
//!
//! `awstoe validate` and CreateComponent refuse references that are not declared (aws-samples,
//! awstoe/README.md). A command may hold other braces, such as Go's `{{.State}}`. So only what has
//! the form of a reference is looked up: a name that a parameter could have, or
//! `phase.step.outputs.stdout` and `phase.step.inputs[0].source`. Loops' values, parameters of
//! Systems Manager (`aws:ssm:`) and Image Builder's own (`imagebuilder:`) are known at run time only.

use super::{Phase, in_step};
use crate::document::{
    DocumentError, has_allowed_characters,
    yaml::{Fields, Kind, Node},
};

/// The modules whose one output is `stdout` (User Guide, "Action modules").
const COMMANDS: [&str; 3] = ["ExecuteBash", "ExecuteBinary", "ExecutePowerShell"];

/// Checks every reference in the inputs, loops and conditions of the steps.
pub(super) fn check(root: &Fields<'_>, phases: &[Phase]) -> Result<(), DocumentError> {
    let declared = Declared {
        names: names(root)?,
        phases,
    };
    let nodes = root.list("phases")?;
    for (phase, node) in phases.iter().zip(nodes) {
        let steps = node.fields()?.list("steps")?;
        for (step, node) in phase.steps.iter().zip(steps) {
            let fields = node.fields()?;
            let texts = ["inputs", "loop", "if"]
                .into_iter()
                .filter_map(|key| fields.get(key));
            for text in texts {
                declared
                    .check(text)
                    .map_err(|error| in_step(&error, &step.name, &phase.name))?;
            }
        }
    }
    Ok(())
}

/// The names of the document's parameters and constants.
fn names<'n>(root: &Fields<'n>) -> Result<Vec<&'n str>, DocumentError> {
    let mut names = Vec::new();
    for list in ["parameters", "constants"] {
        for entry in root.list(list)? {
            names.extend(entry.fields()?.entries().iter().map(|(name, _)| *name));
        }
    }
    Ok(names)
}

/// What there is to refer to.
struct Declared<'n> {
    names: Vec<&'n str>,
    phases: &'n [Phase],
}

impl Declared<'_> {
    fn check(&self, node: &Node) -> Result<(), DocumentError> {
        match &node.kind {
            Kind::Scalar { text, .. } => match references(text).find(|one| !self.has(one)) {
                Some(lost) => Err(node.problem(format!(
                    "'{{{{ {lost} }}}}' refers to nothing in the document"
                ))),
                None => Ok(()),
            },
            Kind::List(items) => items.iter().try_for_each(|item| self.check(item)),
            Kind::Map(entries) => entries.iter().try_for_each(|(_, value)| self.check(value)),
        }
    }

    /// Whether a reference leads somewhere; what is none is let pass.
    fn has(&self, reference: &str) -> bool {
        let parts: Vec<_> = reference.split('.').collect();
        match parts.as_slice() {
            [name] if is_name(name) => self.names.contains(name),
            [phase, step, "outputs", output] => self
                .action(phase, step)
                .is_some_and(|action| !COMMANDS.contains(&action) || *output == "stdout"),
            [phase, step, inputs, ..] if inputs.starts_with("inputs") => {
                self.action(phase, step).is_some()
            }
            _ => true,
        }
    }

    fn action(&self, phase: &str, step: &str) -> Option<&str> {
        let phase = self.phases.iter().find(|one| one.name == phase)?;
        let step = phase.steps.iter().find(|one| one.name == step)?;
        Some(&step.action)
    }
}

/// Whether a parameter could have this name.
fn is_name(text: &str) -> bool {
    (3..=128).contains(&text.len()) && has_allowed_characters(text)
}

/// What stands between double braces, without blanks around it.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let opened = text.split("{{").skip(1);
    opened.filter_map(|rest| Some(rest.split_once("}}")?.0.trim()))
}

//! References in double braces: to parameters and constants, and to what other steps were given and
//! put out. Image Builder refuses those that lead nowhere when the component is made.
//!
//! A command may hold other braces. So only what has the form of a reference is looked up. The values of
//! loops, parameters of Systems Manager and Image Builder's own are known at run time only.

use std::collections::BTreeSet;

use super::PhaseEntry;
use super::actions::Action;
use crate::document::parameters::{Declared, is_name};
use crate::document::spelling::with_guess;

/// Records every reference that leads nowhere.
pub(super) fn record_lost(
    phases: &[PhaseEntry<'_>],
    parameters: &Declared,
    constants: &BTreeSet<String>,
) {
    let names = || parameters.keys().chain(constants).map(String::as_str);
    let texts = phases
        .iter()
        .flat_map(|phase| &phase.steps)
        .flat_map(|step| &step.texts);
    for at in texts {
        let text = at.as_text().unwrap_or_default();
        for reference in references(text) {
            let expected = match parts(reference).as_slice() {
                [name] if is_name(name) && !names().any(|known| known == *name) => {
                    "a parameter or a constant of the document"
                }
                [phase, step, "outputs", output] => match action(phases, phase, step) {
                    None => "a phase and a step of the document",
                    Some(action) if action.runs_commands() && *output != "stdout" => {
                        "`stdout`, the one output of a command"
                    }
                    Some(_) => continue,
                },
                [phase, step, inputs, ..]
                    if inputs.starts_with("inputs") && action(phases, phase, step).is_none() =>
                {
                    "a phase and a step of the document"
                }
                _ => continue,
            };
            let problem = at
                .place()
                .problem(format!("{{{{ {reference} }}}}"), expected);
            at.record(with_guess(problem, at.nearest(reference, names())));
        }
    }
}

fn parts(reference: &str) -> Vec<&str> {
    reference.split('.').collect()
}

/// What stands between double braces, without blanks around it.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let opened = text.split("{{").skip(1);
    opened.filter_map(|rest| Some(rest.split_once("}}")?.0.trim()))
}

fn action(phases: &[PhaseEntry<'_>], phase: &str, step: &str) -> Option<Action> {
    let phase = phases.iter().find(|entry| entry.name == phase)?;
    let step = phase.steps.iter().find(|entry| entry.name == step)?;
    Some(step.action)
}

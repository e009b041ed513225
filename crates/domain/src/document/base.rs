//! `aminame`: what an image is built on, and the recipes that are built on one another.

use std::collections::BTreeMap;

use super::entry::{Base, Entry};
use super::reader::Cursor;
use super::spelling::{Guesses, with_guess};
use crate::desired::BaseImage;
use crate::names::{AmiId, ParameterName, ParentImageArn, RecipeName};
use crate::problem::{Place, Problem};

/// The longest chain of recipes. Each has to be built and tested before the next one, so this many take
/// days. What decides about a recipe also follows its whole chain.
const HIGHEST: usize = 32;

pub(super) fn read(at: Cursor<'_>) -> Option<Base> {
    let text = at.text()?;
    let image = match text.split_once(':') {
        Some(("ssm", name)) => Some(BaseImage::Parameter(parameter(at, name)?)),
        Some(("recipe", name)) => Some(BaseImage::Recipe(at.name::<RecipeName>(name)?)),
        Some(("arn", _)) => Some(BaseImage::Image(at.parsed::<ParentImageArn>()?)),
        _ if text.to_ascii_lowercase().starts_with("ami") => {
            Some(BaseImage::Ami(at.parsed::<AmiId>()?))
        }
        _ => None,
    };
    let expected =
        "an AMI id, `ssm:<parameter>`, the ARN of an Image Builder image, or `recipe:<recipename>`";
    let Some(image) = image else {
        return at.expected(expected);
    };
    Some(Base {
        image,
        place: at.place(),
    })
}

/// A parameter with an AMI id in it. Those that another service answers for are none: what they hold would
/// be shown to whoever reads a plan.
fn parameter(at: Cursor<'_>, name: &str) -> Option<ParameterName> {
    if name.contains(':') {
        let hint = "Image Builder reads the newest version of a parameter by its name, so it takes no ARN, version or label";
        at.record(at.problem(ParameterName::EXPECTED).hint(hint));
        return None;
    }
    let parameter: ParameterName = at.name(name)?;
    if !parameter.is_reference() {
        return Some(parameter);
    }
    let problem = at.problem("a parameter outside of `/aws/reference/`, which leads to secrets");
    at.record(problem.hint("store the AMI id in a parameter of your own"));
    None
}

/// The recipe that an entry is built on, if it is one.
fn parent(entry: &Entry) -> Option<(&RecipeName, &Place)> {
    match entry.base.as_ref()? {
        Base {
            image: BaseImage::Recipe(name),
            place,
        } => Some((name, place)),
        Base {
            image: BaseImage::Ami(_) | BaseImage::Parameter(_) | BaseImage::Image(_),
            ..
        } => None,
    }
}

/// Gives each `recipe:` the spelling of the entry that it names. The problems are names without an entry,
/// cycles, and chains that are too long.
pub(super) fn resolve(entries: &mut [Entry], guesses: &Guesses) -> Vec<Problem> {
    let by_name: BTreeMap<String, usize> = entries
        .iter()
        .enumerate()
        .rev()
        .map(|(index, entry)| (entry.name.folded(), index))
        .collect();
    let parents: Vec<Option<usize>> = entries
        .iter()
        .map(|entry| by_name.get(&parent(entry)?.0.folded()).copied())
        .collect();
    let strangers = entries
        .iter()
        .zip(&parents)
        .filter(|(_, parent)| parent.is_none());
    let mut problems: Vec<Problem> = strangers
        .filter_map(|(entry, _)| stranger(entry, entries, guesses))
        .collect();
    problems.extend(loops_and_towers(entries, &parents));
    let names: Vec<RecipeName> = entries.iter().map(|entry| entry.name.clone()).collect();
    for (entry, parent) in entries.iter_mut().zip(parents) {
        if let (Some(base), Some(parent)) = (&mut entry.base, parent) {
            base.image = BaseImage::Recipe(names[parent].clone());
        }
    }
    problems
}

/// The problem with an entry whose base recipe has no entry.
fn stranger(entry: &Entry, entries: &[Entry], guesses: &Guesses) -> Option<Problem> {
    let (name, place) = parent(entry)?;
    let problem = place.problem(
        format!("recipe:{name}"),
        "a recipename in `ami-version` after `recipe:`",
    );
    let known = entries.iter().map(|entry| entry.name.as_str());
    Some(with_guess(problem, guesses.nearest(name.as_str(), known)))
}

/// How many recipes an entry is built on, one after the other.
#[derive(Clone, Copy, PartialEq)]
enum Height {
    Unknown,
    /// It is on the path that is being followed.
    Walked,
    Known(usize),
    /// It is part of a cycle, or built on one.
    Endless,
}

/// Each cycle once, at its first entry; and each entry that makes a chain too long.
fn loops_and_towers(entries: &[Entry], parents: &[Option<usize>]) -> Vec<Problem> {
    let mut heights = vec![Height::Unknown; entries.len()];
    let mut problems = Vec::new();
    for start in 0..entries.len() {
        let mut way = Vec::new();
        let mut next = Some(start);
        while let Some(here) = next.filter(|here| heights[*here] == Height::Unknown) {
            heights[here] = Height::Walked;
            way.push(here);
            next = parents[here];
        }
        if let Some(met) = next.filter(|here| heights[*here] == Height::Walked) {
            problems.extend(cycle(
                entries,
                way.iter()
                    .copied()
                    .skip_while(|index| *index != met)
                    .collect(),
            ));
        }
        let mut below = next.map_or(Height::Known(0), |met| heights[met]);
        for index in way.into_iter().rev() {
            below = above(below);
            heights[index] = below;
            if below == Height::Known(HIGHEST + 1) {
                problems.extend(too_high(&entries[index]));
            }
        }
    }
    problems
}

fn above(below: Height) -> Height {
    match below {
        Height::Known(height) => Height::Known(height + 1),
        Height::Unknown | Height::Walked | Height::Endless => Height::Endless,
    }
}

/// The problem with a cycle. It lists the cycle from its first entry on, or the beginning of a long one.
fn cycle(entries: &[Entry], mut members: Vec<usize>) -> Option<Problem> {
    let first = members
        .iter()
        .enumerate()
        .min_by_key(|(_, index)| **index)
        .map(|(position, _)| position)?;
    members.rotate_left(first);
    let (name, place) = parent(entries.get(*members.first()?)?)?;
    let around = members.iter().chain(members.first());
    let mut names: Vec<&str> = around.map(|index| entries[*index].name.as_str()).collect();
    if names.len() > HIGHEST {
        names.truncate(HIGHEST);
        names.push("…");
    }
    let problem = place.problem(
        format!("recipe:{name}"),
        "a recipe that is not built on itself",
    );
    Some(problem.hint(format!("the cycle is {}", names.join(" -> "))))
}

fn too_high(entry: &Entry) -> Option<Problem> {
    let (name, place) = parent(entry)?;
    let expected = format!("a chain of at most {HIGHEST} recipes");
    Some(place.problem(format!("recipe:{name}"), expected))
}

//! `ami-versions.json`, the product team's document: which images must exist, and which of them are
//! rebuilt on the schedule.

use std::collections::BTreeMap;

use super::reader::{At, Keys, Part, repeated};
use crate::desired::{BaseImage, RecipeEntry, ScheduledName};
use crate::names::RecipeName;
use crate::problem::{Place, Problem};

/// What the document says.
#[derive(Debug, Default)]
pub(super) struct AmiVersions {
    pub(super) recipes: Vec<RecipeEntry>,
    pub(super) scheduled: Vec<ScheduledName>,
}

pub(super) fn read(at: At<'_>) -> AmiVersions {
    let Some(fields) = at.object(Keys::Only(&["ami-version", "ami-scheduled"])) else {
        return AmiVersions::default();
    };
    let recipes = fields.required("ami-version", |at| at.list(recipe)).unwrap_or_default();
    let scheduled = fields.required("ami-scheduled", |at| at.list(scheduled)).unwrap_or_default();
    let scheduled: Vec<_> = scheduled.into_iter().flatten().collect();
    record_repeated(at, &recipes, |recipe| (&recipe.name, &recipe.place));
    record_repeated(at, &scheduled, |scheduled| (&scheduled.name, &scheduled.place));
    AmiVersions { recipes, scheduled }
}

fn recipe(at: At<'_>) -> Option<RecipeEntry> {
    let fields = at.object(Keys::Only(&["aminame", "recipename"]))?;
    let base = fields.required("aminame", |at| at.parsed().map(BaseImage::Ami));
    let name = fields.required("recipename", |at| Some((at.parsed()?, at.place())));
    let (name, place) = name?;
    Some(RecipeEntry {
        name,
        base: base?,
        platform: None,
        description: None,
        tags: BTreeMap::new(),
        components: Vec::new(),
        place,
    })
}

fn scheduled(at: At<'_>) -> Option<Vec<ScheduledName>> {
    let fields = at.object(Keys::Only(&["recipenames"]))?;
    let parts = fields.required("recipenames", |at| at.parts(';'))?;
    let names = parts.into_iter().filter_map(Part::parsed);
    Some(names.map(|(name, place)| ScheduledName { name, place }).collect())
}

/// Records the names that Image Builder would take for one that stands further up.
fn record_repeated<T>(at: At<'_>, items: &[T], name: impl Fn(&T) -> (&RecipeName, &Place)) {
    for (first, again) in repeated(items, |item| name(item).0.folded()) {
        at.record(repeated_name(name(first), name(again)));
    }
}

fn repeated_name(first: (&RecipeName, &Place), again: (&RecipeName, &Place)) -> Problem {
    let problem = again.1.problem(again.0.as_str(), "each recipe name once");
    let line = first.1.line;
    problem.hint(if first.0 == again.0 {
        format!("the first is in line {line}")
    } else {
        let first = first.0;
        format!("Image Builder takes it for `{first}` in line {line}: case does not count, and `_` is `-`")
    })
}

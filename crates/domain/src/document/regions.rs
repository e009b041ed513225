//! `regions` of an environment: where the images go, with which key, and what points at them there.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use super::fields::Keys;
use super::reader::Cursor;
use super::region_names::{RegionNames, key_in};
use super::repeated::{record_repeated, repeated};
use super::spelling::{Guesses, with_guess};
use crate::desired::RegionSettings;
use crate::names::{KeyArn, LaunchTemplateId, ParameterPattern, RecipeName, Region};
use crate::problem::{Place, Problem};

/// The keys of a Region's settings.
pub(super) const KEYS: &[&str] = &[
    "kms-key",
    "former-kms-keys",
    "ssm-parameters",
    "launch-templates",
];

/// The most SSM parameters of a Region of a distribution configuration (Image Builder quotas).
pub(super) const MOST_PARAMETERS: usize = 10;

/// The most launch templates of a Region of a distribution configuration (Image Builder quotas).
pub(super) const MOST_TEMPLATES: usize = 5;

/// The most Regions of a document. AWS has fewer, and each one is looked at with every entry and account.
const MOST_REGIONS: usize = 50;

/// What may be written without an execution role (AWS managed policy reference,
/// `AWSServiceRoleForImageBuilder`).
const WRITABLE: &str = "/imagebuilder/";

/// The Regions of a document; what had a problem is left out.
#[derive(Debug, Default)]
pub(super) struct Regions {
    pub(super) names: RegionNames,
    pub(super) settings: BTreeMap<Region, RegionSettings>,
    parameters: Vec<Parameter>,
    templates: Vec<Templates>,
}

/// A parameter of a Region, and where the document says so.
#[derive(Debug)]
struct Parameter {
    region: Region,
    pattern: ParameterPattern,
    place: Place,
}

/// The launch templates of a recipe in a Region, and where the document names the recipe.
#[derive(Debug)]
struct Templates {
    region: Region,
    recipe: RecipeName,
    place: Place,
    ids: BTreeSet<LaunchTemplateId>,
}

pub(super) fn read(at: Cursor<'_>) -> Option<Regions> {
    let entries = at.entries()?;
    if entries.is_empty() {
        return at.expected("at least one Region");
    }
    if let Some((beyond, _)) = entries.get(MOST_REGIONS) {
        return beyond.expected(format!("at most {MOST_REGIONS} Regions"));
    }
    let mut regions = Regions::default();
    record_partitions(entries.iter().map(|(name, _)| *name));
    let names = entries
        .into_iter()
        .map(|(name, settings)| regions.read(name, settings));
    let names: Vec<Option<Region>> = names.collect();
    regions.names = RegionNames::new(names.into_iter().collect());
    Some(regions)
}

/// Records the first Region that is in another partition than those above it: no image gets there.
fn record_partitions<'a>(names: impl Iterator<Item = Cursor<'a>>) {
    let mut partitions = names.filter_map(|at| {
        let region: Region = at.as_text()?.parse().ok()?;
        Some((region.partition(), at))
    });
    let Some((first, _)) = partitions.next() else {
        return;
    };
    if let Some((_, at)) = partitions.find(|(partition, _)| *partition != first) {
        let problem = at.problem(format!(
            "a Region of the partition `{first}`, where the Regions above are"
        ));
        at.record(problem.hint("a partition has its own accounts: deploy another stack there"));
    }
}

impl Regions {
    /// Whether Image Builder is to write parameters or launch templates when it distributes.
    pub(super) fn has_pointers(&self) -> bool {
        !self.parameters.is_empty() || !self.templates.is_empty()
    }

    /// Reads what is said of a Region, and returns its name.
    fn read(&mut self, name: Cursor<'_>, settings: Cursor<'_>) -> Option<Region> {
        let region: Option<Region> = name.parsed();
        let fields = settings.object(Keys::Only(KEYS));
        let region = region?;
        let Some(fields) = fields else {
            return Some(region);
        };
        let kms_key = fields.optional("kms-key", |at| key_in(&region, at));
        let former_kms_keys = fields
            .optional("former-kms-keys", |at| {
                former_keys(&region, kms_key.as_ref(), at)
            })
            .unwrap_or_default();
        let parameters = fields
            .optional("ssm-parameters", |at| parameters(&region, at))
            .unwrap_or_default();
        let templates = fields
            .optional("launch-templates", |at| templates(&region, at))
            .unwrap_or_default();
        let patterns = parameters
            .iter()
            .map(|parameter| parameter.pattern.clone())
            .collect();
        let settings = RegionSettings {
            kms_key,
            former_kms_keys,
            parameters: patterns,
            ..RegionSettings::default()
        };
        self.settings.insert(region.clone(), settings);
        self.parameters.extend(parameters);
        self.templates.extend(templates);
        Some(region)
    }

    /// Whether every Region was read, with what is said of it.
    pub(super) fn are_whole(&self) -> bool {
        self.names
            .all()
            .is_some_and(|names| names.len() == self.settings.len())
    }

    /// What is wrong between the Regions and the entries of `ami-version`.
    pub(super) fn problems(&self, entries: &[Entry], guesses: &Guesses) -> Vec<Problem> {
        let by_name = by_folded_name(entries);
        let unlisted = |used: &&Templates| !by_name.contains_key(&used.recipe.folded());
        let strangers = self.templates.iter().filter(unlisted);
        let mut problems: Vec<Problem> = strangers
            .map(|used| stranger(used, entries, guesses))
            .collect();
        problems.extend(
            self.settings
                .keys()
                .filter_map(|region| self.collision(region, entries)),
        );
        problems
    }

    /// What is said of the Regions, each recipe spelt as its entry spells it.
    pub(super) fn resolve(&self, entries: &[Entry]) -> BTreeMap<Region, RegionSettings> {
        let by_name = by_folded_name(entries);
        let mut settings = self.settings.clone();
        for Templates {
            region,
            recipe,
            place: _,
            ids,
        } in &self.templates
        {
            let recipe = by_name
                .get(&recipe.folded())
                .copied()
                .unwrap_or(recipe)
                .clone();
            settings
                .entry(region.clone())
                .or_default()
                .launch_templates
                .insert(recipe, ids.clone());
        }
        settings
    }

    /// The first parameter of a Region that two recipes would write to in turn.
    fn collision(&self, region: &Region, entries: &[Entry]) -> Option<Problem> {
        let mut written = BTreeMap::new();
        for parameter in self
            .parameters
            .iter()
            .filter(|parameter| parameter.region == *region)
        {
            for entry in entries {
                let name = parameter.pattern.of(&entry.name);
                let (pattern, first) = *written
                    .entry(name.clone())
                    .or_insert((&parameter.pattern, &entry.name));
                if (pattern, first) != (&parameter.pattern, &entry.name) {
                    let expected = format!(
                        "a different parameter for each recipe: `{name}` is also the parameter of `{first}`"
                    );
                    let problem = parameter
                        .place
                        .problem(parameter.pattern.as_str(), expected);
                    return Some(problem.hint(format!(
                        "`{pattern}` makes it of `{first}`, this of `{}`",
                        entry.name
                    )));
                }
            }
        }
        None
    }
}

fn by_folded_name(entries: &[Entry]) -> BTreeMap<String, &RecipeName> {
    entries
        .iter()
        .map(|entry| (entry.name.folded(), &entry.name))
        .collect()
}

/// The problem with launch templates of a recipe that is none of ours.
fn stranger(used: &Templates, entries: &[Entry], guesses: &Guesses) -> Problem {
    let known = entries.iter().map(|entry| entry.name.as_str());
    let near = guesses.nearest(used.recipe.as_str(), known);
    with_guess(
        used.place
            .problem(used.recipe.as_str(), "a recipename in `ami-version`"),
        near,
    )
}

/// Keys that the Region had; the one that it has is not among them.
fn former_keys(
    region: &Region,
    current: Option<&KeyArn>,
    at: Cursor<'_>,
) -> Option<BTreeSet<KeyArn>> {
    let items = at.list(Some)?;
    let keys: Vec<(KeyArn, Cursor<'_>)> = items
        .into_iter()
        .filter_map(|at| Some((key_in(region, at)?, at)))
        .collect();
    record_repeated(&keys, |(key, _)| key, |(_, at)| *at, "each key once");
    for (_, at) in keys.iter().filter(|(key, _)| Some(key) == current) {
        at.record(at.problem("a key that the Region no longer uses: this one is its `kms-key`"));
    }
    Some(keys.into_iter().map(|(key, _)| key).collect())
}

fn parameters(region: &Region, at: Cursor<'_>) -> Option<Vec<Parameter>> {
    let mut items = at.list(Some)?;
    if let Some(beyond) = items.get(MOST_PARAMETERS) {
        beyond.record(beyond.problem(format!(
            "at most {MOST_PARAMETERS} parameters, Image Builder's limit"
        )));
    }
    // Each of them is looked at with every entry.
    items.truncate(MOST_PARAMETERS + 1);
    let patterns = items
        .into_iter()
        .filter_map(|at| Some((parameter(at)?, at)));
    let patterns: Vec<(ParameterPattern, Cursor<'_>)> = patterns.collect();
    record_repeated(
        &patterns,
        |(pattern, _)| pattern,
        |(_, at)| *at,
        "each parameter once",
    );
    let parameter = |(pattern, at): (_, Cursor<'_>)| Parameter {
        region: region.clone(),
        pattern,
        place: at.place(),
    };
    Some(patterns.into_iter().map(parameter).collect())
}

fn parameter(at: Cursor<'_>) -> Option<ParameterPattern> {
    let pattern: ParameterPattern = at.parsed()?;
    if pattern.as_str().starts_with(WRITABLE) {
        return Some(pattern);
    }
    let expected =
        format!("a parameter below `{WRITABLE}`: Image Builder's service role can write no other");
    at.expected(expected)
}

fn templates(region: &Region, at: Cursor<'_>) -> Option<Vec<Templates>> {
    let of_recipe = |(name, content): (Cursor<'_>, Cursor<'_>)| {
        let (recipe, ids) = (name.parsed(), template_ids(content));
        Some(Templates {
            region: region.clone(),
            recipe: recipe?,
            place: name.place(),
            ids: ids?,
        })
    };
    let all: Vec<Templates> = at.entries()?.into_iter().filter_map(of_recipe).collect();
    // What is spelt alike is told where every key is that stands twice.
    let folded = repeated(&all, |used| used.recipe.folded());
    for (first, again) in folded
        .into_iter()
        .filter(|(first, again)| first.recipe != again.recipe)
    {
        let hint = format!(
            "Image Builder takes it for `{}` in line {}",
            first.recipe, first.place.line
        );
        at.record(
            again
                .place
                .problem(again.recipe.as_str(), "each recipe name once")
                .hint(hint),
        );
    }
    Some(all)
}

fn template_ids(at: Cursor<'_>) -> Option<BTreeSet<LaunchTemplateId>> {
    let items = at.some("launch template", Some)?;
    if let Some(beyond) = items.get(MOST_TEMPLATES) {
        beyond.record(beyond.problem(format!(
            "at most {MOST_TEMPLATES} launch templates, Image Builder's limit"
        )));
    }
    let ids: Vec<(LaunchTemplateId, Cursor<'_>)> = items
        .into_iter()
        .filter_map(|at| Some((at.parsed()?, at)))
        .collect();
    record_repeated(
        &ids,
        |(id, _)| id,
        |(_, at)| *at,
        "each launch template once",
    );
    Some(ids.into_iter().map(|(id, _)| id).collect())
}

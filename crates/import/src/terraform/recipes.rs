//! Image recipes as entries of `ami-version`.

use std::collections::BTreeMap;

use super::components::Components;
use super::pipelines::Pipeline;
use super::resources::{Resource, items};
use super::{account_in, folded, name_in, within};
use crate::draft::volumes::{in_order, shown};
use crate::draft::{Draft, Entry, Volume, agree, tags};
use crate::fields::{Fields, fitting};
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::valid;
use crate::value::Value;

/// The recipes to take over: of several versions of one name, the one that a pipeline builds, or the newest.
pub(super) fn chosen<'r>(
    resources: &'r [Resource],
    pipelines: &[Pipeline],
    ledger: &mut Ledger,
) -> Vec<&'r Resource> {
    let mut by_name: BTreeMap<String, Vec<&Resource>> = BTreeMap::new();
    for resource in resources {
        if resource.kind == "aws_imagebuilder_image_recipe" {
            let name = folded(&resource.text("name"));
            by_name.entry(name).or_default().push(resource);
        }
    }
    let mut chosen = Vec::new();
    for mut versions in by_name.into_values() {
        versions.sort_by_key(|resource| {
            let is_built = pipelines
                .iter()
                .any(|pipeline| pipeline.recipe == resource.text("arn"));
            (is_built, version(&resource.text("version")))
        });
        chosen.extend(versions.pop());
        for older in versions {
            let why = "another version of this recipe is built";
            ledger.left(
                LeftKind::Unneeded,
                &older.place,
                &older.text("version"),
                why,
            );
        }
    }
    chosen
}

fn version(text: &str) -> Vec<u64> {
    text.split('.')
        .map(|node| node.parse().unwrap_or_default())
        .collect()
}

/// The Region of the recipes.
pub(super) fn home(recipes: &[&Resource]) -> Option<String> {
    let regions = recipes.iter().map(|recipe| {
        let arn = recipe.text("arn");
        arn.split(':').nth(3).unwrap_or_default().to_owned()
    });
    regions
        .into_iter()
        .find(|region| (valid::REGION.fits)(region))
}

/// Adds an entry for each recipe.
pub(super) fn read(
    recipes: &[&Resource],
    pipelines: &[Pipeline],
    components: &mut Components,
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    for recipe in recipes {
        let mut fields = Fields::new(&recipe.values, &recipe.place);
        let base = base(&mut fields, recipe, recipes, ledger);
        let pipeline = pipelines
            .iter()
            .find(|pipeline| pipeline.recipe == recipe.text("arn"));
        let mut entry = Entry {
            name: recipe.text("name"),
            place: recipe.place.clone(),
            base,
            is_windows: fields.text("platform", ledger).as_deref() == Some("Windows"),
            description: description(&mut fields, ledger),
            is_scheduled: pipeline.is_some_and(|pipeline| pipeline.is_scheduled),
            ..Entry::default()
        };
        for (index, block) in items(fields.take("component")).iter().enumerate() {
            let place = fields.place("component").item(index);
            entry
                .components
                .extend(components.used(block, &place, draft, ledger));
        }
        volumes(&mut fields, draft, ledger);
        for key in ["tags", "ami_tags"] {
            tags::read(&mut fields, key, &mut entry.tags, ledger);
        }
        what_else(fields, ledger);
        draft.entries.push(entry);
    }
}

/// The parent image, which may be another recipe of the state.
fn base(
    fields: &mut Fields<'_>,
    recipe: &Resource,
    recipes: &[&Resource],
    ledger: &mut Ledger,
) -> Option<String> {
    let text = fields.text("parent_image", ledger)?;
    let place = within(recipe, "parent_image");
    if text.contains(":image/") && account_in(&text) == account_in(&recipe.text("arn")) {
        let parent = recipes
            .iter()
            .find(|other| folded(&other.text("name")) == name_in(&text));
        if let Some(parent) = parent {
            let name = valid::label(&parent.text("name"), 56, "image");
            let base = format!("recipe:{name}");
            let why = "the parent image is that of a recipe in the same state";
            ledger.decided(Some(&place), "aminame", &base, why);
            return Some(base);
        }
    }
    fitting(text, &valid::BASE, &place, ledger)
}

fn description(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Option<String> {
    let text = fields.text("description", ledger)?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (1..=1024).contains(&line.chars().count()).then_some(line)
}

/// The mappings are a set, which has no order.
fn volumes(fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
    let mut named = Vec::new();
    let place = fields.place("block_device_mapping");
    for (index, mapping) in items(fields.take("block_device_mapping"))
        .iter()
        .enumerate()
    {
        let place = place.item(index);
        let device = mapping.get("device_name").map(Value::text);
        let device = device.and_then(Result::ok).unwrap_or_default();
        let volumes = items(mapping.get("ebs"));
        if volumes.is_empty() {
            let why = "an image has volumes of EBS only";
            ledger.left(LeftKind::Unsupported, &place, &device, why);
        }
        for ebs in volumes {
            if let Some(volume) = volume(&ebs) {
                named.push((device.clone(), volume));
            } else {
                let why = "documents need a size in GiB, and `iops` for some types of volume";
                ledger.left(LeftKind::Missing, &place, &ebs.summary(), why);
            }
        }
    }
    if !named.is_empty() {
        let ordered = in_order(named, &place, ledger);
        let slot = &mut draft.shared.volumes;
        agree(slot, Some(ordered), &place, |all| shown(all), ledger);
    }
}

/// The provider writes 0 for what is not set.
fn volume(ebs: &Value) -> Option<Volume> {
    let number = |key: &str| {
        let text = ebs.get(key)?.text().ok()?;
        text.parse::<u64>().ok().filter(|number| *number > 0)
    };
    let kind = ebs.get("volume_type").and_then(|kind| kind.text().ok());
    let kind = kind
        .filter(|kind| !kind.is_empty())
        .unwrap_or_else(|| "gp3".to_owned());
    let takes_iops = ["gp3", "io1", "io2"].contains(&kind.as_str());
    let iops = number("iops").filter(|_| takes_iops);
    let needs_iops = ["io1", "io2"].contains(&kind.as_str());
    if needs_iops && iops.is_none() {
        return None;
    }
    Some(Volume {
        size: number("volume_size")?,
        throughput: number("throughput").filter(|_| kind == "gp3"),
        iops,
        kind,
    })
}

fn what_else(mut fields: Fields<'_>, ledger: &mut Ledger) {
    let mut left = |place: &Place, found: &str| {
        let why = "a recipe of goldsmith has no such setting";
        ledger.hinted(
            LeftKind::Unsupported,
            place,
            found,
            why,
            "make a component of it",
        );
    };
    let working = fields.take("working_directory").map(Value::text);
    let working = working.and_then(Result::ok).unwrap_or_default();
    if !["", "/tmp", "C:/"].contains(&working.as_str()) {
        left(&fields.place("working_directory"), &working);
    }
    if fields.take("user_data_base64").is_some() {
        let shown = "user data, which may hold a secret";
        left(&fields.place("user_data_base64"), shown);
    }
    let is_on = |flag: &Value| flag.flag() == Ok(true);
    for agent in items(fields.take("systems_manager_agent")) {
        if agent.get("uninstall_after_build").is_some_and(is_on) {
            let place = fields.place("systems_manager_agent");
            left(&place, "uninstall_after_build");
        }
    }
    for key in [
        "arn",
        "id",
        "date_created",
        "owner",
        "name",
        "version",
        "tags_all",
        "region",
    ] {
        fields.take(key);
    }
    fields.finish(ledger);
}

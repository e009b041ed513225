//! Resources of Image Builder in Terraform: a state (version 4), or what `terraform show -json` prints.
//!
//! [`resources`] reads both into one list. Recipes are entries, and what belongs to them is found by ARN.

mod components;
mod distribution;
mod infrastructure;
mod phases;
mod pipelines;
mod recipes;
mod resources;

use self::components::Components;
use self::resources::Resource;
use crate::draft::{Draft, finish};
use crate::ledger::Ledger;
use crate::outcome::{ImportError, Imported, LeftKind, Place};
use crate::packer::parsed;
use crate::settings::Settings;
use crate::source::Sources;

/// Imports the resources of Image Builder of a state, or of what `terraform show -json` prints.
///
/// Errors: there is no such file, there are several, or it cannot be parsed.
pub fn terraform(sources: &Sources, settings: &Settings) -> Result<Imported, ImportError> {
    let path = path(sources, settings)?;
    let mut ledger = Ledger::default();
    let value = parsed(path, sources.text(path).unwrap_or_default())?;
    let resources = resources::read(&value, path)?;
    let mut draft = Draft::default();
    read(&resources, settings, &mut draft, &mut ledger);
    Ok(finish(draft, settings, ledger))
}

/// Whether a folder has a state or a printed one.
pub(crate) fn is_terraform(sources: &Sources) -> bool {
    !paths(sources).is_empty()
}

fn paths(sources: &Sources) -> Vec<&str> {
    let paths = sources.paths().filter(|path| !path.contains('/'));
    let is_state = |path: &&str| {
        let text = || sources.text(path).unwrap_or_default();
        let end = path.rsplit_once('.').map(|(_, end)| end);
        end == Some("tfstate") || (end == Some("json") && text().contains("\"terraform_version\""))
    };
    paths.filter(is_state).collect()
}

fn path<'s>(sources: &'s Sources, settings: &'s Settings) -> Result<&'s str, ImportError> {
    if let Some(path) = settings.template.as_deref() {
        return Ok(path);
    }
    match paths(sources).as_slice() {
        [] => Err(ImportError::Nothing {
            expected: "state: no *.tfstate, and no *.json that `terraform show -json` printed",
        }),
        [path] => Ok(path),
        [first, second, ..] => Err(ImportError::Several {
            first: (*first).to_owned(),
            second: (*second).to_owned(),
        }),
    }
}

fn read(resources: &[Resource], settings: &Settings, draft: &mut Draft, ledger: &mut Ledger) {
    let pipelines = pipelines::read(resources, draft, ledger);
    let mut components = Components::of(resources, ledger);
    let recipes = recipes::chosen(resources, &pipelines, ledger);
    let home = settings.region.clone().or_else(|| recipes::home(&recipes));
    if let Some(region) = home {
        draft.region(&region);
    }
    recipes::read(&recipes, &pipelines, &mut components, draft, ledger);
    infrastructure::read(resources, &pipelines, draft, ledger);
    distribution::read(resources, &recipes, &pipelines, draft, ledger);
    components.report_unused(ledger);
    others(resources, ledger);
}

/// Resources of kinds that goldsmith has nothing like.
fn others(resources: &[Resource], ledger: &mut Ledger) {
    for resource in resources {
        let Some(kind) = resource.kind.strip_prefix("aws_imagebuilder_") else {
            continue;
        };
        let place = &resource.place;
        let (left, why, hint) = match kind {
            "container_recipe" => (
                LeftKind::Unsupported,
                "goldsmith makes AMIs only",
                "keep it where it is",
            ),
            "lifecycle_policy" => (
                LeftKind::Unsupported,
                "goldsmith has no rules for the age of images",
                "keep it where it is, and see in docs/from-terraform.md what it may match",
            ),
            "workflow" => (
                LeftKind::Unsupported,
                "builds run by Image Builder's own workflows",
                "keep it where it is",
            ),
            "image" => (
                LeftKind::Unneeded,
                "a first build of each recipe starts by itself",
                "",
            ),
            _ => continue,
        };
        if hint.is_empty() {
            ledger.left(left, place, kind, why);
        } else {
            ledger.hinted(left, place, kind, why, hint);
        }
    }
}

/// The name in the ARN of a thing that has versions, such as `harden` of `.../component/harden/1.0.0/1`.
fn name_in(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or_default()
}

/// The account in an ARN.
fn account_in(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// Image Builder's form of a name in an ARN.
fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace([' ', '_'], "-")
}

/// A place in a resource.
fn within(resource: &Resource, key: &str) -> Place {
    resource.place.key(key)
}

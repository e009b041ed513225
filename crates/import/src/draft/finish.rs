//! From a draft to documents: what no source says is filled in, and each such value is a decision.

use std::collections::BTreeSet;

use super::lists::Lists;
use super::{Draft, Entry, Region, Use, consumers, documents, environment, tags, volumes};
use crate::ledger::Ledger;
use crate::outcome::{Imported, LeftKind, Place};
use crate::settings::Settings;
use crate::valid;

/// As `goldsmith init` has it.
const REGION: &str = "us-east-1";
const INSTANCE_TYPE: &str = "m6i.large";
const FAMILY: &str = "golden";

/// The documents.
pub(crate) fn finish(mut draft: Draft, settings: &Settings, mut ledger: Ledger) -> Imported {
    defaults(&mut draft, settings, &mut ledger);
    name_entries(&mut draft.entries, &mut ledger);
    let mut lists = share_components(&mut draft, &mut ledger);
    boot_test(&draft, &mut lists, &mut ledger);
    keys(&mut draft.regions, &mut ledger);
    let regions: Vec<String> = draft.regions.iter().map(|(name, _)| name.clone()).collect();
    lists.consumers = consumers::shared(&draft.entries, &regions, &mut ledger);
    wider(&draft.entries, &regions, &mut ledger);
    tags::share(&mut draft.entries, &mut draft.tags);
    bases(&mut draft.entries, settings, &mut ledger);
    templates(&mut draft, &mut ledger);
    let family = family(settings, &mut ledger);
    let texts = [
        (
            "environment.json",
            environment::render(&draft, &lists, &settings.environment, &family),
        ),
        ("ami-versions.json", documents::ami_versions(&draft)),
    ];
    for (path, text) in texts {
        draft.files.insert(path.to_owned(), text);
    }
    let (left, decisions) = ledger.into_parts();
    Imported {
        files: draft.into_files(),
        left,
        decisions,
    }
}

fn family(settings: &Settings, ledger: &mut Ledger) -> String {
    settings.family.clone().unwrap_or_else(|| {
        let why =
            "it is the first part of every name that Image Builder gets; --family sets another";
        ledger.decided(None, "family", FAMILY, why);
        FAMILY.to_owned()
    })
}

fn defaults(draft: &mut Draft, settings: &Settings, ledger: &mut Ledger) {
    if draft.regions.is_empty() {
        let region = settings.region.as_deref().unwrap_or_else(|| {
            let why = "the source names no Region; --region sets another";
            ledger.decided(None, "regions", REGION, why);
            REGION
        });
        draft.region(region);
    }
    if draft.shared.instance_types.is_none() {
        let why = "the source names no instance type that is known";
        ledger.decided(None, "instance-types", INSTANCE_TYPE, why);
        draft.shared.instance_types = Some(vec![INSTANCE_TYPE.to_owned()]);
    }
    if draft.shared.volumes.is_none() {
        let why = "the source names no size; a volume is at least as large as the base AMI's";
        ledger.decided(None, "volumes", "30 GiB gp3", why);
        draft.shared.volumes = Some(vec![volumes::usual()]);
    }
    if let Some(network) = &mut draft.shared.network
        && network.groups.is_empty()
        && let Some(subnet) = network.subnet.take()
    {
        ledger.hinted(
            LeftKind::Missing,
            &Place::file("environment.json").key("instances.subnet"),
            &subnet,
            "Image Builder requires a security group with a subnet, and the source names none by its id",
            "add `subnet` and `security-groups` to `instances`",
        );
    }
}

/// Gives each entry a name that is a recipe name, and that no other one has.
fn name_entries(entries: &mut [Entry], ledger: &mut Ledger) {
    let mut taken = BTreeSet::new();
    for entry in entries {
        let label = valid::label(&entry.name, 56, "image");
        let fold = |name: &str| name.to_ascii_lowercase().replace('_', "-");
        let names = (1..).map(|number| match number {
            1 => label.clone(),
            number => format!("{label}-{number}"),
        });
        let free = names.into_iter().find(|name| taken.insert(fold(name)));
        let free = free.unwrap_or(label);
        if free != entry.name {
            let why = "a recipe name has letters, digits, `-` and `_`, and each is there once";
            ledger.decided(Some(&entry.place), "recipename", &free, why);
        }
        entry.name = free;
    }
}

/// What all entries run first, in the same order, is the environment's. The rest they choose from what it allows.
fn share_components(draft: &mut Draft, ledger: &mut Ledger) -> Lists {
    let mut lists = Lists::default();
    if draft.entries.is_empty() {
        (lists.test, lists.build) = draft.common.drain(..).partition(|used| used.is_test);
        return lists;
    }
    for entry in &mut draft.entries {
        once_each(entry, ledger);
    }
    for is_test in [false, true] {
        let list = if is_test {
            &mut lists.test
        } else {
            &mut lists.build
        };
        while let Some(next) = agreed(&draft.entries, is_test) {
            for entry in &mut draft.entries {
                let at = entry.components.iter().position(|used| *used == next);
                at.map(|at| entry.components.remove(at));
            }
            list.push(next);
        }
    }
    for used in draft.entries.iter().flat_map(|entry| &entry.components) {
        if !lists.allowed.contains(&used.target) {
            lists.allowed.push(used.target.clone());
        }
    }
    if !lists.allowed.is_empty() {
        let why = "not every image runs it, so the entries of `ami-version` choose it";
        for target in &lists.allowed {
            ledger.decided(None, "allowed-components", target, why);
        }
    }
    lists
}

/// The component that every entry has next.
fn agreed(entries: &[Entry], is_test: bool) -> Option<Use> {
    let next = |entry: &Entry| {
        let mut of_kind = entry.components.iter();
        of_kind.find(|used| used.is_test == is_test).cloned()
    };
    let first = next(entries.first()?)?;
    let others = entries.iter().skip(1);
    others
        .map(next)
        .all(|other| other.as_ref() == Some(&first))
        .then_some(first)
}

/// Image Builder takes each component once in a recipe.
fn once_each(entry: &mut Entry, ledger: &mut Ledger) {
    let mut seen = BTreeSet::new();
    let place = entry.place.clone();
    entry.components.retain(|used| {
        let is_new = seen.insert(used.target.clone());
        if !is_new {
            let why = "Image Builder takes each component once in a recipe";
            ledger.left(LeftKind::Invalid, &place, &used.target, why);
        }
        is_new
    });
}

/// An entry without a base is no entry: goldsmith never guesses what an image is built on.
fn bases(entries: &mut Vec<Entry>, settings: &Settings, ledger: &mut Ledger) {
    for entry in entries.iter_mut().filter(|entry| entry.base.is_none()) {
        if let Some(base) = &settings.base {
            let what = format!("aminame of {}", entry.name);
            ledger.decided(Some(&entry.place), &what, base, "--base says so");
            entry.base = Some(base.clone());
        } else {
            ledger.hinted(
                LeftKind::Missing,
                &entry.place,
                &entry.name,
                "the source does not say which AMI the image is built on, so it has no entry",
                "import again with --base, or add an entry to ami-versions.json",
            );
        }
    }
    entries.retain(|entry| entry.base.is_some());
    let names: Vec<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let is_lost = |entry: &Entry| {
        let parent = entry.base.as_deref()?.strip_prefix("recipe:")?;
        (!names.iter().any(|name| name == parent)).then(|| parent.to_owned())
    };
    entries.retain(|entry| {
        let lost = is_lost(entry);
        if let Some(parent) = &lost {
            let why = "it is built on an image that has no entry";
            ledger.left(LeftKind::Missing, &entry.place, parent, why);
        }
        lost.is_none()
    });
}

/// The building Region has the stack's key, and a further Region needs one of its own.
fn keys(regions: &mut Vec<(String, Region)>, ledger: &mut Ledger) {
    let place = |region: &str| Place::file("environment.json").key("regions").key(region);
    if let Some((name, settings)) = regions.first_mut()
        && let Some(key) = settings.key.take()
    {
        ledger.hinted(
            LeftKind::Unsupported,
            &place(name),
            &key,
            "the building Region uses the key of the stack",
            "to keep this key, give it to the stack as ExistingKeyArn; see docs/from-terraform.md",
        );
    }
    let building = regions.first().map(|(name, _)| name.clone());
    regions.retain(|(name, settings)| {
        let stays = settings.key.is_some() || Some(name) == building.as_ref();
        if !stays {
            ledger.hinted(
                LeftKind::Missing,
                &place(name),
                name,
                "a further Region needs a KMS key in it, and the source names none by its ARN",
                "deploy infra/region.yaml there, and add the Region with its key as `kms-key`",
            );
        }
        stays
    });
}

/// Launch templates of a recipe that has an entry.
fn templates(draft: &mut Draft, ledger: &mut Ledger) {
    let names: Vec<&str> = draft
        .entries
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    for (region, settings) in &mut draft.regions {
        settings.templates.retain(|recipe, ids| {
            let is_known = names.contains(&recipe.as_str());
            if !is_known {
                let place = Place::file("environment.json").key("regions").key(region);
                let why = "its recipe has no entry in ami-versions.json";
                ledger.left(LeftKind::Missing, &place, &ids.join(", "), why);
            }
            is_known
        });
    }
}

/// A source without a test gets Amazon's, which starts an instance of the image.
fn boot_test(draft: &Draft, lists: &mut Lists, ledger: &mut Ledger) {
    let mut all = draft.entries.iter().flat_map(|entry| &entry.components);
    let has_test = !lists.test.is_empty() || all.any(|used| used.is_test);
    let (Some((region, _)), Some(first)) = (draft.regions.first(), draft.entries.first()) else {
        return;
    };
    let is_mixed = draft
        .entries
        .iter()
        .any(|entry| entry.is_windows != first.is_windows);
    if has_test || is_mixed {
        return;
    }
    let platform = if first.is_windows { "windows" } else { "linux" };
    let partition = valid::partition(region);
    let arn = format!(
        "arn:{partition}:imagebuilder:{region}:aws:component/simple-boot-test-{platform}/x.x.x"
    );
    let why = "the source has no test, and this one of Amazon starts an instance of the image";
    ledger.decided(None, "test-components", &arn, why);
    lists.test.push(Use {
        is_test: true,
        ..Use::of_document(&arn)
    });
}

/// An environment sends all its images to all its Regions.
fn wider(entries: &[Entry], regions: &[String], ledger: &mut Ledger) {
    for entry in entries.iter().filter(|entry| !entry.regions.is_empty()) {
        let new = regions
            .iter()
            .filter(|region| !entry.regions.contains(region));
        let new: Vec<&str> = new.map(String::as_str).collect();
        if !new.is_empty() {
            let what = format!("further Regions of {}", entry.name);
            let why = "an environment sends all its images to all its Regions";
            ledger.decided(Some(&entry.place), &what, &new.join(", "), why);
        }
    }
}

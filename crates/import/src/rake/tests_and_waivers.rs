//! `test/` and `audit/`: waivers go through as they are, and profiles become archives for test components.

use std::collections::BTreeSet;

use crate::draft::Draft;
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::source::Sources;
use crate::valid;

pub(super) fn read(sources: &Sources, draft: &mut Draft, ledger: &mut Ledger) {
    let mut profiles = BTreeSet::new();
    for path in sources.paths() {
        let place = Place::file(path);
        let Some((root @ ("test" | "audit"), rest)) = path.split_once('/') else {
            continue;
        };
        match rest.split_once('/') {
            Some((folder, _)) => {
                profiles.insert(format!("{root}/{folder}"));
            }
            None if root == "audit" => waivers(path, rest, sources, &place, draft, ledger),
            None => {
                let why = "a test runs as a component on a new instance of the image";
                ledger.left(LeftKind::Unsupported, &place, rest, why);
            }
        }
    }
    for profile in profiles {
        ledger.hinted(
            LeftKind::Unsupported,
            &Place::file(&profile),
            &profile,
            "a profile is no document; a component fetches it as an archive",
            "copy it below test/ beside the documents, and run `goldsmith vendor`; see docs/gates.md",
        );
    }
}

/// A document of waivers, which goldsmith reads as it is.
fn waivers(
    path: &str,
    name: &str,
    sources: &Sources,
    place: &Place,
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let region = name
        .strip_prefix("aws.")
        .and_then(|rest| rest.strip_suffix(".skip.yml"));
    let building = draft.regions.first().map(|(region, _)| region.as_str());
    match (name, region) {
        ("poam.yml" | "skip.yml", _) => {}
        (_, Some(region)) if (valid::REGION.fits)(region) && building == Some(region) => {}
        (_, Some(region)) => {
            let why = "these waivers are for images that are built in another Region";
            ledger.left(LeftKind::Unsupported, place, region, why);
            return;
        }
        ("filter.yml", _) => {
            let why = "results are compared with waivers, and no scanner is given a filter";
            ledger.left(LeftKind::Unneeded, place, name, why);
            return;
        }
        _ => {
            let why = "it is no document of waivers that goldsmith reads";
            ledger.left(LeftKind::Unsupported, place, name, why);
            return;
        }
    }
    let text = sources.text(path).unwrap_or_default();
    draft.files.insert(path.to_owned(), text.to_owned());
}

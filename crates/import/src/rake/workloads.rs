//! `workload_accounts.<region>.json`, in each spelling that users have. goldsmith reads such a document as it is.

use crate::draft::Draft;
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::packer::parsed;
use crate::source::{Sources, file_name};
use crate::valid;

/// The documents of a folder, each with its Region.
pub(super) fn regions(sources: &Sources) -> Vec<(String, String)> {
    let all = sources.paths().filter_map(|path| {
        let region = region(file_name(path))?;
        (!region.is_empty()).then(|| (path.to_owned(), region.to_owned()))
    });
    let mut found: Vec<(String, String)> = Vec::new();
    for (path, region) in all {
        if !found.iter().any(|(_, known)| *known == region) {
            found.push((path, region));
        }
    }
    found
}

/// The Region in the name of a file, empty if it has none; none if it is another file.
fn region(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".json")?;
    let names = [
        "workload_accounts",
        "workload_account",
        "workload-accounts",
        "workload-account",
    ];
    let (stem, region) = stem.split_once('.').unwrap_or((stem, ""));
    let is_region = region.is_empty() || (valid::REGION.fits)(region);
    (names.contains(&stem) && is_region).then_some(region)
}

/// Takes over the documents of the Regions that images go to.
pub(super) fn read(sources: &Sources, draft: &mut Draft, ledger: &mut Ledger) {
    let paths: Vec<&str> = sources
        .paths()
        .filter(|path| region(file_name(path)).is_some())
        .collect();
    for path in paths {
        let place = Place::file(path);
        let named = region(file_name(path)).unwrap_or_default();
        let Some(region) = region_for(named, &place, draft, ledger) else {
            continue;
        };
        let target = format!("workload_accounts.{region}.json");
        if draft.files.contains_key(&target) {
            let why = "another document has the workload accounts of this Region already";
            ledger.left(LeftKind::Unneeded, &place, file_name(path), why);
            continue;
        }
        let text = sources.text(path).unwrap_or_default();
        if is_valid(path, text, &place, ledger) {
            let why = "these accounts get copies; `workload-accounts` set to `share` shares with them instead";
            ledger.decided(Some(&place), "workload accounts", &target, why);
            draft.files.insert(target, text.to_owned());
        }
    }
}

/// The Region whose document it becomes; none if no images go there.
fn region_for(
    named: &str,
    place: &Place,
    draft: &mut Draft,
    ledger: &mut Ledger,
) -> Option<String> {
    if draft.regions.is_empty() && !named.is_empty() {
        draft.region(named);
    }
    let Some((building, _)) = draft.regions.first() else {
        let hint = "rename it to workload_accounts.<region>.json, and import again";
        ledger.hinted(
            LeftKind::Missing,
            place,
            "accounts",
            "no Region is known",
            hint,
        );
        return None;
    };
    let named = if named.is_empty() { building } else { named };
    let settings = draft.regions.iter().find(|(region, _)| region == named);
    let is_served =
        named == building || settings.is_some_and(|(_, settings)| settings.key.is_some());
    if !is_served {
        let why = "no images go to this Region, because it has no KMS key yet";
        let hint =
            "deploy infra/region.yaml there, add the Region with its `kms-key`, and copy the file";
        ledger.hinted(LeftKind::Missing, place, named, why, hint);
    }
    is_served.then(|| named.to_owned())
}

/// Whether goldsmith reads the document as it is.
fn is_valid(path: &str, text: &str, place: &Place, ledger: &mut Ledger) -> bool {
    let Ok(value) = parsed(path, text) else {
        ledger.left(LeftKind::Invalid, place, "something else", "expected JSON");
        return false;
    };
    let Some(accounts) = value.entries() else {
        ledger.left(
            LeftKind::Invalid,
            place,
            "something else",
            "expected an object of accounts",
        );
        return false;
    };
    for (name, account) in accounts.iter().filter(|(name, _)| name != "$schema") {
        let id = account
            .get("account_id")
            .and_then(|id| id.text().ok())
            .unwrap_or_default();
        if !(valid::ACCOUNT.fits)(&id) {
            let why = "expected an `account_id` of 12 digits";
            ledger.left(LeftKind::Invalid, &place.key(name), &id, why);
            return false;
        }
    }
    true
}

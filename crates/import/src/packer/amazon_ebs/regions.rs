//! The Regions of a builder, and the keys of its images there.

use crate::draft::{Draft, agree};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::settings::Settings;
use crate::valid;

/// The building Region is the first one of an environment.
pub(super) fn read(
    fields: &mut Fields<'_>,
    settings: &Settings,
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let own = fields.valid("region", &valid::REGION, ledger);
    let building = settings.region.clone().or(own);
    if draft.regions.is_empty() {
        if let Some(region) = &building {
            draft.region(region);
        }
    } else if let Some(region) = &building
        && !draft.has_region(region)
    {
        let (first, place) = (draft.regions[0].0.clone(), fields.place("region"));
        let mut slot = Some(first);
        agree(
            &mut slot,
            Some(region.clone()),
            &place,
            Clone::clone,
            ledger,
        );
    }
    let further = fields.all_valid("ami_regions", &valid::REGION, ledger);
    if !further.is_empty() && draft.regions.is_empty() {
        let place = fields.place("ami_regions");
        let why = "the building Region comes first, and the template does not say which it is";
        ledger.hinted(
            LeftKind::Missing,
            &place,
            &further.join(", "),
            why,
            "name it with --region",
        );
        return;
    }
    for region in &further {
        draft.region(region);
    }
    key(fields, ledger);
    further_keys(fields, draft, ledger);
}

fn key(fields: &mut Fields<'_>, ledger: &mut Ledger) {
    fields.unneeded(&["encrypt_boot"], "every volume is encrypted", ledger);
    if let Some(key) = fields.text("kms_key_id", ledger) {
        ledger.hinted(
            LeftKind::Unsupported,
            &fields.place("kms_key_id"),
            &key,
            "the building Region uses the key of the stack",
            "to keep this key, give it to the stack as ExistingKeyArn; see docs/from-terraform.md",
        );
    }
}

fn further_keys(fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
    let Some(keys) = fields.take("region_kms_key_ids") else {
        return;
    };
    let place = fields.place("region_kms_key_ids");
    for (region, value) in keys.entries().unwrap_or_default() {
        let place = place.key(region);
        let key = match value.text() {
            Ok(key) => key,
            Err(trouble) => {
                ledger.trouble(&place, &trouble);
                continue;
            }
        };
        if key.is_empty()
            || draft
                .regions
                .first()
                .is_some_and(|(building, _)| building == region)
        {
            let why = "the building Region uses the key of the stack";
            ledger.left(LeftKind::Unneeded, &place, &key, why);
        } else if !(valid::KEY.fits)(&key) || !key.contains(&format!(":{region}:")) {
            let why = format!("expected {} in {region}", valid::KEY.expected);
            ledger.left(LeftKind::Invalid, &place, &key, &why);
        } else if draft.has_region(region) {
            draft.region(region).key = Some(key);
        } else {
            let why = "the images do not go to this Region";
            ledger.left(LeftKind::Unneeded, &place, &key, why);
        }
    }
}

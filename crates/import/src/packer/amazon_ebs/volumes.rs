//! The volumes of a builder.

use crate::draft::volumes::{in_order, shown};
use crate::draft::{Draft, Volume, agree};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::value::Value;

/// The volumes of the image are those of `launch_block_device_mappings`, as the snapshots are made of them.
pub(super) fn read(fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
    let key = "launch_block_device_mappings";
    if let Some(mappings) = fields.take(key) {
        let place = fields.place(key);
        let mut named = Vec::new();
        for (index, mapping) in mappings.items().iter().enumerate() {
            named.extend(volume(mapping, &place.item(index), ledger));
        }
        if !named.is_empty() {
            let ordered = in_order(named, &place, ledger);
            let slot = &mut draft.shared.volumes;
            agree(slot, Some(ordered), &place, |all| shown(all), ledger);
        }
    }
    fields.unsupported(
        &["ami_block_device_mappings"],
        "the image has the volumes that the instance is built with",
        "add these volumes to `volumes`, after those of the base AMI",
        ledger,
    );
}

fn volume(mapping: &Value, place: &Place, ledger: &mut Ledger) -> Option<(String, Volume)> {
    let mut fields = Fields::new(mapping, place);
    let kind = kind(&mut fields, place, ledger);
    let size = fields.number("volume_size", ledger);
    let iops = fields.number("iops", ledger);
    let throughput = fields.number("throughput", ledger);
    let device = fields.text("device_name", ledger).unwrap_or_default();
    let always = ["delete_on_termination", "encrypted"];
    fields.unneeded(&always, "goldsmith sets it", ledger);
    let of_region = "the key of the Region encrypts every volume";
    fields.unneeded(&["kms_key_id"], of_region, ledger);
    fields.finish(ledger);
    let Some(size) = size.filter(|size| (1..=16_000).contains(size)) else {
        let why = "documents need a size in GiB";
        ledger.left(LeftKind::Missing, place, &mapping.summary(), why);
        return None;
    };
    let takes_iops = ["gp3", "io1", "io2"].contains(&kind.as_str());
    let needs_iops = takes_iops && kind != "gp3";
    let iops = iops.filter(|iops| takes_iops && (100..=64_000).contains(iops));
    if needs_iops && iops.is_none() {
        let why = "a volume of this type needs `iops`";
        ledger.left(LeftKind::Missing, place, &kind, why);
        return None;
    }
    let throughput = throughput.filter(|rate| kind == "gp3" && (125..=1000).contains(rate));
    let volume = Volume {
        size,
        kind,
        iops,
        throughput,
    };
    Some((device, volume))
}

fn kind(fields: &mut Fields<'_>, place: &Place, ledger: &mut Ledger) -> String {
    let known = ["gp3", "gp2", "io1", "io2", "st1", "sc1", "standard"];
    let kind = fields.text("volume_type", ledger);
    kind.filter(|kind| known.contains(&kind.as_str()))
        .unwrap_or_else(|| {
            let why = "the template names no type that EC2 has";
            ledger.decided(Some(place), "type of a volume", "gp3", why);
            "gp3".to_owned()
        })
}

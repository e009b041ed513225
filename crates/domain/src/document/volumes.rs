//! A volume of an environment.

use super::fields::{Fields, Keys};
use super::reader::Cursor;
use super::spelling::one_of;
use crate::desired::{Volume, VolumeType};

/// The keys of a volume.
pub(super) const KEYS: &[&str] = &["size-gib", "type", "iops", "throughput"];

/// A volume within the limits of Image Builder (API reference, `EbsInstanceBlockDeviceSpecification`).
pub(super) fn read(at: Cursor<'_>) -> Option<Volume> {
    let fields = at.object(Keys::Only(KEYS))?;
    let size = |at: Cursor<'_>| at.integer(1..=16_000, "a whole number of GiB from 1 to 16000");
    let size_gib = fields.required("size-gib", size);
    let volume_type = fields.required("type", volume_type);
    let iops =
        |at: Cursor<'_>| at.integer(100..=64_000, "a whole number of IOPS from 100 to 64000");
    let iops = fields.optional("iops", iops);
    let throughput = |at: Cursor<'_>| {
        at.integer(
            125..=1000,
            "a whole number of MiB a second from 125 to 1000",
        )
    };
    let throughput = fields.optional("throughput", throughput);
    if let Some(volume_type) = volume_type {
        record_misfits(&fields, volume_type);
    }
    Some(Volume {
        size_gib: size_gib?,
        volume_type: volume_type?,
        iops,
        throughput,
    })
}

/// Records what a volume of this type needs, or cannot be given.
fn record_misfits(fields: &Fields<'_>, volume_type: VolumeType) {
    let name = volume_type.as_str();
    if volume_type.needs_iops() && !fields.has("iops") {
        let problem = fields.of().place().problem(
            format!("a volume of type `{name}` without `iops`"),
            format!("the key `iops`: a volume of type `{name}` needs it"),
        );
        fields.of().record(problem);
    }
    if !volume_type.takes_iops() {
        fields.forbidden("iops", &format!("no `iops` for a volume of type `{name}`"));
    }
    if !volume_type.takes_throughput() {
        fields.forbidden(
            "throughput",
            &format!("no `throughput` for a volume of type `{name}`"),
        );
    }
}

fn volume_type(at: Cursor<'_>) -> Option<VolumeType> {
    let choices = VolumeType::ALL.map(|volume_type| (volume_type.as_str(), volume_type));
    at.choice(&one_of(choices.map(|(name, _)| name)), &choices)
}

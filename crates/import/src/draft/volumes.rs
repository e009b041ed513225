//! The order of volumes: an environment lists them as the base AMI's devices are, root first.

use super::Volume;
use crate::ledger::Ledger;
use crate::outcome::Place;

/// As `goldsmith init` has it.
pub(crate) const SIZE: u64 = 30;

/// What root devices are called (EC2 user guide, "Device names for volumes").
const ROOTS: [&str; 5] = ["/dev/xvda", "/dev/sda1", "/dev/sda", "xvda", "sda1"];

/// A volume of 30 GiB, where the source says nothing.
pub(crate) fn usual() -> Volume {
    Volume {
        size: SIZE,
        kind: "gp3".to_owned(),
        iops: None,
        throughput: None,
    }
}

/// Volumes with the names of their devices, root first and the others by name. If only others are named, a root
/// volume goes before them.
pub(crate) fn in_order(
    mut volumes: Vec<(String, Volume)>,
    place: &Place,
    ledger: &mut Ledger,
) -> Vec<Volume> {
    let is_root = |device: &str| ROOTS.contains(&device);
    volumes.sort_by_key(|(device, _)| (!is_root(device), device.clone()));
    let has_root = volumes
        .first()
        .is_none_or(|(device, _)| device.is_empty() || is_root(device));
    if volumes.len() > 1 || !has_root {
        let names: Vec<&str> = volumes.iter().map(|(device, _)| device.as_str()).collect();
        let why = "volumes match the devices of the base AMI in their order, root first";
        ledger.decided(Some(place), "the order of volumes", &names.join(", "), why);
    }
    let mut ordered = Vec::new();
    if !has_root {
        let why = "the source does not say how large the root volume is";
        ledger.decided(Some(place), "the root volume", "30 GiB gp3", why);
        ordered.push(usual());
    }
    ordered.extend(volumes.into_iter().map(|(_, volume)| volume));
    ordered
}

/// Volumes in a few words.
pub(crate) fn shown(volumes: &[Volume]) -> String {
    let size = |volume: &Volume| format!("{} GiB {}", volume.size, volume.kind);
    volumes.iter().map(size).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(given: &[(&str, u64)]) -> Vec<u64> {
        let volume = |(device, size): &(&str, u64)| {
            (
                (*device).to_owned(),
                Volume {
                    size: *size,
                    ..usual()
                },
            )
        };
        let volumes = given.iter().map(volume).collect();
        let ordered = in_order(volumes, &Place::default(), &mut Ledger::default());
        ordered.iter().map(|volume| volume.size).collect()
    }

    #[test]
    fn the_root_is_first_and_never_missing() {
        assert_eq!(
            sizes(&[("/dev/sdf", 20), ("/dev/xvda", 40), ("/dev/sdb", 10)]),
            [40, 10, 20]
        );
        assert_eq!(sizes(&[("/dev/sdf", 20)]), [30, 20]);
        assert_eq!(sizes(&[("", 50)]), [50]);
    }
}

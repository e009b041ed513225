//! The devices of an image: the base AMI's, with the volumes of the documents laid over them.

use super::change::EncryptedDevice;
use super::reason::Refused;
use crate::desired::Volume;
use crate::names::AmiId;
use crate::observed::{BaseAmi, Device};
use crate::stack::StackContext;

/// The document's volumes laid over the base AMI's devices, root first; a device without a volume
/// keeps its size and type. Every one is encrypted: one that is not would make the AMI unshareable.
pub(super) fn overlay(
    ami: &AmiId,
    base_ami: &BaseAmi,
    volumes: &[Volume],
    stack: &StackContext,
) -> Result<Vec<EncryptedDevice>, Refused> {
    let (root, others): (Vec<&Device>, Vec<&Device>) = base_ami
        .devices
        .iter()
        .partition(|device| device.name == base_ami.root_device);
    let devices: Vec<&Device> = root.into_iter().chain(others).collect();
    if volumes.len() > devices.len() {
        let (ami, volumes, devices) = (ami.clone(), volumes.len(), devices.len());
        return Err(Refused::MoreVolumesThanDevices {
            ami,
            volumes,
            devices,
        });
    }
    let volumes = volumes.iter().map(Some).chain(std::iter::repeat(None));
    devices
        .into_iter()
        .zip(volumes)
        .map(|(device, volume)| encrypted(ami, device, volume, stack))
        .collect()
}

fn encrypted(
    ami: &AmiId,
    device: &Device,
    volume: Option<&Volume>,
    stack: &StackContext,
) -> Result<EncryptedDevice, Refused> {
    let size_gib = volume.map_or(device.size_gib, |volume| volume.size_gib);
    if size_gib < device.size_gib {
        let (ami, device, needed_gib) = (ami.clone(), device.name.clone(), device.size_gib);
        return Err(Refused::VolumeTooSmall {
            ami,
            device,
            size_gib,
            needed_gib,
        });
    }
    let volume_type = volume.map_or(device.volume_type, |volume| volume.volume_type);
    let iops = volume.and_then(|volume| volume.iops);
    if volume_type.needs_iops() && iops.is_none() {
        let (ami, device, volume_type) = (ami.clone(), device.name.clone(), volume_type.as_str());
        return Err(Refused::VolumeNeedsIops {
            ami,
            device,
            volume_type,
        });
    }
    let throughput = volume.and_then(|volume| volume.throughput);
    let (name, key) = (device.name.clone(), stack.key.clone());
    Ok(EncryptedDevice {
        name,
        size_gib,
        volume_type,
        iops,
        throughput,
        key,
    })
}

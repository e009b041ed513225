//! What a recipe is built on: the AMI behind it, whether it fits, and its devices.

use super::{EncryptedDevice, Planner, Refused, Waiting};
use crate::arn::VersionArn;
use crate::desired::{BaseImage, RecipeEntry, Volume};
use crate::names::{AmiId, RecipeName};
use crate::observed::{BaseAmi, Catalog, Device};
use crate::resources;
use crate::stack::StackContext;

/// What a recipe is built on.
pub(super) struct Base<'a> {
    /// As `parentImage` has it.
    pub parent: String,
    /// The AMI in the building Region.
    pub ami: AmiId,
    /// What is known of it.
    pub known: &'a BaseAmi,
}

/// What a recipe is to those that are built on it.
pub(super) enum AsParent {
    /// They can be built on its newest image of this version, which is this AMI.
    Image(VersionArn, AmiId),
    /// They wait, because it does this.
    Lacks(String),
}

/// A base that is there, or what it is waited for.
type Found<'a> = Result<Base<'a>, Waiting>;

impl<'a> Planner<'a> {
    /// What `entry` is built on today.
    pub(super) fn base(
        &self,
        entry: &RecipeEntry,
        catalog: &'a Catalog,
    ) -> Result<Found<'a>, Refused> {
        let (parent, ami) = match &entry.base {
            BaseImage::Ami(ami) => (ami.to_string(), ami.clone()),
            BaseImage::Parameter(name) => {
                let missing = || Refused::ParameterMissing(name.clone());
                let value = catalog.parameters.get(name).ok_or_else(missing)?;
                let malformed = |_| Refused::ParameterValue {
                    name: name.clone(),
                    found: value.clone(),
                };
                (entry.base.to_string(), value.parse().map_err(malformed)?)
            }
            BaseImage::Image(arn) => {
                let missing = || Refused::ParentImageMissing(arn.clone());
                (
                    arn.to_string(),
                    catalog.parents.get(arn).ok_or_else(missing)?.clone(),
                )
            }
            BaseImage::Recipe(name) => match self.parent(name) {
                Ok((recipe, ami)) => (recipe.of_images(), ami.clone()),
                Err(waiting) => return Ok(Err(waiting)),
            },
        };
        let known = base_ami(&ami, catalog)?;
        Ok(Ok(Base { parent, ami, known }))
    }

    /// What there is to wait for before an image is built on `base`, which only another recipe's image
    /// makes necessary.
    pub(super) fn held(&self, base: &BaseImage) -> Option<Waiting> {
        let BaseImage::Recipe(name) = base else {
            return None;
        };
        self.parent(name).err()
    }

    /// The version and AMI to build on; parents are planned before those that are built on them.
    fn parent(&self, name: &RecipeName) -> Result<(&VersionArn, &AmiId), Waiting> {
        let waiting = |reason: &str| Waiting::Parent {
            parent: name.clone(),
            reason: reason.to_owned(),
        };
        match self.as_parents.get(&name.folded()) {
            Some(AsParent::Image(recipe, ami)) => Ok((recipe, ami)),
            Some(AsParent::Lacks(reason)) => Err(waiting(reason)),
            None => Err(waiting("is not planned yet")),
        }
    }

    /// Says that a base is deprecated, if it is by now.
    pub(super) fn warn_of(&mut self, entry: &RecipeEntry) {
        let Some(catalog) = self.catalog() else {
            return;
        };
        let Ok(Ok(base)) = self.base(entry, catalog) else {
            return;
        };
        if let Some(since) = base
            .known
            .deprecated
            .filter(|since| *since <= self.observed.time)
        {
            self.wait(
                &entry.name,
                Waiting::Deprecated {
                    ami: base.ami,
                    since,
                },
            );
        }
    }

    /// Every device of the image, or why the base cannot be built on.
    pub(super) fn devices(
        &self,
        entry: &RecipeEntry,
        base: &Base<'_>,
    ) -> Result<Vec<EncryptedDevice>, Refused> {
        self.check_platform(entry, base)?;
        self.check_architecture(base)?;
        overlay(&base.ami, base.known, &self.desired.volumes, self.stack)
    }

    fn check_platform(&self, entry: &RecipeEntry, base: &Base<'_>) -> Result<(), Refused> {
        let (ami, ami_platform) = (base.ami.clone(), base.known.platform.as_str());
        if let Some(declared) = entry
            .platform
            .filter(|declared| *declared != base.known.platform)
        {
            return Err(Refused::DeclaredPlatform {
                declared: declared.as_str(),
                ami,
                ami_platform,
            });
        }
        let hardened_as = resources::platform(self.desired, entry);
        if self.desired.compliance.is_some() && hardened_as != base.known.platform {
            return Err(Refused::DeclaredPlatform {
                declared: hardened_as.as_str(),
                ami,
                ami_platform,
            });
        }
        match resources::component_documents(self.desired, entry)
            .find(|document| document.platform != base.known.platform)
        {
            None => Ok(()),
            Some(document) => Err(Refused::Platform {
                component: document.key.clone(),
                component_platform: document.platform.as_str(),
                ami,
                ami_platform,
            }),
        }
    }

    /// The service picks an instance type by availability (API reference, `instanceTypes`), so every one
    /// has to fit.
    fn check_architecture(&self, base: &Base<'_>) -> Result<(), Refused> {
        let architecture = &base.known.architecture;
        for (instance_type, fits) in self.instance_types() {
            if fits.is_empty() {
                return Err(Refused::InstanceTypeMissing(instance_type.clone()));
            }
            if !architecture.is_empty() && !fits.contains(architecture) {
                let (ami, architecture) = (base.ami.clone(), architecture.clone());
                return Err(Refused::Architecture {
                    ami,
                    architecture,
                    instance_type: instance_type.clone(),
                });
            }
        }
        Ok(())
    }
}

fn base_ami<'a>(ami: &AmiId, catalog: &'a Catalog) -> Result<&'a BaseAmi, Refused> {
    match catalog.base_amis.get(ami) {
        None => Err(Refused::BaseAmiMissing(ami.clone())),
        Some(found) if !found.available => Err(Refused::BaseAmiUnavailable(ami.clone())),
        Some(found) => Ok(found),
    }
}

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

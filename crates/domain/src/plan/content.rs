//! What a new recipe version is made from: components, base AMI, devices.

use super::{Change, CreateComponent, CreateRecipe, EncryptedDevice, Planner, RecipeComponent, Refused};
use crate::arn::{ComponentBuildArn, Version, VersionArn};
use crate::desired::{ComponentDocument, ComponentRef, Desired, RecipeEntry, Volume};
use crate::names::{Digest, fold};
use crate::observed::{BaseAmi, Catalog, Device, digest_of, is_owned};
use crate::resources::{self, RecipeContent, component_name};
use crate::site::Site;

impl<'a> Planner<'a> {
    /// Every device of the image, or why the base AMI cannot be built on.
    pub(super) fn devices(
        &self,
        entry: &RecipeEntry,
        catalog: &Catalog,
    ) -> Result<Vec<EncryptedDevice>, Refused> {
        let base_ami = base_ami(entry, catalog)?;
        self.check_platform(entry, base_ami)?;
        overlay(entry, base_ami, &self.desired.volumes, self.site)
    }

    fn check_platform(&self, entry: &RecipeEntry, base_ami: &BaseAmi) -> Result<(), Refused> {
        match self.documents().find(|document| document.platform != base_ami.platform) {
            None => Ok(()),
            Some(document) => Err(Refused::Platform {
                component: document.key.clone(),
                component_platform: document.platform.as_str(),
                ami: entry.base_ami.clone(),
                ami_platform: base_ami.platform.as_str(),
            }),
        }
    }

    fn documents(&self) -> impl Iterator<Item = &'a ComponentDocument> + use<'a> {
        let all = self.desired.build_components.iter().chain(&self.desired.test_components);
        all.filter_map(|component| match component {
            ComponentRef::Document(document) => Some(document),
            ComponentRef::Arn(_) => None,
        })
    }

    /// Makes the next version of a recipe; its ARN.
    pub(super) fn create_recipe(
        &mut self,
        content: RecipeContent,
        digest: &Digest,
        devices: Vec<EncryptedDevice>,
    ) -> VersionArn {
        let catalog = self.catalog();
        let series = self.site.recipe_arn(&content.name, Version::FIRST);
        let recipes = catalog.iter().flat_map(|catalog| &catalog.recipes);
        let existing = recipes.map(|recipe| &recipe.arn).filter(|arn| arn.slug() == series.slug());
        let arn = self.site.recipe_arn(&content.name, Version::after(existing.map(VersionArn::version)));
        let components = self.components();
        self.change(Change::CreateRecipe(CreateRecipe {
            arn: arn.clone(),
            name: content.name,
            base_ami: content.base_ami,
            components,
            devices,
            ami_tags: content.ami_tags,
            tags: resources::resource_tags(self.desired, digest),
        }));
        arn
    }

    /// The components of every recipe of the environment, in order.
    fn components(&mut self) -> Vec<RecipeComponent> {
        let all = self.desired.build_components.iter().chain(&self.desired.test_components);
        all.map(|component| match component {
            ComponentRef::Arn(arn) => RecipeComponent::Foreign(arn.clone()),
            ComponentRef::Document(document) => RecipeComponent::Ours(self.component(document)),
        })
        .collect()
    }

    /// The build of our component with this document's content, made if there is none.
    fn component(&mut self, document: &ComponentDocument) -> ComponentBuildArn {
        let name = component_name(self.desired, &document.stem);
        if let Some(planned) = self.components.get(&name) {
            return planned.clone();
        }
        let series = self.site.component_arn(&name, Version::FIRST);
        let catalog = self.catalog();
        let components = || catalog.iter().flat_map(|catalog| &catalog.components);
        let builds = || components().filter(|component| component.arn.slug() == series.slug());
        let same = builds().filter(|component| {
            is_owned(&component.tags, &self.desired.environment)
                && digest_of(&component.tags).as_ref() == Some(&document.digest)
        });
        let known = same.map(|component| component.arn.clone()).max();
        let next = Version::after(builds().map(|component| component.arn.version()));
        let arn = known.unwrap_or_else(|| self.create_component(document, &name, next));
        self.components.insert(name, arn.clone());
        arn
    }

    fn create_component(
        &mut self,
        document: &ComponentDocument,
        name: &str,
        version: Version,
    ) -> ComponentBuildArn {
        let arn = ComponentBuildArn::first_of(self.site.component_arn(name, version));
        self.change(Change::CreateComponent(CreateComponent {
            arn: arn.clone(),
            name: name.to_owned(),
            description: document.key.clone(),
            platform: document.platform,
            data: document.data.clone(),
            tags: resources::resource_tags(self.desired, &document.digest),
        }));
        arn
    }
}

/// The newest recipe version of ours with this content.
pub(super) fn known(
    catalog: &Catalog,
    content: &RecipeContent,
    digest: &Digest,
    desired: &Desired,
) -> Option<VersionArn> {
    let slug = fold(&content.name);
    let same = catalog.recipes.iter().filter(|recipe| {
        recipe.arn.slug() == slug
            && is_owned(&recipe.tags, &desired.environment)
            && digest_of(&recipe.tags).as_ref() == Some(digest)
    });
    same.map(|recipe| recipe.arn.clone()).max()
}

fn base_ami<'a>(entry: &RecipeEntry, catalog: &'a Catalog) -> Result<&'a BaseAmi, Refused> {
    match catalog.base_amis.get(&entry.base_ami) {
        None => Err(Refused::BaseAmiMissing(entry.base_ami.clone())),
        Some(ami) if !ami.available => Err(Refused::BaseAmiUnavailable(entry.base_ami.clone())),
        Some(ami) => Ok(ami),
    }
}

/// The document's volumes laid over the base AMI's devices, root first; a device without a volume
/// keeps its size and type. Every one is encrypted: one that is not would make the AMI unshareable.
fn overlay(
    entry: &RecipeEntry,
    base_ami: &BaseAmi,
    volumes: &[Volume],
    site: &Site,
) -> Result<Vec<EncryptedDevice>, Refused> {
    let (root, others): (Vec<&Device>, Vec<&Device>) =
        base_ami.devices.iter().partition(|device| device.name == base_ami.root_device);
    let devices: Vec<&Device> = root.into_iter().chain(others).collect();
    if volumes.len() > devices.len() {
        let (ami, volumes, devices) = (entry.base_ami.clone(), volumes.len(), devices.len());
        return Err(Refused::MoreVolumesThanDevices { ami, volumes, devices });
    }
    let volumes = volumes.iter().map(Some).chain(std::iter::repeat(None));
    devices.into_iter().zip(volumes).map(|(device, volume)| encrypted(entry, device, volume, site)).collect()
}

fn encrypted(
    entry: &RecipeEntry,
    device: &Device,
    volume: Option<&Volume>,
    site: &Site,
) -> Result<EncryptedDevice, Refused> {
    let size_gib = volume.map_or(device.size_gib, |volume| volume.size_gib);
    if size_gib < device.size_gib {
        let (ami, device, needed_gib) = (entry.base_ami.clone(), device.name.clone(), device.size_gib);
        return Err(Refused::VolumeTooSmall { ami, device, size_gib, needed_gib });
    }
    let volume_type = volume.map_or(device.volume_type, |volume| volume.volume_type);
    if volume_type.needs_iops() {
        let (ami, device, volume_type) = (entry.base_ami.clone(), device.name.clone(), volume_type.as_str());
        return Err(Refused::VolumeNeedsIops { ami, device, volume_type });
    }
    Ok(EncryptedDevice { name: device.name.clone(), size_gib, volume_type, key: site.key.clone() })
}

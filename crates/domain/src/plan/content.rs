//! What a new recipe version is made from: components, base AMI, devices.

use super::{
    Change, ComponentWithParameters, CreateComponent, CreateRecipe, EncryptedDevice, Planner,
    RecipeComponent, Refused,
};
use crate::arn::{ComponentBuildArn, Version, VersionArn};
use crate::desired::{BaseImage, ComponentDocument, ComponentRef, Desired, RecipeEntry, Volume};
use crate::names::{AmiId, Digest, fold};
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
        let BaseImage::Ami(ami) = &entry.base else {
            return Err(Refused::BaseImage(entry.base.clone()));
        };
        let base_ami = base_ami(ami, catalog)?;
        self.check_platform(entry, ami, base_ami)?;
        overlay(ami, base_ami, &self.desired.volumes, self.site)
    }

    fn check_platform(&self, entry: &RecipeEntry, ami: &AmiId, base_ami: &BaseAmi) -> Result<(), Refused> {
        match self.documents(entry).find(|document| document.platform != base_ami.platform) {
            None => Ok(()),
            Some(document) => Err(Refused::Platform {
                component: document.key.clone(),
                component_platform: document.platform.as_str(),
                ami: ami.clone(),
                ami_platform: base_ami.platform.as_str(),
            }),
        }
    }

    fn documents<'e>(&self, entry: &'e RecipeEntry) -> impl Iterator<Item = &'e ComponentDocument>
    where
        'a: 'e,
    {
        resources::components(self.desired, entry).filter_map(|used| match &used.component {
            ComponentRef::Document(document) => Some(document),
            ComponentRef::Arn(_) => None,
        })
    }

    /// Makes the next version of a recipe; its ARN.
    pub(super) fn create_recipe(
        &mut self,
        entry: &RecipeEntry,
        content: RecipeContent,
        digest: &Digest,
        devices: Vec<EncryptedDevice>,
    ) -> VersionArn {
        let catalog = self.catalog();
        let series = self.site.recipe_arn(&content.name, Version::FIRST);
        let recipes = catalog.iter().flat_map(|catalog| &catalog.recipes);
        let existing = recipes.map(|recipe| &recipe.arn).filter(|arn| arn.slug() == series.slug());
        let arn = self.site.recipe_arn(&content.name, Version::after(existing.map(VersionArn::version)));
        let components = self.components(entry);
        self.change(Change::CreateRecipe(CreateRecipe {
            arn: arn.clone(),
            name: content.name,
            parent: entry.base.to_string(),
            components,
            devices,
            ami_tags: content.ami_tags,
            tags: resources::resource_tags(self.desired, digest),
        }));
        arn
    }

    /// The components of a recipe, in order; those of ours that are missing are made.
    fn components(&mut self, entry: &RecipeEntry) -> Vec<ComponentWithParameters> {
        let all = resources::components(self.desired, entry);
        all.map(|used| {
            let component = match &used.component {
                ComponentRef::Arn(arn) => RecipeComponent::Foreign(arn.clone()),
                ComponentRef::Document(document) => RecipeComponent::Ours(self.component(document)),
            };
            ComponentWithParameters { component, parameters: used.parameters.clone() }
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

fn base_ami<'a>(ami: &AmiId, catalog: &'a Catalog) -> Result<&'a BaseAmi, Refused> {
    match catalog.base_amis.get(ami) {
        None => Err(Refused::BaseAmiMissing(ami.clone())),
        Some(found) if !found.available => Err(Refused::BaseAmiUnavailable(ami.clone())),
        Some(found) => Ok(found),
    }
}

/// The document's volumes laid over the base AMI's devices, root first; a device without a volume
/// keeps its size and type. Every one is encrypted: one that is not would make the AMI unshareable.
fn overlay(
    ami: &AmiId,
    base_ami: &BaseAmi,
    volumes: &[Volume],
    site: &Site,
) -> Result<Vec<EncryptedDevice>, Refused> {
    let (root, others): (Vec<&Device>, Vec<&Device>) =
        base_ami.devices.iter().partition(|device| device.name == base_ami.root_device);
    let devices: Vec<&Device> = root.into_iter().chain(others).collect();
    if volumes.len() > devices.len() {
        let (ami, volumes, devices) = (ami.clone(), volumes.len(), devices.len());
        return Err(Refused::MoreVolumesThanDevices { ami, volumes, devices });
    }
    let volumes = volumes.iter().map(Some).chain(std::iter::repeat(None));
    devices.into_iter().zip(volumes).map(|(device, volume)| encrypted(ami, device, volume, site)).collect()
}

fn encrypted(
    ami: &AmiId,
    device: &Device,
    volume: Option<&Volume>,
    site: &Site,
) -> Result<EncryptedDevice, Refused> {
    let size_gib = volume.map_or(device.size_gib, |volume| volume.size_gib);
    if size_gib < device.size_gib {
        let (ami, device, needed_gib) = (ami.clone(), device.name.clone(), device.size_gib);
        return Err(Refused::VolumeTooSmall { ami, device, size_gib, needed_gib });
    }
    let volume_type = volume.map_or(device.volume_type, |volume| volume.volume_type);
    let iops = volume.and_then(|volume| volume.iops);
    if volume_type.needs_iops() && iops.is_none() {
        let (ami, device, volume_type) = (ami.clone(), device.name.clone(), volume_type.as_str());
        return Err(Refused::VolumeNeedsIops { ami, device, volume_type });
    }
    let throughput = volume.and_then(|volume| volume.throughput);
    let (name, key) = (device.name.clone(), site.key.clone());
    Ok(EncryptedDevice { name, size_gib, volume_type, iops, throughput, key })
}

//! Whether recipe versions say what the documents want.
//!
//! Whoever can make a recipe can give it our tags, with the digest of the next reviewed documents: digests
//! are no secret. So what a version says is compared wherever it was read.

use std::collections::BTreeSet;

use super::View;
use crate::arn::VersionArn;
use crate::desired::{BaseImage, ComponentRef, ComponentUse, RecipeEntry, Volume};
use crate::names::RecipeName;
use crate::observed::{RecipeContents, RecipeDevice, UsedComponent};
use crate::plan::tags::current_version_of;
use crate::resources;

impl View<'_> {
    /// What a pipeline builds, if its tags say that this is what the documents want, and nothing that was
    /// read says otherwise.
    pub(in crate::plan) fn current_version(self, entry: &RecipeEntry) -> Option<VersionArn> {
        let pipeline = self.pipeline(&entry.name)?;
        current_version_of(pipeline, &self.wanted_digest(entry))
            .filter(|version| self.has_name_of(entry, version))
            .filter(|version| self.says_what_is_wanted(entry, version) != Some(false))
    }

    /// Whether a version has the name that the documents give the entry's recipe: a pipeline and its tags can say
    /// any other, which costs no call to see.
    fn has_name_of(self, entry: &RecipeEntry, version: &VersionArn) -> bool {
        let series = self
            .stack
            .arn("image-recipe", &self.recipe_name(&entry.name));
        *version == VersionArn::new(&series, version.version())
    }

    /// Whether a recipe version says what the documents want of `entry`; none if it was not read.
    pub(in crate::plan) fn says_what_is_wanted(
        self,
        entry: &RecipeEntry,
        version: &VersionArn,
    ) -> Option<bool> {
        let contents = self.catalog()?.contents.get(version)?;
        self.is_wanted(entry, contents)
    }

    /// The versions that carry the digest of what the documents want, and were read to say something else:
    /// somebody else made them.
    pub(in crate::plan) fn forged_versions(self, entry: &RecipeEntry) -> BTreeSet<VersionArn> {
        let (content, digest) = self.wanted_content(entry);
        let current = self
            .pipeline(&entry.name)
            .and_then(|pipeline| current_version_of(pipeline, &digest));
        self.versions_tagged_as(&content, &digest)
            .chain(current)
            .filter(|version| self.says_what_is_wanted(entry, version) == Some(false))
            .collect()
    }

    /// None if something that it depends on was not read.
    fn is_wanted(self, entry: &RecipeEntry, contents: &RecipeContents) -> Option<bool> {
        let (content, _) = self.wanted_content(entry);
        let components: Vec<_> = resources::components(self.desired, self.stack, entry).collect();
        let is_plain = contents.name == content.name
            && contents.others.is_empty()
            && contents.ami_tags == content.ami_tags
            && components.len() == contents.components.len()
            && self.are_devices(&contents.devices);
        if !is_plain {
            return Some(false);
        }
        let uses = components.iter().zip(&contents.components);
        let uses = uses.map(|(wanted, used)| self.is_component(wanted, used));
        let parent = self.is_parent(&entry.base, &contents.parent);
        let parts: Vec<Option<bool>> = uses.chain([parent]).collect();
        if parts.contains(&Some(false)) {
            return Some(false);
        }
        (!parts.contains(&None)).then_some(true)
    }

    fn is_parent(self, base: &BaseImage, parent: &str) -> Option<bool> {
        match base {
            BaseImage::Ami(_) | BaseImage::Parameter(_) => Some(parent == base.to_string()),
            BaseImage::Image(arn) => Some(is_version_of(arn.as_str(), parent)),
            BaseImage::Recipe(name) => {
                let version = self.version_to_build_on(name)?;
                Some(version.of_images() == parent)
            }
        }
    }

    fn version_to_build_on(self, name: &RecipeName) -> Option<VersionArn> {
        self.wanted_version(self.entry(name)?)
    }

    fn is_component(self, wanted: &ComponentUse, used: &UsedComponent) -> Option<bool> {
        if wanted.parameters != used.parameters {
            return Some(false);
        }
        match &wanted.component {
            ComponentRef::Arn(arn) => Some(is_version_of(arn.as_str(), &used.arn)),
            ComponentRef::Document(document) => {
                let mut builds = self.builds_tagged_as(document);
                match builds.find(|build| build.to_string() == used.arn) {
                    Some(build) => self.says(build).map(|digest| *digest == document.digest),
                    None => Some(false),
                }
            }
        }
    }

    /// Every device is encrypted with our key, and the first ones are as the volumes say. What the documents
    /// leave to the base AMI is not compared: that changes with it.
    fn are_devices(self, devices: &[RecipeDevice]) -> bool {
        let key = self.stack.key.as_str();
        let volumes = &self.desired.volumes;
        !devices.is_empty()
            && devices.len() >= volumes.len()
            && devices
                .iter()
                .all(|device| device.key.as_deref() == Some(key))
            && volumes
                .iter()
                .zip(devices)
                .all(|(volume, device)| is_volume(volume, device))
    }
}

fn is_volume(volume: &Volume, device: &RecipeDevice) -> bool {
    device.size_gib == Some(volume.size_gib)
        && device.volume_type.as_deref() == Some(volume.volume_type.as_str())
        && device.iops == volume.iops
        && device.throughput == volume.throughput
}

/// Whether `found` is what `wanted` names, in which an `x` stands for any number of a version and a build
/// may be left out (user guide, "Semantic versioning in Image Builder").
fn is_version_of(wanted: &str, found: &str) -> bool {
    /// Where the version is: after the kind and the name.
    const VERSION: usize = 2;
    let (wanted, found): (Vec<&str>, Vec<&str>) =
        (wanted.split('/').collect(), found.split('/').collect());
    let fits = |(n, (wanted, found)): (usize, (&&str, &&str))| {
        wanted == found || (n == VERSION && fits_version(wanted, found))
    };
    wanted.len() <= found.len() && wanted.iter().zip(&found).enumerate().all(fits)
}

fn fits_version(wanted: &str, found: &str) -> bool {
    let numbers = |version: &'_ str| version.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (wanted, found) = (numbers(wanted), numbers(found));
    let fits = |(wanted, found): (&String, &String)| wanted == "x" || wanted == found;
    wanted.len() == found.len() && wanted.iter().zip(&found).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_x_stands_for_a_number_and_a_build_may_be_left_out() {
        let arn =
            |version: &str| format!("arn:aws:imagebuilder:us-east-1:aws:component/a/{version}");
        for (wanted, found, is) in [
            ("x.x.x", "x.x.x", true),
            ("x.x.x", "1.0.2", true),
            ("x.x.x", "1.0.2/1", true),
            ("1.x.x", "1.0.2/1", true),
            ("1.x.x", "2.0.2/1", false),
            ("1.0.2", "1.0.2/3", true),
            ("1.0.2/1", "1.0.2/3", false),
            ("1.0.2/1", "1.0.2", false),
            ("x.x.x", "1.0", false),
        ] {
            assert_eq!(
                is_version_of(&arn(wanted), &arn(found)),
                is,
                "{wanted} {found}"
            );
        }
        let other = "arn:aws:imagebuilder:us-east-1:999999999999:component/a/1.0.0";
        assert!(!is_version_of(&arn("x.x.x"), other));
        assert!(!is_version_of(
            &arn("x.x.x"),
            &arn("1.0.0").replace("/a/", "/b/")
        ));
    }
}

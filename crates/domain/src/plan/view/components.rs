//! Builds of our components.

use super::View;
use crate::arn::ComponentBuildArn;
use crate::desired::ComponentDocument;
use crate::names::{Digest, fold};
use crate::observed::{Component, digest_of, is_owned};
use crate::resources::component_name;

impl<'a> View<'a> {
    /// Every build of our component of this name.
    pub(in crate::plan) fn builds_of(
        self,
        name: &str,
    ) -> impl Iterator<Item = &'a Component> + use<'a> {
        let builds = self.index.component_builds(&fold(name)).to_vec();
        builds.into_iter()
    }

    /// The builds under our name whose tags say that they are of this document. Whoever can make a component
    /// can set such tags, so that what a build says has to be compared before it is used.
    pub(in crate::plan) fn builds_tagged_as(
        self,
        document: &ComponentDocument,
    ) -> impl Iterator<Item = &'a ComponentBuildArn> {
        let builds = self.builds_of(&component_name(self.desired, &document.stem));
        let tagged = builds.filter(move |component| {
            is_owned(&component.tags, &self.desired.environment)
                && digest_of(&component.tags).as_ref() == Some(&document.digest)
        });
        tagged.map(|component| &component.arn)
    }

    /// The digest of what a build says, if it was read.
    pub(in crate::plan) fn says(self, build: &ComponentBuildArn) -> Option<&'a Digest> {
        self.catalog()?.component_data.get(build)
    }
}

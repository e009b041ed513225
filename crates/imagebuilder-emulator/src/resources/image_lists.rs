//! The lists of images: by version, by build, by pipeline.

use std::{borrow::Cow, collections::BTreeMap};

use super::{Answer, image::Image, pipeline};
use crate::{
    arn::Kind,
    operations::Handlers,
    paging::{self, Filtered, Filters},
    refusal::Refusal,
    request::Request,
    state,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("ListImages", list),
    ("ListImageBuildVersions", list_builds),
    ("ListImagePipelineImages", list_of_pipeline),
];

impl Filtered for Image {
    const FILTERS: &'static [&'static str] = &["name", "osVersion", "platform", "type", "version"];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        match filter {
            "name" => vec![Cow::from(&self.recipe.name)],
            "platform" => vec![Cow::from(&self.recipe.platform)],
            "type" => vec![Cow::from("AMI")],
            "version" => vec![Cow::from(self.recipe.version.to_string()), self.version().into()],
            _ => Vec::new(),
        }
    }
}

/// An image of a pipeline: its list has filters of its own.
struct OfPipeline<'a>(&'a Image);

impl Filtered for OfPipeline<'_> {
    const FILTERS: &'static [&'static str] = &["name", "version"];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        self.0.field(filter)
    }
}

/// ListImages: one entry a version, or a name.
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let (filters, by_name) = Filters::by_name::<Image>(request)?;
    let ours = matches!(request.text("owner"), None | Some("Self"));
    let own = request.own(Kind::Image, "");
    let mut entries = BTreeMap::new();
    for (arn, image) in state::all(&request.state.images, &own) {
        if ours && filters.admit(image) {
            let entry = if by_name { arn.series() } else { arn.versionless_build() };
            entries.insert(entry, image);
        }
    }
    let entries: Vec<_> = entries.into_values().collect();
    paging::page(request, "imageVersionList", &entries, |image| image.version_view())
}

/// ListImageBuildVersions: all builds of one version, or of the account.
pub(crate) fn list_builds(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<Image>(request)?;
    let reference = request.optional_arn("imageVersionArn")?;
    let own = request.own(Kind::Image, "");
    let builds = state::all(&request.state.images, &own);
    let asked = builds.filter(|(arn, _)| reference.as_ref().is_none_or(|one| one.covers(arn)));
    let admitted = asked.map(|(_, image)| image).filter(|image| filters.admit(*image));
    let images: Vec<_> = admitted.collect();
    paging::page(request, "imageSummaryList", &images, |image| image.summary())
}

/// ListImagePipelineImages: the builds that one pipeline started. The order is not documented.
pub(crate) fn list_of_pipeline(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<OfPipeline<'_>>(request)?;
    let arn = request.arn("imagePipelineArn")?;
    pipeline::find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
    let own = request.own(Kind::Image, "");
    let builds = state::all(&request.state.images, &own).map(|(_, image)| image);
    let started = builds.filter(|image| image.pipeline.as_ref().is_some_and(|pipeline| pipeline.arn == arn));
    let images: Vec<_> = started.filter(|image| filters.admit(&OfPipeline(image))).collect();
    paging::page(request, "imageSummaryList", &images, |image| image.summary())
}

//! The lists of images: by version, by build, by pipeline.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::json;

use crate::{
    api::imagebuilder::{
        pipeline,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        lookup,
    },
    records::image::{Image, ImageStatus, Origin},
    wire::paging::{self, Filtered, Filters},
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
            "osVersion" => self.os_version.iter().map(Cow::from).collect(),
            // Never with the build's number (aws-cli, issue 7853).
            "version" => vec![Cow::from(self.recipe.version.to_string())],
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

/// ListImages: one entry a version, or a name; the caller's own unless `owner` says Amazon. Images
/// of Amazon's that are deprecated show only if asked for, one's own always.
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let (filters, by_name) = Filters::by_name::<Image>(request)?;
    let first = match request.text("owner") {
        Some("Amazon") => Arn::new(&request.caller().region, "aws", Kind::Image, ""),
        Some("Self") | None => request.own(Kind::Image, ""),
        Some(_) => return paging::page(request, "imageVersionList", &[], |(): &()| json!({})),
    };
    let deprecated = request.flag("includeDeprecated");
    let mut entries = BTreeMap::new();
    for (arn, image) in lookup::all(&request.state.images, &first) {
        let old = image.origin == Origin::Managed && image.status == ImageStatus::Deprecated;
        if filters.admit(image) && (deprecated || !old) {
            let entry = if by_name {
                arn.series()
            } else {
                arn.versionless_build()
            };
            entries.insert(entry, image);
        }
    }
    let mut entries: Vec<_> = entries.into_values().collect();
    paging::newest_first(&mut entries, |one| (one.date_created, &one.arn));
    paging::page(request, "imageVersionList", &entries, |image| {
        image.version_view()
    })
}

/// ListImageBuildVersions: all builds of one version, or of the account.
pub(crate) fn list_builds(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<Image>(request)?;
    let reference = request.optional_arn("imageVersionArn")?;
    let amazons = reference.as_ref().is_some_and(|arn| arn.account == "aws");
    let account = if amazons {
        "aws"
    } else {
        request.caller().account.as_str()
    };
    let first = Arn::new(&request.caller().region, account, Kind::Image, "");
    let builds = lookup::all(&request.state.images, &first);
    let asked = builds.filter(|(arn, _)| reference.as_ref().is_none_or(|one| one.covers(arn)));
    let admitted = asked
        .map(|(_, image)| image)
        .filter(|image| filters.admit(*image));
    let mut images: Vec<_> = admitted.collect();
    paging::newest_first(&mut images, |one| (one.date_created, &one.arn));
    paging::page(request, "imageSummaryList", &images, |image| {
        image.summary()
    })
}

/// ListImagePipelineImages: the builds that one pipeline started.
pub(crate) fn list_of_pipeline(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<OfPipeline<'_>>(request)?;
    let arn = request.arn("imagePipelineArn")?;
    pipeline::find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    let own = request.own(Kind::Image, "");
    let builds = lookup::all(&request.state.images, &own).map(|(_, image)| image);
    let started = builds.filter(|image| {
        image
            .pipeline
            .as_ref()
            .is_some_and(|pipeline| pipeline.arn == arn)
    });
    let mut images: Vec<_> = started
        .filter(|image| filters.admit(&OfPipeline(image)))
        .collect();
    paging::newest_first(&mut images, |one| (one.date_created, &one.arn));
    if request.options().unknowns.oldest_images_first {
        images.reverse();
    }
    paging::page(request, "imageSummaryList", &images, |image| {
        image.summary()
    })
}

//! What documents say already, as values of the variables that would become it.
//!
//! So the documents are a layer like any other: what is written in them overrides the configuration, and the
//! project's own variables override it.

use std::collections::BTreeSet;

use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Json, place_in};

use crate::drafts::{Draft, pointer};
use crate::merge::Given;
use crate::origin::{Layer, Origin, Source};
use crate::read::{NAME, REGION};
use crate::table::{Row, TABLE, Target};
use crate::tree;

/// The values that the documents of a folder give; `name` is the image that is meant, if anything else says so.
pub fn documented(files: &[DocumentFile], name: Option<&str>) -> Vec<Given> {
    let environment = Draft::of(files, ENVIRONMENT);
    let versions = Draft::of(files, AMI_VERSIONS);
    let entry = versions
        .as_ref()
        .and_then(|versions| versions.entry_of(name));
    let entry = entry.map(|entry| entry.to_string());
    let of_environment = environment.iter().flat_map(|environment| {
        let regions = region(environment, files);
        let members = TABLE
            .iter()
            .filter_map(|row| member(row, environment, files));
        members.chain(regions)
    });
    let of_entry = versions.iter().flat_map(|versions| {
        let members = [
            (NAME, "recipename"),
            ("source_ami", "aminame"),
            ("version", "version"),
        ]
        .iter();
        members.filter_map(|(name, key)| {
            let path = ["ami-version", entry.as_deref()?, key];
            given(name, versions, &path, files)
        })
    });
    of_environment.chain(of_entry).collect()
}

/// The Regions of an image: those of `environment.json`, or the one that builds.
pub fn regions(files: &[DocumentFile], builds: Option<&str>) -> BTreeSet<String> {
    let environment = Draft::of(files, ENVIRONMENT);
    let regions = environment
        .as_ref()
        .and_then(|draft| draft.find(&["regions"]));
    let regions = regions.map(tree::keys).unwrap_or_default();
    if regions.is_empty() {
        return builds.map(str::to_owned).into_iter().collect();
    }
    regions.into_iter().map(str::to_owned).collect()
}

/// What a member of `environment.json` says for a row of the table.
fn member(row: &Row, environment: &Draft, files: &[DocumentFile]) -> Option<Given> {
    let Target::Environment(path, _) = row.target else {
        return None;
    };
    given(row.names.first()?, environment, path, files)
}

/// The only Region of `environment.json`; of several, only a stack knows which one builds.
fn region(environment: &Draft, files: &[DocumentFile]) -> Option<Given> {
    let regions = tree::keys(environment.find(&["regions"])?);
    let [only] = regions.as_slice() else {
        return None;
    };
    let origin = origin(files, ENVIRONMENT, &["regions", only])?;
    Some(Given {
        name: REGION.to_owned(),
        value: Json::Text((*only).to_owned()),
        origin,
    })
}

fn given(name: &str, draft: &Draft, path: &[&str], files: &[DocumentFile]) -> Option<Given> {
    let value = draft.find(path)?.clone();
    let origin = origin(files, draft.key(), path)?;
    Some(Given {
        name: name.to_owned(),
        value,
        origin,
    })
}

fn origin(files: &[DocumentFile], key: &str, path: &[&str]) -> Option<Origin> {
    let file = files.iter().find(|file| file.key == key)?;
    let place = place_in(file, &pointer(path));
    Some(Origin {
        layer: Layer::Documents,
        source: Source::File(place),
    })
}

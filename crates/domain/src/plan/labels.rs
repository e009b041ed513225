//! Labels: what people look for on AMIs and snapshots, and what no digest may have in it. They are set once an image is
//! built, and again if the documents say something else about its version or expiry.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::change::{Action, LabelImage};
use super::recipes::{Recipes, Served};
use super::record::Plan;
use super::tags::{BUILD_URL_TAG, COMMIT_TAG, EXPIRY_TAG, LABELLED_TAG, VERSION_TAG};
use super::view::View;
use crate::desired::Life;
use crate::names::{ProductVersion, RecipeName};
use crate::observed::{Image, ImageState, Tags, is_owned};

/// Labels the newest available image of every recipe.
pub(super) fn label_images(view: View<'_>, recipes: &Recipes<'_>, plan: &mut Plan) {
    for Served { name, recipe, .. } in &recipes.served {
        let images = view.images_of(recipe);
        let mut newest_first = images.into_iter().rev();
        let newest = newest_first.find(|image| image.state == ImageState::Available);
        // The role may not tag an image that was started by hand, without our tags.
        let ours = newest.filter(|image| is_owned(&image.tags, &view.desired.environment));
        if let Some(label) = ours.and_then(|image| label(view, name, image)) {
            plan.change(Action::LabelImage(label));
        }
    }
}

/// What is to be written on an image's AMIs; none if there is nothing to say, or if it was written.
fn label(view: View<'_>, name: &RecipeName, image: &Image) -> Option<LabelImage> {
    let life = view.desired.life(name);
    let mark = mark(life);
    let marked = image.tags.get(LABELLED_TAG);
    if marked == Some(&mark) {
        return None;
    }
    // A later upload is not where the image comes from.
    let source = marked.is_none().then(|| source_tags(view));
    let own = source.into_iter().flatten().chain(version_tag(life));
    let expires = life.expiry.and_then(|days| expires(view, days));
    let mut tags: Tags = own.chain(expires.map(expiry_tag)).collect();
    if tags.is_empty() {
        return None;
    }
    tags.extend(view.recipe_tags(name));
    Some(LabelImage {
        recipename: name.clone(),
        image: image.arn.clone(),
        amis: image.amis.clone(),
        tags,
        deprecated_at: expires,
        mark: Some(mark),
    })
}

/// What the documents say of it, in a form in which two states differ exactly if their labels do.
fn mark(life: &Life) -> String {
    let version = life.version.as_ref().map_or("-", ProductVersion::as_str);
    let days = life.expiry.map_or("-".to_owned(), |days| days.to_string());
    format!("{version}/{days}")
}

fn source_tags(view: View<'_>) -> impl Iterator<Item = (String, String)> {
    let source = &view.desired.source;
    let tags = [
        (COMMIT_TAG, source.commit.clone()),
        (BUILD_URL_TAG, source.build_url.clone()),
    ];
    let given = |(key, value): (&str, Option<String>)| Some((key.to_owned(), value?));
    tags.into_iter().filter_map(given)
}

fn version_tag(life: &Life) -> Option<(String, String)> {
    let version = life.version.as_ref()?;
    Some((VERSION_TAG.to_owned(), version.to_string()))
}

/// Midnight in UTC after so many days: people read a day, and EC2 rounds to the minute.
fn expires(view: View<'_>, days: u32) -> Option<Timestamp> {
    let after = SignedDuration::from_hours(24 * (i64::from(days) + 1));
    let then = view.observed.time.checked_add(after).ok()?;
    let midnight = then.to_zoned(TimeZone::UTC).start_of_day().ok()?;
    Some(midnight.timestamp())
}

/// The tag for the last day on which something is there.
pub(super) fn expiry_tag(ends: Timestamp) -> (String, String) {
    let before = ends
        .checked_sub(SignedDuration::from_secs(1))
        .unwrap_or(ends);
    let day = before.to_zoned(TimeZone::UTC).date();
    (EXPIRY_TAG.to_owned(), day.to_string())
}

//! Which images a run of a policy acts on, and how: selection, rules and retention, as the User
//! Guide has them ("How resources are evaluated", "How retention is calculated").

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    common::arn::{Arn, Kind, fold},
    records::{
        image::{Image, ImageStatus},
        lifecycle_execution::{Impact, Outcome},
        lifecycle_policy::{LifecyclePolicy, ResourceSelection, ResourceType},
        lifecycle_rule::{ActionName, PolicyDetail, share_a_tag},
    },
    state::State,
};

/// What a rule has to say about an image.
enum Verdict {
    Act,
    Spare,
    Pass,
}

/// The images to act on, newest first, and those that only an exclusion tag saves.
pub(crate) fn evaluate(state: &State, policy: &LifecyclePolicy, now: Timestamp) -> Vec<Impact> {
    let images = selected(state, policy);
    let mut rules: Vec<_> = policy.settings.policy_details.iter().collect();
    rules.sort_by_key(|rule| rule.action.kind);
    let kept = retained(
        &images,
        rules
            .iter()
            .find(|rule| rule.action.kind == ActionName::Delete),
    );
    let judged = images
        .iter()
        .filter_map(|image| judged(image, &rules, &kept, now));
    judged.collect()
}

/// Newest first. An image whose build is under way waits for the next day; one that was deleted
/// has nothing left to act on. All images here are AMIs: a policy for containers finds none.
fn selected<'s>(state: &'s State, policy: &LifecyclePolicy) -> Vec<&'s Image> {
    let Arn {
        region, account, ..
    } = &policy.arn;
    let own = Arn::new(region, account, Kind::Image, "");
    let images = state.images.range(own.clone()..).take_while(|(arn, _)| {
        arn.kind == own.kind && arn.account == own.account && arn.region == own.region
    });
    let images = images
        .map(|(_, image)| image)
        .filter(|_| policy.settings.resource_type == ResourceType::AmiImage);
    let images = images.filter(|image| policy.settings.resource_selection.covers(image));
    let mut images: Vec<_> = images
        .filter(|one| !one.status.is_running() && one.status != ImageStatus::Deleted)
        .collect();
    images
        .sort_by(|one, other| (other.date_created, &other.arn).cmp(&(one.date_created, &one.arn)));
    images
}

impl ResourceSelection {
    /// Name and version of an image are its recipe's. Of tags one is enough.
    fn covers(&self, image: &Image) -> bool {
        let of_recipe = self.recipes.iter().flatten().any(|recipe| {
            let version = image
                .arn
                .version
                .is_some_and(|version| recipe.semantic_version.covers(version));
            version && fold(&recipe.name) == image.arn.slug
        });
        of_recipe || share_a_tag(self.tag_map.as_ref(), &image.tags)
    }
}

/// The newest images of each recipe version, as many as the DELETE rule keeps. Failed and
/// cancelled ones take no place.
fn retained<'i>(images: &[&'i Image], rule: Option<&&PolicyDetail>) -> BTreeSet<&'i Arn> {
    let places = rule.map_or(0, |rule| rule.filter.kept());
    let mut taken = BTreeMap::<Arn, u32>::new();
    let mut kept = BTreeSet::new();
    for image in images.iter().filter(|image| !is_unfinished(image)) {
        let taken = taken.entry(image.arn.versionless_build()).or_default();
        if *taken < places {
            *taken += 1;
            kept.insert(&image.arn);
        }
    }
    kept
}

fn is_unfinished(image: &Image) -> bool {
    matches!(image.status, ImageStatus::Failed | ImageStatus::Cancelled)
}

/// One action applies to an image: that of the first rule that wants it.
fn judged(
    image: &Image,
    rules: &[&PolicyDetail],
    kept: &BTreeSet<&Arn>,
    now: Timestamp,
) -> Option<Impact> {
    let mut spared = None;
    for rule in rules {
        let impact = || Impact::waiting(image.arn.clone(), rule.action.kind);
        match verdict(image, rule, kept, now) {
            Verdict::Act => return Some(impact()),
            Verdict::Spare => spared = spared.or_else(|| Some(impact())),
            Verdict::Pass => {}
        }
    }
    // The text is not recorded anywhere.
    let outcome = Outcome::skipped("The image has an excluded tag.");
    spared.map(|impact| Impact { outcome, ..impact })
}

fn verdict(image: &Image, rule: &PolicyDetail, kept: &BTreeSet<&Arn>, now: Timestamp) -> Verdict {
    let delete = rule.action.kind == ActionName::Delete;
    // "Always qualify", and before the look at the tags: neither age nor a tag saves them.
    if delete && is_unfinished(image) {
        return Verdict::Act;
    }
    let old = rule.filter.is_old_enough(image.date_created.0, now);
    let wanted = if delete {
        !kept.contains(&image.arn)
    } else {
        is_new_to(rule.action.kind, image.status)
    };
    let excluded = rule
        .exclusion_rules
        .as_ref()
        .and_then(|rules| rules.tag_map.as_ref());
    match old && wanted {
        true if share_a_tag(excluded, &image.tags) => Verdict::Spare,
        true => Verdict::Act,
        false => Verdict::Pass,
    }
}

/// Whether an action would bring an image somewhere (User Guide, "Image states that skip rule
/// evaluation").
fn is_new_to(action: ActionName, status: ImageStatus) -> bool {
    match action {
        ActionName::Deprecate => status == ImageStatus::Available,
        ActionName::Disable => matches!(status, ImageStatus::Available | ImageStatus::Deprecated),
        ActionName::Delete | ActionName::Available => true,
    }
}

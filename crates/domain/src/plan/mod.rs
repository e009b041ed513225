//! The plan: what to change, what to wait for, and what to refuse, from what is wanted and what is.
//!
//! Entry point: [`plan`]. It is total and pure: the same arguments give the same plan, on the pull
//! request and in the function. The order of its changes is safe at every prefix: wherever a run is cut
//! off, the next one ends in the same world.
//!
//! From the bottom up: `reason` and `change` are what a plan consists of, `record` is the [`Plan`] that
//! steps write to, and `view` answers what several steps ask of documents and world. Each step is a
//! function of a [`View`] and of the results of the steps before it.
//!
//! The values that steps hand on keep their order, so that two dependent steps cannot be swapped:
//!
//! | Value | Made by | Needed by |
//! |---|---|---|
//! | `KeyAccess` | `grant_key_access` | `copies`, `rebuild`, `revoke_access`: access to a key comes first, and goes last |
//! | `Recipes` | `recipes` | `copies`, `builds`, `revoke_access` |
//! | `Shares` | `share` | `rebuild`, which takes it: nothing is shared twice |
//! | `Copies` | `copies` | `rebuild`, `clean_up` |

mod builds;
mod change;
mod configurations;
mod copies;
mod copy_eligibility;
mod devices;
mod digests;
mod failures;
mod instances;
mod keys;
mod labels;
mod manifest;
mod publisher;
mod readers;
mod reason;
mod rebuild;
mod recipes;
mod record;
mod requirements;
mod retry;
mod revocation;
mod scheduled;
mod sharing;
mod tags;
mod turns;
mod view;

use std::collections::BTreeMap;

pub use builds::token;
pub use change::{
    Action, Change, CleanUpImage, CleanUpRebuild, ComponentWithParameters, Configured,
    CreateComponent, CreatePipeline, CreateRecipe, DistributeImage, Effect, EncryptedDevice,
    EndInstance, LabelImage, LaunchPermissions, Publish, PublishCopies, PublishedCopy,
    PutBucketPolicy, PutKeyPolicy, Quarantine, RebuildImage, RecipeComponent, Resource, RetryImage,
    RevokeGrant, StartBuild, TagPipeline, UpdatePipeline, quota,
};
pub use manifest::Manifest;
pub use publisher::Publisher;
pub use reason::{Refused, Waiting};
pub use record::{Plan, ToProve};
pub use requirements::{
    AccessRequirements, CatalogRequirements, Configurations, FactRequirements, Requirements,
    further_keys, requirements,
};
pub use scheduled::{refused_documents, unknown_scheduled};
pub use tags::{
    CLEANED_UP_TAG, COPIES_OF_TAG, EXPIRY_TAG, LABELLED_TAG, LICENCE_TAG, MANIFEST_TAG, PROVED_TAG,
    PUBLISHED_COPIES_TAG, PUBLISHED_TAG, REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG, REBUILDING_TAG,
    REBUILT_TAG, RETRIES_TAG, owed_build, published_tag,
};
pub use turns::Slice;
pub use view::{Index, PublicationToCompare, RebuildsToObserve, View, published_image};

use self::builds::builds;
use self::configurations::{check_regions, schedule};
use self::copies::{Copies, clean_up, copies};
use self::failures::clean_up_failures;
use self::instances::end_kept_instances;
use self::keys::{KeyAccess, grant_key_access};
use self::labels::label_images;
use self::readers::{allow_readers, report_forgotten_keys};
use self::rebuild::rebuild;
use self::recipes::{Recipes, recipes};
use self::revocation::revoke_access;
use self::sharing::{report_missing_amis, share};
use crate::desired::Desired;
use crate::document;
use crate::observed::{Subject, Unreadable};

/// The next safe steps from what `view` sees to what its documents want.
///
/// Assumption: everything that [`requirements`] asks for was read; what needs something unread is not
/// planned. Images whose `publisher` is another function are not published.
pub fn plan(view: View<'_>, publisher: Publisher) -> Plan {
    let mut plan = Plan::default();
    if view.desired.environment != view.stack.environment {
        refuse_environment(view, &mut plan);
        return plan;
    }
    report_quarantine(view, &mut plan);
    report_misnamed(view, &mut plan);
    report_foreign_images(view, &mut plan);
    report_deployment(view, &mut plan);
    view.as_served(|view| steps(view, publisher, &mut plan));
    if view.desired.pause {
        pause(&mut plan);
    }
    // Whoever is in a deleted document is no consumer by mistake, perhaps.
    if plan.may_take_access() && !view.observed.deleted_documents.is_empty() {
        return Plan::awaiting(&view.observed.deleted_documents);
    }
    plan
}

/// What takes access away, and nothing else: what is safe while a document is wrong. `view` has what was in force
/// before, with the access that the documents give now, and the texts of those that are [wrong](View::despite).
///
/// What is told is about access, too: the rest is told of the documents themselves.
pub fn revocations(view: View<'_>) -> Plan {
    let paused = Desired {
        pause: true,
        ..view.desired.clone()
    };
    let mut plan = view.with(&paused, |view| plan(view, Publisher::Reconcile));
    plan.waiting.retain(|(_, reason)| reason.is_about_access());
    plan.refused.retain(|(_, reason)| reason.is_about_access());
    plan
}

fn steps(view: View<'_>, publisher: Publisher, plan: &mut Plan) {
    report_unreadable(view, plan);
    check_regions(view, plan);
    let keys = grant_key_access(view, plan);
    schedule(view, plan);
    let recipes = recipes(view, plan);
    let copies = view
        .lists_are_read()
        .then(|| deliver(view, &keys, &recipes, publisher, plan));
    allow_readers(view, plan);
    report_forgotten_keys(view, plan);
    revoke_access(view, &keys, &recipes, plan);
    if let Some(copies) = copies {
        clean_up(view, &copies, plan);
    }
}

/// Builds, copies, publishes and shares. What is revoked does not depend on it.
fn deliver<'a>(
    view: View<'a>,
    keys: &KeyAccess,
    recipes: &Recipes<'a>,
    publisher: Publisher,
    plan: &mut Plan,
) -> Copies<'a> {
    let copies = copies(view, keys, recipes, publisher, plan);
    builds(view, recipes, plan);
    clean_up_failures(view, plan);
    end_kept_instances(view, plan);
    label_images(view, recipes, plan);
    let shares = share(view, plan);
    report_missing_amis(view, plan);
    rebuild(view, keys, shares, &copies.rebuild_jobs, plan);
    copies
}

/// Refuses what could not be read and is nobody's alone. What a recipe or a Region needs is refused
/// where that is planned.
fn report_unreadable(view: View<'_>, plan: &mut Plan) {
    for Unreadable { what, code } in &view.observed.unreadable {
        let is_told_elsewhere = matches!(
            what,
            Subject::ParentImage(_)
                | Subject::Ami(_)
                | Subject::InstanceProfile(_)
                | Subject::InstanceTypes
                | Subject::Regions
                | Subject::Subnet(_)
                | Subject::RecipeVersion(_)
        );
        if !is_told_elsewhere {
            let (what, code) = (what.clone(), code.clone());
            plan.refuse(&what.to_string(), Refused::Unreadable { what, code });
        }
    }
}

fn refuse_environment(view: View<'_>, plan: &mut Plan) {
    let refused = Refused::Environment {
        documents: view.desired.environment.clone(),
        stack: view.stack.environment.clone(),
    };
    plan.refuse(document::ENVIRONMENT, refused);
}

/// Refuses the accounts that are left out because KMS or S3 does not take them as principals.
fn report_quarantine(view: View<'_>, plan: &mut Plan) {
    for (account, reason) in &view.observed.quarantined {
        if view.account(account).is_some() {
            let (account, reason) = (account.clone(), reason.clone());
            plan.refuse(&account.clone(), Refused::Quarantined { account, reason });
        }
    }
}

/// Refuses to look after pipelines that somebody else gave our tags.
fn report_misnamed(view: View<'_>, plan: &mut Plan) {
    for pipeline in view.misnamed_pipelines() {
        plan.refuse(&pipeline.arn, Refused::Misnamed);
    }
}

/// Names images that somebody else built of our recipes, or says to have made our copies with.
fn report_foreign_images(view: View<'_>, plan: &mut Plan) {
    for (image, recipe) in view.foreign_images() {
        plan.refuse(&image.arn, Refused::ForeignImage(recipe));
    }
    for (image, recipe) in view.foreign_copies() {
        plan.refuse(&image.arn, Refused::ForeignCopies(recipe));
    }
}

/// Names what the deployment owns and somebody changed by hand.
fn report_deployment(view: View<'_>, plan: &mut Plan) {
    for found in &view.observed.deployment {
        let (fault, hint) = (found.fault.clone(), found.hint.clone());
        plan.refuse(&found.resource, Refused::Deployment { fault, hint });
    }
}

/// Keeps every change back that does not only revoke access.
fn pause(plan: &mut Plan) {
    let (revoking, held): (Vec<_>, Vec<_>) = std::mem::take(&mut plan.changes)
        .into_iter()
        .partition(|change| change.effect == Effect::Revokes);
    plan.changes = revoking;
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for change in &held {
        *counts.entry(change.kind()).or_default() += 1;
    }
    if !counts.is_empty() {
        plan.wait(document::ENVIRONMENT, Waiting::Paused(counts));
    }
}

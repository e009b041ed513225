//! Images that cannot be copied into an account and are built again there: Image Builder of the account
//! launches our AMI, encrypts the volumes under its key and makes an AMI of the instance.
//!
//! What is published of our own image never waits for it: a build there takes an hour, and one without
//! the subscription to a product never succeeds, which its failure says. On Windows the build runs
//! Sysprep by itself (Image Builder user guide, "Create a custom image recipe", Windows images: the step
//! `RunSysPrep`), so that a declared `sysprep` changes nothing here.
//!
//! A tag of the pipeline says that all of it is published; then no call is made to those accounts. What
//! was made for a build is deleted once it ended, whatever its result; the image and its AMIs stay. That
//! is the [`finalizer`]'s contract.

mod build;
mod finalizer;

use std::collections::BTreeSet;

use self::build::prepare;
use super::change::{Action, Change, PublishCopies, PublishedCopy, RebuildImage};
use super::copies::damage;
use super::keys::KeyAccess;
use super::reason::{Blocked, Refused, Waiting};
use super::record::Plan;
use super::sharing::Shares;
use super::tags::REBUILT_TAG;
use super::view::{RebuildJob, View, attempt, failures, published_copies};
use crate::consumers::{Account, Rebuild};
use crate::names::AccountId;
use crate::observed::{Image, ImageState, Rebuilds};

/// How often a build in an account is tried: what fails twice needs a person there.
const MOST_ATTEMPTS: usize = 2;

/// How far an account has come with an image.
enum Progress<'a> {
    /// It has built it.
    Built(&'a Image),
    /// Its build can be started.
    Starts(Box<RebuildImage>),
}

/// What the steps of this run did in accounts, as far as the clean-up has to know it.
#[derive(Default)]
struct Begun {
    /// The builds that the plan starts.
    builds: Vec<RebuildImage>,
    /// The recipes and accounts whose role is refused already.
    denied: BTreeSet<(String, AccountId)>,
}

/// Brings the images about that accounts build again, and cleans up after them.
pub(super) fn rebuild(
    view: View<'_>,
    keys: &KeyAccess,
    mut shares: Shares,
    jobs: &[RebuildJob<'_>],
    plan: &mut Plan,
) {
    let mut begun = Begun::default();
    let (settled, open): (Vec<_>, Vec<_>) = jobs.iter().partition(|job| job.is_settled());
    for job in settled {
        repair(view, job, plan);
    }
    for job in open {
        let (mut done, mut builds) = (Vec::new(), Vec::new());
        for account in &job.accounts {
            let Some(rebuild) = &account.rebuild else {
                continue;
            };
            match progress(view, keys, job, account, rebuild) {
                Ok(Progress::Built(image)) => done.push((*account, image)),
                Ok(Progress::Starts(build)) => builds.push(*build),
                Err(reason) => {
                    if let Blocked::Refused(Refused::RebuildRole { account, .. }) = &reason {
                        let denied = (job.name.to_string(), account.clone());
                        begun.denied.insert(denied);
                    }
                    plan.block(&job.name, reason);
                }
            }
        }
        let started = finalizer::begin(view, job, builds, &mut shares, plan);
        begun.builds.extend(started);
        publish(job, &done, plan);
    }
    finalizer::clean_up(view, &begun, plan);
}

/// How far an account has come, or why nothing can be done there in this run.
fn progress<'a>(
    view: View<'a>,
    keys: &KeyAccess,
    job: &RebuildJob<'_>,
    account: &Account,
    rebuild: &Rebuild,
) -> Result<Progress<'a>, Blocked> {
    let images = builds_of(view, job, account, rebuild)?;
    let mut states = images.iter();
    if let Some(available) = states.find(|image| image.state == ImageState::Available) {
        return Ok(Progress::Built(available));
    }
    for one in &images {
        if let ImageState::Running(state) | ImageState::Unrecognized(state) = &one.state {
            return Err(Blocked::Waiting(Waiting::Rebuild {
                account: account.id.clone(),
                image: job.image.arn.clone(),
                state: state.clone(),
            }));
        }
    }
    let has_failed =
        |image: &&&Image| matches!(image.state, ImageState::Failed | ImageState::Cancelled);
    let failed: Vec<_> = images.iter().filter(has_failed).collect();
    if let Some(last) = failed.last().filter(|_| failed.len() >= MOST_ATTEMPTS) {
        return Err(Blocked::Refused(Refused::Rebuild {
            account: account.id.clone(),
            image: job.image.arn.clone(),
            reason: failures(last),
        }));
    }
    // Somebody who deletes what failed, once the cause is mended, has it tried again under a new name.
    let next = images.last().map_or(1, |last| attempt(&last.tags) + 1);
    let build = prepare(view, keys, job, account, rebuild, next)?;
    Ok(Progress::Starts(Box::new(build)))
}

/// The builds of our image in an account, the last attempt last.
fn builds_of<'a>(
    view: View<'a>,
    job: &RebuildJob<'_>,
    account: &Account,
    rebuild: &Rebuild,
) -> Result<Vec<&'a Image>, Blocked> {
    let images = match view.observed.rebuilds_in(&view.building_place(account)) {
        Some(Rebuilds::Seen { images, .. }) => images,
        Some(Rebuilds::Unseen(reason)) => {
            return Err(Blocked::Refused(Refused::RebuildRole {
                account: account.id.clone(),
                role: rebuild.role.clone(),
                reason: reason.clone(),
            }));
        }
        None => return Err(Waiting::Observation(job.name.clone()).into()),
    };
    Ok(view.rebuilds_about(images, job, account))
}

/// Publishes what is built as copies are, once.
fn publish(job: &RebuildJob<'_>, done: &[(&Account, &Image)], plan: &mut Plan) {
    let digest = job.published(done.iter().map(|(account, _)| *account));
    if done.is_empty() || job.tag() == Some(&digest) {
        return;
    }
    let copies = done
        .iter()
        .flat_map(|(account, image)| published_copies(account, image));
    plan.change(publication(job, copies.collect(), digest));
}

/// Publishes again what somebody damaged of it.
fn repair(view: View<'_>, job: &RebuildJob<'_>, plan: &mut Plan) {
    let Some(copies) = view.rebuilt_copies(job) else {
        return;
    };
    let published = view.publication_of_copies(&job.name, job.image, &copies);
    let damage = damage(view, &job.name, &published, plan);
    if let (Some(damage), Some(digest)) = (damage, job.tag()) {
        let publish = publication(job, copies, digest.clone());
        plan.change(Change::from(publish).repairing(Some(damage)));
    }
}

fn publication(job: &RebuildJob<'_>, copies: Vec<PublishedCopy>, digest: String) -> Action {
    Action::PublishCopies(PublishCopies {
        recipename: job.name.clone(),
        pipeline: job.pipeline.arn.clone(),
        image: job.image.arn.clone(),
        copies,
        tag: REBUILT_TAG,
        digest,
    })
}

//! One batch of copies: those that can be made together.

use std::collections::BTreeSet;

use super::Progress;
use super::distribution::{Distributed, Targets, distribute};
use crate::names::{AccountId, RecipeName};
use crate::observed::{FailedTarget, Image, ImageState, Target};
use crate::plan::change::Resource;
use crate::plan::copy_eligibility::ServedImage;
use crate::plan::keys::KeyAccess;
use crate::plan::reason::{Refused, Waiting};
use crate::plan::record::Plan;
use crate::plan::retry::{MOST_RETRIES, has_tries_left, retry};
use crate::plan::view::{Batch, View, failures, retries};

/// What became of a batch.
pub(super) struct Made {
    pub(super) progress: Progress,
    /// The distribution configurations that it is made with.
    pub(super) distributions: Vec<String>,
}

/// Takes the next step for the missing copies of a batch.
pub(super) fn make_batch(
    view: View<'_>,
    keys: &KeyAccess,
    served: &ServedImage<'_>,
    batch: &Batch,
    mut missing: Targets,
    plan: &mut Plan,
) -> Made {
    let before = view.copy_images_for(&served.image.arn, batch);
    for copying in &before {
        if is_under_way(view, &served.name, copying, plan) {
            return Made {
                progress: Progress::Pending,
                distributions: Vec::new(),
            };
        }
        if copying.state == ImageState::Failed {
            give_up(&served.name, copying, &mut missing, plan);
        }
    }
    leave_out_closed(view, keys, &served.name, &mut missing, plan);
    let (joining, granted) = joining(view, keys, &mut missing);
    let progress = if missing.is_empty() {
        Progress::Settled
    } else {
        Progress::Pending
    };
    // If a key is not opened, only the accounts that wait for it have no copies, and the image is
    // published nevertheless.
    let parts = [(joining, granted), (missing, BTreeSet::new())];
    let distributions = parts
        .into_iter()
        .filter(|(targets, _)| !targets.is_empty())
        .filter_map(|(targets, needs)| {
            let wanted = Distributed {
                batch,
                targets: &targets,
                earlier: before.len(),
                needs,
            };
            distribute(view, served, wanted, plan)
        })
        .collect();
    Made {
        progress,
        distributions,
    }
}

/// Whether an image that makes copies still runs, or is tried again, which is recorded. Without tries for today its
/// targets are left out, so that nobody else waits until tomorrow.
fn is_under_way(view: View<'_>, name: &RecipeName, copying: &Image, plan: &mut Plan) -> bool {
    match &copying.state {
        ImageState::Running(state) => {
            let (image, state) = (copying.arn.clone(), state.clone());
            plan.wait(name, Waiting::Copies { image, state });
            true
        }
        ImageState::Failed
            if is_worth_a_retry(copying) && has_tries_left(view, name, copying, plan) =>
        {
            retry(name, copying, plan);
            true
        }
        ImageState::Unrecognized(state) => {
            let (subject, state) = (copying.arn.to_string(), state.clone());
            plan.wait(name, Waiting::Unrecognized { subject, state });
            true
        }
        ImageState::Failed
        | ImageState::Available
        | ImageState::Cancelled
        | ImageState::Retired => false,
    }
}

/// Whether an image may succeed if the same is tried again, and Image Builder can.
fn is_worth_a_retry(copying: &Image) -> bool {
    let cannot = copying
        .failed_targets
        .iter()
        .any(|failed| failed.integrating);
    retries(copying) < MOST_RETRIES && !cannot
}

/// Leaves the targets out whose distribution failed too often, by name.
fn give_up(name: &RecipeName, failed: &Image, missing: &mut Targets, plan: &mut Plan) {
    let names = |failed: &FailedTarget, target: &Target| {
        let account = failed.account.as_deref();
        failed.region == target.region.as_str()
            && account.is_none_or(|account| account == target.account.as_str())
    };
    let is_named = |target: &Target| {
        let targets = &failed.failed_targets;
        targets.is_empty() || targets.iter().any(|failed| names(failed, target))
    };
    let given_up: BTreeSet<AccountId> = missing
        .keys()
        .filter(|target| is_named(target))
        .map(|target| target.account.clone())
        .collect();
    missing.retain(|target, _| !is_named(target));
    for account in given_up {
        let refused = Refused::Copy {
            account,
            image: failed.arn.clone(),
            retries: retries(failed),
            reason: failures(failed),
        };
        plan.refuse(name, refused);
    }
}

/// Leaves the accounts out that one of our keys gives no access yet: they wait for its policy, and no
/// other account waits for them.
fn leave_out_closed(
    view: View<'_>,
    keys: &KeyAccess,
    name: &RecipeName,
    missing: &mut Targets,
    plan: &mut Plan,
) {
    missing.retain(|target, _| {
        let closed = keys.closed_to(view, &target.account, &target.region);
        let Some(key) = closed else { return true };
        let account = target.account.clone();
        plan.wait(name, Waiting::ClosedKey { account, key });
        false
    });
}

/// Takes the accounts out that a key has to be opened for first, with the access that they need.
fn joining(
    view: View<'_>,
    keys: &KeyAccess,
    missing: &mut Targets,
) -> (Targets, BTreeSet<Resource>) {
    let mut granted = BTreeSet::new();
    let mut accounts = BTreeSet::new();
    for target in missing.keys() {
        let of_target = keys.granted_for(view, &target.account, &target.region);
        if !of_target.is_empty() {
            accounts.insert(target.account.clone());
        }
        granted.extend(of_target);
    }
    let (joining, rest) = std::mem::take(missing)
        .into_iter()
        .partition(|(target, _)| accounts.contains(&target.account));
    *missing = rest;
    (joining, granted)
}

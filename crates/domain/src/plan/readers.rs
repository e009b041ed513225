//! Who reads what is published, and keys that no document mentions any more.

use std::collections::BTreeSet;

use super::change::{Action, Change, PutBucketPolicy};
use super::reason::{Refused, Waiting};
use super::record::Plan;
use super::tags::COPIES_OF_TAG;
use super::view::View;
use crate::bucket_policy::{BucketPolicy, Readers};
use crate::key_policy::last_id;
use crate::names::{KeyArn, Region};
use crate::observed::{Subject, is_owned};

/// Lets exactly the consumers read what is published, except those in quarantine that may not yet. A pause only
/// takes away: what it gives is held back with everything else.
pub(super) fn allow_readers(view: View<'_>, plan: &mut Plan) {
    if view.check_read(&Subject::BucketPolicy).is_err() {
        return;
    }
    let wanted = wanted_readers(view);
    if view.desired.pause {
        let fewer = wanted.clone().among(view.current_readers());
        let put = put_policy(view, &fewer, plan).map(Change::taking_access);
        plan.changes.extend(put);
        if fewer == wanted {
            return;
        }
    }
    let put = put_policy(view, &wanted, plan);
    plan.changes.extend(put);
}

/// The policy that lets these read; none if it does already, or if it cannot be written, which is told.
fn put_policy(view: View<'_>, readers: &Readers, plan: &mut Plan) -> Option<Change> {
    let policy = BucketPolicy::parse(&view.observed.bucket_policy);
    match policy.and_then(|policy| policy.with(readers)) {
        Ok(policy) => {
            let expected = view.observed.bucket_policy.clone();
            let put = PutBucketPolicy {
                policy: policy?,
                expected,
            };
            Some(Action::PutBucketPolicy(put).into())
        }
        Err(reason) => {
            plan.refuse("the output bucket", Refused::BucketPolicy(reason));
            None
        }
    }
}

/// The consumers, without those in quarantine that may not read yet; and whoever reads today and a document
/// names that is wrong.
fn wanted_readers(view: View<'_>) -> Readers {
    let mut wanted = Readers::of(&view.desired.consumers, view.stack);
    let (current, refused) = (view.current_readers(), &view.observed.quarantined);
    wanted
        .accounts
        .retain(|account| current.accounts.contains(account) || !refused.contains_key(account));
    let is_named = |id: &str| view.is_in_doubt(id);
    let accounts = current.accounts.into_iter();
    wanted
        .accounts
        .extend(accounts.filter(|account| is_named(account.as_str())));
    let paths = current.organizations.into_iter();
    wanted
        .organizations
        .extend(paths.filter(|path| last_id(path).is_some_and(is_named)));
    wanted
}

/// Reports keys of ours that images went to and that no document mentions any more. Only a distribution
/// configuration knows them, so that it shows in the run that replaces it.
pub(super) fn report_forgotten_keys(view: View<'_>, plan: &mut Plan) {
    let settings = view.desired.regions.values();
    let named: BTreeSet<&KeyArn> = settings
        .flat_map(|settings| settings.kms_key.iter().chain(&settings.former_kms_keys))
        .chain([&view.stack.key])
        .collect();
    let ours = view.observed.distributions.iter().filter(|configuration| {
        is_owned(&configuration.tags, &view.desired.environment)
            && !configuration.tags.contains_key(COPIES_OF_TAG)
    });
    let forgotten: BTreeSet<(&Region, &KeyArn)> = ours
        .filter_map(|configuration| Some(&configuration.content.as_ref()?.known.regions))
        .flatten()
        .filter_map(|(region, written)| Some((region, written.kms_key.as_ref()?)))
        .filter(|(_, key)| !named.contains(key))
        .collect();
    for (region, key) in forgotten {
        let (region, waiting_key) = (region.clone(), key.clone());
        plan.wait(
            key,
            Waiting::ForgottenKey {
                key: waiting_key,
                region,
            },
        );
    }
}

//! Who reads what is published, and keys that no document mentions any more.

use std::collections::BTreeSet;

use super::change::{Action, PutBucketPolicy};
use super::reason::{Refused, Waiting};
use super::record::Plan;
use super::tags::COPIES_OF_TAG;
use super::view::View;
use crate::bucket_policy::{BucketPolicy, Readers};
use crate::names::{KeyArn, Region};
use crate::observed::{Subject, is_owned};

/// Lets exactly the consumers read what is published, except those in quarantine that may not yet.
pub(super) fn allow_readers(view: View<'_>, plan: &mut Plan) {
    if view.check_read(&Subject::BucketPolicy).is_err() {
        return;
    }
    let mut readers = Readers::of(&view.desired.consumers, view.stack);
    let (current, refused) = (view.current_readers(), &view.observed.quarantined);
    readers
        .accounts
        .retain(|account| current.contains(account) || !refused.contains_key(account));
    let policy = BucketPolicy::parse(&view.observed.bucket_policy);
    match policy.and_then(|policy| policy.with(&readers)) {
        Ok(Some(policy)) => {
            let expected = view.observed.bucket_policy.clone();
            plan.change(Action::PutBucketPolicy(PutBucketPolicy {
                policy,
                expected,
            }));
        }
        Ok(None) => {}
        Err(reason) => plan.refuse("the output bucket", Refused::BucketPolicy(reason)),
    }
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

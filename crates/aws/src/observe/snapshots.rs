//! Looks for snapshots of published AMIs that somebody shared with a stranger.
//!
//! Image Builder shares a snapshot with an account while it copies it there. Whoever else has it would need
//! the key as well; that policy is compared by itself.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AccountId, AmiId, Region};
use goldsmith_domain::observed::{DeploymentFault, Sharing};

use crate::Aws;
use crate::at_once::each;
use crate::fault::{CallError, chain};

/// The snapshots of `published` AMIs that are shared with accounts of no document. What cannot be read is left out:
/// it only informs.
pub(super) async fn read(
    aws: &Aws,
    desired: &Desired,
    published: &BTreeMap<Region, BTreeSet<AmiId>>,
) -> Vec<DeploymentFault> {
    let in_regions = published
        .iter()
        .map(|(region, amis)| in_region(aws, desired, region, amis));
    join_all(in_regions).await.into_iter().flatten().collect()
}

async fn in_region(
    aws: &Aws,
    desired: &Desired,
    region: &Region,
    amis: &BTreeSet<AmiId>,
) -> Vec<DeploymentFault> {
    let ec2 = &aws.ec2_in(region);
    aws.count_drift_calls(1);
    let snapshots = allowed(ec2.snapshots_of(amis).await).unwrap_or_default();
    aws.count_drift_calls(snapshots.len());
    let shared = each(snapshots, |snapshot| async move {
        let shared = allowed(ec2.volume_permissions(&snapshot).await);
        (snapshot, shared.unwrap_or_default())
    });
    let shared = shared.await.into_iter();
    let faults = shared.flat_map(|(snapshot, shared)| {
        let strangers = strangers(desired, &shared);
        strangers.map(move |stranger| fault(&snapshot, region, &stranger))
    });
    faults.collect()
}

/// What a call tells; none if it fails.
fn allowed<T>(answer: Result<T, CallError>) -> Option<T> {
    answer
        .inspect_err(|error| {
            let error = chain(error);
            tracing::warn!(error, "the snapshots of an AMI are not compared");
        })
        .ok()
}

/// Those who have a snapshot and are no consumer, as EC2's command names them.
fn strangers(desired: &Desired, shared: &Sharing) -> impl Iterator<Item = String> + use<> {
    let everybody = shared.everybody.then(|| "all".to_owned());
    let is_stranger = |account: &AccountId| {
        let consumers = &desired.consumers.accounts;
        !consumers.iter().any(|consumer| consumer.id == *account)
    };
    let accounts: Vec<String> = shared
        .accounts
        .iter()
        .filter(|account| is_stranger(account))
        .map(ToString::to_string)
        .collect();
    everybody.into_iter().chain(accounts)
}

fn fault(snapshot: &str, region: &Region, stranger: &str) -> DeploymentFault {
    let option = if stranger == "all" {
        "--group-names"
    } else {
        "--user-ids"
    };
    DeploymentFault {
        resource: snapshot.to_owned(),
        fault: format!("the snapshot of a published AMI is shared with {stranger}, of no document"),
        hint: Some(format!(
            "run `aws ec2 modify-snapshot-attribute --region {region} --snapshot-id {snapshot} \
             --attribute createVolumePermission --operation-type remove {option} {stranger}`"
        )),
    }
}

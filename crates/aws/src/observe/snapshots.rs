//! Looks for snapshots of published AMIs that somebody shared with a stranger.
//!
//! Image Builder shares a snapshot with an account while it copies it there. Whoever else has it would need
//! the key as well; that policy is compared by itself.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AccountId, AmiId, Region};
use goldsmith_domain::observed::{DeploymentFault, Observed, Sharing};
use goldsmith_domain::plan::published_image;

use crate::Aws;
use crate::fault::{CallError, chain};

/// The snapshots that are shared with accounts of no document. What cannot be read is left out: it only informs.
pub(super) async fn read(
    aws: &Aws,
    desired: &Desired,
    observed: &Observed,
) -> Vec<DeploymentFault> {
    let mut faults = Vec::new();
    for (region, amis) in published(aws, observed) {
        let ec2 = aws.ec2_in(&region);
        aws.count_drift_calls(1);
        let snapshots = allowed(ec2.snapshots_of(&amis).await).unwrap_or_default();
        aws.count_drift_calls(snapshots.len());
        for snapshot in snapshots {
            let shared = allowed(ec2.volume_permissions(&snapshot).await);
            let strangers = strangers(desired, &shared.unwrap_or_default());
            faults.extend(strangers.map(|stranger| fault(&snapshot, &region, &stranger)));
        }
    }
    faults
}

/// The AMIs that this environment publishes, by Region: another's consumers are in other documents.
fn published(aws: &Aws, observed: &Observed) -> BTreeMap<Region, BTreeSet<AmiId>> {
    let environment = &aws.stack.environment;
    let pipelines = observed.pipelines.iter();
    let pipelines = pipelines.filter(|pipeline| pipeline.is_owned(environment));
    let images = pipelines.filter_map(|pipeline| published_image(&observed.images, pipeline));
    let mut amis: BTreeMap<Region, BTreeSet<AmiId>> = BTreeMap::new();
    for (region, ami) in images.flat_map(|image| &image.amis) {
        amis.entry(region.clone()).or_default().insert(ami.clone());
    }
    amis
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

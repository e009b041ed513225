//! Reads our AMIs in all Regions, with their launch permissions.

use std::collections::BTreeSet;

use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::OwnAmi;
use tokio::task::{JoinError, JoinSet};

use crate::fault::{CallError, Fault};
use crate::{Aws, ec2};

/// Enough to read a hundred AMIs in a few seconds; EC2 gives an account 20 such calls a second, which it
/// shares with everything else there (EC2 developer guide, "Request throttling").
const MOST_AT_ONCE: usize = 8;

/// The AMIs of this environment in `regions`, in order, and how many calls it took.
pub(super) async fn read(
    aws: &Aws,
    regions: &BTreeSet<Region>,
) -> Result<(Vec<OwnAmi>, usize), CallError> {
    let (mut amis, mut calls) = (Vec::new(), 0);
    for region in regions {
        let ec2 = aws.ec2_in(region);
        let (ids, pages) = match ec2.own_amis(&aws.stack.environment).await {
            Err(error) if *region != aws.stack.region && error.is_region_not_enabled() => {
                (Vec::new(), 1)
            }
            other => other?,
        };
        calls += pages + ids.len();
        for batch in ids.chunks(MOST_AT_ONCE) {
            amis.extend(permissions(&ec2, region, batch).await?);
        }
    }
    amis.sort_by(|left, right| (&left.region, &left.id).cmp(&(&right.region, &right.id)));
    Ok((amis, calls))
}

/// The launch permissions of a few AMIs, without those that are gone since they were listed.
async fn permissions(
    ec2: &ec2::Client,
    region: &Region,
    ids: &[AmiId],
) -> Result<Vec<OwnAmi>, CallError> {
    let mut reads = JoinSet::new();
    for id in ids {
        let (ec2, id, region) = (ec2.clone(), id.clone(), region.clone());
        reads.spawn(async move {
            let shared = ec2.launch_permissions(&id).await?;
            Ok::<_, CallError>(shared.map(|shared| OwnAmi { id, region, shared }))
        });
    }
    let mut amis = Vec::new();
    while let Some(read) = reads.join_next().await {
        amis.extend(read.map_err(ended)??);
    }
    Ok(amis)
}

fn ended(error: JoinError) -> CallError {
    CallError::rejected("ec2:DescribeImageAttribute", Fault::Transient, error)
}

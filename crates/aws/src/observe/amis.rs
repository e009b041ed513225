//! Reads our AMIs in all Regions, with their launch permissions.

use std::collections::BTreeSet;

use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::{OwnAmi, Subject};
use goldsmith_domain::plan::Slice;
use tokio::task::{JoinError, JoinSet};

use super::unread::{self, Read, unreadable};
use crate::fault::{CallError, Fault};
use crate::{Aws, ec2};

/// Enough to read a hundred AMIs in a few seconds; EC2 gives an account 20 such calls a second, which it
/// shares with everything else there (EC2 developer guide, "Request throttling").
const MOST_AT_ONCE: usize = 8;

/// The AMIs of this environment in `regions` that are in `slice`, or all of them; in order, and how many calls
/// it took. A Region that does
/// not list them is left out, and so is an AMI that does not show its permissions.
pub(super) async fn read(
    aws: &Aws,
    regions: &BTreeSet<Region>,
    slice: Option<&Slice>,
) -> Result<(Read<Vec<OwnAmi>>, usize), CallError> {
    let (mut value, mut unread, mut calls) = (Vec::new(), Vec::new(), 0);
    for region in regions {
        let ec2 = aws.ec2_in(region);
        let (ids, pages) = match ec2.own_amis(&aws.stack.environment).await {
            Err(error) if *region != aws.stack.region && error.is_region_not_enabled() => {
                (Vec::new(), 1)
            }
            Err(error) => {
                unread.push(unreadable(Subject::OwnAmis(region.clone()), error)?);
                (Vec::new(), 1)
            }
            Ok(found) => found,
        };
        let wanted = |ami: &AmiId| slice.is_none_or(|slice| slice.has(ami));
        let ids: Vec<AmiId> = ids.into_iter().filter(wanted).collect();
        calls += pages + ids.len();
        for batch in ids.chunks(MOST_AT_ONCE) {
            value.extend(permissions(&ec2, region, batch).await?.into(&mut unread));
        }
    }
    value.sort_by(|left, right| (&left.region, &left.id).cmp(&(&right.region, &right.id)));
    Ok((Read { value, unread }, calls))
}

/// The launch permissions of a few AMIs, without those that are gone since they were listed.
async fn permissions(
    ec2: &ec2::Client,
    region: &Region,
    ids: &[AmiId],
) -> Result<Read<Vec<OwnAmi>>, CallError> {
    let mut reads = JoinSet::new();
    for id in ids {
        let (ec2, id, region) = (ec2.clone(), id.clone(), region.clone());
        reads.spawn(async move {
            let what = Subject::LaunchPermissions(id.clone(), region.clone());
            let Read { value, unread } = unread::read(what, ec2.launch_permissions(&id).await)?;
            let value = value.map(|shared| OwnAmi { id, region, shared });
            Ok::<_, CallError>(Read { value, unread })
        });
    }
    let (mut value, mut unread) = (Vec::new(), Vec::new());
    while let Some(read) = reads.join_next().await {
        value.extend(read.map_err(ended)??.into(&mut unread));
    }
    Ok(Read { value, unread })
}

fn ended(error: JoinError) -> CallError {
    CallError::rejected("ec2:DescribeImageAttribute", Fault::Transient, error)
}

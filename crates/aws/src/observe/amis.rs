//! Reads our AMIs in all Regions, with their launch permissions.

use std::collections::BTreeSet;

use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::{OwnAmi, Subject};
use goldsmith_domain::plan::Slice;

use super::unread::{self, Read, unreadable};
use crate::at_once::read_each;
use crate::fault::CallError;
use crate::{Aws, ec2};

/// The AMIs of this environment in `regions` that are in `slice`, or all of them; in order, and how many calls
/// it took. A Region that does not list them is left out, and so is an AMI that does not show its permissions.
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
        let ids = match slice {
            Some(slice) => slice.of(ids),
            None => ids.into_iter().map(|(id, _)| id).collect(),
        };
        calls += pages + ids.len();
        for read in read_each(ids, |id| permissions(&ec2, region, id)).await? {
            value.extend(read.into(&mut unread));
        }
    }
    value.sort_by(|left, right| (&left.region, &left.id).cmp(&(&right.region, &right.id)));
    Ok((Read { value, unread }, calls))
}

/// The launch permissions of an AMI; none if it is gone since it was listed.
async fn permissions(
    ec2: &ec2::Client,
    region: &Region,
    id: AmiId,
) -> Result<Read<Option<OwnAmi>>, CallError> {
    let what = Subject::LaunchPermissions(id.clone(), region.clone());
    let Read { value, unread } = unread::read(what, ec2.launch_permissions(&id).await)?;
    let region = region.clone();
    let value = value.map(|shared| OwnAmi { id, region, shared });
    Ok(Read { value, unread })
}

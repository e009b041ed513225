//! Reads our AMIs in all Regions, with their launch permissions.

use std::collections::BTreeSet;

use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::{OwnAmi, Subject};
use goldsmith_domain::plan::Slice;

use super::unread::{self, Read, unreadable};
use crate::at_once::read_each;
use crate::fault::CallError;
use crate::{Aws, ec2};

/// Our AMIs in some Regions.
#[derive(Debug, Default)]
pub(super) struct OwnAmis {
    /// Those that were looked at, in order; without those that do not show their permissions.
    pub(super) looked_at: Read<Vec<OwnAmi>>,
    /// Those that are there, and whose turn it is not.
    pub(super) out_of_turn: BTreeSet<AmiId>,
    /// How many calls it took.
    pub(super) calls: usize,
}

/// The AMIs of this environment in `regions`; looked at are those whose turn it is in `slice`, or all of them. A
/// Region that does not list them is left out.
pub(super) async fn read(
    aws: &Aws,
    regions: &BTreeSet<Region>,
    slice: Option<&Slice>,
) -> Result<OwnAmis, CallError> {
    let mut all = OwnAmis::default();
    for region in regions {
        let ec2 = aws.ec2_in(region);
        let ids = listed(aws, &ec2, region, &mut all).await?;
        let ids = match slice {
            Some(slice) => {
                let (in_turn, others) = slice.split(ids);
                all.out_of_turn.extend(others);
                in_turn
            }
            None => ids.into_iter().map(|(id, _)| id).collect(),
        };
        all.calls += ids.len();
        for read in read_each(ids, |id| permissions(&ec2, region, id)).await? {
            let looked_at = read.into(&mut all.looked_at.unread);
            all.looked_at.value.extend(looked_at);
        }
    }
    let order = |ami: &OwnAmi| (ami.region.clone(), ami.id.clone());
    all.looked_at.value.sort_by_key(order);
    Ok(all)
}

/// Our AMIs in a Region, each with whether everybody may launch it; none where they cannot be listed.
async fn listed(
    aws: &Aws,
    ec2: &ec2::Client,
    region: &Region,
    all: &mut OwnAmis,
) -> Result<Vec<(AmiId, bool)>, CallError> {
    let (ids, pages) = match ec2.own_amis(&aws.stack.environment).await {
        Err(error) if *region != aws.stack.region && error.is_region_not_enabled() => {
            (Vec::new(), 1)
        }
        Err(error) => {
            let unread = unreadable(Subject::OwnAmis(region.clone()), error)?;
            all.looked_at.unread.push(unread);
            (Vec::new(), 1)
        }
        Ok(found) => found,
    };
    all.calls += pages;
    Ok(ids)
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

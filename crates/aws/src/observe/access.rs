//! Reads the policies of the keys in further Regions, and the grants on a key.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::names::KeyArn;
use goldsmith_domain::observed::{Grant, Subject};

use super::unread::{Read, unreadable};
use crate::fault::CallError;
use crate::{Aws, key_policy};

/// The policies of keys, without those that cannot be read.
pub(super) async fn further_key_policies(
    aws: &Aws,
    keys: &BTreeSet<KeyArn>,
) -> Result<Read<BTreeMap<KeyArn, String>>, CallError> {
    let (mut value, mut unread) = (BTreeMap::new(), Vec::new());
    for key in keys {
        match key_policy::read(aws, key).await {
            Err(error) => unread.push(unreadable(Subject::KeyPolicy(key.clone()), error)?),
            Ok(policy) => drop(value.insert(key.clone(), policy)),
        }
    }
    Ok(Read { value, unread })
}

/// The grants on keys, without those of keys that do not show them.
pub(super) async fn grants(
    aws: &Aws,
    keys: &BTreeSet<KeyArn>,
) -> Result<Read<BTreeMap<KeyArn, Vec<Grant>>>, CallError> {
    let (mut value, mut unread) = (BTreeMap::new(), Vec::new());
    for key in keys {
        match grants_on(aws, key).await {
            Err(error) => unread.push(unreadable(Subject::Grants(key.clone()), error)?),
            Ok(grants) => drop(value.insert(key.clone(), grants)),
        }
    }
    Ok(Read { value, unread })
}

async fn grants_on(aws: &Aws, key: &KeyArn) -> Result<Vec<Grant>, CallError> {
    /// The largest page (KMS API reference, `ListGrants`).
    const PAGE: i32 = 100;
    let (kms, mut grants, mut marker) = (aws.kms_of(key), Vec::new(), None);
    loop {
        let call = kms
            .list_grants()
            .key_id(key.as_str())
            .limit(PAGE)
            .set_marker(marker);
        let page = call
            .send()
            .await
            .map_err(|error| CallError::new("kms:ListGrants", error))?;
        let entries = page.grants.unwrap_or_default().into_iter();
        // Grants that services make for themselves have no grantee in this list.
        grants.extend(entries.filter_map(|entry| {
            Some(Grant {
                id: entry.grant_id?,
                grantee: entry.grantee_principal?,
            })
        }));
        marker = page.next_marker.filter(|_| page.truncated);
        if marker.is_none() {
            return Ok(grants);
        }
    }
}

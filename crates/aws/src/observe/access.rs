//! Reads the policies of the keys in further Regions, and the grants on a key.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::names::KeyArn;
use goldsmith_domain::observed::Grant;

use crate::fault::{CallError, Fault, chain};
use crate::{Aws, key_policy};

/// The policies of keys, without those that are missing or not readable; the facts have the reason.
pub(super) async fn further_key_policies(
    aws: &Aws,
    keys: &BTreeSet<KeyArn>,
) -> Result<BTreeMap<KeyArn, String>, CallError> {
    let mut policies = BTreeMap::new();
    for key in keys {
        match key_policy::read(aws, key).await {
            Err(error) if matches!(error.fault, Fault::NotFound | Fault::Denied) => {
                let error = chain(&error);
                tracing::warn!(key.arn = %key, error, "the policy of a key is not read");
            }
            other => drop(policies.insert(key.clone(), other?)),
        }
    }
    Ok(policies)
}

/// The grants on keys.
pub(super) async fn grants(
    aws: &Aws,
    keys: &BTreeSet<KeyArn>,
) -> Result<BTreeMap<KeyArn, Vec<Grant>>, CallError> {
    let mut grants = BTreeMap::new();
    for key in keys {
        grants.insert(key.clone(), grants_on(aws, key).await?);
    }
    Ok(grants)
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

//! Quotas that count the resources of one kind.

use std::collections::BTreeMap;

use crate::common::{arn::Arn, error::ApiError, lookup};

/// How many resources of the kind of `first` its account has in its Region.
pub(crate) fn count<T>(map: &BTreeMap<Arn, T>, first: &Arn) -> usize {
    let start = Arn {
        slug: String::new().into(),
        version: None,
        build: None,
        ..first.clone()
    };
    lookup::all(map, &start).count()
}

/// Refuses one more resource than the quota allows.
pub(crate) fn check_quota<T>(
    map: &BTreeMap<Arn, T>,
    arn: &Arn,
    (name, limit): (&str, usize),
) -> Result<(), ApiError> {
    if count(map, arn) < limit {
        Ok(())
    } else {
        Err(ApiError::quota(name, limit))
    }
}

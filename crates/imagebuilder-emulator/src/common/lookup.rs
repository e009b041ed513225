//! Finds resources in maps that are ordered by ARN.

use std::collections::BTreeMap;

use crate::common::{arn::Arn, store::Store};

/// A map ordered by ARN.
pub(crate) trait ByArn<T> {
    /// What is at this ARN or follows it, in order.
    fn from<'m>(&'m self, first: &Arn) -> impl DoubleEndedIterator<Item = (&'m Arn, &'m T)>
    where
        T: 'm;
}

impl<T> ByArn<T> for BTreeMap<Arn, T> {
    fn from<'m>(&'m self, first: &Arn) -> impl DoubleEndedIterator<Item = (&'m Arn, &'m T)>
    where
        T: 'm,
    {
        self.range::<Arn, _>(first..)
    }
}

impl<T> ByArn<T> for Store<Arn, T> {
    fn from<'m>(&'m self, first: &Arn) -> impl DoubleEndedIterator<Item = (&'m Arn, &'m T)>
    where
        T: 'm,
    {
        self.range::<Arn>(first..)
    }
}

/// The resources that a reference matches, oldest version first.
pub(crate) fn covered<'m, T: 'm>(
    map: &'m impl ByArn<T>,
    reference: &'m Arn,
) -> impl DoubleEndedIterator<Item = (&'m Arn, &'m T)> {
    series(map, reference)
        .into_iter()
        .filter(|(arn, _)| reference.covers(arn))
}

/// Every version of the same name, oldest first.
fn series<'m, T: 'm>(map: &'m impl ByArn<T>, of: &Arn) -> Vec<(&'m Arn, &'m T)> {
    map.from(&of.series())
        .take_while(|(arn, _)| arn.same_series(of))
        .collect()
}

/// The newest resource that a reference matches.
pub(crate) fn newest<'m, T: 'm>(
    map: &'m impl ByArn<T>,
    reference: &Arn,
) -> Option<(&'m Arn, &'m T)> {
    series(map, reference)
        .into_iter()
        .rev()
        .find(|(arn, _)| reference.covers(arn))
}

/// All resources of one kind in a Region of an account, in order.
pub(crate) fn all<'m, T: 'm>(
    map: &'m impl ByArn<T>,
    first: &'m Arn,
) -> impl Iterator<Item = (&'m Arn, &'m T)> {
    map.from(first).take_while(move |(arn, _)| {
        arn.kind == first.kind && arn.account == first.account && arn.region == first.region
    })
}

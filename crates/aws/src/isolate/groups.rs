//! Which accounts are tried together.

use goldsmith_domain::names::AccountId;

/// Up to here new accounts are tried one at a time; more are halved. One bad account among a thousand
/// costs some twenty writes that way.
const MOST_SINGLES: usize = 20;
/// How many groups of accounts that stand are left out on trial at most, besides the two halves.
const MOST_GROUPS: usize = 62;

pub(super) type Group = Vec<AccountId>;

/// The groups in which new accounts are tried first.
pub(super) fn newcomers(accounts: &[AccountId]) -> Vec<Group> {
    match accounts.len() {
        0..=MOST_SINGLES => accounts
            .iter()
            .map(|account| vec![account.clone()])
            .collect(),
        _ => halves(accounts),
    }
}

/// The groups that are left out on trial, of which one may hold all who are refused: as small as the number
/// of tries allows, because a write that is accepted shuts out the whole group for a moment; at last the
/// halves, for several who are refused.
pub(super) fn suspects(standing: &[AccountId]) -> Vec<Group> {
    let size = standing.len().div_ceil(MOST_GROUPS).max(1);
    let mut groups: Vec<Group> = standing.chunks(size).map(<[AccountId]>::to_vec).collect();
    for half in halves(standing) {
        if !half.is_empty() && !groups.contains(&half) {
            groups.push(half);
        }
    }
    groups
}

pub(super) fn halves(group: &[AccountId]) -> Vec<Group> {
    let (left, right) = group.split_at(group.len() / 2);
    vec![left.to_vec(), right.to_vec()]
}

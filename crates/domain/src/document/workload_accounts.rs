//! `workload_accounts.<region>.json`, as users have it from the image framework: named accounts,
//! with where they launch.

use std::collections::BTreeSet;

use super::reader::{At, Keys};
use crate::names::{AccountId, Region};

/// What users keep beside the account id; read so that a wrong type is told, but not used.
const NOTES: [&str; 4] = ["vpc_id", "subnet_id", "sg_id", "owner"];

/// The key of a Region's document.
pub(super) fn key(region: &Region) -> String {
    format!("workload_accounts.{region}.json")
}

/// The accounts; an account may go by two names.
pub(super) fn read(at: At<'_>) -> BTreeSet<AccountId> {
    let entries = at.entries().unwrap_or_default();
    entries.into_iter().filter_map(|(_name, workload)| account(workload)).collect()
}

fn account(at: At<'_>) -> Option<AccountId> {
    let fields = at.object(Keys::AmongOthers)?;
    for note in NOTES {
        fields.optional(note, At::text);
    }
    fields.required("account_id", At::parsed)
}

//! The quarantine, `quarantine.json` in the output bucket: accounts that KMS or S3 refused as principals, and
//! policies that they refused without joining accounts. Neither is tried again for a day. Without this memory
//! every run would isolate the same accounts again.

use std::collections::BTreeMap;
use std::time::Duration;

use goldsmith_domain::names::{AccountId, Digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::memory::is_plausible_end;
use crate::output::{MOST_RACES, Precondition, get, overtaken, put, unserializable};

const KEY: &str = "quarantine.json";
/// A corrected account id is another account and does not wait. An account that is created later waits a
/// day at most.
const TERM: Duration = Duration::from_hours(24);

/// Why each account is in quarantine.
pub(crate) type Reasons = BTreeMap<AccountId, String>;

/// What is in quarantine now, with the reasons.
#[derive(Default)]
pub(crate) struct Quarantine {
    pub accounts: Reasons,
    /// By the digest of an attempt to write a policy.
    pub attempts: BTreeMap<Digest, String>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    reason: String,
    until: Timestamp,
}

impl Entry {
    /// Whether it counts: its time is not over, and a run can have written it.
    fn is_current(&self, aws: &Aws) -> bool {
        let plausible = is_plausible_end(self.until, TERM);
        if !plausible {
            let until = self.until;
            aws.discard(
                KEY,
                &format!("it has an entry until {until}, and an entry lives a day"),
            );
        }
        plausible && self.until > Timestamp::now()
    }
}

/// By account id, or by an attempt's digest.
type Entries = BTreeMap<String, Entry>;

/// Reads the quarantine.
pub(crate) async fn read(aws: &Aws) -> Result<Quarantine, CallError> {
    let mut quarantine = Quarantine::default();
    for (key, Entry { reason, .. }) in current(aws).await?.0 {
        match (key.parse::<AccountId>(), key.parse::<Digest>()) {
            (Ok(account), _) => drop(quarantine.accounts.insert(account, reason)),
            (_, Ok(attempt)) => drop(quarantine.attempts.insert(attempt, reason)),
            _ => aws.discard(KEY, "it names what is neither an account nor an attempt"),
        }
    }
    Ok(quarantine)
}

/// Puts accounts and attempts into quarantine. Without any, nothing is written.
pub(crate) async fn add(aws: &Aws, added: &Quarantine) -> Result<(), CallError> {
    let accounts = added.accounts.iter().map(|(a, why)| (a.to_string(), why));
    let attempts = added.attempts.iter().map(|(a, why)| (a.to_string(), why));
    let added: BTreeMap<String, &String> = accounts.chain(attempts).collect();
    if added.is_empty() {
        return Ok(());
    }
    let until = Timestamp::now() + TERM;
    for _ in 0..MOST_RACES {
        let (mut entries, etag) = current(aws).await?;
        entries.extend(added.iter().map(|(key, reason)| {
            let reason = (*reason).clone();
            (key.clone(), Entry { reason, until })
        }));
        let body = serde_json::to_vec_pretty(&entries).map_err(unserializable)?;
        let condition = etag
            .as_deref()
            .map_or(Precondition::Absent, Precondition::Matches);
        match put(aws, KEY, body, condition).await {
            Err(error) if error.fault == Fault::Conflict => {}
            other => return other.map(drop),
        }
    }
    Err(overtaken("s3:PutObject", KEY))
}

/// The entries whose time is not over, and the `ETag` of the object. A file that cannot be read counts as
/// empty: at worst the accounts are isolated again.
async fn current(aws: &Aws) -> Result<(Entries, Option<String>), CallError> {
    let Some((bytes, etag)) = get(aws, KEY).await? else {
        return Ok((Entries::new(), None));
    };
    let mut entries: Entries = serde_json::from_slice(&bytes).unwrap_or_else(|error| {
        aws.discard(
            KEY,
            &format!("it cannot be read ({error}) and counts as empty"),
        );
        Entries::new()
    });
    entries.retain(|_, entry| entry.is_current(aws));
    Ok((entries, Some(etag)))
}

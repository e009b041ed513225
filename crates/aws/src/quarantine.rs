//! Accounts that KMS did not take as principals, kept out of key policies for a day: `quarantine.json` in
//! the output bucket. A key policy is all or nothing, and without this memory every run would find out
//! anew, by a write for each account, who keeps the others out.

use std::collections::BTreeMap;
use std::time::Duration;

use goldsmith_domain::names::AccountId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::output::{Over, get, put, unserializable};

const KEY: &str = "quarantine.json";
/// Whoever mends an account id uploads documents, in which it is another account; an account that comes
/// into being is noticed the day after.
const TERM: Duration = Duration::from_hours(24);
/// How often a writer that lost a race writes again: writers hold the lease on the key policies, so that
/// a race is one with a person.
const MOST_RACES: usize = 3;

/// Why an account is kept out, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    reason: String,
    until: Timestamp,
}

type Entries = BTreeMap<AccountId, Entry>;

/// Who is kept out today, and why.
pub(crate) async fn read(aws: &Aws) -> Result<BTreeMap<AccountId, String>, CallError> {
    let (entries, _) = standing(aws).await?;
    Ok(entries.into_iter().map(|(account, entry)| (account, entry.reason)).collect())
}

/// Keeps `accounts` out from now on, each for its reason.
pub(crate) async fn add(aws: &Aws, accounts: &BTreeMap<AccountId, String>) -> Result<(), CallError> {
    let until = Timestamp::now() + TERM;
    for _ in 0..MOST_RACES {
        let (mut entries, etag) = standing(aws).await?;
        let added = accounts.iter().map(|(account, reason)| (account.clone(), reason.clone()));
        entries.extend(added.map(|(account, reason)| (account, Entry { reason, until })));
        let body = serde_json::to_vec_pretty(&entries).map_err(|error| unserializable(&error))?;
        let over = etag.as_deref().map_or(Over::Nothing, Over::Exactly);
        match put(aws, KEY, body, over).await {
            Err(error) if error.fault == Fault::Conflict => {}
            other => return other.map(drop),
        }
    }
    let raced = format!("{KEY} was written by others {MOST_RACES} times in a row");
    Err(CallError::local("s3:PutObject", Fault::Conflict, raced))
}

/// The entries whose time is not over, and the `ETag` of the object. What cannot be read keeps nobody
/// out: at worst it is found out again.
async fn standing(aws: &Aws) -> Result<(Entries, Option<String>), CallError> {
    let Some((bytes, etag)) = get(aws, KEY).await? else { return Ok((Entries::new(), None)) };
    let mut entries: Entries = serde_json::from_slice(&bytes).unwrap_or_else(|error| {
        tracing::warn!(%error, "{KEY} cannot be read and keeps nobody out");
        Entries::new()
    });
    let now = Timestamp::now();
    entries.retain(|_, entry| entry.until > now);
    Ok((entries, Some(etag)))
}

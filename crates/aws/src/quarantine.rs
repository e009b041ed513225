//! Accounts that KMS or S3 did not take as principals, kept out of policies for a day: `quarantine.json` in
//! the output bucket. Such a policy is all or nothing, and without this memory every run would find out
//! anew, by a write for each account, who keeps the others out. Beside the accounts it holds attempts that
//! were refused without anybody to blame.

use std::collections::BTreeMap;
use std::time::Duration;

use goldsmith_domain::names::{AccountId, Digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::fault::{CallError, Fault};
use crate::output::{Over, get, put, unserializable};

const KEY: &str = "quarantine.json";
/// Whoever mends an account id uploads documents, in which it is another account; an account that comes
/// into being is noticed the day after.
const TERM: Duration = Duration::from_hours(24);
/// How often a writer that lost a race writes again: writers hold the lease on the policies, so that a race
/// is one with a person.
const MOST_RACES: usize = 3;

/// Why each account is kept out.
pub(crate) type Reasons = BTreeMap<AccountId, String>;

/// What holds today.
pub(crate) struct Memory {
    /// Who is kept out, and why.
    pub accounts: Reasons,
    /// What is not tried again, and why.
    pub attempts: BTreeMap<Digest, String>,
}

/// Why something is not tried, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    reason: String,
    until: Timestamp,
}

/// By account id, or by an attempt's digest.
type Entries = BTreeMap<String, Entry>;

/// Who is kept out today, and why.
pub(crate) async fn read(aws: &Aws) -> Result<Reasons, CallError> {
    recall(aws).await.map(|memory| memory.accounts)
}

/// Who is kept out today, and what is not tried.
pub(crate) async fn recall(aws: &Aws) -> Result<Memory, CallError> {
    let (entries, _) = standing(aws).await?;
    let mut memory = Memory {
        accounts: Reasons::new(),
        attempts: BTreeMap::new(),
    };
    for (key, entry) in entries {
        match (key.parse::<AccountId>(), key.parse::<Digest>()) {
            (Ok(account), _) => drop(memory.accounts.insert(account, entry.reason)),
            (_, Ok(attempt)) => drop(memory.attempts.insert(attempt, entry.reason)),
            _ => tracing::warn!(key, "{KEY} names what is neither an account nor an attempt"),
        }
    }
    Ok(memory)
}

/// Keeps `accounts` out from now on, each for its reason; nothing is written for nobody.
pub(crate) async fn add(aws: &Aws, accounts: &Reasons) -> Result<(), CallError> {
    if accounts.is_empty() {
        return Ok(());
    }
    extend(aws, &named(accounts)).await
}

/// Keeps `attempt` from being made again, and `accounts` out.
pub(crate) async fn add_attempt(
    aws: &Aws,
    attempt: &Digest,
    reason: &str,
    accounts: &Reasons,
) -> Result<(), CallError> {
    let mut added = named(accounts);
    added.insert(attempt.to_string(), reason.to_owned());
    extend(aws, &added).await
}

fn named(accounts: &Reasons) -> BTreeMap<String, String> {
    accounts
        .iter()
        .map(|(account, reason)| (account.to_string(), reason.clone()))
        .collect()
}

async fn extend(aws: &Aws, added: &BTreeMap<String, String>) -> Result<(), CallError> {
    let until = Timestamp::now() + TERM;
    for _ in 0..MOST_RACES {
        let (mut entries, etag) = standing(aws).await?;
        let added = added
            .iter()
            .map(|(key, reason)| (key.clone(), reason.clone()));
        entries.extend(added.map(|(key, reason)| (key, Entry { reason, until })));
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
    let Some((bytes, etag)) = get(aws, KEY).await? else {
        return Ok((Entries::new(), None));
    };
    let mut entries: Entries = serde_json::from_slice(&bytes).unwrap_or_else(|error| {
        tracing::warn!(%error, "{KEY} cannot be read and keeps nobody out");
        Entries::new()
    });
    let now = Timestamp::now();
    entries.retain(|_, entry| entry.until > now);
    Ok((entries, Some(etag)))
}

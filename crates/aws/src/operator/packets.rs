//! What people were told of the builds that failed.

use goldsmith_domain::announcement::{FAILURES, FailurePacket};
use jiff::Timestamp;
use serde::Serialize;

use crate::at_once::read_each;
use crate::fault::CallError;
use crate::{Aws, output};

/// A build that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Failed {
    /// When people were told.
    pub time: Timestamp,
    /// What they were told.
    #[serde(flatten)]
    pub packet: FailurePacket,
}

/// The builds whose failure was told since a time, the newest first, and at most `most`. An object that is no packet is
/// left out.
///
/// Errors: what S3 answers.
pub async fn failed_builds(
    aws: &Aws,
    since: Timestamp,
    most: usize,
) -> Result<Vec<Failed>, CallError> {
    let objects = output::listed(aws, FAILURES, "").await?.into_iter();
    let stored = objects.filter_map(|object| {
        let time = object.last_modified?.to_millis().ok()?;
        Some((Timestamp::from_millisecond(time).ok()?, object.key?))
    });
    let mut stored: Vec<(Timestamp, String)> = stored.filter(|(time, _)| *time >= since).collect();
    stored.sort_by(|one, other| other.cmp(one));
    stored.truncate(most);
    let read = read_each(&stored, |(time, key)| read(aws, *time, key)).await?;
    Ok(read.into_iter().flatten().collect())
}

async fn read(aws: &Aws, time: Timestamp, key: &str) -> Result<Option<Failed>, CallError> {
    let stored = output::get(aws, key).await?;
    let packet = stored.and_then(|(bytes, _)| serde_json::from_slice(&bytes).ok());
    Ok(packet.map(|packet| Failed { time, packet }))
}

//! The earlier versions of documents.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::document::{AMI_VERSIONS, ENVIRONMENT};

use crate::Aws;
use crate::fault::CallError;

/// The version to read of a document instead of the newest; none before it was first uploaded.
pub(super) type Pin = Option<String>;

/// How far back each document has been looked for.
#[derive(Default)]
pub(super) struct Histories {
    /// Versions that were not tried yet, the newest last.
    earlier: BTreeMap<String, Vec<String>>,
    /// What to read of these documents.
    pub(super) pinned: BTreeMap<String, Pin>,
}

impl Histories {
    /// Goes to the version before for each of `keys`; whether there is one. `current` are the versions
    /// that are not good, by key.
    ///
    /// Before its first version a document was not there. Workload accounts may be away; a component may not, so
    /// that `environment.json`, which names it, goes back as well.
    ///
    /// Errors: the document whose versions could not be listed, and why.
    pub(super) async fn step_back(
        &mut self,
        aws: &Aws,
        current: &BTreeMap<String, String>,
        mut keys: BTreeSet<String>,
    ) -> Result<bool, (String, CallError)> {
        // In the order of their keys, in which components come before the environment.
        while let Some(key) = keys.pop_first() {
            if !self.earlier.contains_key(&key) {
                let current = current.get(&key).map(String::as_str);
                let versions = earlier(aws, &key, current).await;
                let versions = versions.map_err(|source| (key.clone(), source))?;
                self.earlier.insert(key.clone(), versions);
            }
            let version = self.earlier.get_mut(&key).and_then(Vec::pop);
            if version.is_none() && [ENVIRONMENT, AMI_VERSIONS].contains(&key.as_str()) {
                return Ok(false);
            }
            let is_away = version.is_none() && !current.contains_key(&key);
            if is_away {
                keys.insert(ENVIRONMENT.to_owned());
            }
            self.pinned.insert(key, version);
        }
        Ok(true)
    }
}

/// The versions of a document before `current`, oldest first; all of them if it has none now.
pub(super) async fn earlier(
    aws: &Aws,
    key: &str,
    current: Option<&str>,
) -> Result<Vec<String>, CallError> {
    let call = aws
        .s3
        .list_object_versions()
        .bucket(&aws.resources.document_bucket)
        .prefix(key)
        .send()
        .await;
    let answer = call.map_err(|error| CallError::new("s3:ListObjectVersions", error))?;
    let of_key = answer
        .versions()
        .iter()
        .filter(|version| version.key() == Some(key));
    let ids = of_key.filter_map(|version| version.version_id().map(str::to_owned));
    let mut earlier: Vec<String> = ids.filter(|id| Some(id.as_str()) != current).collect();
    earlier.reverse();
    Ok(earlier)
}

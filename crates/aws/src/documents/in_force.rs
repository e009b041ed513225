//! What stays in force while the newest documents are wrong.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{Access, DocumentFile, Parsed, access};

use super::history::Histories;
use super::{Documents, DocumentsError, MOST_STEPS, current, read};
use crate::Aws;

/// What stays in force: what the documents say, and the S3 version of each.
pub type InForce = (Box<Desired>, BTreeMap<String, String>);

/// Who may launch the images while documents are wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessInForce {
    /// What the newest good documents say that say who it is.
    pub access: Access,
    /// The texts of the newer ones, which are wrong.
    pub rejected: Vec<String>,
}

/// The newest documents that can be acted upon: where `current` is wrong or not there, the version
/// before it, and so on; `None` if there never was a good one. `refused` names the documents that may
/// not be acted upon although they parsed.
///
/// Errors: [`DocumentsError::NoneUsable`] if the last [`MOST_STEPS`] versions are all wrong.
pub async fn in_force(
    aws: &Aws,
    current: &Documents,
    refused: impl Fn(&Desired) -> BTreeSet<String>,
) -> Result<Option<InForce>, DocumentsError> {
    let judge = |documents: &Documents| match &documents.parsed {
        Parsed::Absent(_) | Parsed::Rejected(_) => Err(documents.unusable()),
        Parsed::Desired(desired) => {
            let refused = refused(desired);
            let in_force = (desired.clone(), documents.versions());
            refused.is_empty().then_some(in_force).ok_or(refused)
        }
    };
    let found = walk_back(aws, current, judge).await?;
    Ok(found.map(|(in_force, _)| in_force))
}

/// What the documents in force ask for, including `pause`: a bad upload after a pause does not end it.
pub async fn desired_in_force(aws: &Aws) -> Result<Option<Box<Desired>>, DocumentsError> {
    let in_force = in_force(aws, &current(aws).await?, |_| BTreeSet::new()).await?;
    Ok(in_force.map(|(desired, _)| desired))
}

/// Who may launch the images, by the newest of the documents that say so and are good: an entry or a component
/// that is wrong changes nothing about it. `None` if there never was a good one.
///
/// Errors: as [`in_force`].
pub async fn access_in_force(
    aws: &Aws,
    current: &Documents,
) -> Result<Option<AccessInForce>, DocumentsError> {
    let found = walk_back(aws, current, |documents| access(&documents.files)).await?;
    Ok(found.map(|(access, rejected)| AccessInForce { access, rejected }))
}

/// What `judge` makes of the newest documents that it takes, and the texts of those that it did not. It names the
/// documents that are wrong, and those go back by a version.
async fn walk_back<T>(
    aws: &Aws,
    current: &Documents,
    judge: impl Fn(&Documents) -> Result<T, BTreeSet<String>>,
) -> Result<Option<(T, Vec<String>)>, DocumentsError> {
    let mut documents = current.clone();
    let mut histories = Histories::default();
    let mut rejected = Vec::new();
    for _ in 0..MOST_STEPS {
        let wrong = match judge(&documents) {
            Ok(found) => return Ok(Some((found, rejected))),
            Err(wrong) => wrong,
        };
        let texts = documents.files.iter();
        rejected.extend(texts.filter(|file| wrong.contains(&file.key)).map(text));
        let stepped = histories.step_back(aws, &documents.versions(), wrong).await;
        if !stepped.map_err(|(key, source)| DocumentsError::Versions { key, source })? {
            return Ok(None);
        }
        documents = read(aws, &histories.pinned).await?;
    }
    Err(DocumentsError::NoneUsable)
}

/// The text of a document that may be no text.
fn text(file: &DocumentFile) -> String {
    String::from_utf8_lossy(&file.bytes).into_owned()
}

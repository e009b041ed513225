//! AMIs that failed builds have left.

use std::collections::BTreeSet;

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::names::AmiId;
use goldsmith_domain::plan::EXPIRY_TAG;
use jiff::Timestamp;
use serde::Deserialize;

use super::Client;
use super::answers::{List, Tag};
use crate::fault::{CallError, Fault};
use crate::query::encoded;

/// The tag that Image Builder gives every AMI that it makes: the image's ARN (user guide, "Tag resources").
pub(super) const IMAGE_TAG: &str = "Ec2ImageBuilderArn";

/// An AMI, the image that it was made for, and when that was.
pub(crate) struct LeftAmi {
    pub(crate) image: ImageArn,
    pub(crate) ami: AmiId,
    pub(crate) created: Option<Timestamp>,
    /// Whether its tags say when it is removed.
    pub(crate) expires: bool,
    pub(crate) size_gib: u64,
}

impl Client {
    /// The AMIs of the account in this Region that Image Builder made for these images.
    pub(crate) async fn left_of(
        &self,
        images: &BTreeSet<ImageArn>,
    ) -> Result<Vec<LeftAmi>, CallError> {
        let images = images.iter().map(|image| encoded(&image.to_string()));
        let images: Vec<String> = images.collect();
        let filter = encoded(&format!("tag:{IMAGE_TAG}"));
        let mut all = Vec::new();
        for body in super::batches(&filter, images.iter().map(String::as_str)) {
            let body = format!("&Owner.1=self&IncludeDeprecated=true&IncludeDisabled=true{body}");
            let found: Answer = self.query.answer("ec2:DescribeImages", body).await?;
            all.extend(found.set.items.iter().filter_map(Item::left));
        }
        Ok(all)
    }

    /// Deregisters an AMI and deletes its snapshots; one that is gone already is no error.
    ///
    /// Errors: also a snapshot that was not deleted, which the answer says although the call succeeds (API reference,
    /// `DeleteSnapshotReturnCode`). One that another AMI has is skipped.
    pub(crate) async fn deregister(&self, ami: &AmiId) -> Result<(), CallError> {
        const OPERATION: &str = "ec2:DeregisterImage";
        let body = format!("&ImageId={ami}&DeleteAssociatedSnapshots=true");
        let deregistered: Deregistered = match self.query.answer(OPERATION, body).await {
            Err(error) if error.fault == Fault::NotFound => return Ok(()),
            answer => answer?,
        };
        let mut snapshots = deregistered.snapshots.items.into_iter();
        let is_left =
            |one: &DeletedSnapshot| !["success", "skipped"].contains(&one.return_code.as_str());
        snapshots.find(is_left).map_or(Ok(()), |left| {
            let DeletedSnapshot {
                snapshot_id,
                return_code,
            } = left;
            let why = format!(
                "snapshot {snapshot_id} of {ami} is left ({return_code}): delete it by hand"
            );
            Err(CallError::rejected(OPERATION, Fault::Permanent, why))
        })
    }
}

/// `DeregisterImageResponse`.
#[derive(Debug, Deserialize)]
struct Deregistered {
    #[serde(rename = "deleteSnapshotResultSet", default)]
    snapshots: List<DeletedSnapshot>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeletedSnapshot {
    #[serde(default)]
    snapshot_id: String,
    #[serde(default)]
    return_code: String,
}

/// `DescribeImagesResponse`.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(rename = "imagesSet", default)]
    set: List<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    image_id: String,
    creation_date: Option<String>,
    #[serde(default)]
    tag_set: List<Tag>,
    #[serde(default)]
    block_device_mapping: List<Device>,
}

#[derive(Debug, Deserialize)]
struct Device {
    ebs: Option<Ebs>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ebs {
    volume_size: Option<u64>,
}

impl Item {
    fn size_gib(&self) -> u64 {
        let devices = self.block_device_mapping.items.iter();
        devices
            .filter_map(|device| device.ebs.as_ref()?.volume_size)
            .sum()
    }

    fn left(&self) -> Option<LeftAmi> {
        let mut tags = self.tag_set.items.iter();
        let tag = tags.find(|tag| tag.key == IMAGE_TAG)?;
        let created = self.creation_date.as_ref();
        Some(LeftAmi {
            image: tag.value.parse().ok()?,
            ami: self.image_id.parse().ok()?,
            created: created.and_then(|created| created.parse().ok()),
            size_gib: self.size_gib(),
            expires: self.tag_set.items.iter().any(|tag| tag.key == EXPIRY_TAG),
        })
    }
}

//! Dry runs of launches; an AMI as its account sees it.

use std::collections::BTreeSet;

use goldsmith_domain::names::AmiId;
use goldsmith_domain::verify::{LaunchQuestion, SeenAmi};
use serde::Deserialize;

use super::Client;
use super::answers::List;
use crate::fault::CallError;
use crate::query::encoded;

/// How a dry run is counted: it changes nothing.
const DRY_RUN: &str = "RunInstances (dry run)";

impl Client {
    /// Whether `launch` would succeed: the error `DryRunOperation` says that it would.
    pub(crate) async fn dry_run(&self, launch: &LaunchQuestion) -> Result<(), CallError> {
        let body = format!("&DryRun=true{}", order(launch));
        self.query
            .dry_run("ec2:RunInstances", DRY_RUN, body)
            .await
            .map(drop)
    }

    /// The state of an AMI, such as `available`; none if this account sees no such AMI.
    pub(crate) async fn state_of(&self, id: &AmiId) -> Result<Option<String>, CallError> {
        let body = format!(
            "&IncludeDeprecated=true&IncludeDisabled=true&Filter.1.Name=image-id&Filter.1.Value.1={id}"
        );
        let found: OwnedImages = self.query.answer("ec2:DescribeImages", body).await?;
        let mut images = found.set.items.into_iter();
        Ok(images.next().map(|image| image.image_state))
    }

    /// An AMI as this account sees it; none if it sees no such AMI.
    pub(crate) async fn seen_ami(&self, id: &AmiId) -> Result<Option<SeenAmi>, CallError> {
        let body = format!("&IncludeDeprecated=true&Filter.1.Name=image-id&Filter.1.Value.1={id}");
        let found: OwnedImages = self.query.answer("ec2:DescribeImages", body).await?;
        let Some(image) = found.set.items.into_iter().next() else {
            return Ok(None);
        };
        let keys = self.keys_of(&image.snapshots()).await?;
        let seen = |owner| SeenAmi {
            owner,
            state: image.image_state,
            keys,
        };
        Ok(image.image_owner_id.parse().ok().map(seen))
    }

    /// The keys of snapshots; an empty text for one that is not encrypted.
    async fn keys_of(&self, snapshots: &BTreeSet<String>) -> Result<Vec<String>, CallError> {
        if snapshots.is_empty() {
            return Ok(Vec::new());
        }
        let id = |(n, id): (usize, &String)| format!("&Filter.1.Value.{}={}", n + 1, encoded(id));
        let ids: String = snapshots.iter().enumerate().map(id).collect();
        let body = format!("&Filter.1.Name=snapshot-id{ids}");
        let found: Snapshots = self.query.answer("ec2:DescribeSnapshots", body).await?;
        Ok(found
            .set
            .items
            .into_iter()
            .map(|snapshot| snapshot.kms_key_id.unwrap_or_default())
            .collect())
    }
}

/// The members of `RunInstances` that both a dry run and a launch have.
pub(super) fn order(launch: &LaunchQuestion) -> String {
    let LaunchQuestion {
        ami,
        instance_type,
        place,
        ..
    } = launch;
    let subnet = place
        .subnet
        .iter()
        .map(|subnet| format!("&SubnetId={subnet}"));
    let group = place
        .security_group
        .iter()
        .map(|group| format!("&SecurityGroupId.1={group}"));
    let place: String = subnet.chain(group).collect();
    format!(
        "&ImageId={ami}&InstanceType={}&MinCount=1&MaxCount=1{place}",
        encoded(instance_type)
    )
}

/// The owner and the encryption of AMIs in a `DescribeImagesResponse`.
#[derive(Debug, Deserialize)]
struct OwnedImages {
    #[serde(rename = "imagesSet", default)]
    set: List<OwnedImage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedImage {
    #[serde(default)]
    image_owner_id: String,
    #[serde(default)]
    image_state: String,
    #[serde(default)]
    block_device_mapping: List<MappedDevice>,
}

#[derive(Debug, Deserialize)]
struct MappedDevice {
    ebs: Option<MappedEbs>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MappedEbs {
    snapshot_id: Option<String>,
}

impl OwnedImage {
    fn snapshots(&self) -> BTreeSet<String> {
        let devices = self.block_device_mapping.items.iter();
        devices
            .filter_map(|device| device.ebs.as_ref()?.snapshot_id.clone())
            .collect()
    }
}

/// The keys in a `DescribeSnapshotsResponse`.
#[derive(Debug, Deserialize)]
struct Snapshots {
    #[serde(rename = "snapshotSet", default)]
    set: List<SnapshotItem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotItem {
    kms_key_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::consumers::LaunchPlace;

    use super::*;

    #[test]
    fn a_launch_names_its_subnet_and_group_only_where_they_are_given() {
        let mut launch = LaunchQuestion {
            region: "us-east-1".parse().expect("a Region"),
            ami: "ami-08bd941ae380bd3cd".parse().expect("an AMI"),
            is_copy: false,
            instance_type: "m6i.large".to_owned(),
            place: LaunchPlace::default(),
        };
        let plain = "&ImageId=ami-08bd941ae380bd3cd&InstanceType=m6i%2Elarge&MinCount=1&MaxCount=1";
        assert_eq!(order(&launch), plain);
        launch.place.subnet = Some("subnet-29cb4f75".parse().expect("a subnet"));
        launch.place.security_group = Some("sg-6f18e222".parse().expect("a group"));
        assert_eq!(
            order(&launch),
            format!("{plain}&SubnetId=subnet-29cb4f75&SecurityGroupId.1=sg-6f18e222")
        );
    }
}

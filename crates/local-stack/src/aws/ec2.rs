//! EC2: AMIs, their volumes and whom they are shared with.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Aws, CallError};

const VERSION: &str = "2016-11-15";

#[derive(Deserialize)]
struct Items<T> {
    #[serde(rename = "item", default = "Vec::new")]
    items: Vec<T>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Images {
    images_set: Items<RawImage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawImage {
    image_id: String,
    image_state: String,
    image_owner_id: String,
    block_device_mapping: Option<Items<Device>>,
    deprecation_time: Option<String>,
    #[serde(default)]
    tag_set: Items<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

impl Items<Tag> {
    fn into_map(self) -> BTreeMap<String, String> {
        let tags = self.items.into_iter();
        tags.map(|tag| (tag.key, tag.value)).collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Device {
    device_name: String,
    ebs: Option<Ebs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ebs {
    snapshot_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snapshots {
    snapshot_set: Items<Snapshot>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot {
    #[serde(rename = "snapshotId")]
    id: String,
    volume_size: u32,
    encrypted: bool,
    kms_key_id: Option<String>,
    #[serde(default)]
    tag_set: Items<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    launch_permission: Option<Items<Permission>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    user_id: Option<String>,
    organization_arn: Option<String>,
    organizational_unit_arn: Option<String>,
}

impl Permission {
    fn organization(&self) -> Option<&String> {
        self.organization_arn
            .as_ref()
            .or(self.organizational_unit_arn.as_ref())
    }
}

/// `DescribeInstancesResponse`, as far as states go.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservations {
    reservation_set: Items<Reservation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservation {
    instances_set: Items<Instance>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    instance_id: String,
    instance_state: InstanceState,
}

#[derive(Deserialize)]
struct InstanceState {
    name: String,
}

/// An AMI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ami {
    /// Its id.
    pub id: String,
    /// `available` and so on.
    pub state: String,
    /// Its volumes in the order of their devices, as their snapshots show them.
    pub volumes: Vec<Volume>,
    /// Accounts that may launch it, besides its owner.
    pub shared_with: Vec<String>,
    /// Organizations and organizational units whose accounts may launch it, by ARN.
    pub shared_with_organizations: Vec<String>,
    /// When it is deprecated, if ever.
    pub deprecated_at: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// One of an AMI's volumes, with its snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// The device that it is attached as, for example `/dev/xvda`.
    pub device: String,
    /// The snapshot.
    pub snapshot_id: String,
    /// Its size.
    pub size_gib: u32,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key that it is encrypted with.
    pub kms_key_id: Option<String>,
    /// The snapshot's tags.
    pub tags: BTreeMap<String, String>,
}

impl Ami {
    /// Whether every volume is encrypted.
    pub fn is_encrypted(&self) -> bool {
        !self.volumes.is_empty() && self.volumes.iter().all(|volume| volume.encrypted)
    }
}

impl Aws {
    /// The AMI `id` with its volumes and launch permissions, read from EC2; none if there is none.
    pub async fn ami(&self, id: &str) -> Result<Option<Ami>, CallError> {
        let found: Images = self
            .query("ec2", "DescribeImages", VERSION, &[("ImageId.1", id)])
            .await?
            .xml()?;
        let Some(image) = found.images_set.items.into_iter().next() else {
            return Ok(None);
        };
        let volumes = self
            .volumes(image.block_device_mapping.unwrap_or_default().items)
            .await?;
        // Only the owner is told whom an AMI is shared with.
        let permissions = if image.image_owner_id == self.account() {
            self.launch_permission(id).await?
        } else {
            Vec::new()
        };
        let organizations = permissions
            .iter()
            .filter_map(Permission::organization)
            .cloned()
            .collect();
        Ok(Some(Ami {
            id: image.image_id,
            state: image.image_state,
            volumes,
            shared_with: permissions
                .into_iter()
                .filter_map(|permission| permission.user_id)
                .collect(),
            shared_with_organizations: organizations,
            deprecated_at: image.deprecation_time,
            tags: image.tag_set.into_map(),
        }))
    }

    /// What EC2 answers to a dry run of launching an instance from the AMI `id`: `DryRunOperation` if it
    /// would succeed, or else the code of the error.
    pub async fn try_launch(&self, id: &str) -> Result<String, CallError> {
        const LAUNCH: [(&str, &str); 4] = [
            ("InstanceType", "m7i.large"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("DryRun", "true"),
        ];
        let parameters = [&[("ImageId", id)], &LAUNCH[..]].concat();
        match self
            .query("ec2", "RunInstances", VERSION, &parameters)
            .await
        {
            Err(CallError::Refused {
                operation, message, ..
            }) => {
                let code = message
                    .split_once("<Code>")
                    .and_then(|(_, rest)| rest.split_once("</Code>"));
                let reason = || CallError::Answer {
                    operation,
                    reason: message.clone(),
                };
                code.map(|(code, _)| code.to_owned()).ok_or_else(reason)
            }
            Err(other) => Err(other),
            // A dry run never succeeds.
            Ok(answer) => Err(answer.unreadable(&"an instance")),
        }
    }

    /// Takes an account's launch permission for an AMI of ours away, as somebody would by hand.
    pub async fn withdraw(&self, ami: &str, account: &str) -> Result<(), CallError> {
        let remove = [
            ("ImageId", ami),
            ("LaunchPermission.Remove.1.UserId", account),
        ];
        self.query("ec2", "ModifyImageAttribute", VERSION, &remove)
            .await
            .map(drop)
    }

    /// Writes a tag of something, as somebody would by hand.
    pub async fn tag(&self, id: &str, key: &str, value: &str) -> Result<(), CallError> {
        let tag = [
            ("ResourceId.1", id),
            ("Tag.1.Key", key),
            ("Tag.1.Value", value),
        ];
        self.query("ec2", "CreateTags", VERSION, &tag)
            .await
            .map(drop)
    }

    /// The account's instances, each with its state.
    pub async fn instances(&self) -> Result<BTreeMap<String, String>, CallError> {
        let found: Reservations = self
            .query("ec2", "DescribeInstances", VERSION, &[])
            .await?
            .xml()?;
        let instances = found
            .reservation_set
            .items
            .into_iter()
            .flat_map(|one| one.instances_set.items);
        Ok(instances
            .map(|instance| (instance.instance_id, instance.instance_state.name))
            .collect())
    }

    async fn volumes(&self, devices: Vec<Device>) -> Result<Vec<Volume>, CallError> {
        let of_snapshot = |device: Device| Some((device.ebs?.snapshot_id?, device.device_name));
        let mut devices: BTreeMap<_, _> = devices.into_iter().filter_map(of_snapshot).collect();
        let snapshots = self.snapshots(devices.keys()).await?;
        let volume = |snapshot: Snapshot| Volume {
            device: devices.remove(&snapshot.id).unwrap_or_default(),
            snapshot_id: snapshot.id,
            size_gib: snapshot.volume_size,
            encrypted: snapshot.encrypted,
            kms_key_id: snapshot.kms_key_id,
            tags: snapshot.tag_set.into_map(),
        };
        let mut volumes: Vec<_> = snapshots.into_iter().map(volume).collect();
        volumes.sort_by(|a, b| a.device.cmp(&b.device));
        Ok(volumes)
    }

    async fn snapshots(
        &self,
        ids: impl Iterator<Item = &String>,
    ) -> Result<Vec<Snapshot>, CallError> {
        let numbered = ids
            .zip(1..)
            .map(|(id, n)| (format!("SnapshotId.{n}"), id.as_str()));
        let numbered: Vec<_> = numbered.collect();
        if numbered.is_empty() {
            return Ok(Vec::new());
        }
        let parameters: Vec<_> = numbered
            .iter()
            .map(|(name, id)| (name.as_str(), *id))
            .collect();
        let found: Snapshots = self
            .query("ec2", "DescribeSnapshots", VERSION, &parameters)
            .await?
            .xml()?;
        Ok(found.snapshot_set.items)
    }

    async fn launch_permission(&self, ami: &str) -> Result<Vec<Permission>, CallError> {
        let parameters = [("ImageId", ami), ("Attribute", "launchPermission")];
        let found: Attribute = self
            .query("ec2", "DescribeImageAttribute", VERSION, &parameters)
            .await?
            .xml()?;
        Ok(found.launch_permission.unwrap_or_default().items)
    }
}

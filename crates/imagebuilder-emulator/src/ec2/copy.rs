//! Copies of AMIs, into another Region or account, with their snapshots.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Ami, BlockDevice, Ebs, Ec2, Snapshot};
use crate::arn;

/// What a copy is to be.
#[derive(Debug, Clone)]
pub(crate) struct CopyOrder {
    pub source: Ami,
    pub region: String,
    pub owner: String,
    pub name: String,
    pub description: Option<String>,
    /// Encrypts the copy; without it an encrypted source gets the destination's default key.
    pub kms_key: Option<String>,
    pub now: Timestamp,
}

impl Ec2 {
    /// Makes the copy and its snapshots; launch permissions and tags are not copied.
    pub fn copy(&mut self, order: &CopyOrder) -> String {
        let devices = order.source.devices.iter().map(|device| self.copy_device(device, order));
        let devices = devices.collect();
        let id = self.mint("ami");
        let copy = Ami {
            id: id.clone(),
            region: order.region.clone(),
            owner: order.owner.clone(),
            name: order.name.clone(),
            description: order.description.clone(),
            devices,
            created: order.now,
            ..order.source.as_source()
        };
        self.amis.insert(id.clone(), copy);
        id
    }

    fn copy_device(&mut self, device: &BlockDevice, order: &CopyOrder) -> BlockDevice {
        let ebs = device.ebs.as_ref().map(|ebs| self.copy_volume(ebs, order));
        BlockDevice { ebs, ..device.clone() }
    }

    fn copy_volume(&mut self, ebs: &Ebs, order: &CopyOrder) -> Ebs {
        let encrypted = ebs.encrypted || order.kms_key.is_some();
        let key = key_arn(order.kms_key.as_deref(), &order.region, &order.owner);
        let snapshot = Snapshot {
            id: self.mint("snap"),
            region: order.region.clone(),
            owner: order.owner.clone(),
            volume: "vol-ffffffff".to_owned(),
            size_gib: ebs.size_gib,
            encrypted,
            kms_key: encrypted.then_some(key),
            description: format!("Copied for {} from {}", order.name, order.source.id),
            started: order.now,
            tags: BTreeMap::new(),
        };
        let id = snapshot.id.clone();
        self.snapshots.insert(id.clone(), snapshot);
        Ebs { snapshot: id, encrypted, ..ebs.clone() }
    }
}

/// A key's ARN: a full ARN as it is, an alias or id in its Region and account, or the default key.
pub(crate) fn key_arn(key: Option<&str>, region: &str, account: &str) -> String {
    let partition = arn::partition(region);
    match key {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(alias) if alias.starts_with("alias/") => {
            format!("arn:{partition}:kms:{region}:{account}:{alias}")
        }
        Some(id) => format!("arn:{partition}:kms:{region}:{account}:key/{id}"),
        None => format!("arn:{partition}:kms:{region}:{account}:alias/aws/ebs"),
    }
}

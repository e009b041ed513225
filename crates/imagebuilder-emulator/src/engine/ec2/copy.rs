//! Copies of AMIs, into another Region or account, with their snapshots.

use jiff::Timestamp;

use crate::{
    common::{arn, text::Text},
    records::ec2::{
        ami::{Ami, BlockDevice, Ebs},
        snapshot::Snapshot,
    },
    state::ec2::Ec2,
};

/// The volume of a copied snapshot: "an arbitrary volume ID" (API reference, Snapshot).
const NO_VOLUME: &str = "vol-ffffffff";

/// What a copy is to be.
#[derive(Debug, Clone)]
pub(crate) struct CopyRequest {
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
    pub fn copy(&mut self, request: &CopyRequest) -> String {
        let id = self.new_id("ami");
        let devices = request.source.devices.iter();
        let devices = devices
            .map(|device| self.copy_device(device, request, &id))
            .collect();
        let copy = Ami {
            id: id.clone(),
            region: request.region.as_str().into(),
            owner: request.owner.as_str().into(),
            name: request.name.as_str().into(),
            description: request.description.as_deref().map(Text::from),
            devices,
            created: request.now,
            ..request.source.as_source()
        };
        self.add_ami(copy);
        id.to_string()
    }

    fn copy_device(
        &mut self,
        device: &BlockDevice,
        request: &CopyRequest,
        copy: &str,
    ) -> BlockDevice {
        let ebs = device
            .ebs
            .as_ref()
            .map(|ebs| self.copy_volume(ebs, request, copy));
        BlockDevice {
            ebs,
            ..device.clone()
        }
    }

    fn copy_volume(&mut self, ebs: &Ebs, request: &CopyRequest, copy: &str) -> Ebs {
        let encrypted = ebs.encrypted || request.kms_key.is_some();
        let key = key_arn(request.kms_key.as_deref(), &request.region, &request.owner);
        let description = format!(
            "Copied for DestinationAmi {copy} from SourceAmi {} for SourceSnapshot {}.",
            request.source.id, ebs.snapshot
        );
        let snapshot = Snapshot {
            encrypted,
            kms_key: encrypted.then_some(key),
            description: description.into(),
            copied: true,
            product_codes: request.source.product_codes.clone(),
            ..self.new_snapshot(&request.region, &request.owner, ebs.size_gib, request.now)
        };
        let id = self.add_snapshot(Snapshot {
            volume: NO_VOLUME.into(),
            ..snapshot
        });
        Ebs {
            snapshot: id.into(),
            encrypted,
            ..ebs.clone()
        }
    }

    /// Copies one snapshot; as for AMIs, permissions and tags are not copied.
    pub fn copy_snapshot(&mut self, source: &Snapshot, copy: Snapshot) -> String {
        self.add_snapshot(Snapshot {
            volume: NO_VOLUME.into(),
            size_gib: source.size_gib,
            product_codes: source.product_codes.clone(),
            copied: true,
            ..copy
        })
    }
}

/// A key's ARN: a full ARN as it is, an alias or id in its Region and account, or the default key.
pub(crate) fn key_arn(key: Option<&str>, region: &str, account: &str) -> Text {
    let partition = arn::partition(region);
    match key {
        Some(arn) if arn.starts_with("arn:") => arn.into(),
        Some(alias) if alias.starts_with("alias/") => {
            format!("arn:{partition}:kms:{region}:{account}:{alias}").into()
        }
        Some(id) => format!("arn:{partition}:kms:{region}:{account}:key/{id}").into(),
        None => format!("arn:{partition}:kms:{region}:{account}:alias/aws/ebs").into(),
    }
}

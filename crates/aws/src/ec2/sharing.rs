//! Our own AMIs, and who may launch them.

use std::collections::BTreeSet;

use goldsmith_domain::names::{AmiId, Environment};
use goldsmith_domain::observed::Sharing;
use goldsmith_domain::stack::ENVIRONMENT_TAG;
use serde::Deserialize;

use super::Client;
use super::answers::List;
use crate::fault::{CallError, Fault};
use crate::query::encoded;

/// The largest page of AMIs (API reference, `DescribeImages`).
const PAGE: usize = 1000;

/// What is done to launch permissions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Permit {
    Add,
    Remove,
}

impl Permit {
    /// Its member of `LaunchPermissionModifications` (API reference).
    fn member(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Remove => "Remove",
        }
    }
}

impl Client {
    /// The AMIs of the environment that the account owns, each with whether everybody may launch it, and how many
    /// calls it took to list them.
    pub(crate) async fn own_amis(
        &self,
        environment: &Environment,
    ) -> Result<(Vec<(AmiId, bool)>, usize), CallError> {
        let (name, value) = (
            encoded(&format!("tag:{ENVIRONMENT_TAG}")),
            encoded(environment.as_str()),
        );
        let body = format!(
            "&Owner.1=self&IncludeDeprecated=true&MaxResults={PAGE}&Filter.1.Name={name}&Filter.1.Value.1={value}"
        );
        let (mut amis, mut calls, mut next) = (Vec::new(), 0, String::new());
        loop {
            let page: OwnImages = self
                .query
                .answer("ec2:DescribeImages", format!("{body}{next}"))
                .await?;
            calls += 1;
            let items = page.set.items.into_iter();
            amis.extend(
                items.filter_map(|item| Some((item.image_id.parse().ok()?, item.is_public))),
            );
            match page.next_token.filter(|token| !token.is_empty()) {
                Some(token) => next = format!("&NextToken={}", encoded(&token)),
                None => return Ok((amis, calls)),
            }
        }
    }

    /// The AMIs that Image Builder made of an image in this Region, by the tag that it gives them.
    #[cfg(feature = "operator")]
    pub(crate) async fn amis_of_image(&self, image: &str) -> Result<Vec<AmiId>, CallError> {
        let body = format!(
            "&Owner.1=self&IncludeDeprecated=true&IncludeDisabled=true\
             &Filter.1.Name=tag%3AEc2ImageBuilderArn&Filter.1.Value.1={}",
            encoded(image)
        );
        let found: OwnImages = self.query.answer("ec2:DescribeImages", body).await?;
        let ids = found.set.items.into_iter();
        Ok(ids.filter_map(|item| item.image_id.parse().ok()).collect())
    }

    /// Who may launch an AMI of ours; none if it is gone.
    pub(crate) async fn launch_permissions(
        &self,
        ami: &AmiId,
    ) -> Result<Option<Sharing>, CallError> {
        let body = format!("&Attribute=launchPermission&ImageId={ami}");
        let answer = self
            .query
            .answer::<LaunchPermissions>("ec2:DescribeImageAttribute", body)
            .await;
        match answer {
            Err(error) if error.fault == Fault::NotFound => Ok(None),
            other => other.map(|found| Some(found.permissions.sharing())),
        }
    }

    /// The snapshots of those AMIs that there are.
    pub(crate) async fn snapshots_of(
        &self,
        amis: &BTreeSet<AmiId>,
    ) -> Result<BTreeSet<String>, CallError> {
        let mut snapshots = BTreeSet::new();
        for body in super::batches("image-id", amis.iter().map(AmiId::as_str)) {
            let body = format!("&IncludeDeprecated=true&IncludeDisabled=true{body}");
            let images: MappedImages = self.query.answer("ec2:DescribeImages", body).await?;
            snapshots.extend(images.snapshots());
        }
        Ok(snapshots)
    }

    /// Who may make volumes of a snapshot of ours.
    pub(crate) async fn volume_permissions(&self, snapshot: &str) -> Result<Sharing, CallError> {
        let body = format!("&Attribute=createVolumePermission&SnapshotId={snapshot}");
        let answer: VolumePermissions = self
            .query
            .answer("ec2:DescribeSnapshotAttribute", body)
            .await?;
        Ok(answer.permissions.sharing())
    }

    /// Adds or removes launch permissions of an AMI of ours; what is there already, or not there any
    /// more, is no error.
    pub(crate) async fn permit(
        &self,
        ami: &AmiId,
        permit: Permit,
        sharing: &Sharing,
    ) -> Result<(), CallError> {
        let body = format!("&ImageId={ami}{}", permissions(permit, sharing));
        self.query
            .call("ec2:ModifyImageAttribute", body)
            .await
            .map(drop)
    }
}

/// The members of a `LaunchPermissionModifications`, one item a permission.
fn permissions(permit: Permit, sharing: &Sharing) -> String {
    let accounts = sharing
        .accounts
        .iter()
        .map(|account| ("UserId", account.to_string()));
    let organizations = sharing.organizations.iter().map(|arn| {
        let unit = arn.as_str().contains(":ou/");
        (
            if unit {
                "OrganizationalUnitArn"
            } else {
                "OrganizationArn"
            },
            arn.to_string(),
        )
    });
    let everybody = sharing.everybody.then(|| ("Group", "all".to_owned()));
    let all = accounts.chain(organizations).chain(everybody).enumerate();
    let item = |(n, (member, value)): (usize, (&str, String))| {
        format!(
            "&LaunchPermission.{}.{}.{member}={}",
            permit.member(),
            n + 1,
            encoded(&value)
        )
    };
    all.map(item).collect()
}

/// `DescribeImagesResponse`, as far as ids go.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnImages {
    #[serde(rename = "imagesSet", default)]
    set: List<OwnImage>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnImage {
    image_id: String,
    #[serde(default)]
    is_public: bool,
}

/// `DescribeImageAttributeResponse` for the launch permission.
#[derive(Debug, Deserialize)]
struct LaunchPermissions {
    #[serde(rename = "launchPermission", default)]
    permissions: Permissions,
}

/// `DescribeSnapshotAttributeResponse` for the permission to make volumes.
#[derive(Debug, Deserialize)]
struct VolumePermissions {
    #[serde(rename = "createVolumePermission", default)]
    permissions: Permissions,
}

/// The snapshots in a `DescribeImagesResponse`.
#[derive(Debug, Deserialize)]
struct MappedImages {
    #[serde(rename = "imagesSet", default)]
    set: List<MappedImage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MappedImage {
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

impl MappedImages {
    fn snapshots(self) -> impl Iterator<Item = String> {
        let images = self.set.items.into_iter();
        let devices = images.flat_map(|image| image.block_device_mapping.items);
        devices.filter_map(|device| device.ebs?.snapshot_id)
    }
}

/// The permissions of an AMI or of a snapshot.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Permissions(List<LaunchPermission>);

/// One of its members has a value.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LaunchPermission {
    user_id: Option<String>,
    group: Option<String>,
    organization_arn: Option<String>,
    organizational_unit_arn: Option<String>,
}

impl Permissions {
    fn sharing(self) -> Sharing {
        let mut sharing = Sharing::default();
        for item in self.0.items {
            let organization = item.organization_arn.or(item.organizational_unit_arn);
            sharing
                .accounts
                .extend(item.user_id.and_then(|id| id.parse().ok()));
            sharing
                .organizations
                .extend(organization.and_then(|arn| arn.parse().ok()));
            sharing.everybody |= item.group.as_deref() == Some("all");
        }
        sharing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGANIZATION: &str = "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5";
    const UNIT: &str = "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-11111111";

    fn sharing_of_every_kind() -> Sharing {
        Sharing {
            accounts: ["222222222222".parse().expect("an account")].into(),
            organizations: [ORGANIZATION, UNIT]
                .map(|arn| arn.parse().expect("an ARN"))
                .into(),
            everybody: true,
        }
    }

    /// The members are those of `LaunchPermission` in the API reference.
    #[test]
    fn each_permission_is_named_by_its_kind() {
        let expected = format!(
            "&LaunchPermission.Remove.1.UserId=222222222222\
             &LaunchPermission.Remove.2.OrganizationArn={}&LaunchPermission.Remove.3.OrganizationalUnitArn={}\
             &LaunchPermission.Remove.4.Group=all",
            encoded(ORGANIZATION),
            encoded(UNIT)
        );
        let found = permissions(Permit::Remove, &sharing_of_every_kind());
        assert_eq!(found, expected);
        assert!(found.contains("arn%3Aaws%3Aorganizations"), "{found}");
    }

    #[test]
    fn each_permission_is_read_by_its_kind() {
        let items = format!(
            "<item><userId>222222222222</userId></item><item><group>all</group></item>\
             <item><organizationArn>{ORGANIZATION}</organizationArn></item>\
             <item><organizationalUnitArn>{UNIT}</organizationalUnitArn></item>"
        );
        let answer = format!(
            "<DescribeImageAttributeResponse><imageId>ami-1</imageId>\
             <launchPermission>{items}</launchPermission></DescribeImageAttributeResponse>"
        );
        let read: LaunchPermissions = quick_xml::de::from_str(&answer).expect("an answer");
        assert_eq!(read.permissions.sharing(), sharing_of_every_kind());
        let alone =
            "<DescribeImageAttributeResponse><launchPermission/></DescribeImageAttributeResponse>";
        let read: LaunchPermissions = quick_xml::de::from_str(alone).expect("an answer");
        assert!(read.permissions.sharing().is_empty());
    }
}

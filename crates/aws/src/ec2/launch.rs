//! Launches: dry runs, and instances that are started only to be ended; an AMI as its account sees it.

use std::collections::BTreeSet;

use goldsmith_domain::names::AmiId;
use goldsmith_domain::verify::{LaunchQuestion, SeenAmi};
use serde::Deserialize;

use super::Client;
use super::answers::List;
use crate::fault::{CallError, Fault};
use crate::query::encoded;

/// The state of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instance {
    /// Its state, such as `pending` or `running`.
    pub state: String,
    /// Why it ended: the code, such as `Client.InternalError`, and a sentence.
    pub reason: (String, String),
}

impl Client {
    /// Whether `launch` would succeed: the error `DryRunOperation` says that it would.
    pub(crate) async fn dry_run(&self, launch: &LaunchQuestion) -> Result<(), CallError> {
        let body = format!("&DryRun=true{}", order(launch));
        self.query.call("ec2:RunInstances", body).await.map(drop)
    }

    /// Starts one instance that carries `name`; its id.
    pub(crate) async fn run(
        &self,
        launch: &LaunchQuestion,
        name: &str,
    ) -> Result<String, CallError> {
        const OPERATION: &str = "ec2:RunInstances";
        let tag = format!(
            "&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name\
             &TagSpecification.1.Tag.1.Value={}",
            encoded(name)
        );
        let started: Reservation = self.query.answer(OPERATION, order(launch) + &tag).await?;
        let id = started
            .instances
            .items
            .into_iter()
            .next()
            .map(|item| item.id);
        id.ok_or_else(|| {
            CallError::rejected(OPERATION, Fault::Permanent, "no instance was started")
        })
    }

    /// An instance of this account; none if EC2 does not know it, yet or any more.
    pub(crate) async fn instance(&self, id: &str) -> Result<Option<Instance>, CallError> {
        let body = format!(
            "&Filter.1.Name=instance-id&Filter.1.Value.1={}",
            encoded(id)
        );
        let found: Reservations = self.query.answer("ec2:DescribeInstances", body).await?;
        let instances = found
            .set
            .items
            .into_iter()
            .flat_map(|reservation| reservation.instances.items);
        Ok(instances.map(InstanceItem::instance).next())
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
fn order(launch: &LaunchQuestion) -> String {
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

/// `RunInstancesResponse`, and an item of `DescribeInstancesResponse`.
#[derive(Debug, Deserialize)]
struct Reservation {
    #[serde(rename = "instancesSet", default)]
    instances: List<InstanceItem>,
}

#[derive(Debug, Deserialize)]
struct Reservations {
    #[serde(rename = "reservationSet", default)]
    set: List<Reservation>,
}

#[derive(Debug, Deserialize)]
struct InstanceItem {
    #[serde(rename = "instanceId")]
    id: String,
    #[serde(rename = "instanceState")]
    state: StateItem,
    #[serde(rename = "stateReason")]
    reason: Option<ReasonItem>,
}

#[derive(Debug, Deserialize)]
struct StateItem {
    name: String,
}

#[derive(Debug, Deserialize)]
struct ReasonItem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl ReasonItem {
    /// The code, and the message without the code that EC2 puts before it.
    fn parts(self) -> (String, String) {
        let Self { code, message } = self;
        let prefix = format!("{code}: ");
        let message = message.strip_prefix(&prefix).unwrap_or(&message).to_owned();
        (code, message)
    }
}

impl InstanceItem {
    fn instance(self) -> Instance {
        let reason = self.reason.map(ReasonItem::parts).unwrap_or_default();
        Instance {
            state: self.state.name,
            reason,
        }
    }
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

    /// The shape of the API reference's examples of `DescribeInstances` and `RunInstances`.
    #[test]
    fn an_instance_says_why_it_ended() {
        let item = "<item><instanceId>i-1</instanceId><instanceState><code>48</code><name>terminated</name>\
            </instanceState><stateReason><code>Client.InternalError</code><message>Client.InternalError: Client \
            error on launch</message></stateReason></item>";
        let answer = format!(
            "<DescribeInstancesResponse><reservationSet><item><instancesSet>{item}</instancesSet></item>\
             </reservationSet></DescribeInstancesResponse>"
        );
        let found: Reservations = quick_xml::de::from_str(&answer).expect("an answer");
        let mut instances = found
            .set
            .items
            .into_iter()
            .flat_map(|one| one.instances.items);
        let instance = instances
            .next()
            .map(InstanceItem::instance)
            .expect("an instance");
        let reason = ("Client.InternalError", "Client error on launch");
        let reason = (reason.0.to_owned(), reason.1.to_owned());
        assert_eq!(
            instance,
            Instance {
                state: "terminated".to_owned(),
                reason
            }
        );
    }
}

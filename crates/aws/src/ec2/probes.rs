//! Instances that are started only to be ended.

use goldsmith_domain::verify::LaunchQuestion;
use serde::Deserialize;

use super::Client;
use super::answers::List;
use super::launch::order;
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

#[cfg(test)]
mod tests {
    use super::*;

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

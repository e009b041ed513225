//! Instances that Image Builder launched, and that have not ended.

use goldsmith_domain::observed::KeptInstance;
use goldsmith_domain::plan::EXPIRY_TAG;
use serde::Deserialize;

use super::Client;
use super::answers::{List, Tag};
use super::leftovers::IMAGE_TAG;
use crate::fault::CallError;
use crate::query::encoded;

/// The most instances of a page (API reference, `DescribeInstances`).
const PAGE: u16 = 1000;

impl Client {
    /// The instances of Image Builder in this Region that run, or could run again. It tags what it launches with
    /// `CreatedBy` and the ARN of the image (user guide, "Tag resources").
    pub(crate) async fn instances_of_image_builder(&self) -> Result<Vec<KeptInstance>, CallError> {
        let states = ["pending", "running", "stopping", "stopped"]
            .iter()
            .enumerate();
        let states = states.map(|(n, state)| format!("&Filter.2.Value.{}={state}", n + 1));
        let body = format!(
            "&MaxResults={PAGE}&Filter.1.Name=tag%3ACreatedBy&Filter.1.Value.1={}\
             &Filter.2.Name=instance-state-name{}",
            encoded("EC2 Image Builder"),
            states.collect::<String>()
        );
        let (mut all, mut next) = (Vec::new(), String::new());
        loop {
            let body = format!("{body}{next}");
            let page: Reservations = self.query.answer("ec2:DescribeInstances", body).await?;
            let instances = page.set.items.iter().flat_map(|of_one| &of_one.set.items);
            all.extend(instances.filter_map(Instance::kept));
            match page.next_token.filter(|token| !token.is_empty()) {
                Some(token) => next = format!("&NextToken={}", encoded(&token)),
                None => return Ok(all),
            }
        }
    }

    /// Ends an instance of this account.
    pub(crate) async fn terminate(&self, id: &str) -> Result<(), CallError> {
        self.query
            .call(
                "ec2:TerminateInstances",
                format!("&InstanceId.1={}", encoded(id)),
            )
            .await
            .map(drop)
    }
}

/// `DescribeInstancesResponse`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservations {
    #[serde(rename = "reservationSet", default)]
    set: List<Reservation>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Reservation {
    #[serde(rename = "instancesSet", default)]
    set: List<Instance>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    instance_id: String,
    #[serde(default)]
    tag_set: List<Tag>,
}

impl Instance {
    /// As it is planned with; none if its tags name no image.
    fn kept(&self) -> Option<KeptInstance> {
        Some(KeptInstance {
            id: self.instance_id.parse().ok()?,
            image: self.tag(IMAGE_TAG)?.parse().ok()?,
            expires: self.tag(EXPIRY_TAG).and_then(|day| day.parse().ok()),
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let mut tags = self.tag_set.items.iter();
        Some(tags.find(|tag| tag.key == key)?.value.as_str())
    }
}

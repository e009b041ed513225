//! Instances: what one was launched from, and what becomes of it as time passes. Nothing runs in it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Ec2, ami::Traits, answer, describe::product_codes, network::Network, xml::Xml};
use crate::{arn, date::Date, state::Tags, text::Text};

/// How long a launch takes. Not documented; every instance here takes as long.
const PENDING: SignedDuration = SignedDuration::from_secs(10);
/// How long a termination takes. Not documented either.
const SHUTTING_DOWN: SignedDuration = SignedDuration::from_secs(20);
/// How long a terminated instance is shown: "a while" of less than an hour (User Guide, "Terminate
/// Amazon EC2 instances").
const SHOWN: SignedDuration = SignedDuration::from_hours(1);

/// An instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub id: Text,
    /// What it was launched with: one RunInstances, one reservation.
    pub reservation: Text,
    /// Its number in the launch.
    pub index: u32,
    /// The account that launched it.
    pub account: Text,
    pub region: Text,
    /// The AMI.
    pub image: Text,
    /// What it has from the AMI.
    pub traits: Arc<Traits>,
    /// The instance type, for example `m7i.large`.
    pub kind: String,
    pub network: Network,
    pub token: Option<String>,
    pub tags: Tags,
    pub launched: Timestamp,
    /// Its end, once it is certain.
    pub end: Option<End>,
}

/// How and when an instance ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum End {
    /// TerminateInstances was called.
    Asked(Timestamp),
    /// A volume's key was denied: the launch was answered well, and then fails.
    KeyDenied(Timestamp),
}

/// The states that an instance passes here: nothing is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InstanceState {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
}

impl InstanceState {
    /// As DescribeInstances shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
        }
    }

    /// The low byte of the code (API reference, `InstanceState`).
    pub fn code(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
        }
    }

    /// As an element with code and name.
    pub fn view(self, name: &'static str) -> Xml {
        Xml::new(name)
            .text("code", self.code())
            .text("name", self.as_str())
    }
}

impl End {
    /// The launch fails when it would have been over.
    pub fn of_a_launch_without_key(launched: Timestamp) -> Self {
        Self::KeyDenied(after(launched, PENDING))
    }

    /// When it is terminated.
    fn over(self) -> Timestamp {
        match self {
            Self::Asked(at) => after(at, SHUTTING_DOWN),
            Self::KeyDenied(at) => at,
        }
    }

    /// The code and the text of the reason (API reference, `StateReason`; User Guide, "Troubleshoot
    /// Amazon EC2 instance launch issues").
    fn reason(self) -> (&'static str, &'static str) {
        match self {
            Self::Asked(_) => (
                "Client.UserInitiatedShutdown",
                "Client.UserInitiatedShutdown: User initiated shutdown",
            ),
            Self::KeyDenied(_) => (
                "Client.InternalError",
                "Client.InternalError: Client error on launch",
            ),
        }
    }

    /// The older, shorter reason.
    fn transition(self) -> String {
        match self {
            Self::Asked(at) => format!("User initiated ({})", at.strftime("%Y-%m-%d %H:%M:%S GMT")),
            Self::KeyDenied(_) => "Client.InternalError".to_owned(),
        }
    }
}

fn after(at: Timestamp, duration: SignedDuration) -> Timestamp {
    at.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

impl Instance {
    /// What it is at a time.
    pub fn state(&self, now: Timestamp) -> InstanceState {
        match self.end_begun(now) {
            Some(end) if end.over() <= now => InstanceState::Terminated,
            Some(_) => InstanceState::ShuttingDown,
            None if now < after(self.launched, PENDING) => InstanceState::Pending,
            None => InstanceState::Running,
        }
    }

    /// Whether it is still shown.
    pub fn is_shown(&self, now: Timestamp) -> bool {
        self.end.is_none_or(|end| now < after(end.over(), SHOWN))
    }

    /// Ends it, if its end has not begun.
    pub fn terminate(&mut self, now: Timestamp) {
        if self.end_begun(now).is_none() {
            self.end = Some(End::Asked(now));
        }
    }

    /// The code of the reason for its state; none while it runs.
    pub fn reason_code(&self, now: Timestamp) -> Option<&'static str> {
        self.reason(now).map(|(code, _)| code)
    }

    fn reason(&self, now: Timestamp) -> Option<(&'static str, &'static str)> {
        let pending =
            || (self.state(now) == InstanceState::Pending).then_some(("pending", "pending"));
        self.end_begun(now).map(End::reason).or_else(pending)
    }

    fn end_begun(&self, now: Timestamp) -> Option<End> {
        self.end.filter(|end| match end {
            End::Asked(at) | End::KeyDenied(at) => *at <= now,
        })
    }

    /// As RunInstances and DescribeInstances show it; addresses, volumes and placement are not told.
    pub fn view(&self, now: Timestamp) -> Xml {
        let transition = self.end_begun(now).map(End::transition).unwrap_or_default();
        let reason = self.reason(now);
        let reason = reason.map(|(code, text)| {
            Xml::new("stateReason")
                .text("code", code)
                .text("message", text)
        });
        Xml::new("item")
            .text("instanceId", &self.id)
            .text("imageId", &self.image)
            .child(self.state(now).view("instanceState"))
            .text("reason", transition)
            .text("amiLaunchIndex", self.index)
            .child(product_codes(&self.traits.product_codes))
            .text("instanceType", &self.kind)
            .text("launchTime", Date(self.launched))
            .optional("platform", self.traits.platform.as_ref())
            .text("platformDetails", &self.traits.platform_details)
            .text("usageOperation", &self.traits.usage_operation)
            .children(self.network.view())
            .children(reason)
            .text("architecture", &self.traits.architecture)
            .text("rootDeviceType", "ebs")
            .text("rootDeviceName", &self.traits.root_device_name)
            .text("virtualizationType", "hvm")
            .text("hypervisor", "xen")
            .optional("clientToken", self.token.as_ref())
            .children(answer::tag_set(Some(&self.tags)))
    }
}

impl Ec2 {
    /// The ARNs of the instances of an account in a Region that were launched from an AMI and are not
    /// terminated; without `states` whatever they are.
    pub fn launched_from(
        &self,
        image: &str,
        (region, account): (&str, &str),
        states: &[String],
        now: Timestamp,
    ) -> Vec<String> {
        let wanted = |instance: &&Instance| {
            let state = instance.state(now);
            let counts = state != InstanceState::Terminated
                && (states.is_empty() || states.iter().any(|name| name == state.as_str()));
            instance.image == image
                && instance.region == region
                && instance.account == account
                && counts
        };
        let partition = arn::partition(region);
        let arn = |id: &Text| format!("arn:{partition}:ec2:{region}:{account}:instance/{id}");
        self.instances
            .values()
            .filter(wanted)
            .map(|instance| arn(&instance.id))
            .collect()
    }
}

//! Instances: what one was launched from, and its state as time passes. Nothing runs in it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    common::{tags::Tags, text::Text},
    records::ec2::{ami::Traits, network::Network},
};

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
    pub fn reason(self) -> (&'static str, &'static str) {
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
    pub fn transition(self) -> String {
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

    pub fn reason(&self, now: Timestamp) -> Option<(&'static str, &'static str)> {
        let pending =
            || (self.state(now) == InstanceState::Pending).then_some(("pending", "pending"));
        self.end_begun(now).map(End::reason).or_else(pending)
    }

    pub fn end_begun(&self, now: Timestamp) -> Option<End> {
        self.end.filter(|end| match end {
            End::Asked(at) | End::KeyDenied(at) => *at <= now,
        })
    }
}

//! What people and programs are told of an image: a message of the topic, and an event of EventBridge.
//!
//! Events come at least once, as EventBridge delivers them; docs/events.md says what they carry.

mod failed;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::arn::ImageArn;
use crate::names::{AmiId, Environment, RecipeName, Region};
use crate::promotion::ImageVersion;

pub use failed::{FAILURES, FailedBuild, FailurePacket};

/// The source of our events: EventBridge refuses `aws.` for anybody but AWS.
pub const SOURCE: &str = "goldsmith";

/// What messages about images there are. Programs get every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// An image is published.
    Promoted,
    /// An image waits for a person.
    AwaitingApproval,
    /// A build failed.
    Failed,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Promoted, Self::AwaitingApproval, Self::Failed];

    /// The word by which subscriptions of the topic can choose.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::AwaitingApproval => "awaiting-approval",
            Self::Failed => "failed",
        }
    }
}

/// What happened to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Consumers read it now.
    Promoted {
        /// Its AMIs.
        amis: BTreeMap<Region, AmiId>,
        /// The image that they read before.
        previous: Option<ImageArn>,
    },
    /// It is tested, and a person has to approve it.
    AwaitingApproval {
        /// Its AMIs.
        amis: BTreeMap<Region, AmiId>,
    },
    /// Its build failed.
    Failed(Box<FailedBuild>),
}

/// News of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The environment.
    pub environment: Environment,
    /// The recipe.
    pub recipe: RecipeName,
    /// The image.
    pub image: ImageArn,
    /// What happened.
    pub news: News,
    /// Whether people get a message, beside the event that programs get.
    pub is_for_people: bool,
}

impl Announcement {
    /// The `detail-type` of the event.
    pub fn detail_type(&self) -> &'static str {
        match self.news {
            News::Promoted { .. } => "Image Promoted",
            News::AwaitingApproval { .. } => "Image Awaiting Approval",
            News::Failed(_) => "Image Failed",
        }
    }

    /// What kind of message it is.
    pub fn kind(&self) -> MessageKind {
        match self.news {
            News::Promoted { .. } => MessageKind::Promoted,
            News::AwaitingApproval { .. } => MessageKind::AwaitingApproval,
            News::Failed(_) => MessageKind::Failed,
        }
    }

    /// The `detail` of the event.
    pub fn detail(&self) -> Value {
        let mut detail = self.head();
        match &self.news {
            News::Promoted { amis, previous } => {
                detail.insert("ami-ids".to_owned(), json!(amis));
                detail.extend(
                    previous
                        .iter()
                        .map(|image| ("previous".to_owned(), json!(image))),
                );
            }
            News::AwaitingApproval { amis } => {
                detail.insert("ami-ids".to_owned(), json!(amis));
            }
            News::Failed(failed) => detail.extend(failed.members()),
        }
        Value::Object(detail)
    }

    fn head(&self) -> Map<String, Value> {
        let members = [
            ("schema-version", json!(1)),
            ("environment", json!(self.environment)),
            ("recipe", json!(self.recipe)),
            ("image", json!(self.image)),
            ("version", json!(self.version())),
        ];
        let named = members.map(|(name, value)| (name.to_owned(), value));
        named.into_iter().collect()
    }

    fn version(&self) -> String {
        ImageVersion::from(&self.image).to_string()
    }

    /// The subject of the message.
    pub fn subject(&self) -> String {
        let (environment, recipe, version) = (&self.environment, &self.recipe, self.version());
        match self.news {
            News::Promoted { .. } => {
                format!("goldsmith {environment}: {recipe} {version} is published")
            }
            News::AwaitingApproval { .. } => {
                format!("goldsmith {environment}: {recipe} {version} waits for approval")
            }
            News::Failed(_) => format!("goldsmith {environment}: build of {recipe} failed"),
        }
    }

    /// What is kept of the news, for those who look for it later: the event, and what only people read.
    pub fn packet(&self) -> Value {
        let mut packet = self.detail();
        packet["message"] = json!(self.message().lines().collect::<Vec<_>>());
        if let (News::Failed(failed), Value::Object(packet)) = (&self.news, &mut packet) {
            packet.extend(failed.kept());
        }
        packet
    }

    /// The message itself, for people.
    pub fn message(&self) -> String {
        let mut lines = vec![self.image.to_string()];
        match &self.news {
            News::Promoted { amis, previous } => {
                lines.extend(of_regions(amis));
                lines.extend(previous.iter().map(|image| format!("instead of {image}")));
            }
            News::AwaitingApproval { amis } => {
                lines.extend(of_regions(amis));
                let image = format!("{} --image {}", self.recipe, self.version());
                lines.push(format!("`goldsmith approve {image}` publishes it."));
                lines.push(format!("`goldsmith reject {image}` takes it out of use."));
            }
            News::Failed(failed) => lines.extend(failed.message(&self.recipe, &self.image)),
        }
        lines.join("\n") + "\n"
    }
}

fn of_regions(amis: &BTreeMap<Region, AmiId>) -> impl Iterator<Item = String> {
    amis.iter().map(|(region, ami)| format!("{region}: {ami}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureClass;

    const SCHEMA: &str = include_str!("../../../docs/events.schema.json");

    fn announcement(news: News) -> Announcement {
        let arn = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.3/2";
        Announcement {
            environment: "nonprod".parse().expect("an environment"),
            recipe: "110304".parse().expect("a recipe"),
            image: arn.parse().expect("an ARN"),
            news,
            is_for_people: true,
        }
    }

    fn amis() -> BTreeMap<Region, AmiId> {
        let region = "us-east-1".parse().expect("a Region");
        [(region, "ami-08bd941ae380bd3cd".parse().expect("an AMI"))].into()
    }

    fn all() -> [Announcement; 4] {
        let previous = announcement(News::AwaitingApproval { amis: amis() }).image;
        [
            News::Promoted {
                amis: amis(),
                previous: None,
            },
            News::Promoted {
                amis: amis(),
                previous: Some(previous),
            },
            News::AwaitingApproval { amis: amis() },
            News::Failed(Box::new(FailedBuild {
                class: FailureClass::Unknown,
                reason: "the step failed".to_owned(),
                context: vec!["step: Install".to_owned()],
                last_good: Some(announcement(News::AwaitingApproval { amis: amis() }).image),
                changed: vec!["base ami-a -> ami-b".to_owned()],
                commit: Some("0123abc".to_owned()),
                log: vec!["+ sshd -t".to_owned(), "exit status 1".to_owned()],
                link: "https://example.com/log".to_owned(),
            })),
        ]
        .map(announcement)
    }

    /// Whether the schema takes an event.
    fn is_valid(detail_type: &str, detail: &Value) -> bool {
        let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
        let event = json!({"source": SOURCE, "detail-type": detail_type, "detail": detail});
        jsonschema::is_valid(&schema, &event)
    }

    #[test]
    fn every_event_is_as_its_schema_says() {
        for announcement in all() {
            let (kind, detail) = (announcement.detail_type(), announcement.detail());
            assert!(is_valid(kind, &detail), "{kind}: {detail}");
            let members = detail.as_object().expect("an object");
            for name in members.keys().filter(|name| *name != "previous") {
                let mut without = members.clone();
                without.remove(name);
                assert!(
                    !is_valid(kind, &Value::Object(without)),
                    "{kind} without {name}"
                );
            }
            let mut more = members.clone();
            more.insert("secret".to_owned(), json!("x"));
            assert!(!is_valid(kind, &Value::Object(more)), "{kind} with more");
        }
    }

    #[test]
    fn what_is_kept_of_a_failure_is_read_back_whole() {
        let [_, _, _, failed] = all();
        let packet: FailurePacket = serde_json::from_value(failed.packet()).expect("a packet");
        assert_eq!(packet.log, ["+ sshd -t", "exit status 1"]);
        assert_eq!(
            (packet.version.as_str(), packet.commit.as_deref()),
            ("1.0.3/2", Some("0123abc"))
        );
        assert_eq!(packet.link.as_deref(), Some("https://example.com/log"));
        assert_eq!(
            FailurePacket::key(&packet.recipe, &packet.image),
            "reports/failures/110304/1.0.3-2.json"
        );
        // The releases before kept the event and the message.
        let before = failed.detail();
        let packet: FailurePacket = serde_json::from_value(before).expect("a packet");
        assert_eq!((packet.log.len(), packet.link), (0, None));
    }

    #[test]
    fn a_person_reads_what_happened_and_what_to_do() {
        let [_, promoted, waiting, failed] = all();
        assert_eq!(
            promoted.subject(),
            "goldsmith nonprod: 110304 1.0.3/2 is published"
        );
        assert_eq!(
            promoted.message(),
            format!(
                "{0}\nus-east-1: ami-08bd941ae380bd3cd\ninstead of {0}\n",
                promoted.image
            )
        );
        assert!(
            waiting
                .message()
                .contains("`goldsmith approve 110304 --image 1.0.3/2`")
        );
        assert_eq!(
            failed.message(),
            format!(
                "{}\nreason: the step failed\nstep: Install\nlast good image: 1.0.3/2, of the same recipe version: \
                 what changed is its base image, a component of others, or a package\n\
                 changed: base ami-a -> ami-b\ndocuments: commit 0123abc\n\
                 class: unknown. The log of the step shows what a component did.\n\
                 The log ends with:\n  | + sshd -t\n  | exit status 1\nlog: https://example.com/log\n\
                 `goldsmith logs 110304` shows more.\n",
                failed.image
            )
        );
    }
}

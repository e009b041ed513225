//! What people are told of a build that failed: the failure packet.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::arn::ImageArn;
use crate::failure::FailureClass;
use crate::names::{Environment, RecipeName};
use crate::promotion::ImageVersion;

/// A build that failed. Its texts are a stranger's, made safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedBuild {
    /// What kind of failure it was.
    pub class: FailureClass,
    /// Why, in the service's words.
    pub reason: String,
    /// Where, line by line.
    pub context: Vec<String>,
    /// The image that consumers read, if there is one.
    pub last_good: Option<ImageArn>,
    /// What is different from that image, line by line, as far as it is known.
    pub changed: Vec<String>,
    /// The commit of the documents in force, if their upload said so.
    pub commit: Option<String>,
    /// The end of the build's log; empty if there is none.
    pub log: Vec<String>,
    /// Where the whole log is.
    pub link: String,
}

/// Where the packet of a failed build is kept in the output bucket.
pub const FAILURES: &str = "reports/failures/";

/// A packet as it is kept. A release before may have written less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FailurePacket {
    /// The environment.
    pub environment: Environment,
    /// The recipe.
    pub recipe: RecipeName,
    /// The image.
    pub image: ImageArn,
    /// Its version and build.
    pub version: String,
    /// What kind of failure it was.
    pub class: FailureClass,
    /// Why, in the service's words.
    pub reason: String,
    /// Where, line by line.
    #[serde(default)]
    pub context: Vec<String>,
    /// The image that consumers read when it failed.
    #[serde(default)]
    pub last_good: Option<ImageArn>,
    /// What is different from that image.
    #[serde(default)]
    pub changed: Vec<String>,
    /// The commit of the documents.
    #[serde(default)]
    pub commit: Option<String>,
    /// The end of the build's log.
    #[serde(default)]
    pub log: Vec<String>,
    /// Where the whole log is.
    #[serde(default)]
    pub link: Option<String>,
}

impl FailurePacket {
    /// The key of the packet of an image's failure. It is a mark as well: people were told.
    pub fn key(recipe: &RecipeName, image: &ImageArn) -> String {
        let (version, build) = (image.version(), image.build());
        format!("{FAILURES}{recipe}/{version}-{build}.json")
    }
}

impl FailedBuild {
    /// What the event says of it. Logs and commits are not in events, which every account that gets them can read.
    pub(super) fn members(&self) -> Map<String, Value> {
        let members = [("class", json!(self.class)), ("reason", json!(self.reason))];
        named(members)
    }

    /// What is kept of it beside that.
    pub(super) fn kept(&self) -> Map<String, Value> {
        let members = [
            ("context", json!(self.context)),
            ("last-good", json!(self.last_good)),
            ("changed", json!(self.changed)),
            ("commit", json!(self.commit)),
            ("log", json!(self.log)),
            ("link", json!(self.link)),
        ];
        named(members)
    }

    /// What people read.
    pub(super) fn message(&self, recipe: &RecipeName, image: &ImageArn) -> Vec<String> {
        let mut lines = vec![format!("reason: {}", self.reason)];
        lines.extend(self.context.iter().cloned());
        lines.extend(self.last_good.as_ref().map(|good| since(good, image)));
        lines.extend(
            self.changed
                .iter()
                .map(|change| format!("changed: {change}")),
        );
        let commit = self.commit.as_ref();
        lines.extend(commit.map(|commit| format!("documents: commit {commit}")));
        lines.push(format!(
            "class: {}. {}",
            self.class.as_str(),
            self.class.advice()
        ));
        if !self.log.is_empty() {
            lines.push("The log ends with:".to_owned());
            lines.extend(self.log.iter().map(|line| format!("  | {line}")));
        }
        lines.push(format!("log: {}", self.link));
        lines.push(format!("`goldsmith logs {recipe}` shows more."));
        lines
    }
}

fn named<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let named = members.map(|(name, value)| (name.to_owned(), value));
    named.into_iter().collect()
}

/// What may have changed since an image that went well.
fn since(good: &ImageArn, image: &ImageArn) -> String {
    let changed = if good.version() == image.version() {
        "of the same recipe version: what changed is its base image, a component of others, or a package"
    } else {
        "of another recipe version: what changed is in the documents"
    };
    format!("last good image: {}, {changed}", ImageVersion::from(good))
}

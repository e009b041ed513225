//! What is different between two states of a resource, member by member, in a reader's words.

mod recipe;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::recipe::{Here, of_recipe};
use crate::desired::MetadataOptions;
use crate::observed::Content;
use crate::resources::{Distribution, Infrastructure};

/// One thing that is different afterwards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// What: `base image`, `component harden`, `volume /dev/xvda`, `instance types`, `schedule`.
    pub what: String,
    /// How it is today; none if it is not there.
    pub from: Option<String>,
    /// How it will be; none if it will not be there.
    pub to: Option<String>,
}

/// What a resource says: each member with its value, in the order in which a reader wants them.
pub type Members = Vec<(String, String)>;

/// The members of `after` that are new or have another value, then those that only `before` has.
pub fn between(before: &Members, after: &Members) -> Vec<Difference> {
    let value = |members: &Members, what: &str| {
        members
            .iter()
            .find(|(name, _)| name == what)
            .map(|(_, value)| value.clone())
    };
    let gone = before
        .iter()
        .filter(|(what, _)| value(after, what).is_none());
    let all = after.iter().chain(gone).map(|(what, _)| Difference {
        what: what.clone(),
        from: value(before, what),
        to: value(after, what),
    });
    all.filter(|difference| difference.from != difference.to)
        .collect()
}

/// What `after` says where it is not known what was before.
pub fn from_unknown(after: &Members) -> Vec<Difference> {
    let member = |(what, value): &(String, String)| Difference {
        what: what.clone(),
        from: Some("not known".to_owned()),
        to: Some(value.clone()),
    };
    after.iter().map(member).collect()
}

/// Differences in one sentence: `subnet: subnet-1, wanted none; key pair: none, wanted ops`.
pub fn sentence(differences: &[Difference]) -> String {
    let none = || "none".to_owned();
    let each = differences.iter().map(|difference| {
        let (from, to) = (difference.from.clone(), difference.to.clone());
        format!(
            "{}: {}, wanted {}",
            difference.what,
            from.unwrap_or_else(none),
            to.unwrap_or_else(none)
        )
    });
    each.collect::<Vec<_>>().join("; ")
}

/// A resource that can be told member by member.
pub trait Describe {
    /// What it says.
    fn members(&self) -> Members;
}

impl<T: Describe> Describe for Content<T> {
    fn members(&self) -> Members {
        let others = self
            .others
            .iter()
            .map(|(member, value)| (member.clone(), value.clone()));
        self.known.members().into_iter().chain(others).collect()
    }
}

impl Describe for Infrastructure {
    fn members(&self) -> Members {
        let logs = self
            .logs
            .as_ref()
            .map(|logs| format!("s3://{}/{}", logs.bucket, logs.prefix));
        let groups = (!self.security_groups.is_empty()).then(|| self.security_groups.join(", "));
        let failure = if self.terminate_on_failure {
            "terminated"
        } else {
            "kept"
        };
        let all = [
            ("instance types", Some(self.instance_types.join(", "))),
            ("instance profile", Some(self.instance_profile.clone())),
            ("key pair", self.key_pair.clone()),
            ("subnet", self.subnet.clone()),
            ("security groups", groups),
            ("instance metadata", Some(metadata(self.metadata))),
            ("build logs", logs),
            ("instance of a failed build", Some(failure.to_owned())),
        ];
        let set = all
            .into_iter()
            .filter_map(|(member, value)| Some((member.to_owned(), value?)));
        let tags = self.resource_tags.iter();
        set.chain(tags.map(|(key, value)| (format!("instance tag {key}"), value.clone())))
            .collect()
    }
}

fn metadata(options: MetadataOptions) -> String {
    let versions = if options.tokens_required {
        "version 2 only"
    } else {
        "versions 1 and 2"
    };
    format!("{versions}, hop limit {}", options.hop_limit)
}

impl Describe for Distribution {
    fn members(&self) -> Members {
        let mut members = Members::new();
        for (region, entry) in &self.regions {
            let mut member = |name: &str, value| members.push((format!("{region} {name}"), value));
            member("AMI name", entry.ami_name.clone());
            entry
                .kms_key
                .iter()
                .for_each(|key| member("key", key.to_string()));
            if !entry.shared_with.is_empty() {
                member("shared with", entry.shared_with.to_string());
            }
            let lists = [
                ("copied to", listed(&entry.copied_to)),
                ("parameters", listed(&entry.parameters)),
                ("launch templates", listed(&entry.launch_templates)),
            ];
            lists
                .into_iter()
                .filter(|(_, list)| !list.is_empty())
                .for_each(|(name, list)| member(name, list));
            for (key, value) in &entry.ami_tags {
                member(&format!("AMI tag {key}"), value.clone());
            }
        }
        members
    }
}

fn listed<T: ToString>(all: &BTreeSet<T>) -> String {
    all.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

//! How a change is printed: in one line, or with every input of its call.
//!
//! Each input is taken apart without `..`, so that a new field does not compile until somebody decides
//! how it is printed.

mod delivery;
mod images;

use std::fmt;

use self::delivery::{clean_up, distribute, key_policy, launch, publish_copies, rebuild};
use self::images::{
    clean_up_image, component, configured, create_pipeline, end_instance, label_image, publish,
    put_rule, recipe, start_build, update_pipeline,
};
use super::{Action, Change, PutBucketPolicy, RetryImage, RevokeGrant, TagPipeline};
use crate::observed::{Grant, Tags};

/// The inputs of a call, by name.
type Inputs = Vec<(String, String)>;

impl fmt::Display for Change {
    /// The kind and what it is about; the alternate form has a line for each input of the call.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.target())?;
        if let Some(damage) = &self.repairs {
            write!(f, ": {damage}")?;
        }
        if f.alternate() {
            for (name, value) in self.inputs() {
                write!(f, "\n    {name}: {value}")?;
            }
        }
        Ok(())
    }
}

impl Change {
    /// Every input of the call, and what it needs, in a reader's words.
    pub fn inputs(&self) -> Vec<(String, String)> {
        let Self {
            provides: _,
            needs,
            effect: _,
            repairs: _,
            action,
        } = self;
        let needs = needs
            .iter()
            .map(|need| ("needs".to_owned(), need.to_string()));
        action.inputs().into_iter().chain(needs).collect()
    }
}

impl Action {
    fn inputs(&self) -> Inputs {
        match self {
            Self::GrantKeyAccess(put) | Self::RevokeKeyAccess(put) => key_policy(put),
            Self::PutRule(rule) => put_rule(rule),
            Self::CreateComponent(create) => component(create),
            Self::CreateInfrastructure(wanted) | Self::UpdateInfrastructure(wanted) => {
                configured(wanted)
            }
            Self::CreateDistribution(wanted) | Self::UpdateDistribution(wanted) => {
                configured(wanted)
            }
            Self::CreateRecipe(create) => recipe(create),
            Self::CreatePipeline(create) => create_pipeline(create),
            Self::UpdatePipeline(update) => update_pipeline(update),
            Self::TagPipeline(TagPipeline { arn, tags }) => {
                with_tags([("pipeline", arn.to_string())], tags)
            }
            Self::Publish(change) => publish(change),
            Self::StartBuild(start) => start_build(start),
            Self::PutBucketPolicy(PutBucketPolicy { policy, expected }) => named([
                ("policy", policy.clone()),
                ("expected policy", expected.clone()),
            ]),
            Self::Share(permissions) | Self::Withdraw(permissions) => launch(permissions),
            Self::RevokeGrant(RevokeGrant { key, grant }) => {
                let Grant { id, grantee } = grant;
                named([
                    ("key", key.to_string()),
                    ("grant", id.clone()),
                    ("grantee", grantee.clone()),
                ])
            }
            Self::DistributeImage(change) => distribute(change),
            Self::RetryImage(RetryImage {
                image,
                attempt,
                token,
            }) => named([
                ("image", image.to_string()),
                ("attempt", attempt.to_string()),
                ("token", token.clone()),
            ]),
            Self::DeleteDistribution(arn) => named([("configuration", arn.clone())]),
            Self::PublishCopies(change) => publish_copies(change),
            Self::Rebuild(change) => rebuild(change),
            Self::CleanUpRebuild(change) => clean_up(change),
            Self::CleanUpImage(change) => clean_up_image(change),
            Self::LabelImage(change) => label_image(change),
            Self::EndInstance(change) => end_instance(change),
        }
    }
}

fn named<const N: usize>(inputs: [(&str, String); N]) -> Inputs {
    inputs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn with_tags<const N: usize>(inputs: [(&str, String); N], tags: &Tags) -> Inputs {
    let mut all = named(inputs);
    all.extend(tags_of("tag", tags));
    all
}

fn tags_of<'a>(name: &'a str, tags: &'a Tags) -> impl Iterator<Item = (String, String)> + 'a {
    tags.iter()
        .map(move |(key, value)| (format!("{name} {key}"), value.clone()))
}

fn optional<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "none".to_owned(), ToString::to_string)
}

fn listed<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    all.join(", ")
}

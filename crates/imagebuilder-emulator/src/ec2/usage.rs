//! Who uses an AMI: what has been told of it, and what can be seen in the state.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Ec2, query::Referrers};
use crate::arn;

/// The resource types that refer to AMIs (model, `ImageReferenceResourceType`).
pub(super) const KINDS: &[&str] = &[
    INSTANCE,
    TEMPLATE,
    PARAMETER,
    RECIPE,
    "imagebuilder:ContainerRecipe",
];

/// Instances.
pub(super) const INSTANCE: &str = "ec2:Instance";
/// Launch templates.
pub(super) const TEMPLATE: &str = "ec2:LaunchTemplate";
/// Parameters; they are no part of usage reports.
pub(super) const PARAMETER: &str = "ssm:Parameter";
/// Image recipes.
pub(super) const RECIPE: &str = "imagebuilder:ImageRecipe";

/// What has been told of the use of AMIs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// Resources that refer to AMIs.
    pub references: Vec<Reference>,
    /// Numbers of resources that are known no closer.
    pub counts: Vec<Count>,
}

/// A resource that refers to an AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// The AMI's id.
    pub image: String,
    /// One of [`KINDS`].
    pub kind: String,
    /// Its Region and account are the resource's.
    pub arn: String,
    /// Of an instance, for example `running`.
    pub state: String,
}

/// How many resources of a type refer to an AMI in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    pub image: String,
    pub account: String,
    pub kind: String,
    pub number: u64,
}

/// Which of the references count.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    /// The resource type.
    pub kind: &'a str,
    /// The states of instances; any if there is none.
    pub states: Vec<String>,
    /// How many versions of a launch template, newest first.
    pub depth: usize,
}

impl Reference {
    fn is_in(&self, region: &str, account: &str) -> bool {
        let mut parts = self.arn.split(':').skip(3);
        parts.next() == Some(region) && parts.next() == Some(account)
    }
}

impl Ec2 {
    /// The ARNs of the resources of an account in a Region that refer to an AMI.
    pub(super) fn references(
        &self,
        referrers: Referrers<'_>,
        image: &str,
        (region, account): (&str, &str),
        scope: &Scope<'_>,
        now: Timestamp,
    ) -> Vec<String> {
        let told = self.usage.references.iter().filter(|told| {
            let state = scope.states.is_empty() || scope.states.contains(&told.state);
            told.image == image && told.kind == scope.kind && state && told.is_in(region, account)
        });
        let told = told.map(|told| told.arn.clone());
        let seen = match scope.kind {
            INSTANCE => self.launched_from(image, (region, account), &scope.states, now),
            TEMPLATE => self.templates_with(image, (region, account), scope.depth),
            PARAMETER => parameters(referrers, image, region, account),
            RECIPE => recipes(referrers, image, region, account),
            _ => Vec::new(),
        };
        told.chain(seen).collect()
    }

    fn templates_with(
        &self,
        image: &str,
        (region, account): (&str, &str),
        depth: usize,
    ) -> Vec<String> {
        let of_account = |template: &&super::LaunchTemplate| {
            template.region == region && template.account == account && template.names(image, depth)
        };
        self.templates
            .values()
            .filter(of_account)
            .map(super::LaunchTemplate::arn)
            .collect()
    }

    /// Every account that something is known of which could refer to an AMI.
    pub(super) fn users(&self, referrers: Referrers<'_>) -> Vec<String> {
        let told = self
            .usage
            .references
            .iter()
            .filter_map(|told| told.arn.split(':').nth(4));
        let counted = self.usage.counts.iter().map(|count| count.account.as_str());
        let templates = self
            .templates
            .values()
            .map(|template| template.account.as_str());
        let recipes = referrers.recipes.keys().map(|arn| arn.account.as_str());
        let launchers = self
            .instances
            .values()
            .map(|instance| instance.account.as_str());
        let mut users: Vec<_> = told
            .chain(counted)
            .chain(templates)
            .chain(recipes)
            .chain(launchers)
            .map(str::to_owned)
            .collect();
        users.sort_unstable();
        users.dedup();
        users
    }
}

fn parameters(referrers: Referrers<'_>, image: &str, region: &str, account: &str) -> Vec<String> {
    let partition = arn::partition(region);
    let own = referrers.parameters.of(region, account);
    let naming = own.filter(|(_, parameter)| parameter.value == image);
    let arn = |name: &str| {
        format!(
            "arn:{partition}:ssm:{region}:{account}:parameter/{}",
            name.trim_start_matches('/')
        )
    };
    naming.map(|(name, _)| arn(name)).collect()
}

fn recipes(referrers: Referrers<'_>, image: &str, region: &str, account: &str) -> Vec<String> {
    let own = referrers.recipes.iter().filter(|(arn, recipe)| {
        arn.region == region && arn.account == account && recipe.settings.parent_image == image
    });
    own.map(|(arn, _)| arn.to_string()).collect()
}

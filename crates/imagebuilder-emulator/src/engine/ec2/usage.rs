//! Who uses an AMI: the seeded facts, and what the state shows.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use crate::{
    common::{
        arn::{self, Arn},
        text::Text,
    },
    records::{
        ec2::{
            instance::{Instance, InstanceState},
            template::LaunchTemplate,
        },
        recipe::Recipe,
    },
    state::{ec2::Ec2, parameters::Parameters},
};

impl Ec2 {
    /// The ARNs of an account's instances in a Region that were launched from an AMI and are not
    /// terminated. Without `states` each state counts.
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

/// What refers to AMIs outside of EC2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Referrers<'a> {
    /// SSM parameters.
    pub parameters: &'a Parameters,
    /// Image recipes.
    pub recipes: &'a BTreeMap<Arn, Arc<Recipe>>,
}

/// The resource types that refer to AMIs (model, `ImageReferenceResourceType`).
pub(crate) const KINDS: &[&str] = &[
    INSTANCE,
    TEMPLATE,
    PARAMETER,
    RECIPE,
    "imagebuilder:ContainerRecipe",
];

/// Instances.
pub(crate) const INSTANCE: &str = "ec2:Instance";

/// Launch templates.
pub(crate) const TEMPLATE: &str = "ec2:LaunchTemplate";

/// Parameters; they are no part of usage reports.
pub(crate) const PARAMETER: &str = "ssm:Parameter";

/// Image recipes.
pub(crate) const RECIPE: &str = "imagebuilder:ImageRecipe";

/// Which of the references count.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    /// The resource type.
    pub kind: &'a str,
    /// The states of instances; any if there is none.
    pub states: Vec<String>,
    /// How many versions of a launch template, newest first.
    pub depth: usize,
}

impl Ec2 {
    /// The ARNs of the resources of an account in a Region that refer to an AMI.
    pub fn references(
        &self,
        referrers: Referrers<'_>,
        image: &str,
        (region, account): (&str, &str),
        scope: &Scope<'_>,
        now: Timestamp,
    ) -> Vec<String> {
        let seeded = self.usage.references.iter().filter(|seeded| {
            let state = scope.states.is_empty() || scope.states.contains(&seeded.state);
            seeded.image == image
                && seeded.kind == scope.kind
                && state
                && seeded.is_in(region, account)
        });
        let seeded = seeded.map(|seeded| seeded.arn.clone());
        let known = match scope.kind {
            INSTANCE => self.launched_from(image, (region, account), &scope.states, now),
            TEMPLATE => self.templates_with(image, (region, account), scope.depth),
            PARAMETER => parameters(referrers, image, region, account),
            RECIPE => recipes(referrers, image, region, account),
            _ => Vec::new(),
        };
        seeded.chain(known).collect()
    }

    fn templates_with(
        &self,
        image: &str,
        (region, account): (&str, &str),
        depth: usize,
    ) -> Vec<String> {
        let of_account = |template: &&LaunchTemplate| {
            template.region == region && template.account == account && template.names(image, depth)
        };
        self.templates
            .values()
            .filter(of_account)
            .map(LaunchTemplate::arn)
            .collect()
    }

    /// Every account that something is known of which could refer to an AMI.
    pub fn users(&self, referrers: Referrers<'_>) -> Vec<String> {
        let seeded = self
            .usage
            .references
            .iter()
            .filter_map(|seeded| seeded.arn.split(':').nth(4));
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
        let mut users: Vec<_> = seeded
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

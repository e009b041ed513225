//! Builds that are to fail.

use serde::{Deserialize, Serialize};

use crate::records::{
    distribution::Distribution,
    image::{Image, ImageStatus},
};

/// A failure of builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BuildFailure {
    /// The state in which builds fail, in Image Builder's spelling: BUILDING, TESTING,
    /// DISTRIBUTING or INTEGRATING.
    pub state: String,
    /// Only builds of the recipe with this folded name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<String>,
    /// Only in this Region: of the build, and in DISTRIBUTING and INTEGRATING of the distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Only in this account: of the build, and in DISTRIBUTING and INTEGRATING also one that gets
    /// copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How many builds fail.
    pub times: u64,
    /// Whether the image gets a `state.failureContext`.
    pub failure_context: bool,
    /// The error message; one that says that the failure is injected by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl BuildFailure {
    /// The next build of any recipe, in this state.
    pub fn next(state: impl Into<String>) -> Self {
        Self {
            state: state.into(),
            recipe: None,
            region: None,
            account: None,
            times: 1,
            failure_context: true,
            message: None,
        }
    }

    /// Whether a build fails in the state that it is in.
    pub(crate) fn hits(&self, image: &Image) -> bool {
        let recipe_hit = self
            .recipe
            .as_deref()
            .is_none_or(|wanted| wanted == image.recipe.arn.slug);
        let region_hit = self
            .region
            .as_deref()
            .is_none_or(|wanted| is_reached(image, wanted));
        let account_hit = self
            .account
            .as_deref()
            .is_none_or(|wanted| is_served(image, wanted));
        let status_hit = self.state == image.status.to_string();
        self.times > 0 && recipe_hit && region_hit && account_hit && status_hit
    }

    /// The part of a distribution's entry that it does not fail: all of another Region's entry, and
    /// in its own Region the other accounts.
    pub(crate) fn spares(&self, entry: &Distribution) -> Option<Distribution> {
        if self
            .region
            .as_ref()
            .is_some_and(|region| *region != entry.region)
        {
            return Some(entry.clone());
        }
        let account = self.account.as_ref()?;
        let mut spared = entry.clone();
        let targets = spared
            .ami_distribution_configuration
            .as_mut()?
            .target_account_ids
            .as_mut();
        // Without a target left the copy would go to the building account, which nobody asked for.
        let targets = targets.filter(|targets| targets.iter().any(|target| target != account))?;
        targets.retain(|target| target != account);
        Some(spared)
    }

    /// The Region that the failure is in.
    pub(crate) fn region<'f>(&'f self, image: &'f Image) -> &'f str {
        self.region.as_deref().unwrap_or(&image.arn.region)
    }

    /// What the failure says.
    pub(crate) fn message(&self) -> &str {
        self.message.as_deref().unwrap_or("An injected failure.")
    }
}

fn is_distributed(image: &Image) -> bool {
    matches!(
        image.status,
        ImageStatus::Distributing | ImageStatus::Integrating
    )
}

fn is_reached(image: &Image, region: &str) -> bool {
    let distribution = image.distribution.iter().filter(|_| is_distributed(image));
    let mut entries = distribution.flat_map(|used| &used.settings.distributions);
    image.arn.region == region || entries.any(|entry| entry.region == region)
}

fn is_served(image: &Image, account: &str) -> bool {
    let distribution = image.distribution.iter().filter(|_| is_distributed(image));
    let entries = distribution.flat_map(|used| &used.settings.distributions);
    let amis = entries.filter_map(|entry| entry.ami_distribution_configuration.as_ref());
    let mut targets = amis.flat_map(|ami| ami.target_account_ids.iter().flatten());
    image.arn.account == account || targets.any(|target| target == account)
}

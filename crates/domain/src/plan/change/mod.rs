//! Changes: what is done, what it brings about, and what has to be there first.

mod action;
mod delivery;
mod display;
mod inputs;
pub mod quota;
mod resource;

pub use self::action::Action;
pub use self::delivery::{
    CleanUpRebuild, DistributeImage, LaunchPermissions, PublishCopies, PutBucketPolicy, Quarantine,
    RebuildImage, RetryImage, RevokeGrant,
};
pub use self::inputs::{
    CleanUpImage, ComponentWithParameters, Configured, CreateComponent, CreatePipeline,
    CreateRecipe, EncryptedDevice, EndInstance, LabelImage, Publish, PutKeyPolicy, RecipeComponent,
    StartBuild, TagPipeline, UpdatePipeline,
};
pub use self::resource::Resource;
use crate::arn::VersionArn;
use crate::names::PipelineArn;
pub use crate::publication::PublishedCopy;
use crate::resources::Distribution;

/// One step of a plan: a call, and its place in the order of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is there once it has succeeded; none if no other change can need it.
    pub provides: Option<Resource>,
    /// What it makes no sense without. If a change of the same plan failed to provide it, this one is
    /// not attempted.
    pub needs: Vec<Resource>,
    /// What it does to the access of consumers.
    pub effect: Effect,
    /// What somebody did by hand that it puts right; none for any other change.
    pub repairs: Option<String>,
    /// What is done.
    pub action: Action,
}

/// What a change does to the access of consumers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing, or both.
    Neutral,
    /// It only gives access.
    Grants,
    /// It only takes access away, which a pause does not stop.
    Revokes,
}

impl From<Action> for Change {
    fn from(action: Action) -> Self {
        Self {
            provides: action.provides(),
            needs: action.needs(),
            effect: action.effect(),
            repairs: None,
            action,
        }
    }
}

impl Change {
    /// The same change, which needs more.
    #[must_use]
    pub fn needing(mut self, more: impl IntoIterator<Item = Resource>) -> Self {
        self.needs.extend(more);
        self
    }

    /// The same change, which provides this.
    #[must_use]
    pub fn providing(mut self, resource: Resource) -> Self {
        self.provides = Some(resource);
        self
    }

    /// The same change, which only takes access away.
    #[must_use]
    pub fn taking_access(self) -> Self {
        Self {
            effect: Effect::Revokes,
            ..self
        }
    }

    /// The same change, which puts right what somebody did by hand.
    #[must_use]
    pub fn repairing(mut self, damage: impl Into<Option<String>>) -> Self {
        self.repairs = damage.into();
        self
    }

    /// The change in the report's words.
    pub fn kind(&self) -> &'static str {
        self.action.kind()
    }

    /// What the report's line says that it is about: an ARN or a name.
    pub fn target(&self) -> String {
        self.action.target()
    }

    /// The pipeline that it is about, if it is about one.
    pub fn pipeline(&self) -> Option<&PipelineArn> {
        self.action.pipeline()
    }

    /// What it has its turn in: changes with the same lane keep the plan's order, others may run beside each
    /// other.
    pub fn lane(&self) -> String {
        let pipeline = self.pipeline().map(ToString::to_string);
        pipeline.unwrap_or_else(|| self.target())
    }

    /// Whether nothing runs beside it: it decides about the access of everybody, or about every build.
    pub fn is_made_alone(&self) -> bool {
        matches!(
            self.action,
            Action::GrantKeyAccess(_)
                | Action::RevokeKeyAccess(_)
                | Action::PutBucketPolicy(_)
                | Action::PutRule(_)
        )
    }

    /// The recipe version that it points a pipeline at, if it does.
    pub fn points_at(&self) -> Option<&VersionArn> {
        if let Action::CreatePipeline(CreatePipeline { recipe, .. })
        | Action::UpdatePipeline(UpdatePipeline { recipe, .. }) = &self.action
        {
            return Some(recipe);
        }
        None
    }

    /// The recipe version that it makes, if it makes one.
    pub fn makes_recipe(&self) -> Option<&CreateRecipe> {
        if let Action::CreateRecipe(create) = &self.action {
            return Some(create);
        }
        None
    }

    /// What it makes of a distribution configuration, if it is about one.
    pub fn distributes(&self) -> Option<&Configured<Distribution>> {
        if let Action::CreateDistribution(wanted) | Action::UpdateDistribution(wanted) =
            &self.action
        {
            return Some(wanted);
        }
        None
    }

    /// The key policy that it stores, if it stores one.
    pub fn puts_key_policy(&self) -> Option<&PutKeyPolicy> {
        if let Action::GrantKeyAccess(put) | Action::RevokeKeyAccess(put) = &self.action {
            return Some(put);
        }
        None
    }

    /// The build that it starts, if it starts one.
    pub fn starts(&self) -> Option<&StartBuild> {
        if let Action::StartBuild(start) = &self.action {
            return Some(start);
        }
        None
    }

    /// The quota that it takes one of.
    pub fn quota(&self) -> Option<quota::Limit> {
        self.action.quota()
    }

    /// Whether a consumer may have less access afterwards. An update of a distribution configuration
    /// is one of them, although it does more: it may share with fewer consumers.
    pub fn may_take_access(&self) -> bool {
        self.effect == Effect::Revokes || matches!(self.action, Action::UpdateDistribution(_))
    }
}

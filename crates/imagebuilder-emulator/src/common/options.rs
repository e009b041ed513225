//! The settings of an emulator: the clock, quotas, and answers to what is not known
//! about the service.

use jiff::Timestamp;

use crate::common::{
    arn::Arn,
    clock::Clock,
    error::{ApiError, not_there},
};

/// Settings of an emulator.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How fast time passes.
    pub clock: Clock,
    /// The virtual time at the start and after a reset; the wall clock's by default.
    pub start: Option<Timestamp>,
    /// Base URL of an AWS endpoint that has EventBridge, Lambda, SNS, STS and S3. Events are
    /// delivered through it. It is asked for the accounts of access keys. Documents that a request
    /// names by `uri` are read from its S3.
    #[cfg(feature = "server")]
    pub events_endpoint: Option<String>,
    /// Quotas of an account in a Region.
    pub quotas: Quotas,
    /// Where the service's behaviour is not documented.
    pub unknowns: Unknowns,
}

/// Quotas of an account in a Region, with the defaults of the AWS General Reference; all of them
/// are adjustable there, too.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// Image pipelines, 75.
    pub pipelines: usize,
    /// Builds that run at once, 100.
    pub concurrent_builds: usize,
    /// Components in a recipe, 20.
    pub components_of_a_recipe: usize,
    /// Image recipes, 1000.
    pub recipes: usize,
    /// Component build versions, 1000.
    pub components: usize,
    /// Workflow build versions, 1000.
    pub workflows: usize,
    /// Workflows of an image, 10.
    pub workflows_of_an_image: usize,
    /// Infrastructure configurations, 1000.
    pub infrastructure_configurations: usize,
    /// Distribution configurations, 1000.
    pub distribution_configurations: usize,
    /// Lifecycle policies, 50.
    pub lifecycle_policies: usize,
    /// Resource state updates that run at once, 50.
    pub concurrent_state_updates: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            pipelines: 75,
            concurrent_builds: 100,
            components_of_a_recipe: 20,
            recipes: 1000,
            components: 1000,
            workflows: 1000,
            workflows_of_an_image: 10,
            infrastructure_configurations: 1000,
            distribution_configurations: 1000,
            lifecycle_policies: 50,
            concurrent_state_updates: 50,
        }
    }
}

/// Behaviour of the service that no source documents; each is a setting with a default.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub struct Unknowns {
    /// What Create* and Update* answer when a resource they refer to does not exist.
    pub missing_reference: MissingReference,
    /// The last node of the first version of a series such as `1.0.x`; 0 by default.
    pub first_patch: u32,
    /// Whether a failed or cancelled image lists the AMI it left behind; true by default. Both
    /// have been seen.
    pub amis_of_unfinished_images: bool,
    /// Whether a pipeline may be started by hand while a build of it runs; true by default. If not,
    /// `ResourceInUseException`, which the operation declares without saying when.
    pub parallel_runs: bool,
    /// Whether a recipe can be deleted while there are images of it; true by default. Terraform and
    /// CloudFormation do so, and no error is reported.
    pub recipes_outlived_by_images: bool,
    /// Whether runs of spaces, underscores and hyphens in a name fold to one hyphen; false by default.
    pub collapsed_separators: bool,
    /// Whether ListImagePipelineImages lists the oldest first; false by default.
    pub oldest_images_first: bool,
    /// How long a cancellation takes, in seconds of virtual time; 5 by default. Some time, so that
    /// clients must wait for it: there is no status CANCELLING.
    pub cancellation_seconds: u32,
    /// How long a client token is remembered, in seconds of virtual time; for ever by default.
    pub token_seconds: Option<u32>,
}

impl Default for Unknowns {
    fn default() -> Self {
        Self {
            missing_reference: MissingReference::NotFound,
            first_patch: 0,
            amis_of_unfinished_images: true,
            parallel_runs: true,
            recipes_outlived_by_images: true,
            collapsed_separators: false,
            oldest_images_first: false,
            cancellation_seconds: 5,
            token_seconds: None,
        }
    }
}

/// The error code for a reference to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(clap::ValueEnum))]
pub enum MissingReference {
    /// `ResourceNotFoundException`, 404
    NotFound,
    /// `InvalidParameterValueException`, 400
    InvalidParameterValue,
}

/// The error for a reference to nothing, also outside of a request.
pub(crate) fn missing(options: &Options, member: &str, arn: &Arn) -> ApiError {
    match options.unknowns.missing_reference {
        MissingReference::NotFound => ApiError::not_found(arn),
        MissingReference::InvalidParameterValue => ApiError::invalid(member, &not_there(arn)),
    }
}

//! Where we are: the stack that infra/ made, as the functions learn it from their environment.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::arn::{Version, VersionArn};
use crate::names::{
    AccountId, ComponentArn, Environment, Family, KeyArn, ParameterPrefix, PipelineArn, RecipeName,
    Region, fold,
};

/// The tag without which nothing is ever changed.
pub const ENVIRONMENT_TAG: &str = "goldsmith:environment";
/// The tag that carries the digest of everything that went into a resource.
pub const DIGEST_TAG: &str = "goldsmith:digest";
/// The tag that carries the recipe name as the product team wrote it.
pub const RECIPENAME_TAG: &str = "goldsmith:recipename";

/// One deployed stack: one environment in one Region of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StackContext {
    /// The environment the stack was deployed for.
    pub environment: Environment,
    /// The building account.
    pub account: AccountId,
    /// The building Region.
    pub region: Region,
    /// The key that encrypts what is built here.
    pub key: KeyArn,
    /// The name of the instance profile of build instances.
    pub instance_profile: String,
    /// The ARNs of further roles that the stack may pass to instances, in instance profiles of the documents. An earlier
    /// template does not say.
    #[serde(deserialize_with = "Option::deserialize")]
    pub instance_roles: Option<BTreeSet<String>>,
    /// Where the parameters are that recipes may be built on.
    pub parameter_prefix: ParameterPrefix,
    /// The bucket that holds what is published, reports, and results of tests.
    pub output_bucket: String,
}

impl StackContext {
    /// The ARN of version `version` of our recipe `name`.
    ///
    /// ARNs derive from the folded name (API reference); apply checks each against the answer.
    pub fn recipe_arn(&self, name: &str, version: Version) -> VersionArn {
        VersionArn::new(&self.arn("image-recipe", name), version)
    }

    /// The ARN of version `version` of our component `name`.
    pub fn component_arn(&self, name: &str, version: Version) -> VersionArn {
        VersionArn::new(&self.arn("component", name), version)
    }

    /// The ARN of our pipeline `name`.
    pub fn pipeline_arn(&self, name: &str) -> PipelineArn {
        let arn = self.arn("image-pipeline", name);
        arn.parse()
            .unwrap_or_else(|_| unreachable!("{arn} is a pipeline ARN"))
    }

    /// The ARN of an Image Builder resource of ours that has no version.
    pub fn arn(&self, kind: &str, name: &str) -> String {
        let partition = self.partition();
        format!(
            "arn:{partition}:imagebuilder:{}:{}:{kind}/{}",
            self.region,
            self.account,
            fold(name)
        )
    }

    /// The partition of the Region, as the stack's own key has it: `aws`, `aws-us-gov` or `aws-cn`.
    pub fn partition(&self) -> &str {
        self.key.partition()
    }

    /// The newest version of an Image Builder component that Amazon manages in this Region; none if
    /// `name` is not the name of a component.
    pub fn managed_component(&self, name: &str) -> Option<ComponentArn> {
        let (partition, region) = (self.partition(), &self.region);
        format!("arn:{partition}:imagebuilder:{region}:aws:component/{name}/x.x.x")
            .parse()
            .ok()
    }
}

/// `<family>-<environment>`: the name of what an environment has one of.
pub fn environment_name(family: &Family, environment: &Environment) -> String {
    format!("{family}-{environment}")
}

/// `<family>-<environment>-<recipename>`: the name of everything that belongs to one recipe.
pub fn recipe_name(family: &Family, environment: &Environment, recipe: &RecipeName) -> String {
    format!("{family}-{environment}-{recipe}")
}

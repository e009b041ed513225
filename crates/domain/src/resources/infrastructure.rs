//! The infrastructure configuration of an environment.

use serde::{Deserialize, Serialize};

use super::owned_tags;
use crate::desired::{Desired, LogLocation, MetadataOptions};
use crate::stack::{StackContext, environment_name};
use crate::tags::Tags;

/// Tag keys that Image Builder sets itself and refuses in `resourceTags` (API reference).
const RESERVED_TAGS: [&str; 4] = ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"];

/// The infrastructure configuration of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Infrastructure {
    /// Its name.
    pub name: String,
    /// Instance types, in order of preference.
    pub instance_types: Vec<String>,
    /// The instance profile of build and test instances.
    pub instance_profile: String,
    /// The EC2 key pair.
    #[serde(deserialize_with = "Option::deserialize")]
    pub key_pair: Option<String>,
    /// The subnet.
    #[serde(deserialize_with = "Option::deserialize")]
    pub subnet: Option<String>,
    /// The security groups.
    pub security_groups: Vec<String>,
    /// The instance metadata service.
    pub metadata: MetadataOptions,
    /// Where build logs go, beside CloudWatch.
    #[serde(deserialize_with = "Option::deserialize")]
    pub logs: Option<LogLocation>,
    /// Whether the instance of a failed build ends with it.
    pub terminate_on_failure: bool,
    /// Tags for the instances and volumes of a build.
    pub resource_tags: Tags,
}

/// The infrastructure configuration that the documents want.
pub fn infrastructure(desired: &Desired, stack: &StackContext) -> Infrastructure {
    let unreserved = |key: &String| !RESERVED_TAGS.contains(&key.as_str());
    let instances = &desired.instances;
    Infrastructure {
        name: environment_name(&desired.family, &desired.environment),
        instance_types: instances.types.clone(),
        instance_profile: instances
            .profile
            .as_ref()
            .unwrap_or(&stack.instance_profile)
            .clone(),
        key_pair: instances.key_pair.clone(),
        subnet: instances.subnet.clone(),
        security_groups: instances.security_groups.clone(),
        metadata: instances.metadata,
        logs: instances.logs.clone(),
        terminate_on_failure: !instances.keep_on_failure,
        resource_tags: owned_tags(desired)
            .into_iter()
            .filter(|(key, _)| unreserved(key))
            .collect(),
    }
}

/// The ARN of the infrastructure configuration.
pub fn infrastructure_arn(desired: &Desired, stack: &StackContext) -> String {
    stack.arn(
        "infrastructure-configuration",
        &environment_name(&desired.family, &desired.environment),
    )
}

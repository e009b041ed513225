//! The schema of `environment.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::ami_versions::ComponentReference;
use super::consumers::{Consumer, DeliveryMode};
use super::names::Tags;
use crate::document::tags::MOST;
use crate::names::{
    AmiName, BucketName, Environment, Family, InstanceProfileName, InstanceType, KeyArn,
    KeyPairName, LaunchTemplateId, ParameterPattern, RecipeName, Region, ScheduleExpression,
    SecurityGroupId, SubnetId, VpcId,
};

/// Where and how the images of an environment are built, and for whom.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    rename_all = "kebab-case",
    title = "environment.json"
)]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct EnvironmentDocument {
    /// Where this schema is, for editors.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// The version of this document's form.
    #[schemars(extend("const" = 1))]
    schema_version: u32,
    /// The environment that the stack was deployed for.
    environment: Environment,
    /// The product family, the first part of every name.
    family: Family,
    /// The Regions that images are distributed to.
    #[schemars(extend("minProperties" = 1))]
    regions: BTreeMap<Region, RegionSettings>,
    /// When the recipes of `ami-scheduled` are rebuilt; the stack's own schedule if it is left out.
    schedule: Option<ScheduleExpression>,
    /// EC2 instance types of builds and tests, in order of preference.
    #[schemars(length(min = 1))]
    instance_types: Vec<InstanceType>,
    /// What builds and tests run with, beside the instance types.
    instances: Option<Instances>,
    /// Volumes, matched to the base AMI's devices in order, root first.
    #[schemars(length(min = 1))]
    volumes: Vec<Volume>,
    /// Components run during the build, in order.
    #[schemars(length(max = 20))]
    build_components: Vec<ComponentReference>,
    /// Components run on a fresh instance of the built image, in order.
    #[schemars(length(max = 20))]
    test_components: Vec<ComponentReference>,
    /// Components that entries of ami-versions.json may choose. They run as root; what has a value for
    /// a parameter here is fixed.
    allowed_components: Option<Vec<ComponentReference>>,
    /// What images are hardened to, as the last component of the build.
    compliance: Option<Compliance>,
    /// What AMIs are called before their build date; `<family>-<environment>-{recipename}` if it is left
    /// out.
    ami_name: Option<AmiName>,
    /// Who may launch the images, and how each is served.
    consumers: Option<Vec<Consumer>>,
    /// How the accounts of `workload_accounts.<region>.json` are served: by a copy each if this is left
    /// out. Their roles are those of their entry in `consumers`; without one, every principal of the
    /// account may launch.
    workload_accounts: Option<DeliveryMode>,
    /// Whether Sysprep has generalized the Windows images, which cannot be read from an AMI.
    sysprep: Option<bool>,
    /// How `goldsmith verify` judges.
    verify: Option<Verify>,
    /// Tags for everything that is made, and for the AMIs.
    tags: Tags<MOST>,
    /// What a change of ours that somebody else made leads to: it is changed back (`repair`), or told.
    drift: Option<Drift>,
    /// Stops every change but the revocation of access.
    pause: Option<bool>,
}

/// How `goldsmith verify` judges.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Verify {
    /// Whether what cannot be found out stands in the way as if it were wrong.
    unknown_blocks: bool,
}

/// What is said of a Region.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct RegionSettings {
    /// The key that encrypts the copies there; a further Region needs one, the building Region has its
    /// own.
    kms_key: Option<KeyArn>,
    /// Keys that it had before, as long as images under them are there: who leaves loses them, too, and
    /// nobody joins them.
    former_kms_keys: Option<Vec<KeyArn>>,
    /// SSM parameters that get the AMI's id when an image is distributed there.
    #[schemars(length(max = 10))]
    ssm_parameters: Option<Vec<ParameterPattern>>,
    /// Launch templates that get a version with the AMI, by recipe.
    launch_templates: Option<BTreeMap<RecipeName, LaunchTemplates>>,
}

/// Launch templates by their ids.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "the type is there for its schema")]
struct LaunchTemplates(#[schemars(length(min = 1, max = 5))] Vec<LaunchTemplateId>);

/// What builds and tests run with.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(extend("dependentRequired" = { "subnet": ["security-groups"] }))]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Instances {
    /// The name of the instance profile; the stack's own if it is left out.
    instance_profile: Option<InstanceProfileName>,
    /// The name of an EC2 key pair.
    key_pair: Option<KeyPairName>,
    /// The subnet, which needs `security-groups`; one of the default VPC's if it is left out.
    subnet: Option<SubnetId>,
    /// The ids of security groups.
    #[schemars(length(min = 1))]
    security_groups: Option<Vec<SecurityGroupId>>,
    /// Whether the subnet has to give instances a public address.
    public_ip: Option<bool>,
    /// How instances reach their metadata.
    metadata_options: Option<MetadataOptions>,
    /// Where build logs go, beside CloudWatch.
    log_bucket: Option<LogBucket>,
    /// Keeps the instance of a failed build for inspection. It costs until somebody ends it.
    keep_instance_on_failure: Option<bool>,
    /// Accepted for documents that have it: Image Builder logs in by Systems Manager.
    ssh_user: Option<String>,
    /// Accepted for documents that have it: the VPC is that of the subnet.
    vpc_id: Option<VpcId>,
}

/// How instances reach their metadata.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct MetadataOptions {
    /// Whether version 2 of the service is required, which it is if this is left out.
    tokens: Option<Tokens>,
    /// How many hops an answer may take; 1 if it is left out.
    #[schemars(range(min = 1, max = 64))]
    hop_limit: Option<u32>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum Tokens {
    Required,
    Optional,
}

/// A place for build logs.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct LogBucket {
    /// The bucket, which the instance profile must be allowed to write to.
    name: BucketName,
    /// What the keys start with.
    #[schemars(length(max = 512), regex(pattern = "^(?!/)"))]
    prefix: Option<String>,
}

/// A volume of the image.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Volume {
    /// The size in GiB, at least that of the base AMI's device.
    #[schemars(range(min = 1, max = 16_000))]
    size_gib: u32,
    /// The volume type.
    r#type: VolumeType,
    /// The IOPS of a volume of type gp3, io1 or io2; the last two need them.
    #[schemars(range(min = 100, max = 64_000))]
    iops: Option<u32>,
    /// The throughput of a volume of type gp3, in MiB a second.
    #[schemars(range(min = 125, max = 1000))]
    throughput: Option<u32>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum VolumeType {
    Gp3,
    Gp2,
    Io1,
    Io2,
    St1,
    Sc1,
    Standard,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the type is there for its schema")]
enum Compliance {
    /// Nothing is hardened.
    Word(NoCompliance),
    /// Amazon's STIG component.
    Stig(Stig),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum NoCompliance {
    None,
}

/// Amazon's STIG component of Image Builder.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Stig {
    /// Category III; II and III; or I to III.
    stig: StigLevel,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum StigLevel {
    Low,
    Medium,
    High,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum Drift {
    Repair,
    Report,
}

//! The schema of `environment.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::ami_versions::{Approval, ComponentReference};
use super::consumers::{Consumer, DeliveryMode};
use super::gates::{Gates, ImageScan, Promotion};
use super::names::{BaseOwner, ComponentOwner, Tags};
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
    /// Where the JSON Schema is. Editors read it to complete and check the document.
    #[schemars(rename = "$schema", extend("examples" = ["../schema/environment.schema.json"]))]
    schema: Option<String>,
    /// The version of this document's format.
    #[schemars(extend("const" = 1, "examples" = [1]))]
    schema_version: u32,
    /// The environment that the stack was deployed for. A stack of another environment changes nothing.
    #[schemars(extend("examples" = ["nonprod"]))]
    environment: Environment,
    /// The product family. It is the first part of every name that Image Builder gets.
    #[schemars(extend("examples" = ["mstr"]))]
    family: Family,
    /// The Regions that images are distributed to, with their settings.
    #[schemars(extend("minProperties" = 1, "examples" = [{ "us-east-1": {} }]))]
    regions: BTreeMap<Region, RegionSettings>,
    /// When the recipes of `ami-scheduled` are rebuilt. Without it the stack's schedule stays:
    /// `cron(0 6 ? * SUN *)`.
    #[schemars(extend("examples" = ["cron(0 6 ? * SUN *)", "rate(7 days)"]))]
    schedule: Option<ScheduleExpression>,
    /// EC2 instance types of builds and tests, in order of preference. They must fit the base AMI's
    /// architecture.
    #[schemars(length(min = 1), extend("examples" = [["m6i.large"]]))]
    instance_types: Vec<InstanceType>,
    /// More about the instances of builds and tests: network, profile, metadata, logs.
    #[schemars(extend("default" = {}, "examples" = [{ "keep-instance-on-failure": true }]))]
    instances: Option<Instances>,
    /// The image's volumes. They match the base AMI's devices in order, root first.
    #[schemars(length(min = 1), extend("examples" = [[{ "size-gib": 30, "type": "gp3" }]]))]
    volumes: Vec<Volume>,
    /// Components that run during the build, in this order.
    #[schemars(length(max = 20), extend("examples" = [["components/harden.yml"]]))]
    build_components: Vec<ComponentReference>,
    /// Components that run on a new instance of the built image, in this order. A failed test fails the build.
    #[schemars(length(max = 20), extend("examples" = [[
        "arn:aws:imagebuilder:us-east-1:aws:component/simple-boot-test-linux/x.x.x"
    ]]))]
    test_components: Vec<ComponentReference>,
    /// Components that entries of ami-versions.json may choose. They run as root. A parameter with a value
    /// here is fixed.
    #[schemars(extend("default" = [], "examples" = [["components/motd.yml"]]))]
    allowed_components: Option<Vec<ComponentReference>>,
    /// The owners of the AMIs that images may be built on. `self` is the building account. EC2 decides who is `amazon` or
    /// `aws-marketplace`, and a name never does. A recipe on another account's AMI is refused.
    #[schemars(length(min = 1), extend("default" = ["self", "amazon"], "examples" = [["self", "amazon", "309956199498"]]))]
    base_owners: Option<Vec<BaseOwner>>,
    /// The owners of the components that may run in a build. A component of another owner is refused with
    /// every recipe that runs it.
    #[schemars(length(min = 1), extend("default" = ["self", "amazon"], "examples" = [["self", "amazon", "third-party"]]))]
    component_owners: Option<Vec<ComponentOwner>>,
    /// The standard that images are hardened to, and the scan that checks it. The component that hardens runs
    /// last in the build, and the scan last in the test. `"none"` switches both off.
    #[schemars(extend("default" = "none", "examples" = [{ "stig": "high" }, { "scan": "components/openscap.yml" }]))]
    compliance: Option<Compliance>,
    /// How Amazon Inspector scans each image while its tests run. Without it no image is scanned. Amazon Inspector costs
    /// money.
    #[schemars(extend("examples" = [{ "type": "test-instance" }, { "type": "ami", "highest-severity": "high" }]))]
    image_scan: Option<ImageScan>,
    /// What results of tests and scans an image may have. An image with more failed controls or findings is
    /// not published.
    #[schemars(extend("default" = {}, "examples" = [{ "failed-controls": { "high": 0 } }]))]
    gates: Option<Gates>,
    /// Whether a person has to approve each image before it is published. An entry of ami-versions.json may say
    /// otherwise.
    #[schemars(extend("default" = "none", "examples" = ["required"]))]
    approval: Option<Approval>,
    /// What has to be proved before an image is published. goldsmith then asks what `goldsmith verify` asks, as each
    /// consumer's verify role, before anything names the new image. Without it nothing is asked.
    #[schemars(extend("examples" = [{ "require": "all" }, { "require": { "share-of-accounts": 0.9 } }]))]
    promotion: Option<Promotion>,
    /// The name of AMIs, which their build date follows. Without it this is
    /// `<family>-<environment>-{recipename}`.
    #[schemars(extend("examples" = ["golden {recipename}"]))]
    ami_name: Option<AmiName>,
    /// The accounts, organizations and organizational units that may launch the images.
    #[schemars(extend("default" = [], "examples" = [[{ "account-id": "222222222222", "roles": "any" }]]))]
    consumers: Option<Vec<Consumer>>,
    /// How the accounts of `workload_accounts.<region>.json` are served. Their entries in `consumers` name
    /// their roles. Without such an entry every principal of the account may launch.
    #[schemars(extend("default" = "copy", "examples" = ["share"]))]
    workload_accounts: Option<DeliveryMode>,
    /// Whether Sysprep has generalized the Windows images. An AMI does not show it, so you declare it. The
    /// plan then says what an account has to do with a copy.
    #[schemars(extend("examples" = [true]))]
    sysprep: Option<bool>,
    /// How `goldsmith verify` judges.
    #[schemars(extend("default" = { "unknown-blocks": false }, "examples" = [{ "unknown-blocks": true }]))]
    verify: Option<Verify>,
    /// Tags for everything that is made, and for the AMIs.
    #[schemars(extend("examples" = [{ "Owner": "ccoe", "Product": "MSTR" }]))]
    tags: Tags<MOST>,
    /// The account's quotas of Image Builder, where AWS has raised them. Plans show them where Service Quotas cannot be
    /// read. They decide nothing: AWS does.
    #[schemars(extend("default" = {}, "examples" = [{ "image-pipelines": 200 }]))]
    quotas: Option<Quotas>,
    /// What happens if somebody else changes something of ours. `repair` changes it back. `report` only shows
    /// it as waiting.
    #[schemars(extend("default" = "repair", "examples" = ["report"]))]
    drift: Option<Drift>,
    /// What happens to the AMI and the snapshots of a build that failed or was cancelled. `destroy` removes them at
    /// once. `expire` removes them a day later, so that people can look at them.
    #[schemars(extend("default" = "destroy", "examples" = ["expire"]))]
    on_failure: Option<OnFailure>,
    /// After how many days an image expires, counted from the day on which it is built. Its AMIs and snapshots get the
    /// tag `expiry_date`, and EC2 deprecates its AMIs: consumers no longer find them, and can still launch them.
    /// Without it images do not expire.
    #[schemars(range(min = 1, max = 3650), extend("examples" = [90]))]
    expiry: Option<u32>,
    /// Which messages about images people get from the topic. Programs get every event, and alarms are sent in any
    /// case.
    #[schemars(extend("default" = ["promoted", "awaiting-approval", "failed"], "examples" = [["failed"]]))]
    notification: Option<Vec<MessageKind>>,
    /// Whether the hourly run builds an image again if its base was made after it: the AMI that a parameter names, or the
    /// newest version of an Image Builder image. Without it the plan says so, and the schedule builds.
    #[schemars(extend("default" = false, "examples" = [true]))]
    rebuild_on_new_base: Option<bool>,
    /// Whether every change stops, except the removal of access.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pause: Option<bool>,
}

/// The account's quotas of Image Builder in the building Region.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Quotas {
    /// Image pipelines. Each recipe has one.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = 75, "examples" = [200]))]
    image_pipelines: Option<u32>,
    /// Versions of image recipes, old ones too.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = 1000, "examples" = [5000]))]
    image_recipes: Option<u32>,
    /// Builds of components.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = 1000, "examples" = [5000]))]
    components: Option<u32>,
    /// Infrastructure configurations. An environment has one.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = 1000, "examples" = [2000]))]
    infrastructure_configurations: Option<u32>,
    /// Distribution configurations. Each recipe has one.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = 1000, "examples" = [2000]))]
    distribution_configurations: Option<u32>,
    /// Builds that run at the same time.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = 100, "examples" = [300]))]
    concurrent_builds: Option<u32>,
    /// Components of one recipe.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = 20, "examples" = [40]))]
    components_of_a_recipe: Option<u32>,
}

/// How `goldsmith verify` judges.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Verify {
    /// Whether an Unknown finding counts like an Incorrect one: the exit code is then 3.
    #[schemars(extend("examples" = [true]))]
    unknown_blocks: bool,
}

/// The settings of a Region.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct RegionSettings {
    /// The key that encrypts the images there. A further Region needs one. The building Region must not have
    /// one, because it uses the stack's own key.
    #[schemars(extend("examples" = ["arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]))]
    kms_key: Option<KeyArn>,
    /// Keys that the Region had before. Keep them here while images are under them. A consumer that leaves
    /// loses them too. No consumer joins them.
    #[schemars(extend("default" = [], "examples" = [["arn:aws:kms:eu-west-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"]]))]
    former_kms_keys: Option<Vec<KeyArn>>,
    /// SSM parameters that Image Builder sets to the AMI's id when it distributes an image there. They are
    /// below `/imagebuilder/`, and have `{recipename}` in their name.
    #[schemars(length(max = 10), extend("default" = [], "examples" = [["/imagebuilder/{recipename}/ami-id"]]))]
    ssm_parameters: Option<Vec<ParameterPattern>>,
    /// Launch templates that get a new version with the AMI, by recipe.
    #[schemars(extend("default" = {}, "examples" = [{ "110304": ["lt-0123456789abcdef0"] }]))]
    launch_templates: Option<BTreeMap<RecipeName, LaunchTemplates>>,
}

/// The ids of launch templates.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "the type is there for its schema")]
struct LaunchTemplates(#[schemars(length(min = 1, max = 5))] Vec<LaunchTemplateId>);

/// How the instances of builds and tests run.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(extend("dependentRequired" = { "subnet": ["security-groups"] }))]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Instances {
    /// The name of the instance profile. Without it the stack's own is used. The stack may pass another one only if its role
    /// is in the parameter `InstanceRoleArns` of the template.
    #[schemars(extend("examples" = ["image-builder"]))]
    instance_profile: Option<InstanceProfileName>,
    /// The name of an EC2 key pair. Without it the instances have none.
    #[schemars(extend("examples" = ["builders"]))]
    key_pair: Option<KeyPairName>,
    /// The subnet where instances run. It needs `security-groups`. Without it this is a subnet of the default
    /// VPC.
    #[schemars(extend("examples" = ["subnet-0a1b2c3d4e5f60718"]))]
    subnet: Option<SubnetId>,
    /// The security groups of instances.
    #[schemars(length(min = 1), extend("examples" = [["sg-0a1b2c3d4e5f60718"]]))]
    security_groups: Option<Vec<SecurityGroupId>>,
    /// Whether the subnet has to give instances a public address. A subnet that does otherwise is refused.
    /// Without this member it is not checked.
    #[schemars(extend("examples" = [false]))]
    public_ip: Option<bool>,
    /// How instances reach their metadata.
    #[schemars(extend("default" = {}, "examples" = [{ "tokens": "optional" }]))]
    metadata_options: Option<MetadataOptions>,
    /// The bucket that gets build logs, in addition to CloudWatch.
    #[schemars(extend("examples" = [{ "name": "my-build-logs", "prefix": "goldsmith" }]))]
    log_bucket: Option<LogBucket>,
    /// Whether the instance of a failed build stays for inspection, and is ended a day later: its tag `expiry_date` says when.
    #[schemars(extend("default" = false, "examples" = [true]))]
    keep_instance_on_failure: Option<bool>,
    /// It has no effect, and is accepted for documents that have it. Image Builder logs in by Systems Manager.
    #[schemars(extend("examples" = ["ec2-user"]))]
    ssh_user: Option<String>,
    /// It has no effect, and is accepted for documents that have it. The VPC is that of the subnet.
    #[schemars(extend("examples" = ["vpc-0181557b"]))]
    vpc_id: Option<VpcId>,
}

/// How instances reach their metadata.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct MetadataOptions {
    /// Whether version 2 of the metadata service is required.
    #[schemars(extend("default" = "required", "examples" = ["optional"]))]
    tokens: Option<Tokens>,
    /// The number of hops that an answer may take. Containers need 2.
    #[schemars(range(min = 1, max = 64), extend("default" = 1, "examples" = [2]))]
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
    /// The bucket. The instance profile must be allowed to write to it.
    #[schemars(extend("examples" = ["my-build-logs"]))]
    name: BucketName,
    /// The prefix of the keys.
    #[schemars(length(max = 512), regex(pattern = "^(?!/)"), extend("default" = "", "examples" = ["goldsmith"]))]
    prefix: Option<String>,
}

/// A volume of the image.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Volume {
    /// The size in GiB. It is at least that of the base AMI's device.
    #[schemars(range(min = 1, max = 16_000), extend("examples" = [30]))]
    size_gib: u32,
    /// The volume type.
    #[schemars(extend("examples" = ["gp3"]))]
    r#type: VolumeType,
    /// The IOPS of the volume. io1 and io2 need them, gp3 takes them, and other types do not.
    #[schemars(range(min = 100, max = 64_000), extend("examples" = [3000]))]
    iops: Option<u32>,
    /// The throughput in MiB per second. Only gp3 takes it.
    #[schemars(range(min = 125, max = 1000), extend("examples" = [250]))]
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
    /// Nothing is hardened or scanned.
    Word(NoCompliance),
    /// Hardening, a scan, or both.
    Standards(Standards),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum NoCompliance {
    None,
}

/// Hardening and scanning are two switches.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", extend("minProperties" = 1))]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Standards {
    /// The level of Amazon's STIG component, which hardens. `low` is category III, `medium` is II and III, and
    /// `high` is I to III.
    #[schemars(extend("examples" = ["high"]))]
    stig: Option<StigLevel>,
    /// The component that scans every image. It has a `test` phase.
    #[schemars(extend("examples" = ["components/openscap.yml"]))]
    scan: Option<ComponentReference>,
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
pub(super) enum OnFailure {
    Destroy,
    Expire,
}

/// What a message is about.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum MessageKind {
    Promoted,
    AwaitingApproval,
    Failed,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum Drift {
    Repair,
    Report,
}

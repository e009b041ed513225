//! What needs a person.

mod kind;

use crate::arn::ImageArn;
use crate::bucket_policy::BucketPolicyError;
use crate::key_policy::KeyPolicyError;
use crate::licence::Barrier;
use crate::names::{
    AccountId, AmiId, ComponentArn, Environment, KeyArn, ParameterName, ParameterPrefix,
    ParentImageArn, PipelineArn, RecipeName, Region, RoleArn,
};
use crate::observed::Subject;
use crate::owners::Owners;

/// What mends most of what the deployment made.
const DEPLOY_AGAIN: &str = "the deployment owns it: deploy the stack's template again";

/// Something that will not be done until a person changes something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A component under our name, with the tags of a document, that says something else.
    #[error(
        "it carries the digest of {0} and says something else; it is not used, and the document becomes the \
         next version: find out who made it, and delete it"
    )]
    ForgedComponent(String),
    /// An image under our name that the recipe's pipeline did not build.
    #[error(
        "it was not built by the pipeline of recipe {0}; it is not used: find out who made it, and delete it"
    )]
    ForeignImage(RecipeName),
    /// An AMI that is tagged as a failed build's, and is another image's.
    #[error(
        "it is tagged as what the failed image {0} has left, and another image has it; it is not removed: find out who \
         changed the tag `Ec2ImageBuilderArn`"
    )]
    LeftoverInUse(ImageArn),
    /// An image with the tags of one that made our copies, which goldsmith did not make.
    #[error(
        "its tags say that it made copies of recipe {0}, and goldsmith did not make it; it is not used: find out who \
         made it, and delete it"
    )]
    ForeignCopies(RecipeName),
    /// A recipe version under our name, with the tags of a reviewed recipe, that says something else.
    #[error(
        "it carries the digest of recipe {0} and says something else; it is not used, and the recipe becomes the \
         next version: find out who made it, and delete it"
    )]
    ForgedRecipe(RecipeName),
    /// A grant of an account that nobody knows.
    #[error(
        "account {account} holds the grant {grant}, and is in no document; its volumes may still be in use: if nobody \
         knows it, run `aws kms revoke-grant`"
    )]
    StrangersGrant {
        /// The account.
        account: AccountId,
        /// The id of the grant.
        grant: String,
    },
    /// An AMI that consumers launch, and that is not there any more.
    #[error(
        "the AMI {ami} in {region} is deregistered or disabled, or has lost its tag goldsmith:environment; consumers \
         cannot launch it: build the recipe again with `goldsmith build`, and find out who did it"
    )]
    AmiGone {
        /// The AMI.
        ami: AmiId,
        /// Where it was.
        region: Region,
    },
    /// Something that the deployment made and somebody changed.
    #[error("{fault}; {}, and find out who changed it", .hint.as_deref().unwrap_or(DEPLOY_AGAIN))]
    Deployment {
        /// What is wrong.
        fault: String,
        /// What mends it, where that is no deployment.
        hint: Option<String>,
    },
    /// A pipeline that carries our tags, and not the name that the documents give.
    #[error(
        "it carries the tags of this environment, and the documents give no pipeline this name; nothing of it is \
         built or published: if the family was changed, delete it, or else find out who made it"
    )]
    Misnamed,
    /// The documents are for another environment.
    #[error("environment.json says `{documents}`, and this stack is `{stack}`; nothing is changed")]
    Environment {
        /// What the document says.
        documents: Environment,
        /// What the stack was deployed for.
        stack: Environment,
    },
    /// A further Region without a key.
    #[error(
        "Region {0} has no kms-key in environment.json, and a copy there would be encrypted with aws/ebs, which cannot be shared; images are not distributed to it"
    )]
    RegionWithoutKey(Region),
    /// The building Region is given a key that is not the stack's.
    #[error(
        "environment.json names the key {named} for the building Region, whose volumes are encrypted with the stack's own key {stack}; leave it out there"
    )]
    BuildingRegionKey {
        /// The key that the document names.
        named: KeyArn,
        /// The key of the stack.
        stack: KeyArn,
    },
    /// A former key that is none of ours.
    #[error("the former key {key} {reason}; nobody gets or loses access to it")]
    FormerKey {
        /// The key.
        key: KeyArn,
        /// What is wrong with it.
        reason: String,
    },
    /// A further Region that images cannot be copied to.
    #[error(
        "Region {region} cannot be used: {reason}; no distribution to it is set up while that is so"
    )]
    Region {
        /// The Region.
        region: Region,
        /// What it lacks.
        reason: String,
    },
    /// The stack's key does not encrypt.
    #[error("the stack's key {key} {reason}; nothing can be built with it")]
    Key {
        /// The key.
        key: KeyArn,
        /// What is wrong with it.
        reason: String,
    },
    /// The instance profile of the documents is not there, or has no role.
    #[error("the instance profile {0} does not exist, or has no role; builds cannot start with it")]
    InstanceProfileWithoutRole(String),
    /// The stack may not pass the role of the documents' instance profile.
    #[error(
        "the instance profile {profile} has the role {role}, which the stack may not pass to instances; deploy it with this \
         role in InstanceRoleArns"
    )]
    InstanceRole {
        /// The profile.
        profile: String,
        /// Its role.
        role: String,
    },
    /// The subnet of the documents is not there.
    #[error("the subnet {0} does not exist in this Region")]
    SubnetMissing(String),
    /// The subnet does the opposite of what the documents say of public addresses.
    #[error(
        "environment.json says `public-ip` {wanted}, and the subnet {subnet} gives instances {}; Image Builder leaves that to the subnet",
        if *.wanted { "no public address" } else { "a public address" }
    )]
    PublicIp {
        /// The subnet.
        subnet: String,
        /// What the document says.
        wanted: bool,
    },
    /// An instance type that the Region does not have.
    #[error("the instance type {0} does not exist in this Region")]
    InstanceTypeMissing(String),
    /// An instance type that the base AMI does not run on. Image Builder picks one by availability, so
    /// every one has to fit.
    #[error(
        "the base AMI {ami} is for {architecture}, and the instance type {instance_type} is not"
    )]
    Architecture {
        /// The base AMI.
        ami: AmiId,
        /// Its architecture.
        architecture: String,
        /// The instance type.
        instance_type: String,
    },
    /// The parameter is none that the stack reads. Its name decides; it was not looked up.
    #[error(
        "the parameter {name} is neither below {prefix} nor below /aws/service/, and this stack reads no other; it was not looked up"
    )]
    ParameterNotAllowed {
        /// The parameter.
        name: ParameterName,
        /// The stack's prefix.
        prefix: ParameterPrefix,
    },
    /// The parameter gives no AMI id. Whoever writes a pull request reads this, and must not learn from it
    /// which parameters there are: every reason has the same sentence.
    #[error(
        "the parameter {0} gives no AMI id: it is missing in this account and Region, may not be read, is not of the type String, or has another value; `aws ssm get-parameter` shows which to whoever may read it"
    )]
    Parameter(ParameterName),
    /// An AMI that a parameter names, and why it cannot be built on.
    #[error("{1}; the parameter {0} names it")]
    OfParameter(ParameterName, Box<Self>),
    /// A part of the recipe is of another partition or Region.
    #[error("{arn} is not in partition {partition} and Region {region}, where this stack builds")]
    Elsewhere {
        /// The image or component.
        arn: String,
        /// The stack's partition.
        partition: String,
        /// The stack's Region.
        region: Region,
    },
    /// A component of an owner that the documents do not allow.
    #[error(
        "the component {component} is of an owner that is not in component-owners of environment.json ({owners}); it would run as root"
    )]
    ComponentOwner {
        /// The component.
        component: ComponentArn,
        /// The owners that are allowed.
        owners: Owners,
    },
    /// A base AMI of an owner that the documents do not allow.
    #[error(
        "the base AMI {ami}, {provenance}, is of an owner that is not in base-owners of environment.json ({owners})"
    )]
    BaseOwner {
        /// The base AMI.
        ami: AmiId,
        /// Whose it is, in words.
        provenance: String,
        /// The owners that are allowed.
        owners: Owners,
    },
    /// Something that is needed could not be read, for a reason that the next run would meet again.
    #[error("{what} could not be read: {code}")]
    Unreadable {
        /// What.
        what: Subject,
        /// AWS's code.
        code: String,
    },
    /// The Image Builder image is not there, or has no AMI here.
    #[error("{0} is no available image with an AMI in this Region that this account may use")]
    ParentImageMissing(ParentImageArn),
    /// The base AMI cannot be seen from here.
    #[error("the base AMI {0} does not exist in this Region or is not shared with this account")]
    BaseAmiMissing(AmiId),
    /// The base AMI is not available.
    #[error("the base AMI {0} is not in the state `available`")]
    BaseAmiUnavailable(AmiId),
    /// More volumes than devices.
    #[error(
        "environment.json lists {volumes} volumes, and the base AMI {ami} has {devices} EBS devices"
    )]
    MoreVolumesThanDevices {
        /// The base AMI.
        ami: AmiId,
        /// How many volumes the document lists.
        volumes: usize,
        /// How many EBS devices the base AMI has.
        devices: usize,
    },
    /// A volume smaller than the snapshot it starts from.
    #[error(
        "volume {device} would have {size_gib} GiB, and the base AMI {ami} needs at least {needed_gib}"
    )]
    VolumeTooSmall {
        /// The base AMI.
        ami: AmiId,
        /// The device.
        device: String,
        /// What the document asks for.
        size_gib: u32,
        /// What the base AMI's snapshot has.
        needed_gib: u32,
    },
    /// A device of the base AMI whose type cannot be made without a number of IOPS.
    #[error(
        "the base AMI {ami} has the {volume_type} volume {device}, which needs a number of IOPS; give it another type in environment.json"
    )]
    VolumeNeedsIops {
        /// The base AMI.
        ami: AmiId,
        /// The device.
        device: String,
        /// Its type.
        volume_type: &'static str,
    },
    /// A component for another platform than the base AMI's.
    #[error("{component} runs on {component_platform}, and the base AMI {ami} is {ami_platform}")]
    Platform {
        /// The component document.
        component: String,
        /// Its platform.
        component_platform: &'static str,
        /// The base AMI.
        ami: AmiId,
        /// Its platform.
        ami_platform: &'static str,
    },
    /// An entry that says another platform than its base AMI's.
    #[error("its platform is {declared}, and the base AMI {ami} is {ami_platform}")]
    DeclaredPlatform {
        /// What the entry says.
        declared: &'static str,
        /// The base AMI.
        ami: AmiId,
        /// Its platform.
        ami_platform: &'static str,
    },
    /// A pipeline's name is taken by one without our tag.
    #[error("{0} exists and does not carry this environment's tag; it is not ours to change")]
    PipelineNotOurs(PipelineArn),
    /// A configuration's name is taken by one without our tag.
    #[error("{0} exists and does not carry this environment's tag; it is not ours to change")]
    ConfigurationNotOurs(String),
    /// A consumer that gets no copy of this image.
    #[error(
        "account {account} gets no copy of this recipe's image: {image} failed{} ({reason}). Other accounts are not affected, and the next build tries again",
        if *.retries == 0 { ", and Image Builder cannot retry it".to_owned() } else { format!(" {retries} more times") }
    )]
    Copy {
        /// The account.
        account: AccountId,
        /// The image that makes the copies.
        image: ImageArn,
        /// How often it was tried again.
        retries: u32,
        /// Why it failed.
        reason: String,
    },
    /// A consumer that gets no copy because of the image's licence, and what bars it.
    #[error(
        "account {0} gets no copy of this recipe's image; none is tried, and other accounts are not affected: {1}"
    )]
    Licence(AccountId, Barrier),
    /// An image that an account could not build again.
    #[error(
        "account {account} gets no AMI of this recipe's image: rebuilding {image} there failed twice ({reason}). Other accounts are not affected. It is tried again with the next image, or when the account's `rebuild` or key changes"
    )]
    Rebuild {
        /// The account.
        account: AccountId,
        /// Our image.
        image: ImageArn,
        /// Why it failed.
        reason: String,
    },
    /// An account that lets nobody see what it builds again.
    #[error(
        "account {account} gets no AMI of this recipe's image, because role {role} denies access to rebuild it there ({reason}). Other accounts are not affected, and every run tries again"
    )]
    RebuildRole {
        /// The account.
        account: AccountId,
        /// Its role.
        role: RoleArn,
        /// What AWS says.
        reason: String,
    },
    /// An account that does not let us delete what a build there took.
    #[error(
        "resources of a rebuild of this recipe's image remain in {region} of account {account}, because role {role} denies access ({reason}). Every run tries again; to give up, remove `{account}:{region}` from the pipeline's tag goldsmith:rebuilding"
    )]
    RebuildLeft {
        /// The account.
        account: AccountId,
        /// The Region.
        region: Region,
        /// The role that was tried.
        role: RoleArn,
        /// What AWS says.
        reason: String,
    },
    /// Sysprep is declared where there is no Windows.
    #[error(
        "environment.json says `sysprep` true, and every recipe is built on Linux; take it out"
    )]
    Sysprep,
    /// An image that was built and cannot be distributed.
    #[error(
        "image {image} is built but cannot be distributed: {retries} retries failed ({reason}). Fix the reason, and the next build is distributed"
    )]
    Distribution {
        /// The image.
        image: ImageArn,
        /// How often it was tried again.
        retries: u32,
        /// Why it failed.
        reason: String,
    },
    /// A recipe's image that is built and distributed, and why something else could not be done with it.
    #[error(
        "image {1} is built and distributed, but what follows failed ({2}): a launch template or a parameter could not be written. Image Builder cannot retry this. Fix the reason, and build again with `goldsmith build {0}`"
    )]
    Integration(RecipeName, ImageArn, String),
    /// An account that KMS or S3 does not take as a principal.
    #[error(
        "AWS does not accept account {account} as a principal ({reason}). The account is excluded for a day, and all other consumers have access. Correct the account id or remove the account; to try again at once, delete quarantine.json from the output bucket"
    )]
    Quarantined {
        /// The account.
        account: AccountId,
        /// The answer of KMS or S3.
        reason: String,
    },
    /// The policy of the output bucket cannot be brought up to date.
    #[error(transparent)]
    BucketPolicy(BucketPolicyError),
    /// The key policy cannot be brought up to date.
    #[error(transparent)]
    KeyPolicy(#[from] KeyPolicyError),
}

//! What exists, as AWS tells it, reduced to what decisions need.
//!
//! `goldsmith plan --save` stores these types in a file, whose format has a number: raise it with every
//! change of a member here. Every member has to be in the file and no other may be. Therefore members that
//! may have no value have `deserialize_with`: without it, serde would read a missing one as no value.

mod catalog;
mod damage;
mod deployment;
mod facts;
mod rebuilds;
mod sharing;
mod unreadable;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use self::catalog::{
    BaseAmi, Catalog, Component, Device, ProductCode, Provenance, Recipe, RecipeContents,
    RecipeDevice, UsedComponent,
};
pub use self::damage::Damage;
pub use self::deployment::DeploymentFault;
pub use self::facts::{Facts, KeyState, RegionState, SubnetState};
pub use self::rebuilds::{Rebuilds, Resource};
pub use self::sharing::{Copy, FailedTarget, Grant, OwnAmi, Target};
pub use self::unreadable::{Subject, Unreadable};
use crate::arn::{ImageArn, VersionArn};
use crate::failure::FailureClass;
use crate::finding::Finding;
use crate::licence::Licence;
use crate::names::{
    AccountId, AmiId, Digest, Environment, InstanceId, KeyArn, PipelineArn, RecipeName, Region,
};
use crate::resources::{Distribution, Infrastructure};
pub use crate::sharing::Sharing;
use crate::stack::RECIPENAME_TAG;
pub use crate::tags::{Tags, digest_of, is_owned};

/// What a run saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Observed {
    /// When it was looked at.
    pub time: Timestamp,
    /// Every pipeline of the account and Region, ours and others'.
    pub pipelines: Vec<Pipeline>,
    /// Every image build of the account and Region.
    pub images: Vec<Image>,
    /// Who made images; only of images and copies that are not published yet, and in search of drift of
    /// images that are.
    pub origins: BTreeMap<ImageArn, Origin>,
    /// What the results of images say against them; only of the newest image of each recipe that is not published
    /// yet, and only if the documents set limits.
    pub objections: BTreeMap<ImageArn, Vec<String>>,
    /// What was found of the consumers' use of images; only of images that are to be published, and only if the
    /// documents ask for proof.
    pub proofs: BTreeMap<ImageArn, Vec<Finding>>,
    /// What failed builds have left, by their image; only of those of which something may be left.
    pub leftovers: BTreeMap<ImageArn, Vec<Leftover>>,
    /// Instances that builds have kept, which ended without an image; only read in search of drift.
    pub kept_instances: Vec<KeptInstance>,
    /// The policy of the key, as text.
    pub key_policy: String,
    /// The policies of the further Regions' keys, as text; without those that cannot be read, which are
    /// in `unreadable`.
    pub further_key_policies: BTreeMap<KeyArn, String>,
    /// The policy of the output bucket, as text; empty if it has none.
    pub bucket_policy: String,
    /// The rule that starts scheduled builds.
    pub rule: Rule,
    /// Infrastructure configurations.
    pub infrastructure: Vec<Configuration<Infrastructure>>,
    /// Distribution configurations.
    pub distributions: Vec<Configuration<Distribution>>,
    /// What is only read when a pipeline does not carry the digest that the documents want.
    #[serde(deserialize_with = "Option::deserialize")]
    pub catalog: Option<Catalog>,
    /// What a plan that makes something is checked against.
    pub facts: Facts,
    /// The AMIs of this environment in all Regions; only read when somebody joins or leaves, or in search
    /// of drift.
    #[serde(deserialize_with = "Option::deserialize")]
    pub amis: Option<Vec<OwnAmi>>,
    /// AMIs of this environment that are there, and whose turn to be looked at it is not.
    pub amis_out_of_turn: BTreeSet<AmiId>,
    /// What our own AMIs say of their licences; only read where a copy is missing and no tag tells.
    pub licences: BTreeMap<AmiId, Licence>,
    /// What is in the accounts and Regions that have something left to build again; only read then.
    pub rebuilds: BTreeMap<AccountId, BTreeMap<Region, Rebuilds>>,
    /// What our own AMIs are that accounts have left to build again.
    pub built: BTreeMap<AmiId, BaseAmi>,
    /// The grants on the keys that somebody leaves.
    pub grants: BTreeMap<KeyArn, Vec<Grant>>,
    /// Accounts that KMS has lately not taken as principals, with its answer; only read when a key policy
    /// is not as it should be.
    pub quarantined: BTreeMap<AccountId, String>,
    /// What is wrong with what consumers read, by the key of the object or the place of the parameter; only
    /// read in search of drift.
    pub damages: BTreeMap<String, Damage>,
    /// What somebody changed of what the deployment made; only read in search of drift.
    pub deployment: Vec<DeploymentFault>,
    /// Workload accounts documents that were there and are deleted; only read when a plan may take
    /// access away.
    pub deleted_documents: BTreeSet<String>,
    /// What could not be read, each with AWS's code; what needs it is refused.
    pub unreadable: Vec<Unreadable>,
}

/// Who made an image, as only `GetImage` tells: anybody who may tag can write our tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A pipeline built it.
    Pipeline(PipelineArn),
    /// It was only distributed, with the execution role that goldsmith passes. Only who may pass that role can
    /// do so (Image Builder API reference, `DistributeImage`).
    Distribution,
    /// Anything else.
    Other,
}

/// An AMI that a failed build has left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Leftover {
    /// Where it is.
    pub region: Region,
    /// The AMI.
    pub ami: AmiId,
    /// When it was made, if EC2 says so.
    #[serde(deserialize_with = "Option::deserialize")]
    pub created: Option<Timestamp>,
    /// Whether its tags say when it is removed.
    pub expires: bool,
    /// How large its volumes are together, in GiB: at most that is paid for.
    pub size_gib: u64,
}

/// An instance of Image Builder that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeptInstance {
    /// The instance.
    pub id: InstanceId,
    /// The image that it builds or tests, as its tag says.
    pub image: ImageArn,
    /// The last day on which it is kept, if its tag says so.
    #[serde(deserialize_with = "Option::deserialize")]
    pub expires: Option<Date>,
}

/// How closely a run looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Pipelines by content, configurations by the digest in their description.
    Digest,
    /// As `Content`, but of recipes and AMIs only those whose turn it is. Each costs calls, and after a year of weekly
    /// builds 50 recipes have 2,600 AMIs.
    Hour,
    /// Every configuration of ours by content as well, and everything that a plan is checked against.
    Content,
}

impl Depth {
    /// Whether it reads more than lists and digests.
    pub fn is_close(self) -> bool {
        match self {
            Self::Digest => false,
            Self::Hour | Self::Content => true,
        }
    }
}

/// An image pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pipeline {
    /// Its ARN.
    pub arn: PipelineArn,
    /// Its description.
    #[serde(deserialize_with = "Option::deserialize")]
    pub description: Option<String>,
    /// Whether it is enabled.
    pub status: PipelineStatus,
    /// The recipe version it builds; none for a container pipeline.
    #[serde(deserialize_with = "Option::deserialize")]
    pub recipe: Option<VersionArn>,
    /// Its infrastructure configuration.
    pub infrastructure: String,
    /// Its distribution configuration.
    #[serde(deserialize_with = "Option::deserialize")]
    pub distribution: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// What it says beside that and none of ours ever does, such as a schedule, by member.
    pub others: BTreeMap<String, String>,
}

/// Whether a pipeline is enabled (`PipelineStatus` of the API reference).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PipelineStatus {
    /// It runs.
    Enabled,
    /// Somebody, or Image Builder after failures, disabled it.
    Disabled,
    /// A status that this release does not know.
    Unrecognized(String),
}

impl Pipeline {
    /// Whether it belongs to this environment.
    pub fn is_owned(&self, environment: &Environment) -> bool {
        is_owned(&self.tags, environment)
    }

    /// The recipe name that it was made for.
    pub fn recipename(&self) -> Option<RecipeName> {
        self.tags.get(RECIPENAME_TAG)?.parse().ok()
    }
}

impl Observed {
    /// AWS's code for why something could not be read; none if it was read, or not asked for.
    pub fn unreadable(&self, what: &Subject) -> Option<&str> {
        let mut all = self.unreadable.iter();
        all.find(|unread| unread.what == *what)
            .map(|unread| unread.code.as_str())
    }

    /// What was seen in an account and Region that build images again, if they were looked into.
    pub fn rebuilds_in(&self, place: &Target) -> Option<&Rebuilds> {
        self.rebuilds.get(&place.account)?.get(&place.region)
    }
}

/// One build of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Image {
    /// Its build version ARN.
    pub arn: ImageArn,
    /// Its state.
    pub state: ImageState,
    /// Why it is in this state; opaque text of the service, only ever shown.
    #[serde(deserialize_with = "Option::deserialize")]
    pub reason: Option<String>,
    /// The AMIs in the building account, by Region.
    pub amis: BTreeMap<Region, AmiId>,
    /// The copies in other accounts.
    pub copies: Vec<Copy>,
    /// What its distribution failed for; empty if it failed before it, or not at all.
    pub failed_targets: Vec<FailedTarget>,
    /// The state in which it failed, as Image Builder spells it, if it says so.
    #[serde(deserialize_with = "Option::deserialize")]
    pub failed_in: Option<String>,
    /// When its build began, if Image Builder says so.
    #[serde(deserialize_with = "Option::deserialize")]
    pub created: Option<Timestamp>,
    /// What kind of failure it was, if it failed.
    #[serde(deserialize_with = "Option::deserialize")]
    pub failure: Option<FailureClass>,
    /// Its tags.
    pub tags: Tags,
}

/// Image states (`ImageStatus` of the API reference), as far as decisions differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageState {
    /// PENDING to INTEGRATING: a build that still runs, with the name of its state.
    Running(String),
    /// Done and usable.
    Available,
    /// Ended without an image.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
    /// DEPRECATED, DISABLED or DELETED: an image that was available once.
    Retired,
    /// A state that this release does not know.
    Unrecognized(String),
}

impl From<&str> for ImageState {
    fn from(status: &str) -> Self {
        match status {
            "PENDING" | "CREATING" | "BUILDING" | "TESTING" | "DISTRIBUTING" | "INTEGRATING" => {
                Self::Running(status.to_owned())
            }
            "AVAILABLE" => Self::Available,
            "FAILED" => Self::Failed,
            "CANCELLED" => Self::Cancelled,
            "DEPRECATED" | "DISABLED" | "DELETED" => Self::Retired,
            other => Self::Unrecognized(other.to_owned()),
        }
    }
}

/// An infrastructure or distribution configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    bound(deserialize = "T: Deserialize<'de>")
)]
pub struct Configuration<T> {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: Tags,
    /// The digest in its description.
    #[serde(deserialize_with = "Option::deserialize")]
    pub digest: Option<Digest>,
    /// When it was made or last changed, if Image Builder says so.
    #[serde(deserialize_with = "Option::deserialize")]
    pub updated: Option<Timestamp>,
    /// What it says; only read where the digest is not the wanted one, or in search of drift.
    #[serde(deserialize_with = "Option::deserialize")]
    pub content: Option<Content<T>>,
}

/// What a configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Content<T> {
    /// What we could have written.
    pub known: T,
    /// What none of ours ever says, by member.
    pub others: BTreeMap<String, String>,
}

/// The `EventBridge` rule that starts scheduled builds, with everything that `PutRule` would replace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// Its name on the default bus.
    pub name: String,
    /// Its schedule.
    #[serde(deserialize_with = "Option::deserialize")]
    pub schedule: Option<String>,
    /// Its event pattern.
    #[serde(deserialize_with = "Option::deserialize")]
    pub event_pattern: Option<String>,
    /// Its description.
    #[serde(deserialize_with = "Option::deserialize")]
    pub description: Option<String>,
    /// Its state, as `EventBridge` spells it.
    #[serde(deserialize_with = "Option::deserialize")]
    pub state: Option<String>,
    /// Its role.
    #[serde(deserialize_with = "Option::deserialize")]
    pub role_arn: Option<String>,
    /// `false` if it was seen to have lost its target, the function that starts scheduled builds; that is
    /// only looked for in search of drift.
    #[serde(deserialize_with = "Option::deserialize")]
    pub has_target: Option<bool>,
}

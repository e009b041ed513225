//! What will be right later.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::arn::ImageArn;
use crate::names::{AccountId, AmiId, InstanceId, KeyArn, RecipeName, Region};
use crate::promotion::{Decision, ImageVersion};
use crate::proof::{LeftOut, Proof};

/// Something that will be right later, or when somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Waiting {
    /// A document has not been uploaded, or was deleted.
    #[error("{0} is not in the document bucket; nothing is changed until it is")]
    Document(String),
    /// Something that consumers read, and that this run may not read.
    #[error("{part} was not compared with the image: {reason}")]
    NotCompared {
        /// The object or the parameter.
        part: String,
        /// The answer of AWS.
        reason: String,
    },
    /// A build runs.
    #[error("image {image} is {state}")]
    Build {
        /// The image.
        image: ImageArn,
        /// Its state, as the service spells it.
        state: String,
    },
    /// Every build of the current recipe version ended without an image.
    #[error(
        "image {image} ended without an AMI ({reason}); `goldsmith logs {recipe}` shows why, and the schedule or `goldsmith build {recipe}` builds it again"
    )]
    FailedBuild {
        /// The recipe.
        recipe: RecipeName,
        /// The newest image.
        image: ImageArn,
        /// Why, in the service's words.
        reason: String,
    },
    /// A build that AWS could not make at that moment.
    #[error("image {image} failed for what may pass by itself ({reason}); it is built once more")]
    BuildAgain {
        /// The image.
        image: ImageArn,
        /// Why, in the service's words.
        reason: String,
    },
    /// The base of an image was made after it.
    #[error(
        "its base is {ami} by now, which was made at {made}; {}",
        if *.builds { "it is built again" } else { "the next build has it" }
    )]
    NewBase {
        /// The AMI.
        ami: AmiId,
        /// When it was made.
        made: Timestamp,
        /// Whether this run builds the image again.
        builds: bool,
    },
    /// An image that a person has to approve.
    #[error(
        "image {image} waits for a person: `goldsmith approve {recipe} --image {}` publishes it, and `goldsmith reject` \
         takes it out of use",
        ImageVersion::from(image)
    )]
    Approval {
        /// The recipe.
        recipe: RecipeName,
        /// The image.
        image: ImageArn,
        /// Its AMIs.
        amis: BTreeMap<Region, AmiId>,
    },
    /// An image whose tests and scans found too much.
    #[error(
        "image {image} is held back by its results ({reasons}): `goldsmith results {recipe}` shows them; fix the image, \
         or have a waiver reviewed"
    )]
    Results {
        /// The recipe.
        recipe: RecipeName,
        /// The image.
        image: ImageArn,
        /// Why, as sentences.
        reasons: String,
    },
    /// An image that too few consumers can use.
    #[error(
        "image {image} is not published, because {} of {} accounts can use it and {} have to: {}. `goldsmith consumer` says \
         what an account has to make; the next run asks again, and `promotion.require` may leave accounts out",
        .proof.able(), .proof.accounts, .proof.required, .proof.reasons()
    )]
    Unproved {
        /// The recipe.
        recipe: RecipeName,
        /// The image.
        image: ImageArn,
        /// What was found.
        proof: Box<Proof>,
    },
    /// Accounts that what is published was published without.
    #[error("image {image} was published {accounts}; `goldsmith verify` says why")]
    LeftOut {
        /// The image.
        image: ImageArn,
        /// The accounts.
        accounts: LeftOut,
    },
    /// An image that a person took out of use.
    #[error(
        "image {image} was {decision}; the schedule or `goldsmith build {recipe}` builds another one"
    )]
    Rejected {
        /// The recipe.
        recipe: RecipeName,
        /// The image.
        image: ImageArn,
        /// Who rejected it, when and why.
        decision: Box<Decision>,
    },
    /// What a failed build has left, and is kept for a while.
    #[error("what the failed image {image} has left is kept until {ends}, as `on-failure` says")]
    FailedImage {
        /// The image.
        image: ImageArn,
        /// Until when.
        ends: Timestamp,
    },
    /// An instance of a failed build is kept for a while.
    #[error(
        "the image {image} failed, and its instance {instance} is kept to the end of {last}, as \
         `keep-instance-on-failure` says; write a later day into its tag `expiry_date` to keep it longer"
    )]
    KeptInstance {
        /// The instance.
        instance: InstanceId,
        /// The image.
        image: ImageArn,
        /// The last day.
        last: Date,
    },
    /// The entry left `ami-version`.
    #[error(
        "{0} is no longer in ami-version; its recipe, pipeline and AMIs are kept until it is retired"
    )]
    Retirement(RecipeName),
    /// The consumer left, or one of its roles did.
    #[error(
        "account {0} is no longer a consumer, or has fewer roles; the next run that sees its launch permissions takes its access away"
    )]
    Revocation(AccountId),
    /// A Region went over to another key, or was given up.
    #[error(
        "images in {region} are still encrypted under {key}, but no document mentions it. Add it to `former-kms-keys` \
         while those images exist; otherwise consumers that leave keep access to it"
    )]
    ForgottenKey {
        /// The key.
        key: KeyArn,
        /// Where.
        region: Region,
    },
    /// Grants of a consumer that left, which volumes in use hold.
    #[error(
        "instances in account {account} hold grants on the key ({grants}); the grants end with the instances"
    )]
    GrantsInUse {
        /// The account.
        account: AccountId,
        /// How many there are.
        grants: usize,
    },
    /// Copies are on their way; what is published waits for them.
    #[error("copies of {image} for {} were requested", listed_accounts(.accounts))]
    CopiesBegun {
        /// The image.
        image: ImageArn,
        /// For whom.
        accounts: BTreeSet<AccountId>,
    },
    /// Copies are being made.
    #[error("image {image}, which makes copies for consumers, is {state}")]
    Copies {
        /// The image that makes the copies.
        image: ImageArn,
        /// Its state, as the service spells it.
        state: String,
    },
    /// A key that does not let an account in, although it is to.
    #[error("account {account} gets no copy until key {key} allows it")]
    ClosedKey {
        /// The account.
        account: AccountId,
        /// Our key.
        key: KeyArn,
    },
    /// An account builds an image again; what is published of ours does not wait for it.
    #[error("account {account} cannot have a copy of {image} and rebuilds it: {state}")]
    Rebuild {
        /// The account.
        account: AccountId,
        /// Our image.
        image: ImageArn,
        /// The state of the account's, as the service spells it.
        state: String,
    },
    /// A distribution failed and is tried again; nothing is built again for it.
    #[error(
        "the distribution of image {image} failed ({reason}) and is tried again, {attempt} of {most}"
    )]
    Retry {
        /// The image.
        image: ImageArn,
        /// Which attempt comes.
        attempt: u32,
        /// How many there are at most.
        most: u32,
        /// Why it failed.
        reason: String,
    },
    /// A build or a distribution could be tried again, and too much of the recipe was today.
    #[error(
        "image {image} failed ({reason}), and something of the recipe was tried again {most} times within a day. That only costs money: it is tried once more tomorrow"
    )]
    NoTriesLeft {
        /// The image.
        image: ImageArn,
        /// How many tries there are in a day.
        most: u32,
        /// Why it failed.
        reason: String,
    },
    /// The catalog was not read, although this needs it.
    #[error("what {0} is made from was not observed; the next run looks again")]
    Observation(RecipeName),
    /// It is built on a recipe whose current version has no image.
    #[error(
        "it is built on {parent}, which {reason}; it follows once there is an image to build on"
    )]
    Parent {
        /// The other recipe.
        parent: RecipeName,
        /// Why there is no image.
        reason: String,
    },
    /// The base AMI is deprecated, and may be gone one day.
    #[error("the base AMI {ami} is deprecated since {since}; images are still built on it")]
    Deprecated {
        /// The base AMI.
        ami: AmiId,
        /// Since when.
        since: Timestamp,
    },
    /// Somebody changed something of ours, and the documents say that it is only told.
    #[error(
        "{subject} was changed by hand and is not repaired, because `drift` is `report`: {differences}"
    )]
    Drift {
        /// The ARN.
        subject: String,
        /// What is different.
        differences: String,
    },
    /// The documents say that nothing is to be changed.
    #[error("environment.json says `pause`; {} changes wait: {}", total(.0), listed(.0))]
    Paused(BTreeMap<&'static str, usize>),
    /// AWS answered with a value that this release does not know.
    #[error(
        "{subject} is in the state `{state}`, which this release does not know; nothing is changed"
    )]
    Unrecognized {
        /// The ARN.
        subject: String,
        /// The value.
        state: String,
    },
}

impl Waiting {
    /// Whether it is about access that somebody is to lose.
    pub(in crate::plan) fn is_about_access(&self) -> bool {
        matches!(
            self,
            Self::Document(_) | Self::Revocation(_) | Self::GrantsInUse { .. }
        )
    }

    /// The reason in the report's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Document(_) => "document",
            Self::Build { .. } => "build",
            Self::FailedBuild { .. } => "failed-build",
            Self::FailedImage { .. } => "failed-image",
            Self::KeptInstance { .. } => "kept-instance",
            Self::BuildAgain { .. } => "build-again",
            Self::NewBase { .. } => "new-base",
            Self::Approval { .. } => "approval",
            Self::Rejected { .. } => "rejected",
            Self::Results { .. } => "results",
            Self::Unproved { .. } => "unproved",
            Self::LeftOut { .. } => "left-out",
            Self::NotCompared { .. } => "not-compared",
            Self::Retirement(_) => "retirement",
            Self::Revocation(_) => "revocation",
            Self::ForgottenKey { .. } => "forgotten-key",
            Self::GrantsInUse { .. } => "grants-in-use",
            Self::CopiesBegun { .. } => "copies-begun",
            Self::Copies { .. } => "copies",
            Self::ClosedKey { .. } => "closed-key",
            Self::Rebuild { .. } => "rebuild",
            Self::Retry { .. } => "retry",
            Self::NoTriesLeft { .. } => "no-tries-left",
            Self::Observation(_) => "observation",
            Self::Parent { .. } => "parent",
            Self::Deprecated { .. } => "deprecated",
            Self::Drift { .. } => "drift",
            Self::Paused(_) => "paused",
            Self::Unrecognized { .. } => "unrecognized",
        }
    }
}

fn total(changes: &BTreeMap<&'static str, usize>) -> usize {
    changes.values().sum()
}

fn listed_accounts(accounts: &BTreeSet<AccountId>) -> String {
    accounts
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn listed(changes: &BTreeMap<&'static str, usize>) -> String {
    changes
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect::<Vec<_>>()
        .join(", ")
}

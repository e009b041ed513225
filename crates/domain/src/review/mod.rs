//! What a plan means: the consequences that a reviewer of a pull request, or an operator in the night,
//! has to know before it is carried out.
//!
//! A [`Review`] is data. The same one is drawn as text, Markdown and JSON, and it travels: reconcile
//! answers a dry run with it, so that who may only invoke the function sees what who may read the
//! account sees.

mod access;
mod bases;
mod budget;
mod recipes;
mod schedule;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::schedule::{Before, ScheduleReview};
use crate::desired::Desired;
pub use crate::difference::Difference;
use crate::entry::{Entry, reasons};
use crate::names::{AccountId, Environment, KeyArn, RecipeName, Region};
use crate::observed::Observed;
use crate::plan::Plan;
use crate::stack::StackContext;

/// What Service Quotas says of the account, by the name of the quota in small letters.
pub type AccountQuotas = BTreeMap<String, usize>;

/// What `plan` means, which was made from the other arguments; the account's quotas as far as they are known.
pub fn review(
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    stack: &StackContext,
    account: &AccountQuotas,
) -> Review {
    let recipes = recipes::reviews(desired, observed, plan, stack);
    let listed = |name: &RecipeName| recipes.iter().any(|recipe| recipe.recipename == *name);
    let (storage, unknown) = budget::storage(desired, observed, plan, stack);
    let bases = bases::notes(desired, observed, &recipes, stack);
    let quotas = budget::quotas(desired, observed, plan, account);
    let beyond = budget::beyond(&quotas);
    Review {
        unchanged: desired
            .recipes
            .iter()
            .filter(|entry| !listed(&entry.name))
            .count(),
        recipes,
        access: access::changes(desired, observed, plan, stack),
        key_policies: access::key_policies(plan),
        settings: settings::differences(observed, plan),
        quotas,
        storage,
        changes: plan.changes.iter().map(Entry::change).collect(),
        notes: notes(desired, observed)
            .into_iter()
            .chain(bases)
            .chain(beyond)
            .chain(unknown)
            .collect(),
        ..of_reasons(plan, stack)
    }
}

/// What a plan means that was made without looking at the account: only what it waits for and refuses.
pub fn of_reasons(plan: &Plan, stack: &StackContext) -> Review {
    let (waiting, refused) = reasons(plan);
    let StackContext {
        environment,
        account,
        region,
        ..
    } = stack.clone();
    Review {
        stack: Stack {
            environment,
            account,
            region,
        },
        recipes: Vec::new(),
        unchanged: 0,
        access: Vec::new(),
        key_policies: Vec::new(),
        settings: Vec::new(),
        schedule: None,
        quotas: Vec::new(),
        storage: Vec::new(),
        waiting,
        refused,
        changes: Vec::new(),
        notes: Vec::new(),
    }
}

/// What the documents say in vain, and what the base AMIs cost beside the instances.
fn notes(desired: &Desired, observed: &Observed) -> Vec<String> {
    let documents = desired
        .notes
        .iter()
        .map(|note| format!("{}:{}: {}", note.place.file, note.place.line, note.text));
    let amis = observed
        .catalog
        .iter()
        .flat_map(|catalog| &catalog.base_amis);
    let codes = amis.filter(|(_, ami)| !ami.product_codes.is_empty()).map(|(ami, base)| {
        let codes: Vec<&str> = base.product_codes.iter().map(|code| code.id.as_str()).collect();
        format!(
            "the base AMI {ami} carries the product code {}: who launches an image built on it needs a subscription \
             to that product",
            codes.join(", ")
        )
    });
    documents.chain(codes).collect()
}

/// The consequences of a plan.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Review {
    /// The stack that was looked at.
    pub stack: Stack,
    /// Recipes that something happens to, in the order of the documents.
    pub recipes: Vec<RecipeReview>,
    /// How many other recipes stay as they are.
    pub unchanged: usize,
    /// Consumers that gain or lose, those that lose first.
    pub access: Vec<AccessChange>,
    /// The key policies that change.
    pub key_policies: Vec<KeyPolicyReview>,
    /// What changes for every recipe at once: instances, schedule.
    pub settings: Vec<Difference>,
    /// What the schedule does from now on, if that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleReview>,
    /// The account's quotas, as far as the plan comes near them or uses them up.
    pub quotas: Vec<Quota>,
    /// Snapshots that the builds will leave, by account and Region.
    pub storage: Vec<Storage>,
    /// What will be right later.
    pub waiting: Vec<Entry>,
    /// What needs a person.
    pub refused: Vec<Entry>,
    /// The mutations, in order.
    pub changes: Vec<Entry>,
    /// What a document says without effect, with the reason.
    pub notes: Vec<String>,
}

/// Where a plan applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stack {
    /// The environment.
    pub environment: Environment,
    /// The building account.
    pub account: AccountId,
    /// The building Region.
    pub region: Region,
}

/// What happens to one recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RecipeReview {
    /// The recipe.
    pub recipename: RecipeName,
    /// What is done to it.
    pub action: Action,
    /// The recipe version that is current afterwards.
    pub version: String,
    /// The recipe version that is current today; none for a new recipe.
    pub from: Option<String>,
    /// Why: what differs from the current version.
    pub because: Vec<Difference>,
    /// Whether a build starts.
    pub builds: bool,
    /// The image that is published in its place, where none has to be built.
    pub publishes: Option<String>,
    /// The recipes that are built on it and will follow, in order.
    pub dependents: Vec<RecipeName>,
}

/// What is done to a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is made, with its pipeline.
    Create,
    /// It gets a new version.
    NewVersion,
    /// Its pipeline goes to a version that exists already.
    Repoint,
    /// Only a build starts, or only something around it changes.
    Keep,
}

/// A consumer whose access changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AccessChange {
    /// The account, or the id of an organization (`o-...`) or organizational unit (`ou-...`).
    pub consumer: String,
    /// Whether it gains or loses.
    pub direction: Direction,
    /// The principals that do: role ARNs, or patterns such as `arn:aws:iam::222222222222:*`.
    pub principals: BTreeSet<String>,
    /// The Regions in which images are, or are no longer, shared with it.
    pub regions: BTreeSet<Region>,
    /// What exactly it gains or keeps, as a sentence.
    pub effect: String,
}

/// Which way access changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// It is less than before.
    Loses,
    /// It is more than before.
    Gains,
}

/// How a key policy changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct KeyPolicyReview {
    /// The key.
    pub key: KeyArn,
    /// Our statements today, as indented JSON.
    pub before: String,
    /// Our statements afterwards, as indented JSON.
    pub after: String,
    /// The size of the whole policy afterwards, in bytes.
    pub bytes: usize,
    /// The size KMS takes at most.
    pub limit: usize,
}

/// How near a quota is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quota {
    /// Its name, as Service Quotas has it.
    pub name: String,
    /// How much of it is used today.
    pub used: usize,
    /// How much of it is used afterwards.
    pub after: usize,
    /// The quota, as far as it is known.
    pub limit: usize,
    /// Who says so.
    pub source: QuotaSource,
}

/// Who says what a quota is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuotaSource {
    /// AWS's documentation: it is the default.
    Default,
    /// `quotas` in environment.json.
    Document,
    /// Service Quotas, of this account.
    Account,
}

impl QuotaSource {
    /// How people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Document => "environment.json",
            Self::Account => "Service Quotas",
        }
    }
}

/// Snapshots that come to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Storage {
    /// The account that owns them.
    pub account: AccountId,
    /// The Region they are in.
    pub region: Region,
    /// How many snapshots the builds add.
    pub snapshots: usize,
    /// Their volumes' size in GiB, which is what they cost at most.
    pub gib: u64,
}

/// What a plan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There is nothing to do, or only to wait.
    Settled,
    /// Something changes.
    Changes,
    /// Something is refused.
    Refused,
}

impl Review {
    /// What the plan comes to.
    pub fn verdict(&self) -> Verdict {
        if !self.refused.is_empty() {
            Verdict::Refused
        } else if self.changes_nothing() {
            Verdict::Settled
        } else {
            Verdict::Changes
        }
    }

    /// Whether neither a call nor the upload itself changes anything.
    pub fn changes_nothing(&self) -> bool {
        self.changes.is_empty() && self.settings.is_empty() && self.schedule.is_none()
    }
}

/// What a caller needs to replace the documents that a plan was made against, and only those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DocumentEtags {
    /// The bucket of the documents.
    pub bucket: String,
    /// The `ETag` of each document that is in the bucket, by key.
    pub etags: BTreeMap<String, String>,
}

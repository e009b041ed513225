//! Proof of use: whether every consumer can launch what is published for it, expected against found.
//!
//! [`questions`] says what has to be asked of AWS, [`findings`] holds the answers against the documents;
//! both are pure. What could not be asked is [`Status::Unknown`], with the reason, and never taken for an
//! answer.

mod attempt;
mod image;
mod key;
mod questions;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use self::attempt::{Attempt, Launch};
pub use self::image::{Published, SeenAmi};
pub use self::key::{Grant, LAUNCH_ACTIONS, SeenKey};
pub use self::questions::{AccountQuestions, LaunchQuestion, Questions, questions};
use crate::consumers::{Account, DeliveryMode, Organization};
use crate::desired::Desired;
pub use crate::finding::{Check, Finding, Status};
use crate::names::{AccountId, AmiId, KeyArn, RecipeName, Region, RoleArn};
use crate::observed::{Sharing, Target};
use crate::stack::StackContext;

/// What AWS says, or why it could not be known.
pub type Known<T> = Result<T, String>;

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    status: Status,
    expected: String,
    actual: String,
}

/// What AWS answered to [`Questions`].
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The state of our own AMI of a recipe in each Region of the documents, before it is published: nothing if it is
    /// gone, or was never made.
    pub distributed: BTreeMap<(RecipeName, Region), Known<Option<String>>>,
    /// What is published of each recipe.
    pub published: BTreeMap<RecipeName, Known<Option<Published>>>,
    /// What is published of each copy.
    pub copies: BTreeMap<(RecipeName, Target), Known<Option<Published>>>,
    /// Who may launch our AMIs; none if the AMI is gone.
    pub sharing: BTreeMap<AmiId, Known<Option<Sharing>>>,
    /// Copies as their account sees them; none if it has no such AMI.
    pub own_amis: BTreeMap<AmiId, Known<Option<SeenAmi>>>,
    /// Our keys.
    pub keys: BTreeMap<KeyArn, SeenKey>,
    /// Dry runs with a key.
    pub key_uses: BTreeMap<(RoleArn, KeyArn), Attempt>,
    /// Dry runs of launches.
    pub launches: BTreeMap<(AccountId, AmiId), Launch>,
    /// Launches that were made, where they were asked for.
    pub probes: BTreeMap<(AccountId, AmiId), Launch>,
}

/// Whoever images are served to.
#[derive(Clone, Copy)]
enum Consumer<'a> {
    Account(&'a Account),
    Organization(&'a Organization),
}

/// The documents without the building account, which a workload accounts document may list: it owns the images.
fn without_builder(desired: &Desired, stack: &StackContext) -> Desired {
    let mut served = desired.clone();
    let accounts = &mut served.consumers.accounts;
    accounts.retain(|account| account.id != stack.account);
    served
}

/// Holds what was seen against the documents: by consumer, then Region, recipe and check.
pub fn findings(desired: &Desired, stack: &StackContext, seen: &Seen) -> Vec<Finding> {
    let desired = &without_builder(desired, stack);
    let accounts = desired.consumers.accounts.iter().map(Consumer::Account);
    let organizations = desired
        .consumers
        .organizations
        .iter()
        .map(Consumer::Organization);
    let mut findings: Vec<Finding> = accounts
        .chain(organizations)
        .flat_map(|consumer| of_consumer(consumer, desired, stack, seen))
        .chain(of_builder(stack, seen))
        .collect();
    let order = |one: &Finding| {
        (
            one.consumer.clone(),
            one.region.clone(),
            one.recipename.clone(),
            one.check,
        )
    };
    findings.sort_by_cached_key(order);
    findings
}

/// Whether nothing stands against a promotion: an unknown does only if the environment says so.
pub fn passes(findings: &[Finding], unknown_blocks: bool) -> bool {
    findings.iter().all(|finding| match finding.status {
        Status::Correct => true,
        Status::Incorrect | Status::Missing => false,
        Status::Unknown => !unknown_blocks,
    })
}

/// The recipes that are asked about: those of the documents, and those of which something is published. A recipe that
/// left the documents is published on.
fn recipes<'a>(desired: &'a Desired, seen: &'a Seen) -> BTreeSet<&'a RecipeName> {
    let named = desired.recipes.iter().map(|entry| &entry.name);
    named.chain(seen.published.keys()).collect()
}

/// Whether our own AMIs are there.
fn of_builder(stack: &StackContext, seen: &Seen) -> impl Iterator<Item = Finding> {
    let builder = stack.account.to_string();
    seen.distributed
        .iter()
        .map(move |((recipe, region), state)| {
            let (status, actual) = match state {
                Ok(Some(state)) if state == "available" => {
                    (Status::Correct, "it is there".to_owned())
                }
                Ok(Some(state)) => (Status::Incorrect, format!("its state is `{state}`")),
                Ok(None) => (Status::Missing, "there is no such AMI".to_owned()),
                Err(reason) => (Status::Unknown, reason.clone()),
            };
            Finding {
                consumer: builder.clone(),
                region: region.clone(),
                recipename: Some(recipe.clone()),
                check: Check::Ami,
                status,
                expected: format!("the AMI of {recipe} is available"),
                actual,
            }
        })
}

fn of_consumer(
    consumer: Consumer<'_>,
    desired: &Desired,
    stack: &StackContext,
    seen: &Seen,
) -> Vec<Finding> {
    let regions = match consumer {
        Consumer::Account(account) => &account.regions,
        Consumer::Organization(organization) => &organization.regions,
    };
    let mut findings = Vec::new();
    for region in regions {
        let of_key = key::verdicts(consumer, region, desired, stack, seen);
        findings.extend(
            of_key
                .into_iter()
                .map(|(check, verdict)| verdict.of(consumer, region, None, check)),
        );
        for recipe in recipes(desired, seen) {
            let of_image = image_verdicts(consumer, region, recipe, stack, seen);
            let finding = |(check, verdict): (Check, Verdict)| {
                verdict.of(consumer, region, Some(recipe.clone()), check)
            };
            findings.extend(of_image.into_iter().map(finding));
        }
    }
    findings
}

fn image_verdicts(
    consumer: Consumer<'_>,
    region: &Region,
    recipe: &RecipeName,
    stack: &StackContext,
    seen: &Seen,
) -> Vec<(Check, Verdict)> {
    let (verdict, ami) = match consumer {
        Consumer::Account(account) if account.serve == DeliveryMode::Copy => {
            image::copied(account, region, recipe, stack, seen)
        }
        Consumer::Account(_) | Consumer::Organization(_) => {
            image::shared(consumer, region, recipe, seen)
        }
    };
    let mut verdicts = vec![(Check::Image, verdict)];
    if let (Consumer::Account(account), Some(ami)) = (consumer, ami) {
        let of = (account.id.clone(), ami);
        verdicts.extend(
            seen.launches
                .get(&of)
                .map(|launch| (Check::Launch, launch.dry_run(&of.1))),
        );
        verdicts.extend(
            seen.probes
                .get(&of)
                .map(|launch| (Check::Probe, launch.probe(&of.1))),
        );
    }
    verdicts
}

impl Verdict {
    fn new(status: Status, expected: &str, actual: impl Into<String>) -> Self {
        Self {
            status,
            expected: expected.to_owned(),
            actual: actual.into(),
        }
    }

    fn of(
        self,
        consumer: Consumer<'_>,
        region: &Region,
        recipename: Option<RecipeName>,
        check: Check,
    ) -> Finding {
        let Self {
            status,
            expected,
            actual,
        } = self;
        let consumer = consumer.to_string();
        Finding {
            consumer,
            region: region.clone(),
            recipename,
            check,
            status,
            expected,
            actual,
        }
    }
}

impl fmt::Display for Consumer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.id.fmt(f),
            Self::Organization(organization) => organization.arn.fmt(f),
        }
    }
}

//! What has to be asked of AWS before anything can be said of the consumers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Seen, recipes, without_builder};
use crate::consumers::{Account, Consumers, DeliveryMode, LaunchPlace, Roles};
use crate::desired::Desired;
use crate::key_policy::Access;
use crate::names::{AccountId, AmiId, KeyArn, Region, RoleArn};
use crate::observed::Target;
use crate::stack::StackContext;

/// What has to be asked, once it is known what is published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Questions {
    /// Who may launch these AMIs of ours.
    pub sharing: BTreeSet<(Region, AmiId)>,
    /// What these keys of ours say.
    pub keys: BTreeSet<KeyArn>,
    /// What can be tried in each account.
    pub accounts: Vec<AccountQuestions>,
}

/// What can be tried in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountQuestions {
    /// The account.
    pub account: AccountId,
    /// The roles that launch, by name.
    pub launchers: Vec<RoleArn>,
    /// The role that only looks, which `infra/consumer-account.yaml` makes.
    pub verifier: RoleArn,
    /// The keys that launches use.
    pub keys: BTreeSet<KeyArn>,
    /// The AMIs that it launches.
    pub launches: Vec<LaunchQuestion>,
}

/// A launch to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchQuestion {
    /// Where.
    pub region: Region,
    /// What.
    pub ami: AmiId,
    /// Whether it is a copy of the account's own.
    pub is_copy: bool,
    /// The instance type.
    pub instance_type: String,
    /// Subnet and security group; the account's default where neither is told.
    pub place: LaunchPlace,
}

/// What to ask beside `seen.published` and `seen.copies`, which have to be there.
pub fn questions(desired: &Desired, stack: &StackContext, seen: &Seen) -> Questions {
    let desired = &without_builder(desired, stack);
    let accounts: Vec<_> = desired
        .consumers
        .accounts
        .iter()
        .map(|account| of_account(account, desired, stack, seen))
        .collect();
    let sharing = shared(desired, seen);
    let regions: BTreeSet<&Region> = served_regions(&desired.consumers).collect();
    let keys = regions
        .into_iter()
        .filter_map(|region| our_key(desired, stack, region))
        .cloned()
        .collect();
    Questions {
        sharing,
        keys,
        accounts,
    }
}

fn served_regions(consumers: &Consumers) -> impl Iterator<Item = &Region> {
    let of_accounts = consumers
        .accounts
        .iter()
        .flat_map(|account| &account.regions);
    of_accounts.chain(
        consumers
            .organizations
            .iter()
            .flat_map(|organization| &organization.regions),
    )
}

/// Our AMIs that somebody is to launch.
fn shared(desired: &Desired, seen: &Seen) -> BTreeSet<(Region, AmiId)> {
    let consumers = &desired.consumers;
    let sharers = consumers
        .accounts
        .iter()
        .filter(|account| account.serve == DeliveryMode::Share);
    let of_accounts = sharers.flat_map(|account| &account.regions);
    let regions = of_accounts.chain(consumers.organizations.iter().flat_map(|one| &one.regions));
    let regions: BTreeSet<&Region> = regions.collect();
    let published = seen
        .published
        .values()
        .filter_map(|known| known.as_ref().ok()?.as_ref());
    let amis = published.flat_map(|published| &published.amis);
    amis.filter(|(region, _)| regions.contains(region))
        .map(|(region, ami)| (region.clone(), ami.clone()))
        .collect()
}

fn of_account(
    account: &Account,
    desired: &Desired,
    stack: &StackContext,
    seen: &Seen,
) -> AccountQuestions {
    let keys = account
        .regions
        .iter()
        .filter_map(|region| used_key(account, desired, stack, region));
    AccountQuestions {
        account: account.id.clone(),
        launchers: launchers(account).collect(),
        verifier: verifier(account, stack),
        keys: keys.cloned().collect(),
        launches: launches(account, desired, seen),
    }
}

fn launches(account: &Account, desired: &Desired, seen: &Seen) -> Vec<LaunchQuestion> {
    let amis = amis(account, desired, seen);
    let question = |(region, ami): (&Region, AmiId)| LaunchQuestion {
        region: region.clone(),
        ami,
        is_copy: account.serve == DeliveryMode::Copy,
        instance_type: desired.instances.types.first().cloned().unwrap_or_default(),
        place: account.places.get(region).cloned().unwrap_or_default(),
    };
    amis.into_iter().map(question).collect()
}

/// The AMIs that are published for an account.
fn amis<'a>(account: &'a Account, desired: &Desired, seen: &Seen) -> Vec<(&'a Region, AmiId)> {
    let names = recipes(desired, seen).into_iter();
    let pairs = names.flat_map(|name| account.regions.iter().map(move |region| (name, region)));
    let ami = |(name, region): (&_, &'a Region)| {
        let target = Target {
            account: account.id.clone(),
            region: region.clone(),
        };
        let known = match account.serve {
            DeliveryMode::Share => seen.published.get(name)?,
            DeliveryMode::Copy => seen.copies.get(&(Clone::clone(name), target))?,
        };
        Some((
            region,
            known.as_ref().ok()?.as_ref()?.amis.get(region)?.clone(),
        ))
    };
    pairs.filter_map(ami).collect()
}

/// The roles of an account that can be assumed by their names: a pattern is no name, and only its service
/// assumes a service-linked role.
pub(super) fn launchers(account: &Account) -> impl Iterator<Item = RoleArn> {
    let named = match &account.roles {
        Roles::Any => None,
        Roles::Named(roles) => Some(roles),
    };
    named
        .into_iter()
        .flatten()
        .filter_map(|role| role.as_str().parse().ok())
        .filter(|role: &RoleArn| !role.is_service_linked())
}

/// The role that `infra/consumer-account.yaml` makes to look with.
fn verifier(account: &Account, stack: &StackContext) -> RoleArn {
    let (partition, id, environment) = (stack.partition(), &account.id, &stack.environment);
    let arn = format!("arn:{partition}:iam::{id}:role/goldsmith-{environment}-verify");
    arn.parse()
        .unwrap_or_else(|_| unreachable!("{arn} is a role's ARN"))
}

/// Our key of a Region.
pub(super) fn our_key<'a>(
    desired: &'a Desired,
    stack: &'a StackContext,
    region: &Region,
) -> Option<&'a KeyArn> {
    if *region == stack.region {
        return Some(&stack.key);
    }
    desired.regions.get(region)?.kms_key.as_ref()
}

/// The key that an account's launches use in a Region.
pub(super) fn used_key<'a>(
    account: &'a Account,
    desired: &'a Desired,
    stack: &'a StackContext,
    region: &Region,
) -> Option<&'a KeyArn> {
    our_key(desired, stack, region).map(|ours| key_of(account, ours, region))
}

/// The key of an account's images in a Region, where `ours` is our key.
pub(super) fn key_of<'a>(account: &'a Account, ours: &'a KeyArn, region: &Region) -> &'a KeyArn {
    match account.serve {
        DeliveryMode::Share => ours,
        DeliveryMode::Copy => account.keys.get(region).unwrap_or(ours),
    }
}

/// The principals of an account that our key of a Region has to let in.
pub(super) fn principals_of(
    account: &Account,
    stack: &StackContext,
    region: &Region,
) -> BTreeSet<String> {
    let alone = Consumers {
        accounts: vec![account.clone()],
        organizations: Vec::new(),
    };
    let mut accounts: BTreeMap<_, _> = Access::of(&alone, stack, region).accounts;
    accounts.remove(&account.id).unwrap_or_default()
}

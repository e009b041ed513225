//! Who gains and who loses, consumer by consumer and AMI by AMI: from the key policies, the distribution
//! configurations, the launch permissions and the copies that a plan changes.

use std::collections::{BTreeMap, BTreeSet};

use super::{AccessChange, Direction, KeyPolicyReview};
use crate::desired::Desired;
use crate::key_policy::{Access, BUILDING_ROLE, KeyPolicy, LARGEST_POLICY};
use crate::names::{AccountId, KeyArn, OrganizationArn, Region};
use crate::observed::{Configuration, Observed, Sharing, is_owned};
use crate::plan::{Action, Change, LaunchPermissions, Plan, PutKeyPolicy};
use crate::resources::{self, Distribution};
use crate::stack::StackContext;

/// What changes for one consumer, one way.
#[derive(Default)]
struct Parts {
    principals: BTreeSet<String>,
    regions: BTreeSet<Region>,
    amis: BTreeSet<String>,
    copies: BTreeSet<String>,
}

/// By consumer: an account, or the id of an organization or unit.
type ByConsumer = BTreeMap<String, Parts>;

/// Consumers whose access changes, those that lose first.
pub(super) fn changes(
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    stack: &StackContext,
) -> Vec<AccessChange> {
    let (mut lost, mut gained) = (ByConsumer::new(), ByConsumer::new());
    for (before, after) in key_access(plan) {
        principals(&mut lost, &before.difference(&after));
        principals(&mut gained, &after.difference(&before));
    }
    sharing(&mut lost, &mut gained, desired, observed, plan, stack);
    for change in &plan.changes {
        if let Action::Withdraw(permissions) = &change.action {
            amis(&mut lost, permissions);
        } else if let Action::Share(permissions) = &change.action {
            amis(&mut gained, permissions);
        } else if let Action::CreateDistribution(wanted) = &change.action {
            copies_begun(&mut gained, &wanted.content);
        }
    }
    copies_left(&mut lost, observed);
    let lost = lost
        .into_iter()
        .map(|(consumer, parts)| loss(consumer, parts));
    lost.chain(
        gained
            .into_iter()
            .map(|(consumer, parts)| gain(consumer, parts)),
    )
    .collect()
}

/// The key policies that change.
pub(super) fn key_policies(plan: &Plan) -> Vec<KeyPolicyReview> {
    let statements = |text: &str| {
        KeyPolicy::parse(text)
            .map(|policy| policy.statements())
            .unwrap_or_default()
    };
    let review =
        |(key, (first, last)): (&KeyArn, (&PutKeyPolicy, &PutKeyPolicy))| KeyPolicyReview {
            key: key.clone(),
            before: statements(&first.expected),
            after: statements(&last.policy),
            bytes: last.policy.len(),
            limit: LARGEST_POLICY,
        };
    puts(plan).into_iter().map(review).collect()
}

/// The first and the last write of each key's policy: joining comes before leaving.
fn puts(plan: &Plan) -> BTreeMap<&KeyArn, (&PutKeyPolicy, &PutKeyPolicy)> {
    let mut all = BTreeMap::new();
    for put in plan.changes.iter().filter_map(Change::puts_key_policy) {
        all.entry(&put.key)
            .and_modify(|(_, last)| *last = put)
            .or_insert((put, put));
    }
    all
}

fn key_access(plan: &Plan) -> Vec<(Access, Access)> {
    let today = |text: &str| {
        KeyPolicy::parse(text)
            .map(|policy| policy.access().clone())
            .unwrap_or_default()
    };
    puts(plan)
        .into_values()
        .map(|(first, last)| (today(&first.expected), last.access.clone()))
        .collect()
}

fn principals(all: &mut ByConsumer, access: &Access) {
    for (account, patterns) in &access.accounts {
        all.entry(account.to_string())
            .or_default()
            .principals
            .extend(patterns.iter().cloned());
    }
    for path in &access.organizations {
        let id = path
            .trim_end_matches("/*")
            .rsplit('/')
            .next()
            .unwrap_or(path)
            .to_owned();
        all.entry(id).or_default().principals.insert(path.clone());
    }
}

/// The consumers that a sharing names, each by the id that a person reads.
fn consumers(sharing: &Sharing) -> BTreeSet<String> {
    let id = |arn: &OrganizationArn| {
        arn.as_str()
            .rsplit('/')
            .next()
            .unwrap_or(arn.as_str())
            .to_owned()
    };
    let accounts = sharing.accounts.iter().map(AccountId::to_string);
    let everybody = sharing.everybody.then(|| "everybody".to_owned());
    accounts
        .chain(sharing.organizations.iter().map(id))
        .chain(everybody)
        .collect()
}

/// What is shared before and after, over the configurations that change. Where one of ours stays as it
/// is, whom it shares with gains nothing: the documents share every recipe alike.
fn sharing(
    lost: &mut ByConsumer,
    gained: &mut ByConsumer,
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    stack: &StackContext,
) {
    let wanted: BTreeSet<String> = desired
        .recipes
        .iter()
        .map(|entry| resources::distribution_arn(desired, stack, &entry.name))
        .collect();
    let mut changed = BTreeSet::new();
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    for change in plan.changes.iter().filter_map(Change::distributes) {
        changed.insert(&change.arn);
        after.extend(shared(&change.content));
        before.extend(
            content_of(&observed.distributions, &change.arn)
                .into_iter()
                .flat_map(shared),
        );
    }
    let stays = observed.distributions.iter().any(|standing| {
        is_owned(&standing.tags, &desired.environment)
            && wanted.contains(&standing.arn)
            && !changed.contains(&standing.arn)
    });
    for (consumer, region) in before.difference(&after) {
        lost.entry(consumer.clone())
            .or_default()
            .regions
            .insert(region.clone());
    }
    for (consumer, region) in after.difference(&before).filter(|_| !stays) {
        gained
            .entry(consumer.clone())
            .or_default()
            .regions
            .insert(region.clone());
    }
}

fn content_of<'a>(all: &'a [Configuration<Distribution>], arn: &str) -> Option<&'a Distribution> {
    all.iter()
        .find(|standing| standing.arn == arn)?
        .content
        .as_ref()
        .map(|content| &content.known)
}

fn shared(content: &Distribution) -> BTreeSet<(String, Region)> {
    let in_region = |(region, entry): (&Region, &resources::RegionDistribution)| {
        let region = region.clone();
        consumers(&entry.shared_with)
            .into_iter()
            .map(move |consumer| (consumer, region.clone()))
    };
    content.regions.iter().flat_map(in_region).collect()
}

fn amis(all: &mut ByConsumer, permissions: &LaunchPermissions) {
    let LaunchPermissions {
        ami,
        region,
        sharing,
    } = permissions;
    for consumer in consumers(sharing) {
        all.entry(consumer)
            .or_default()
            .amis
            .insert(format!("{ami} in {region}"));
    }
}

fn copies_begun(gained: &mut ByConsumer, content: &Distribution) {
    for (region, entry) in &content.regions {
        for account in &entry.copied_to {
            gained
                .entry(account.to_string())
                .or_default()
                .copies
                .insert(region.to_string());
        }
    }
}

/// The copies that stay in the accounts of those that leave.
fn copies_left(lost: &mut ByConsumer, observed: &Observed) {
    for copy in observed.images.iter().flat_map(|image| &image.copies) {
        if let Some(parts) = lost.get_mut(copy.target.account.as_str()) {
            parts
                .copies
                .insert(format!("{} in {}", copy.ami, copy.target.region));
        }
    }
}

fn loss(consumer: String, parts: Parts) -> AccessChange {
    let Parts {
        principals,
        regions,
        amis,
        copies,
    } = parts;
    let effect = [
        (!amis.is_empty()).then(|| format!("it may no longer launch {}", listed(&amis))),
        (!regions.is_empty())
            .then(|| format!("images built from now on are not shared with it in {}", listed(&regions))),
        (!principals.is_empty()).then(|| {
            "it loses the use of the key: what runs goes on, new launches fail, and so do restarts on volumes under it"
                .to_owned()
        }),
        (!copies.is_empty()).then(|| format!("its own copies stay: {}", listed(&copies))),
        builds(&principals).then(|| "what it has built again stays in it, and it builds nothing more".to_owned()),
    ];
    change(consumer, Direction::Loses, principals, regions, effect)
}

fn gain(consumer: String, parts: Parts) -> AccessChange {
    let Parts {
        principals,
        regions,
        amis,
        copies,
    } = parts;
    let anyone = principals.iter().any(|pattern| pattern.ends_with(":*"));
    let who = match (
        anyone,
        principals.iter().any(|pattern| pattern.starts_with("o-")),
    ) {
        (_, true) => "every principal of its accounts that their own policies let",
        (true, _) => "every principal of the account that its own policies let",
        _ => "the roles listed",
    };
    let effect = [
        (!amis.is_empty()).then(|| format!("it may launch {}", listed(&amis))),
        (!regions.is_empty()).then(|| {
            format!(
                "images built from now on are shared with it in {}",
                listed(&regions)
            )
        }),
        (!copies.is_empty())
            .then(|| format!("the current image is copied for it to {}", listed(&copies))),
        (!principals.is_empty()).then(|| format!("{who} may use the key that encrypts them")),
        builds(&principals)
            .then(|| "images that cannot be copied are built again in it".to_owned()),
    ];
    change(consumer, Direction::Gains, principals, regions, effect)
}

/// Whether Image Builder of the account is among them, which builds images again.
fn builds(principals: &BTreeSet<String>) -> bool {
    principals
        .iter()
        .any(|principal| principal.ends_with(BUILDING_ROLE))
}

fn change<const N: usize>(
    consumer: String,
    direction: Direction,
    principals: BTreeSet<String>,
    regions: BTreeSet<Region>,
    effect: [Option<String>; N],
) -> AccessChange {
    let effect = effect.into_iter().flatten().collect::<Vec<_>>().join("; ");
    AccessChange {
        consumer,
        direction,
        principals,
        regions,
        effect,
    }
}

fn listed<T: ToString>(all: &BTreeSet<T>) -> String {
    all.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

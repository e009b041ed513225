//! Who may use a key: the principals of accounts, organizations, and who makes grants.

use std::collections::{BTreeMap, BTreeSet};

use crate::consumers::{Account, Consumers, DeliveryMode, Roles};
use crate::names::{AccountId, Region};
use crate::policy::account_of;
use crate::stack::StackContext;

/// The role in the consumer's account with which Image Builder copies into it; its name is fixed (Image
/// Builder user guide, "Set up cross-account AMI distribution with Image Builder").
const DISTRIBUTION_ROLE: &str = "EC2ImageBuilderDistributionCrossAccountRole";
/// The role with which Image Builder of the consumer's account launches our image to build it again: a
/// service-linked role, whose name is fixed (Image Builder user guide, "Use IAM service-linked roles for
/// Image Builder").
pub(crate) const BUILDING_ROLE: &str =
    "aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder";

/// Who may use a key through statements of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// `aws:PrincipalArn` patterns by account, each of principals of that account.
    pub accounts: BTreeMap<AccountId, BTreeSet<String>>,
    /// `aws:PrincipalOrgPaths` patterns.
    pub organizations: BTreeSet<String>,
    /// Roles that may make grants, by their ARNs.
    pub grant_admins: BTreeSet<String>,
    /// Service-linked roles that they may make grants for, by their ARNs.
    pub grantees: BTreeSet<String>,
}

impl Access {
    /// Who needs our key of `region`; never the building account, whose key it is.
    pub fn of(consumers: &Consumers, stack: &StackContext, region: &Region) -> Self {
        let paths = consumers
            .organizations_in(region)
            .map(|organization| organization.path.to_string());
        let mut access = Self {
            organizations: absorbed(&paths.collect()),
            ..Self::default()
        };
        for account in consumers
            .accounts_in(region)
            .filter(|account| account.id != stack.account)
        {
            access.admit(account, stack.partition(), region);
        }
        access
    }

    /// Who of them makes copies, or builds again: without the key they would try in vain.
    pub fn of_makers(consumers: &Consumers, stack: &StackContext, region: &Region) -> Self {
        let accounts = consumers
            .accounts_in(region)
            .filter(|account| account.id != stack.account);
        let makers =
            accounts.map(|account| (account.id.clone(), makers(account, stack.partition())));
        Self {
            accounts: makers.collect(),
            ..Self::default()
        }
    }

    /// A copy is made by the distribution role, which reads our snapshot; where images are built again, Image
    /// Builder's own role launches ours. Under a key of the account's own nobody else touches ours: who
    /// launches, and Auto Scaling, use that one.
    fn admit(&mut self, account: &Account, partition: &str, region: &Region) {
        let id = &account.id;
        let own_key = account.serve == DeliveryMode::Copy && account.keys.contains_key(region);
        let makers = makers(account, partition);
        let patterns: BTreeSet<String> = match &account.roles {
            _ if own_key => makers,
            Roles::Any => [anyone_in(partition, id)].into(),
            Roles::Named(roles) => roles
                .iter()
                .map(ToString::to_string)
                .chain(makers)
                .collect(),
        };
        self.accounts.insert(id.clone(), absorbed(&patterns));
        if let Some(admin) = account.grant_admin.as_ref().filter(|_| !own_key) {
            self.grant_admins.insert(admin.role.to_string());
            self.grantees
                .extend(admin.grantees.iter().map(ToString::to_string));
        }
    }

    /// What either lets in; a pattern that another one covers adds nothing, and is left out.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut accounts = self.accounts.clone();
        for (account, patterns) in &other.accounts {
            accounts
                .entry(account.clone())
                .or_default()
                .extend(patterns.iter().cloned());
        }
        let both = |left: &BTreeSet<String>, right| absorbed(&left.union(right).cloned().collect());
        Self {
            accounts: accounts
                .into_iter()
                .map(|(account, all)| (account, absorbed(&all)))
                .collect(),
            organizations: both(&self.organizations, &other.organizations),
            grant_admins: both(&self.grant_admins, &other.grant_admins),
            grantees: both(&self.grantees, &other.grantees),
        }
    }

    /// What this lets in and `other` does not: a role is let in by a pattern that covers it, too.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let none = BTreeSet::new();
        let accounts = self.accounts.iter().map(|(account, patterns)| {
            (
                account.clone(),
                uncovered(patterns, other.accounts.get(account).unwrap_or(&none)),
            )
        });
        Self {
            accounts: accounts
                .filter(|(_, patterns)| !patterns.is_empty())
                .collect(),
            organizations: uncovered(&self.organizations, &other.organizations),
            grant_admins: uncovered(&self.grant_admins, &other.grant_admins),
            grantees: uncovered(&self.grantees, &other.grantees),
        }
    }

    /// What `other` lets in as well.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let Self {
            accounts,
            organizations,
            grant_admins,
            grantees,
        } = self.difference(other);
        let mut within = self.clone();
        for (account, patterns) in accounts {
            within
                .accounts
                .entry(account)
                .or_default()
                .retain(|pattern| !patterns.contains(pattern));
        }
        within.accounts.retain(|_, patterns| !patterns.is_empty());
        within
            .organizations
            .retain(|path| !organizations.contains(path));
        within
            .grant_admins
            .retain(|role| !grant_admins.contains(role));
        within.grantees.retain(|role| !grantees.contains(role));
        within
    }

    /// The same without what is in `accounts`; organizations stay, whoever is in them.
    #[must_use]
    pub fn excluding(&self, accounts: &BTreeSet<AccountId>) -> Self {
        let stays =
            |arn: &&String| account_of(arn).is_none_or(|account| !accounts.contains(&account));
        let others = self
            .accounts
            .iter()
            .filter(|(account, _)| !accounts.contains(account));
        Self {
            accounts: others
                .map(|(account, patterns)| (account.clone(), patterns.clone()))
                .collect(),
            organizations: self.organizations.clone(),
            grant_admins: self.grant_admins.iter().filter(stays).cloned().collect(),
            grantees: self.grantees.iter().filter(stays).cloned().collect(),
        }
    }

    /// The same without whoever `is_named`, accounts by their ids, organizations and units by the last id of their
    /// paths.
    #[must_use]
    pub fn without(&self, is_named: impl Fn(&str) -> bool) -> Self {
        let mut named = self.accounts_of_roles();
        named.extend(self.accounts.keys().cloned());
        named.retain(|account| is_named(account.as_str()));
        let mut rest = self.excluding(&named);
        rest.organizations
            .retain(|path| !last_id(path).is_some_and(&is_named));
        rest
    }

    /// The accounts of the roles that make grants, and of those that they are made for.
    fn accounts_of_roles(&self) -> BTreeSet<AccountId> {
        let roles = self.grant_admins.iter().chain(&self.grantees);
        roles.filter_map(|role| account_of(role)).collect()
    }

    /// Whether it lets nobody in.
    pub fn is_empty(&self) -> bool {
        let Self {
            accounts,
            organizations,
            grant_admins,
            grantees,
        } = self;
        accounts.values().all(BTreeSet::is_empty)
            && organizations.is_empty()
            && grant_admins.is_empty()
            && grantees.is_empty()
    }

    /// The same with the first `count` accounts only.
    pub(super) fn first(&self, count: usize) -> Self {
        self.excluding(&self.accounts.keys().skip(count).cloned().collect())
    }
}

/// The id that a path of an organization ends in, before its `*`.
pub(crate) fn last_id(path: &str) -> Option<&str> {
    path.split('/').rfind(|part| *part != "*")
}

/// The pattern that lets every principal of `account` in.
pub(super) fn anyone_in(partition: &str, account: &AccountId) -> String {
    format!("arn:{partition}:iam::{account}:*")
}

/// The roles of an account that make its copies, and build its images again.
fn makers(account: &Account, partition: &str) -> BTreeSet<String> {
    let role = |name| format!("arn:{partition}:iam::{}:role/{name}", account.id);
    let distribution = (account.serve == DeliveryMode::Copy).then(|| role(DISTRIBUTION_ROLE));
    let building = account.rebuild.as_ref().map(|_| role(BUILDING_ROLE));
    distribution.into_iter().chain(building).collect()
}

/// The patterns without those that another one of them covers.
fn absorbed(patterns: &BTreeSet<String>) -> BTreeSet<String> {
    let redundant = |one: &String| {
        patterns
            .iter()
            .any(|other| other != one && covers(other, one))
    };
    patterns
        .iter()
        .filter(|one| !redundant(one))
        .cloned()
        .collect()
}

/// Those of `patterns` that no pattern of `others` covers.
fn uncovered(patterns: &BTreeSet<String>, others: &BTreeSet<String>) -> BTreeSet<String> {
    patterns
        .iter()
        .filter(|pattern| !others.iter().any(|other| covers(other, pattern)))
        .cloned()
        .collect()
}

/// Whether `pattern` fits whatever `other` fits; ours have a `*` at the end or none.
fn covers(pattern: &str, other: &str) -> bool {
    pattern == other
        || pattern
            .strip_suffix('*')
            .is_some_and(|start| other.starts_with(start))
}

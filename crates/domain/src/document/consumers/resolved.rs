//! All consumers of the images: the environment's list and the workload accounts, checked against each
//! other and merged.

use std::collections::{BTreeMap, BTreeSet};

use super::account::Account as Listed;
use super::organization::Organization as ListedOrganization;
use super::{DeclaredConsumers, limits};
use crate::consumers::{Account, Consumers, DeliveryMode, LaunchPlace, Organization, Roles};
use crate::document::workload_accounts::Workload;
use crate::names::{AccountId, KeyArn, Region};
use crate::problem::{Place, Problem};

/// The workload accounts of the Regions.
#[derive(Debug, Default)]
pub(in crate::document) struct Workloads {
    pub(in crate::document) by_region: BTreeMap<Region, Vec<Workload>>,
    /// Whether they were all read without a problem.
    pub(in crate::document) are_whole: bool,
}

/// The declared consumers, together with the workload accounts.
pub(in crate::document) struct ResolvedConsumers<'e> {
    declared: &'e DeclaredConsumers,
    /// Where each workload account launches.
    launches: BTreeMap<&'e AccountId, Vec<(&'e Region, &'e Workload)>>,
    /// How workload accounts are served; none if the document says so wrongly.
    serve: Option<DeliveryMode>,
    /// Whether it is known of every account whether it is a workload account.
    workloads_are_known: bool,
}

impl<'e> ResolvedConsumers<'e> {
    pub(in crate::document) fn new(
        declared: &'e DeclaredConsumers,
        workloads: &'e Workloads,
        serve: Option<DeliveryMode>,
    ) -> Self {
        let mut launches: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (region, workloads) in &workloads.by_region {
            for workload in workloads {
                launches
                    .entry(&workload.id)
                    .or_default()
                    .push((region, workload));
            }
        }
        Self {
            declared,
            launches,
            serve,
            workloads_are_known: serve.is_some() && workloads.are_whole,
        }
    }

    /// What is wrong between the list and the workload accounts, and what is too much for a Region.
    pub(in crate::document) fn problems(&self) -> Vec<Problem> {
        let listed = &self.declared.accounts;
        let mut problems: Vec<Problem> = listed
            .iter()
            .filter_map(|one| self.other_mode(one))
            .collect();
        if self.workloads_are_known {
            problems.extend(listed.iter().flat_map(|one| self.misplaced_keys(one)));
            problems.extend(listed.iter().filter_map(|one| self.misplaced_rebuild(one)));
        }
        problems.extend(limits::problems(self));
        problems
    }

    /// All consumers; none if something is missing because of a problem.
    pub(in crate::document) fn resolve(&self) -> Option<Consumers> {
        let listed: Option<Vec<Account>> = self
            .declared
            .accounts
            .iter()
            .map(|listed| self.account(listed))
            .collect();
        let accounts = listed?
            .into_iter()
            .chain(self.unlisted().map(|id| self.workload_account(id)));
        let accounts: BTreeMap<AccountId, Account> = accounts
            .map(|account| (account.id.clone(), account))
            .collect();
        let organizations = self
            .declared
            .organizations
            .iter()
            .map(organization)
            .collect::<Option<_>>()?;
        Some(Consumers {
            accounts: accounts.into_values().collect(),
            organizations,
        })
    }

    fn account(&self, listed: &Listed) -> Option<Account> {
        let keys = listed.keys.iter().flat_map(|own| &own.keys);
        Some(Account {
            id: listed.id.clone(),
            roles: listed.roles.clone()?,
            regions: self.regions(listed)?,
            serve: self.mode(listed),
            keys: keys
                .map(|(region, key, _)| (region.clone(), key.clone()))
                .collect(),
            grant_admin: listed.grant_admin.clone(),
            parameter_role: listed.parameter_role.clone(),
            rebuild: listed.rebuild.as_ref().map(|(rebuild, _)| rebuild.clone()),
            places: self.places(&listed.id),
        })
    }

    /// A workload account that the list does not name: its document has no roles.
    fn workload_account(&self, id: &AccountId) -> Account {
        Account {
            id: id.clone(),
            roles: Roles::Any,
            regions: self
                .launches(id)
                .map(|(region, _)| region.clone())
                .collect(),
            serve: self.serve.unwrap_or(DeliveryMode::Copy),
            keys: BTreeMap::new(),
            grant_admin: None,
            parameter_role: None,
            rebuild: None,
            places: self.places(id),
        }
    }

    /// The workload accounts that the list does not name.
    pub(super) fn unlisted(&self) -> impl Iterator<Item = &'e AccountId> {
        let listed: BTreeSet<&AccountId> = self
            .declared
            .accounts
            .iter()
            .map(|listed| &listed.id)
            .collect();
        self.launches
            .keys()
            .copied()
            .filter(move |id| !listed.contains(id))
    }

    /// Where a workload account launches; nothing for every other.
    pub(super) fn launches(
        &self,
        id: &AccountId,
    ) -> impl Iterator<Item = (&'e Region, &'e Workload)> {
        self.launches.get(id).into_iter().flatten().copied()
    }

    /// What is known of where an account launches; of two names for it in a Region, the first that says
    /// anything.
    fn places(&self, id: &AccountId) -> BTreeMap<Region, LaunchPlace> {
        let mut places = BTreeMap::new();
        for (region, workload) in self.launches(id) {
            if workload.launch != LaunchPlace::default() {
                places
                    .entry(region.clone())
                    .or_insert_with(|| workload.launch.clone());
            }
        }
        places
    }

    /// The Regions in which a listed account is served, by its entry or as a workload account.
    pub(super) fn regions(&self, listed: &Listed) -> Option<BTreeSet<Region>> {
        let mut regions = listed.regions.clone()?;
        regions.extend(self.launches(&listed.id).map(|(region, _)| region.clone()));
        Some(regions)
    }

    /// How a listed account is served.
    pub(super) fn mode(&self, listed: &Listed) -> DeliveryMode {
        let own = listed.serve.as_ref().map(|(serve, _)| *serve);
        let as_workload = || self.launches(&listed.id).next().and(self.serve);
        own.or_else(as_workload).unwrap_or(DeliveryMode::Share)
    }

    pub(super) fn declared(&self) -> &'e DeclaredConsumers {
        self.declared
    }

    /// How workload accounts are served.
    pub(super) fn workload_mode(&self) -> Option<DeliveryMode> {
        self.serve
    }

    /// The problem with an account that its entry wants served otherwise than workload accounts are.
    fn other_mode(&self, listed: &Listed) -> Option<Problem> {
        let (own, place) = listed.serve.as_ref()?;
        let (_, workload) = self.launches(&listed.id).next()?;
        let mode = self.serve.filter(|mode| mode != own)?.as_str();
        let (file, line) = (&workload.place.file, workload.place.line);
        let expected = format!(
            "`{mode}`, the mode of all workload accounts: {file} lists this account in line {line}"
        );
        let hint = "remove `serve` here, or change `workload-accounts` for all of them";
        Some(place.problem(own.as_str(), expected).hint(hint))
    }

    /// What is wrong with keys of an account's own where nothing is encrypted with them.
    fn misplaced_keys(&self, listed: &Listed) -> Vec<Problem> {
        let (Some(own), Some(regions)) = (&listed.keys, self.regions(listed)) else {
            return Vec::new();
        };
        if self.mode(listed) == DeliveryMode::Share {
            let expected = "no `kms-keys` for an account that shares our AMI: our key encrypts it";
            let hint = "with `\"serve\": \"copy\"`, the account gets its own AMIs, encrypted under its keys";
            return vec![own.place.problem("kms-keys", expected).hint(hint)];
        }
        let served = || {
            regions
                .iter()
                .map(Region::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let elsewhere = own
            .keys
            .iter()
            .filter(|(region, ..)| !regions.contains(region));
        let problem = |(region, _, place): &(Region, KeyArn, Place)| {
            place.problem(
                region.as_str(),
                format!("a Region in which the account gets images: {}", served()),
            )
        };
        elsewhere.map(problem).collect()
    }

    /// What is wrong with `rebuild` where nothing is ever built with it: an AMI of the account's own takes
    /// copies to be asked for, and a key of its own, since nobody launches what only our key opens.
    fn misplaced_rebuild(&self, listed: &Listed) -> Option<Problem> {
        let (_, place) = listed.rebuild.as_ref()?;
        let regions = self.regions(listed)?;
        if self.mode(listed) == DeliveryMode::Share {
            let expected = "no `rebuild` for an account that shares our AMI: it needs no copy, whatever the licence";
            let hint = "with `\"serve\": \"copy\"` and `kms-keys`, the account gets its own AMIs";
            return Some(place.problem("rebuild", expected).hint(hint));
        }
        let own: BTreeSet<&Region> = listed
            .keys
            .iter()
            .flat_map(|own| &own.keys)
            .map(|(region, ..)| region)
            .collect();
        let keyless: Vec<&str> = regions
            .iter()
            .filter(|region| !own.contains(region))
            .map(Region::as_str)
            .collect();
        let expected = format!(
            "an account with a key of its own in each of its Regions; it has none in {}",
            keyless.join(", ")
        );
        let hint = "add the key to `kms-keys`: it encrypts what the account builds";
        (!keyless.is_empty()).then(|| place.problem("rebuild", expected).hint(hint))
    }
}

fn organization(listed: &ListedOrganization) -> Option<Organization> {
    let (path, regions) = (listed.path.clone()?, listed.regions.clone()?);
    Some(Organization {
        arn: listed.arn.clone(),
        path,
        regions,
    })
}

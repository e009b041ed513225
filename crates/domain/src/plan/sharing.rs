//! Launch permissions on the AMIs that are there: joining consumers may launch the current ones.

use std::collections::BTreeSet;

use super::change::{Action, LaunchPermissions, Resource};
use super::reason::Refused;
use super::record::Plan;
use super::view::View;
use crate::names::{AccountId, AmiId, Region};
use crate::observed::{OwnAmi, Sharing, Subject};
use crate::resources;

/// The launch permissions that a plan gives.
#[derive(Default)]
pub(super) struct Shares(BTreeSet<(AmiId, AccountId)>);

/// Lets consumers launch the current AMIs that they may not launch yet: Image Builder gives permissions
/// only while it distributes (user guide, "Distribution settings").
pub(super) fn share(view: View<'_>, plan: &mut Plan) -> Shares {
    let mut shares = Shares::default();
    let entries = view.desired.recipes.iter();
    let current: BTreeSet<&AmiId> = entries
        .filter_map(|entry| view.current_image(&entry.name))
        .flat_map(|(_, image)| image.amis.values())
        .collect();
    let amis = own_amis(view).iter();
    for ami in amis.filter(|ami| current.contains(&ami.id)) {
        let lacking = wanted_sharing(view, ami).difference(&ami.shared);
        if !lacking.is_empty() {
            shares.give(permissions(ami, lacking), plan);
        }
    }
    shares
}

/// Names published AMIs that somebody deregistered or disabled: nothing but a build brings them back. Our
/// AMIs are listed by their tag, so that one without it counts as gone.
pub(super) fn report_missing_amis(view: View<'_>, plan: &mut Plan) {
    if view.observed.amis.is_none() {
        return;
    }
    let is_there = |ami: &AmiId, region: &Region| {
        let mut amis = own_amis(view).iter();
        view.observed.amis_out_of_turn.contains(ami)
            || amis.any(|own| own.id == *ami && own.region == *region)
    };
    for name in view.managed_recipes() {
        let current = view.current_image(&name);
        for (region, ami) in current.into_iter().flat_map(|(_, image)| &image.amis) {
            let listed = view.check_read(&Subject::OwnAmis(region.clone()));
            let permissions = Subject::LaunchPermissions(ami.clone(), region.clone());
            if listed.and(view.check_read(&permissions)).is_ok() && !is_there(ami, region) {
                let (ami, region) = (ami.clone(), region.clone());
                plan.refuse(&name, Refused::AmiGone { ami, region });
            }
        }
    }
}

impl Shares {
    fn give(&mut self, permissions: LaunchPermissions, plan: &mut Plan) {
        let accounts = permissions.sharing.accounts.iter();
        self.0
            .extend(accounts.map(|account| (permissions.ami.clone(), account.clone())));
        plan.change(Action::Share(permissions));
    }

    /// Lets an account launch an AMI, unless it may or the plan lets it; the permission.
    ///
    /// Permissions are read only when a consumer joins or leaves, and an image that becomes current
    /// again may be from before the account came: giving what is given changes nothing.
    pub(super) fn let_launch(
        &mut self,
        view: View<'_>,
        account: &AccountId,
        ami: &AmiId,
        region: &Region,
        plan: &mut Plan,
    ) -> Resource {
        let is_shared = own_amis(view).iter().any(|own| {
            own.id == *ami && own.region == *region && own.shared.accounts.contains(account)
        });
        if !is_shared && !self.0.contains(&(ami.clone(), account.clone())) {
            let sharing = Sharing {
                accounts: [account.clone()].into(),
                ..Sharing::default()
            };
            let (ami, region) = (ami.clone(), region.clone());
            self.give(
                LaunchPermissions {
                    ami,
                    region,
                    sharing,
                },
                plan,
            );
        }
        Resource::LaunchPermissions(ami.clone(), region.clone())
    }
}

pub(super) fn own_amis(view: View<'_>) -> &[OwnAmi] {
    view.observed.amis.as_deref().unwrap_or_default()
}

pub(super) fn wanted_sharing(view: View<'_>, ami: &OwnAmi) -> Sharing {
    resources::sharing_in(view.desired, view.stack, &ami.region)
}

pub(super) fn permissions(ami: &OwnAmi, sharing: Sharing) -> LaunchPermissions {
    LaunchPermissions {
        ami: ami.id.clone(),
        region: ami.region.clone(),
        sharing,
    }
}

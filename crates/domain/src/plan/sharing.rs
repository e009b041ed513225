//! Launch permissions on the AMIs that are there: who joins may launch the current ones, who left may
//! launch none.

use std::collections::BTreeSet;

use super::images;
use super::recipe::pipeline_arn;
use super::{Change, LaunchPermissions, Planner, moving};
use crate::desired::RecipeEntry;
use crate::names::{AccountId, AmiId, Region};
use crate::observed::{Image, OwnAmi, Sharing};
use crate::resources;

impl<'a> Planner<'a> {
    /// Lets consumers launch the current AMIs that they may not launch yet: Image Builder gives
    /// permissions only while it distributes (user guide, "Distribution settings").
    pub(super) fn share(&mut self) {
        let current: BTreeSet<&AmiId> = self
            .current()
            .flat_map(|image| image.amis.values())
            .collect();
        for ami in self
            .own_amis()
            .iter()
            .filter(|ami| current.contains(&ami.id))
        {
            let lacking = self.wanted_sharing(ami).difference(&ami.shared);
            self.permit(ami, lacking, Change::Share);
        }
    }

    /// Takes every launch permission away that the documents do not give, on all AMIs of the environment:
    /// a changed distribution configuration un-shares nothing (user guide, "Distribution settings"). Who goes
    /// over to copies keeps what it has until they are there.
    pub(super) fn withdraw(&mut self) {
        for ami in self.own_amis() {
            let mut surplus = ami.shared.difference(&self.wanted_sharing(ami));
            surplus
                .accounts
                .retain(|account| !self.moves(account, &ami.region));
            self.permit(ami, surplus, Change::Withdraw);
        }
    }

    fn moves(&self, account: &AccountId, region: &Region) -> bool {
        let account = self
            .desired
            .consumers
            .accounts
            .iter()
            .find(|served| served.id == *account);
        account.is_some_and(|account| {
            moving::moves(account, region, self.desired, self.observed, self.stack)
        })
    }

    /// The images that consumers launch today.
    fn current(&self) -> impl Iterator<Item = &'a Image> {
        let (desired, observed, stack) = (self.desired, self.observed, self.stack);
        let image = move |entry: &'a RecipeEntry| {
            let arn = pipeline_arn(desired, stack, &entry.name);
            let pipeline = observed
                .pipelines
                .iter()
                .find(|pipeline| pipeline.arn == arn)?;
            images::current(observed, pipeline, pipeline.recipe.as_ref()?)
        };
        desired.recipes.iter().filter_map(image)
    }

    fn own_amis(&self) -> &'a [OwnAmi] {
        self.observed.amis.as_deref().unwrap_or_default()
    }

    fn wanted_sharing(&self, ami: &OwnAmi) -> Sharing {
        resources::sharing_in(self.desired, self.stack, &ami.region)
    }

    fn permit(&mut self, ami: &OwnAmi, sharing: Sharing, change: fn(LaunchPermissions) -> Change) {
        if !sharing.is_empty() {
            let (ami, region) = (ami.id.clone(), ami.region.clone());
            self.change(change(LaunchPermissions {
                ami,
                region,
                sharing,
            }));
        }
    }
}

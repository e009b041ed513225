//! What it takes to build an image again in an account: a recipe without components on our AMI, with an
//! infrastructure and a distribution configuration of that account.

use std::collections::BTreeMap;

use super::super::base::overlay;
use super::super::copies::our_key;
use super::super::digests;
use super::super::{
    Change, Configured, CreateRecipe, EncryptedDevice, LaunchPermissions, Planner,
    REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG, RebuildImage, Refused, Waiting,
};
use super::{Job, home};
use crate::arn::Version;
use crate::consumers::{Account, Rebuild};
use crate::names::{AmiId, Digest, RecipeName, Region};
use crate::observed::{Sharing, Tags};
use crate::resources::{self, Distribution, Infrastructure, RegionDistribution};
use crate::stack::{DIGEST_TAG, StackContext, recipe_name};

impl Planner<'_> {
    /// What it takes to build an image again, for the `attempt`th time; none if it cannot be done in this
    /// run, which is told.
    pub(super) fn build_again(
        &mut self,
        job: &Job,
        account: &Account,
        rebuild: &Rebuild,
        attempt: u32,
    ) -> Option<RebuildImage> {
        let with_ami = |there: StackContext| {
            job.image
                .amis
                .get(&there.region)
                .cloned()
                .map(|ami| (there, ami))
        };
        let Some((there, ami)) = self.there(account, rebuild).and_then(with_ami) else {
            let reason = format!("it has no AMI in {}", home(account, self.stack));
            let (account, image) = (account.id.clone(), job.image.arn.clone());
            self.refuse(
                &job.name,
                Refused::Rebuild {
                    account,
                    image,
                    reason,
                },
            );
            return None;
        };
        if let Some(key) = self.closed_to(&account.id, &there.region) {
            self.wait(
                &job.name,
                Waiting::ClosedKey {
                    account: account.id.clone(),
                    key,
                },
            );
            return None;
        }
        match self.devices_of(job, &there) {
            Some(Ok(devices)) => {
                Some(self.start_again(job, account, rebuild, (there, ami, devices), attempt))
            }
            Some(Err(reason)) => {
                self.refuse(&job.name, reason);
                None
            }
            None => {
                self.wait(&job.name, Waiting::Observation(job.name.clone()));
                None
            }
        }
    }

    /// The account as a place to make resources in.
    fn there(&self, account: &Account, rebuild: &Rebuild) -> Option<StackContext> {
        let region = home(account, self.stack);
        Some(StackContext {
            environment: self.stack.environment.clone(),
            account: account.id.clone(),
            key: account.keys.get(&region)?.clone(),
            region,
            instance_profile: rebuild.instance_profile.clone(),
        })
    }

    /// The devices of our image, under the account's key; none if its AMI was not looked at.
    fn devices_of(
        &self,
        job: &Job,
        there: &StackContext,
    ) -> Option<Result<Vec<EncryptedDevice>, Refused>> {
        let ami = job.image.amis.get(&self.stack.region)?;
        Some(overlay(
            ami,
            self.observed.built.get(ami)?,
            &self.desired.volumes,
            there,
        ))
    }

    fn start_again(
        &self,
        job: &Job,
        account: &Account,
        rebuild: &Rebuild,
        (there, ami, devices): (StackContext, AmiId, Vec<EncryptedDevice>),
        attempt: u32,
    ) -> RebuildImage {
        let part = job.part(account);
        let identity = digests::rebuild_attempt(&part, attempt);
        let family = recipe_name(&self.desired.family, &self.desired.environment, &job.name);
        let name = format!("{family}-rebuild-{}", &identity.as_str()[..12]);
        let mut tags = resources::recipe_tags(self.desired, &job.name);
        let marks = [
            (REBUILD_OF_TAG, job.image.arn.to_string()),
            (DIGEST_TAG, part.to_string()),
            (REBUILD_ATTEMPT_TAG, attempt.to_string()),
        ];
        tags.extend(marks.map(|(key, value)| (key.to_owned(), value)));
        let infrastructure = self.infrastructure_there(&name, account, &there);
        let distribution = self.distribution_there(&name, &job.name, account, &there);
        let infrastructure_arn = there.arn("infrastructure-configuration", &name);
        let distribution_arn = there.arn("distribution-configuration", &name);
        let (of_infrastructure, of_distribution) = (infrastructure.digest(), distribution.digest());
        let recipe = CreateRecipe {
            arn: there.recipe_arn(&name, Version::FIRST),
            name,
            parent: ami.to_string(),
            components: Vec::new(),
            devices,
            ami_tags: resources::recipe_tags(self.desired, &job.name),
            tags: tags.clone(),
        };
        RebuildImage {
            recipename: job.name.clone(),
            pipeline: job.pipeline.clone(),
            account: account.id.clone(),
            role: rebuild.role.clone(),
            after: Vec::new(),
            region: there.region,
            infrastructure: self.tagged_there(
                &infrastructure_arn,
                infrastructure,
                &of_infrastructure,
                &tags,
            ),
            distribution: self.tagged_there(
                &distribution_arn,
                distribution,
                &of_distribution,
                &tags,
            ),
            recipe,
            token: self.token(&identity),
            tags,
        }
    }

    /// The client token of a build there: one for each hour, since the token of a build whose image was
    /// deleted would only bring its old answer back.
    fn token(&self, identity: &Digest) -> String {
        const HOUR: i64 = 60 * 60;
        digests::rebuild_token(identity, self.observed.time.as_second() / HOUR).to_string()
    }

    fn tagged_there<T>(
        &self,
        arn: &str,
        content: T,
        digest: &Digest,
        tags: &Tags,
    ) -> Configured<T> {
        let mut wanted = self.configured(arn, content, digest);
        wanted.tags.clone_from(tags);
        wanted
    }

    /// Sees to the permission and the key without which the account cannot launch our AMI; the targets of
    /// the changes that bring them.
    ///
    /// Permissions are read only when somebody joins or leaves, and an image that becomes current again may
    /// be from before the account came: giving what is given changes nothing.
    pub(super) fn let_build(&mut self, build: &RebuildImage) -> Vec<String> {
        let (account, region) = (&build.account, &build.region);
        let Ok(ami) = build.recipe.parent.parse::<AmiId>() else {
            return Vec::new();
        };
        let sharing = Sharing {
            accounts: [account.clone()].into(),
            ..Sharing::default()
        };
        let share = Change::Share(LaunchPermissions {
            ami: ami.clone(),
            region: region.clone(),
            sharing,
        });
        let target = share.target();
        let own = self
            .observed
            .amis
            .iter()
            .flatten()
            .find(|own| own.id == ami && own.region == *region);
        let gives = |change: &Change| matches!(change, Change::Share(given) if given.ami == ami && given.sharing.accounts.contains(account));
        let is_shared = own.is_some_and(|own| own.shared.accounts.contains(account));
        if !is_shared && !self.plan.changes.iter().any(gives) {
            self.change(share);
        }
        let key = our_key(self.desired, self.stack, region).map(ToString::to_string);
        std::iter::once(target).chain(key).collect()
    }

    /// Ours, but for what only our account has. The network is the account's: where its document says that it
    /// launches, or its default one.
    fn infrastructure_there(
        &self,
        name: &str,
        account: &Account,
        there: &StackContext,
    ) -> Infrastructure {
        let place = account
            .places
            .get(&there.region)
            .cloned()
            .unwrap_or_default();
        // Image Builder takes a subnet only with security groups (API reference, `subnetId`).
        let (subnet, group) = place.subnet.zip(place.security_group).unzip();
        Infrastructure {
            name: name.to_owned(),
            instance_profile: there.instance_profile.clone(),
            key_pair: None,
            subnet: subnet.map(|subnet| subnet.to_string()),
            security_groups: group.into_iter().map(|group| group.to_string()).collect(),
            logs: None,
            terminate_on_failure: true,
            ..resources::infrastructure(self.desired, self.stack)
        }
    }

    /// The account's Regions, each under its key; where it builds, the recipe's volumes have it.
    fn distribution_there(
        &self,
        name: &str,
        recipe: &RecipeName,
        account: &Account,
        there: &StackContext,
    ) -> Distribution {
        let ours = resources::distribution(self.desired, self.stack, recipe);
        let blank = ours.regions.get(&self.stack.region);
        let entry = |region: &Region| {
            let like = ours.regions.get(region).or(blank);
            let key = account
                .keys
                .get(region)
                .filter(|_| *region != there.region)
                .cloned();
            RegionDistribution {
                ami_name: like.map(|like| like.ami_name.clone()).unwrap_or_default(),
                ami_tags: like.map(|like| like.ami_tags.clone()).unwrap_or_default(),
                kms_key: key,
                ..RegionDistribution::default()
            }
        };
        let regions: BTreeMap<_, _> = account
            .regions
            .iter()
            .map(|region| (region.clone(), entry(region)))
            .collect();
        Distribution {
            name: name.to_owned(),
            regions,
        }
    }
}

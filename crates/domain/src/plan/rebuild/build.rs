//! What it takes to build an image again in an account: a recipe without components on our AMI, with an
//! infrastructure and a distribution configuration of that account.

use std::collections::BTreeMap;

use crate::arn::Version;
use crate::consumers::{Account, Rebuild};
use crate::desired::Desired;
use crate::names::{AmiId, Digest, Region};
use crate::observed::Tags;
use crate::plan::change::{Configured, CreateRecipe, EncryptedDevice, RebuildImage};
use crate::plan::configurations::configured;
use crate::plan::devices::overlay;
use crate::plan::digests;
use crate::plan::keys::KeyAccess;
use crate::plan::reason::{Blocked, Refused, Waiting};
use crate::plan::tags::{REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG};
use crate::plan::view::{RebuildJob, View, home};
use crate::resources::{Distribution, Infrastructure, RegionDistribution};
use crate::stack::{DIGEST_TAG, StackContext};

/// What it takes to build an image again in an account, or why it cannot be done in this run.
pub(super) fn prepare(
    view: View<'_>,
    keys: &KeyAccess,
    job: &RebuildJob<'_>,
    account: &Account,
    rebuild: &Rebuild,
    attempt: u32,
) -> Result<RebuildImage, Blocked> {
    let no_ami = || Refused::Rebuild {
        account: account.id.clone(),
        image: job.image.arn.clone(),
        reason: format!("it has no AMI in {}", home(account, view.stack)),
    };
    let there = stack_there(view, account, rebuild).ok_or_else(no_ami)?;
    let ami = job.image.amis.get(&there.region).ok_or_else(no_ami)?;
    if let Some(key) = keys.closed_to(view, &account.id, &there.region) {
        let account = account.id.clone();
        return Err(Waiting::ClosedKey { account, key }.into());
    }
    let devices = devices(view, job, &there)?;
    let build = Build {
        view,
        job,
        account,
        there,
    };
    Ok(build.inputs(rebuild, ami, devices, attempt))
}

/// The account as a place to make resources in.
fn stack_there(view: View<'_>, account: &Account, rebuild: &Rebuild) -> Option<StackContext> {
    let region = home(account, view.stack);
    Some(StackContext {
        environment: view.stack.environment.clone(),
        account: account.id.clone(),
        key: account.keys.get(&region)?.clone(),
        region,
        instance_profile: rebuild.instance_profile.clone(),
        instance_roles: None,
        parameter_prefix: view.stack.parameter_prefix.clone(),
        output_bucket: view.stack.output_bucket.clone(),
    })
}

/// The devices of our image, under the account's key.
fn devices(
    view: View<'_>,
    job: &RebuildJob<'_>,
    there: &StackContext,
) -> Result<Vec<EncryptedDevice>, Blocked> {
    let unseen = || Waiting::Observation(job.name.clone());
    let ami = job.image.amis.get(&view.stack.region).ok_or_else(unseen)?;
    let built = view.observed.built.get(ami).ok_or_else(unseen)?;
    Ok(overlay(ami, built, &view.desired.volumes, there)?)
}

/// A build in an account.
struct Build<'a> {
    view: View<'a>,
    job: &'a RebuildJob<'a>,
    account: &'a Account,
    there: StackContext,
}

impl Build<'_> {
    fn inputs(
        self,
        rebuild: &Rebuild,
        ami: &AmiId,
        devices: Vec<EncryptedDevice>,
        attempt: u32,
    ) -> RebuildImage {
        let Self { view, job, .. } = self;
        let part = job.part(self.account);
        let identity = digests::rebuild_attempt(&part, attempt);
        let recipe_name = view.recipe_name(&job.name);
        let name = format!("{recipe_name}-rebuild-{}", &identity.as_str()[..12]);
        let mut tags = view.recipe_tags(&job.name);
        let marks = [
            (REBUILD_OF_TAG, job.image.arn.to_string()),
            (DIGEST_TAG, part.to_string()),
            (REBUILD_ATTEMPT_TAG, attempt.to_string()),
        ];
        tags.extend(marks.map(|(key, value)| (key.to_owned(), value)));
        let recipe = CreateRecipe {
            arn: self.there.recipe_arn(&name, Version::FIRST),
            name: name.clone(),
            parent: ami.to_string(),
            components: Vec::new(),
            devices,
            ami_tags: view.recipe_tags(&job.name),
            tags: tags.clone(),
        };
        RebuildImage {
            recipename: job.name.clone(),
            pipeline: job.pipeline.arn.clone(),
            account: self.account.id.clone(),
            role: rebuild.role.clone(),
            infrastructure: self.infrastructure(&name, &tags),
            distribution: self.distribution(&name, &tags),
            region: self.there.region,
            recipe,
            token: token(view, &identity),
            tags,
        }
    }

    /// Ours, without what only our account has. The network is the account's: where its document says
    /// that it launches, or its default one.
    fn infrastructure(&self, name: &str, tags: &Tags) -> Configured<Infrastructure> {
        let Self { view, there, .. } = self;
        let place = self.account.places.get(&there.region);
        let place = place.cloned().unwrap_or_default();
        // Image Builder takes a subnet only with security groups (API reference, `subnetId`).
        let (subnet, group) = place.subnet.zip(place.security_group).unzip();
        let content = Infrastructure {
            name: name.to_owned(),
            instance_profile: there.instance_profile.clone(),
            key_pair: None,
            subnet: subnet.map(|subnet| subnet.to_string()),
            security_groups: group.into_iter().map(|group| group.to_string()).collect(),
            logs: None,
            terminate_on_failure: true,
            ..view.wanted().infrastructure().content.clone()
        };
        let arn = there.arn("infrastructure-configuration", name);
        let digest = content.digest();
        tagged(view.desired, &arn, content, &digest, tags)
    }

    /// The account's Regions, each under its key; where it builds, the recipe's volumes have it.
    fn distribution(&self, name: &str, tags: &Tags) -> Configured<Distribution> {
        let Self {
            view,
            there,
            account,
            ..
        } = self;
        let ours = view.wanted().distribution(&self.job.name).content;
        let blank = ours.regions.get(&view.stack.region);
        let entry = |region: &Region| {
            let like = ours.regions.get(region).or(blank);
            let key = account.keys.get(region);
            RegionDistribution {
                ami_name: like.map(|like| like.ami_name.clone()).unwrap_or_default(),
                ami_tags: like.map(|like| like.ami_tags.clone()).unwrap_or_default(),
                kms_key: key.filter(|_| *region != there.region).cloned(),
                ..RegionDistribution::default()
            }
        };
        let regions: BTreeMap<_, _> = account
            .regions
            .iter()
            .map(|region| (region.clone(), entry(region)))
            .collect();
        let content = Distribution {
            name: name.to_owned(),
            regions,
        };
        let arn = there.arn("distribution-configuration", name);
        let digest = content.digest();
        tagged(view.desired, &arn, content, &digest, tags)
    }
}

fn tagged<T>(
    desired: &Desired,
    arn: &str,
    content: T,
    digest: &Digest,
    tags: &Tags,
) -> Configured<T> {
    Configured {
        tags: tags.clone(),
        ..configured(desired, arn, content, digest)
    }
}

/// The client token of a build there: one for each hour, since the token of a build whose image was
/// deleted would only bring its old answer back.
fn token(view: View<'_>, identity: &Digest) -> String {
    const HOUR: i64 = 60 * 60;
    digests::rebuild_token(identity, view.observed.time.as_second() / HOUR).to_string()
}

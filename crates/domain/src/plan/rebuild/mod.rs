//! Images that cannot be copied into an account and are built again there: Image Builder of the account
//! launches our AMI, encrypts the volumes under its key and makes an AMI of the instance.
//!
//! What is published of our own image never waits for it: a build there takes an hour, and one without the
//! subscription to a product never succeeds, which its failure tells. On Windows the build runs Sysprep by
//! itself (Image Builder user guide, "Create a custom image recipe", Windows images: the step `RunSysPrep`),
//! so that a declared `sysprep` changes nothing here.
//!
//! A tag of the pipeline says that all of it is done; then no call is made to those accounts. What was made
//! for a build is deleted once it ended, whatever came of it; the image and its AMIs stay.

mod build;

use std::collections::{BTreeMap, BTreeSet};

use super::content::known;
use super::copies::{Wanted, failures, made, missing};
use super::hard::{can_be_rebuilt, tagged};
use super::images::newest_available;
use super::recipe::{carried, looked_after};
use super::{
    Change, CleanUpRebuild, Planner, PublishCopies, PublishedCopy, REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG,
    REBUILT_TAG, Refused, TagPipeline, Waiting, look, pipeline_arn,
};
use crate::consumers::{Account, Rebuild};
use crate::desired::Desired;
use crate::digest;
use crate::names::{AccountId, AmiId, Digest, PipelineArn, RecipeName, Region, RoleArn};
use crate::observed::{
    Copy, Image, ImageState, Observed, Pipeline, Rebuilds, Resource, Tags, Target, is_owned,
};
use crate::resources;
use crate::site::{DIGEST_TAG, RECIPENAME_TAG, Site};

/// How often a build in an account is tried: what fails twice needs a person there.
const MOST_ATTEMPTS: usize = 2;

/// An image that accounts build again.
pub(super) struct Job {
    name: RecipeName,
    pipeline: PipelineArn,
    /// The pipeline's tag today.
    tag: Option<String>,
    image: Image,
    accounts: Vec<Account>,
}

impl Job {
    fn of(name: &RecipeName, pipeline: &Pipeline, image: &Image, accounts: Vec<Account>) -> Self {
        let (name, arn, image) = (name.clone(), pipeline.arn.clone(), image.clone());
        Self { name, pipeline: arn, tag: pipeline.tags.get(REBUILT_TAG).cloned(), image, accounts }
    }

    /// The value of the tag when nothing is left to do.
    fn wanted(&self) -> String {
        let role = |account: &Account| account.rebuild.as_ref().map(|rebuild| rebuild.role.clone());
        let part = |one| (self.part(one), role(one), one.parameter_role.clone());
        digest::of_value(&("rebuilt", self.accounts.iter().map(part).collect::<Vec<_>>())).to_string()
    }

    /// The value of the tag when the AMIs of these accounts are published.
    fn published(&self, accounts: &[&Account]) -> String {
        let part = |one: &&Account| (self.part(one), one.parameter_role.clone());
        digest::of_value(&("published", accounts.iter().map(part).collect::<Vec<_>>())).to_string()
    }

    /// What is built in one account, by content: neither whom we are there nor who hears of it changes it.
    fn part(&self, account: &Account) -> Digest {
        let profile = account.rebuild.as_ref().map(|rebuild| &rebuild.instance_profile);
        digest::of_value(&(&self.image.arn, &account.id, profile, &account.regions, &account.keys))
    }

    fn is_settled(&self) -> bool {
        self.tag.as_ref() == Some(&self.wanted())
    }

    /// Whether these tags are of something that was made for a build of this recipe's image.
    fn is_about(&self, tags: &Tags, desired: &Desired) -> bool {
        let of_recipe = tags.get(RECIPENAME_TAG).is_some_and(|name| *name == self.name.to_string());
        of_recipe && tags.contains_key(REBUILD_OF_TAG) && is_owned(tags, &desired.environment)
    }
}

/// The Region in which an account builds: ours, or its first one if it is not served in ours.
pub(super) fn home(account: &Account, site: &Site) -> Region {
    let first = || account.regions.first().unwrap_or(&site.region);
    if account.regions.contains(&site.region) { site.region.clone() } else { first().clone() }
}

/// Those of the accounts that lack copies which build images again.
pub(super) fn builders(desired: &Desired, missing: &Wanted) -> Vec<Account> {
    let lacking: BTreeSet<&AccountId> =
        missing.values().flat_map(BTreeMap::keys).map(|target| &target.account).collect();
    let accounts = desired.consumers.accounts.iter();
    accounts.filter(|one| one.rebuild.is_some() && lacking.contains(&one.id)).cloned().collect()
}

/// What a run looks at for images that are built again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToObserve {
    /// The accounts, each with the role to use there and the Region that it builds in.
    pub accounts: BTreeMap<AccountId, (RoleArn, Region)>,
    /// Our own AMIs in the building Region whose devices have to be known.
    pub amis: BTreeSet<AmiId>,
}

/// The accounts that have something left to build again, as far as it is known; nothing once it is done.
pub(super) fn to_observe(desired: &Desired, observed: &Observed, site: &Site) -> ToObserve {
    let mut found = ToObserve::default();
    if desired.consumers.accounts.iter().all(|account| account.rebuild.is_none()) {
        return found;
    }
    for job in jobs(desired, observed, site).iter().filter(|job| !job.is_settled()) {
        found.amis.extend(job.image.amis.get(&site.region).cloned());
        for account in &job.accounts {
            let role = account.rebuild.as_ref().map(|rebuild| (rebuild.role.clone(), home(account, site)));
            found.accounts.extend(role.map(|role| (account.id.clone(), role)));
        }
    }
    found
}

/// The images that are or may be built again, of every recipe: of the version that its pipeline has, and of
/// the one that it is to have.
fn jobs(desired: &Desired, observed: &Observed, site: &Site) -> Vec<Job> {
    let mut jobs = Vec::new();
    for name in looked_after(desired, &observed.pipelines, site) {
        let arn = pipeline_arn(desired, site, &name);
        let Some(pipeline) = observed.pipelines.iter().find(|pipeline| pipeline.arn == arn) else { continue };
        let today = pipeline.recipe.clone();
        let entry = desired.recipes.iter().find(|entry| entry.name == name);
        let next = entry.and_then(|entry| {
            let content = resources::recipe(desired, site, entry);
            let digest = content.digest();
            carried(pipeline, &digest)
                .or_else(|| known(observed.catalog.as_ref()?, &content, &digest, desired))
        });
        let versions: BTreeSet<_> = today.into_iter().chain(next).collect();
        let images = versions.iter().filter_map(|version| newest_available(&observed.images, version));
        jobs.extend(images.filter_map(|image| {
            let accounts = builders(desired, &missing(desired, site, &made(desired, observed, &image.arn)));
            let wanted = !accounts.is_empty() && may_be_hard(pipeline, image, desired, observed, site);
            wanted.then(|| Job::of(&name, pipeline, image, accounts))
        }));
    }
    jobs
}

/// Whether an image is known to be built again, or may turn out to be by its base in this run.
fn may_be_hard(
    pipeline: &Pipeline,
    image: &Image,
    desired: &Desired,
    observed: &Observed,
    site: &Site,
) -> bool {
    let own = || observed.licences.get(image.amis.get(&site.region)?).cloned();
    let licence = tagged(pipeline, image.arn.version()).or_else(own);
    licence.map_or_else(|| look::needs_catalog(desired, observed, site), |one| can_be_rebuilt(&one, desired))
}

impl Planner<'_> {
    /// Keeps in mind that accounts build this image again; what it takes comes when it is shared with them.
    pub(super) fn rebuild_later(
        &mut self,
        name: &RecipeName,
        pipeline: &Pipeline,
        image: &Image,
        accounts: Vec<Account>,
    ) {
        if !accounts.is_empty() {
            self.jobs.push(Job::of(name, pipeline, image, accounts));
        }
    }

    /// Brings the images about that accounts build again.
    pub(super) fn rebuild(&mut self) {
        for job in std::mem::take(&mut self.jobs).iter().filter(|job| !job.is_settled()) {
            self.advance(job);
        }
    }

    fn advance(&mut self, job: &Job) {
        let mut done = Vec::new();
        for account in &job.accounts {
            done.extend(self.rebuilt(job, account).map(|image| (account, image)));
        }
        let mut after: Vec<String> = self.publish_rebuilt(job, &done).into_iter().collect();
        let mut ended = done.len() == job.accounts.len();
        for account in &job.accounts {
            let left = self.clean_up_rebuilds(job, account);
            ended &= left.is_some();
            after.extend(left.into_iter().flatten());
        }
        if ended {
            let tags = [(REBUILT_TAG.to_owned(), job.wanted())].into();
            self.change(Change::TagPipeline(TagPipeline { arn: job.pipeline.clone(), tags, after }));
        }
    }

    /// The image that an account has built again; if there is none, the next step to it.
    fn rebuilt(&mut self, job: &Job, account: &Account) -> Option<Image> {
        let rebuild = account.rebuild.as_ref()?;
        let images = self.seen(job, account, rebuild)?;
        let (of, part) = (job.image.arn.to_string(), job.part(account).to_string());
        let of_part = |image: &&Image| {
            job.is_about(&image.tags, self.desired)
                && image.tags.get(REBUILD_OF_TAG) == Some(&of)
                && image.tags.get(DIGEST_TAG) == Some(&part)
        };
        let mut images: Vec<&Image> = images.iter().filter(of_part).collect();
        images.sort_by(|a, b| (attempt(&a.tags), &a.arn).cmp(&(attempt(&b.tags), &b.arn)));
        if let Some(available) = images.iter().find(|image| image.state == ImageState::Available) {
            return Some((*available).clone());
        }
        let (account_id, image) = (account.id.clone(), job.image.arn.clone());
        for one in &images {
            if let ImageState::Running(state) | ImageState::Unrecognized(state) = &one.state {
                let state = state.clone();
                self.wait(&job.name, Waiting::Rebuild { account: account_id, image, state });
                return None;
            }
        }
        match images.last().filter(|_| images.len() >= MOST_ATTEMPTS) {
            Some(last) => {
                let reason = failures(last);
                self.refuse(&job.name, Refused::Rebuild { account: account_id, image, reason });
            }
            None => self.build_again(job, account, rebuild, images.len() + 1),
        }
        None
    }

    /// The images of an account, if it lets us see them.
    fn seen(&mut self, job: &Job, account: &Account, rebuild: &Rebuild) -> Option<Vec<Image>> {
        match self.observed.rebuilds.get(&account.id) {
            Some(Rebuilds::Seen { images, .. }) => return Some(images.clone()),
            Some(Rebuilds::Unseen(reason)) => {
                let (account, role, reason) = (account.id.clone(), rebuild.role.clone(), reason.clone());
                self.refuse(&job.name, Refused::RebuildRole { account, role, reason });
            }
            None => self.wait(&job.name, Waiting::Observation(job.name.clone())),
        }
        None
    }

    /// Publishes what is built as copies are, once; the target of the change, if it takes one.
    fn publish_rebuilt(&mut self, job: &Job, done: &[(&Account, Image)]) -> Option<String> {
        let accounts: Vec<&Account> = done.iter().map(|(account, _)| *account).collect();
        let digest = job.published(&accounts);
        if done.is_empty() || job.tag.as_ref() == Some(&digest) {
            return None;
        }
        let of_account = |(account, image): &(&Account, Image)| -> Vec<PublishedCopy> {
            let copy = |region: &Region| {
                let target = Target { account: account.id.clone(), region: region.clone() };
                let copy = Copy { target, ami: image.amis.get(region)?.clone() };
                Some(PublishedCopy { copy, parameter_role: account.parameter_role.clone() })
            };
            account.regions.iter().filter_map(copy).collect()
        };
        let change = Change::PublishCopies(PublishCopies {
            recipename: job.name.clone(),
            pipeline: job.pipeline.clone(),
            image: job.image.arn.clone(),
            copies: done.iter().flat_map(of_account).collect(),
            tag: REBUILT_TAG,
            digest,
        });
        let target = change.target();
        self.change(change);
        Some(target)
    }

    /// Deletes what was made in an account for builds that ended, or were never begun; the targets of the
    /// changes, or none as long as something there is still needed or was not seen.
    fn clean_up_rebuilds(&mut self, job: &Job, account: &Account) -> Option<Vec<String>> {
        let Some(Rebuilds::Seen { images, resources }) = self.observed.rebuilds.get(&account.id) else {
            return None;
        };
        let about = resources.iter().filter(|resource| job.is_about(&resource.tags, self.desired));
        let (needed, idle): (Vec<&Resource>, Vec<&Resource>) =
            about.partition(|resource| self.is_needed(&resource.tags, images));
        let mut arns: Vec<String> = idle.into_iter().map(|resource| resource.arn.clone()).collect();
        arns.sort();
        let mut targets = Vec::new();
        // The recipe is made last and deleted first; whether its image keeps it is not documented, so that one
        // which is left alone stays.
        if arns.iter().any(|arn| !arn.contains(":image-recipe/")) {
            let role = account.rebuild.as_ref()?.role.clone();
            let (recipename, account, region) =
                (job.name.clone(), account.id.clone(), home(account, self.site));
            let change = Change::CleanUpRebuild(CleanUpRebuild { recipename, account, region, role, arns });
            targets.push(change.target());
            self.change(change);
        }
        needed.is_empty().then_some(targets)
    }

    /// Whether a build with these tags runs, or is started by this plan.
    fn is_needed(&self, tags: &Tags, images: &[Image]) -> bool {
        let same = |others: &Tags| {
            [DIGEST_TAG, REBUILD_ATTEMPT_TAG].iter().all(|key| others.get(*key) == tags.get(*key))
        };
        let runs =
            |image: &Image| matches!(image.state, ImageState::Running(_) | ImageState::Unrecognized(_));
        let starts = |change: &Change| matches!(change, Change::Rebuild(rebuild) if same(&rebuild.tags));
        images.iter().any(|image| runs(image) && same(&image.tags)) || self.plan.changes.iter().any(starts)
    }
}

/// Which attempt these tags are of.
fn attempt(tags: &Tags) -> u32 {
    tags.get(REBUILD_ATTEMPT_TAG).and_then(|attempt| attempt.parse().ok()).unwrap_or_default()
}

//! Images that cannot be copied into an account and are built again there: Image Builder of the account
//! launches our AMI, encrypts the volumes under its key and makes an AMI of the instance.
//!
//! What is published of our own image never waits for it: a build there takes an hour, and one without the
//! subscription to a product never succeeds, which its failure tells. On Windows the build runs Sysprep by
//! itself (Image Builder user guide, "Create a custom image recipe", Windows images: the step `RunSysPrep`),
//! so that a declared `sysprep` changes nothing here.
//!
//! A tag of the pipeline says that all of it is published; then no call is made to those accounts. What was
//! made for a build is deleted once it ended, whatever came of it; the image and its AMIs stay.

mod begun;
mod build;

use std::collections::{BTreeMap, BTreeSet};

use self::begun::is_about;
use super::content::known;
use super::copies::{Wanted, failures, made, missing};
use super::digests;
use super::hard::{can_be_rebuilt, tagged};
use super::images::current;
use super::recipe::{carried, looked_after};
use super::{
    Change, Planner, PublishCopies, PublishedCopy, REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG,
    REBUILT_TAG, RebuildImage, Refused, Waiting, look, pipeline_arn,
};
use crate::consumers::{Account, Rebuild};
use crate::desired::Desired;
use crate::names::{AccountId, AmiId, Digest, PipelineArn, RecipeName, Region, RoleArn};
use crate::observed::{Copy, Image, ImageState, Observed, Pipeline, Rebuilds, Tags, Target};
use crate::resources;
use crate::stack::{DIGEST_TAG, StackContext};

/// How often a build in an account is tried: what fails twice needs a person there.
const MOST_ATTEMPTS: usize = 2;

/// An image that accounts build again.
pub(super) struct Job {
    name: RecipeName,
    pipeline: PipelineArn,
    /// The pipeline's tag today.
    tag: Option<String>,
    /// Where builds of the pipeline's images were begun.
    begun: BTreeSet<Target>,
    image: Image,
    accounts: Vec<Account>,
}

impl Job {
    fn of(name: &RecipeName, pipeline: &Pipeline, image: &Image, accounts: Vec<Account>) -> Self {
        let (name, arn, image) = (name.clone(), pipeline.arn.clone(), image.clone());
        let tag = pipeline.tags.get(REBUILT_TAG).cloned();
        Self {
            name,
            pipeline: arn,
            tag,
            begun: begun::begun(pipeline),
            image,
            accounts,
        }
    }

    /// The value of the tag when the AMIs of these accounts are published.
    fn published<'a>(&self, accounts: impl IntoIterator<Item = &'a Account>) -> String {
        digests::rebuilt(&self.image.arn, accounts).to_string()
    }

    /// What is built in one account, by content: neither whom we are there nor who hears of it changes it.
    fn part(&self, account: &Account) -> Digest {
        digests::rebuild(&self.image.arn, account)
    }

    fn is_settled(&self) -> bool {
        self.tag.as_ref() == Some(&self.published(&self.accounts))
    }
}

/// The Region in which an account builds: ours, or its first one if it is not served in ours.
pub(super) fn home(account: &Account, stack: &StackContext) -> Region {
    let first = || account.regions.first().unwrap_or(&stack.region);
    if account.regions.contains(&stack.region) {
        stack.region.clone()
    } else {
        first().clone()
    }
}

/// Where an account builds.
fn place(account: &Account, stack: &StackContext) -> Target {
    Target {
        account: account.id.clone(),
        region: home(account, stack),
    }
}

/// Those of the accounts that lack copies which build images again.
pub(super) fn builders(desired: &Desired, missing: &Wanted) -> Vec<Account> {
    let lacking: BTreeSet<&AccountId> = missing
        .values()
        .flat_map(BTreeMap::keys)
        .map(|target| &target.account)
        .collect();
    let accounts = desired.consumers.accounts.iter();
    accounts
        .filter(|one| one.rebuild.is_some() && lacking.contains(&one.id))
        .cloned()
        .collect()
}

/// What a run looks at for images that are built again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToObserve {
    /// The accounts and the Regions that they build in, each with the role to use there.
    pub places: BTreeMap<Target, RoleArn>,
    /// Our own AMIs in the building Region whose devices have to be known.
    pub amis: BTreeSet<AmiId>,
}

/// The places that have something left to build again or to clean up, as far as it is known; nothing once it
/// is done.
pub(super) fn to_observe(
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> ToObserve {
    let mut found = ToObserve {
        places: begun::places(desired, &observed.pipelines, stack),
        ..ToObserve::default()
    };
    for job in jobs(desired, observed, stack)
        .iter()
        .filter(|job| !job.is_settled())
    {
        found
            .amis
            .extend(job.image.amis.get(&stack.region).cloned());
        for account in &job.accounts {
            let role = account.rebuild.as_ref().map(|rebuild| rebuild.role.clone());
            found
                .places
                .extend(role.map(|role| (place(account, stack), role)));
        }
    }
    found
}

/// The images that are or may be built again, of every recipe: of the version that its pipeline has, and of
/// the one that it is to have.
fn jobs(desired: &Desired, observed: &Observed, stack: &StackContext) -> Vec<Job> {
    let mut jobs = Vec::new();
    if desired
        .consumers
        .accounts
        .iter()
        .all(|account| account.rebuild.is_none())
    {
        return jobs;
    }
    for name in looked_after(desired, &observed.pipelines, stack) {
        let arn = pipeline_arn(desired, stack, &name);
        let Some(pipeline) = observed
            .pipelines
            .iter()
            .find(|pipeline| pipeline.arn == arn)
        else {
            continue;
        };
        let today = pipeline.recipe.clone();
        let entry = desired.recipes.iter().find(|entry| entry.name == name);
        let next = entry.and_then(|entry| {
            let content = resources::recipe(desired, stack, entry);
            let digest = content.digest();
            carried(pipeline, &digest)
                .or_else(|| known(observed.catalog.as_ref()?, &content, &digest, desired))
        });
        let versions: BTreeSet<_> = today.into_iter().chain(next).collect();
        let images = versions
            .iter()
            .filter_map(|version| current(observed, pipeline, version));
        jobs.extend(images.filter_map(|image| {
            let accounts = builders(
                desired,
                &missing(desired, stack, &made(desired, observed, &image.arn)),
            );
            let wanted =
                !accounts.is_empty() && may_be_hard(pipeline, image, desired, observed, stack);
            wanted.then(|| Job::of(&name, pipeline, image, accounts))
        }));
    }
    jobs
}

/// Whether an account has built an image again, and all of it is published. The pipeline's tag tells it of all
/// accounts together: one whose builds fail keeps open for the others what they would lose, until it is mended
/// or taken out.
pub(super) fn is_done(
    account: &Account,
    pipeline: &Pipeline,
    image: &Image,
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> bool {
    let Some(name) = pipeline.recipename().filter(|_| account.rebuild.is_some()) else {
        return false;
    };
    let accounts = builders(
        desired,
        &missing(desired, stack, &made(desired, observed, &image.arn)),
    );
    let builds = accounts.iter().any(|builder| builder.id == account.id);
    builds && Job::of(&name, pipeline, image, accounts).is_settled()
}

/// Whether an image is known to be built again, or may turn out to be by its base in this run.
fn may_be_hard(
    pipeline: &Pipeline,
    image: &Image,
    desired: &Desired,
    observed: &Observed,
    stack: &StackContext,
) -> bool {
    let own = || {
        observed
            .licences
            .get(image.amis.get(&stack.region)?)
            .cloned()
    };
    let licence = tagged(pipeline, image.arn.version()).or_else(own);
    licence.map_or_else(
        || look::needs_catalog(desired, observed, stack),
        |one| can_be_rebuilt(&one, desired),
    )
}

/// How far an account has come with an image.
enum Progress {
    /// It has built it.
    Built(Image),
    /// Its build can be started.
    Begins(Box<RebuildImage>),
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

    /// Brings the images about that accounts build again, and cleans up after them.
    pub(super) fn rebuild(&mut self) {
        for job in std::mem::take(&mut self.jobs)
            .iter()
            .filter(|job| !job.is_settled())
        {
            let (mut done, mut builds) = (Vec::new(), Vec::new());
            for account in &job.accounts {
                match self.progress(job, account) {
                    Some(Progress::Built(image)) => done.push((account, image)),
                    Some(Progress::Begins(build)) => builds.push(*build),
                    None => {}
                }
            }
            self.begin(job, builds);
            self.publish_rebuilt(job, &done);
        }
        self.clean_up_rebuilds();
    }

    /// How far an account has come; none if nothing can be done there in this run, which is told.
    fn progress(&mut self, job: &Job, account: &Account) -> Option<Progress> {
        let rebuild = account.rebuild.as_ref()?;
        let images = self.seen(job, account, rebuild)?;
        let (of, part) = (job.image.arn.to_string(), job.part(account).to_string());
        let of_part = |image: &&Image| {
            is_about(&image.tags, &job.name, self.desired)
                && image.tags.get(REBUILD_OF_TAG) == Some(&of)
                && image.tags.get(DIGEST_TAG) == Some(&part)
        };
        let mut images: Vec<&Image> = images.iter().filter(of_part).collect();
        images.sort_by(|a, b| (attempt(&a.tags), &a.arn).cmp(&(attempt(&b.tags), &b.arn)));
        if let Some(available) = images
            .iter()
            .find(|image| image.state == ImageState::Available)
        {
            return Some(Progress::Built((*available).clone()));
        }
        let (account_id, image) = (account.id.clone(), job.image.arn.clone());
        for one in &images {
            if let ImageState::Running(state) | ImageState::Unrecognized(state) = &one.state {
                let state = state.clone();
                self.wait(
                    &job.name,
                    Waiting::Rebuild {
                        account: account_id,
                        image,
                        state,
                    },
                );
                return None;
            }
        }
        let failed =
            |image: &&&Image| matches!(image.state, ImageState::Failed | ImageState::Cancelled);
        let failed: Vec<&&Image> = images.iter().filter(failed).collect();
        if let Some(last) = failed.last().filter(|_| failed.len() >= MOST_ATTEMPTS) {
            let reason = failures(last);
            self.refuse(
                &job.name,
                Refused::Rebuild {
                    account: account_id,
                    image,
                    reason,
                },
            );
            return None;
        }
        // Whoever deletes what failed, once the cause is mended, has it tried again under a new name.
        let next = images.last().map_or(1, |last| attempt(&last.tags) + 1);
        self.build_again(job, account, rebuild, next)
            .map(Box::new)
            .map(Progress::Begins)
    }

    /// The images of an account, if it lets us see them.
    fn seen(&mut self, job: &Job, account: &Account, rebuild: &Rebuild) -> Option<Vec<Image>> {
        match self.observed.rebuilds_in(&place(account, self.stack)) {
            Some(Rebuilds::Seen { images, .. }) => return Some(images.clone()),
            Some(Rebuilds::Unseen(reason)) => {
                let (account, role, reason) =
                    (account.id.clone(), rebuild.role.clone(), reason.clone());
                self.refuse(
                    &job.name,
                    Refused::RebuildRole {
                        account,
                        role,
                        reason,
                    },
                );
            }
            None => self.wait(&job.name, Waiting::Observation(job.name.clone())),
        }
        None
    }

    /// Publishes what is built as copies are, once.
    fn publish_rebuilt(&mut self, job: &Job, done: &[(&Account, Image)]) {
        let digest = job.published(done.iter().map(|(account, _)| *account));
        if done.is_empty() || job.tag.as_ref() == Some(&digest) {
            return;
        }
        let of_account = |(account, image): &(&Account, Image)| -> Vec<PublishedCopy> {
            let copy = |region: &Region| {
                let target = Target {
                    account: account.id.clone(),
                    region: region.clone(),
                };
                let copy = Copy {
                    target,
                    ami: image.amis.get(region)?.clone(),
                };
                Some(PublishedCopy {
                    copy,
                    parameter_role: account.parameter_role.clone(),
                })
            };
            account.regions.iter().filter_map(copy).collect()
        };
        self.change(Change::PublishCopies(PublishCopies {
            recipename: job.name.clone(),
            pipeline: job.pipeline.clone(),
            image: job.image.arn.clone(),
            copies: done.iter().flat_map(of_account).collect(),
            tag: REBUILT_TAG,
            digest,
        }));
    }
}

/// Which attempt these tags are of.
fn attempt(tags: &Tags) -> u32 {
    tags.get(REBUILD_ATTEMPT_TAG)
        .and_then(|attempt| attempt.parse().ok())
        .unwrap_or_default()
}

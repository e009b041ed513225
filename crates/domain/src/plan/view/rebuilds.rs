//! Images that accounts build again, because they cannot be copied into them.

use std::collections::{BTreeMap, BTreeSet};

use super::{MissingCopies, View};
use crate::consumers::Account;
use crate::names::{AccountId, AmiId, Digest, RecipeName, Region, RoleArn};
use crate::observed::{Copy, Depth, Image, ImageState, Pipeline, Rebuilds, Tags, Target, is_owned};
use crate::plan::digests;
use crate::plan::tags::{
    REBUILD_ATTEMPT_TAG, REBUILD_OF_TAG, REBUILDING_TAG, REBUILT_TAG, tagged_licence,
};
use crate::publication::{Publication, PublishedCopy};
use crate::stack::{DIGEST_TAG, RECIPENAME_TAG, StackContext};

/// An image that accounts build again.
#[derive(Debug, Clone)]
pub(in crate::plan) struct RebuildJob<'a> {
    pub(in crate::plan) name: RecipeName,
    pub(in crate::plan) pipeline: &'a Pipeline,
    pub(in crate::plan) image: &'a Image,
    pub(in crate::plan) accounts: Vec<&'a Account>,
}

impl RebuildJob<'_> {
    /// The value of the pipeline's tag when the AMIs of these accounts are published.
    pub(in crate::plan) fn published<'b>(
        &self,
        accounts: impl IntoIterator<Item = &'b Account>,
    ) -> String {
        digests::rebuilt(&self.image.arn, accounts).to_string()
    }

    /// What is built in one account, by content: neither our role there nor who is notified changes it.
    pub(in crate::plan) fn part(&self, account: &Account) -> Digest {
        digests::rebuild(&self.image.arn, account)
    }

    /// The value of the pipeline's tag today.
    pub(in crate::plan) fn tag(&self) -> Option<&String> {
        self.pipeline.tags.get(REBUILT_TAG)
    }

    /// Whether all of it is published. Then no call is made to the accounts.
    pub(in crate::plan) fn is_settled(&self) -> bool {
        let published = self.published(self.accounts.iter().copied());
        self.tag() == Some(&published)
    }
}

/// What a run looks at for images that are built again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RebuildsToObserve {
    /// The accounts and the Regions that they build in, each with the role to use there.
    pub places: BTreeMap<Target, RoleArn>,
    /// Our own AMIs in the building Region whose devices have to be known.
    pub amis: BTreeSet<AmiId>,
}

/// The Region in which an account builds: ours, or its first one if it is not served in ours.
pub(in crate::plan) fn home(account: &Account, stack: &StackContext) -> Region {
    if account.regions.contains(&stack.region) {
        stack.region.clone()
    } else {
        account.regions.first().unwrap_or(&stack.region).clone()
    }
}

/// The places in which builds were begun, as the pipeline's tag names them.
pub(in crate::plan) fn named_places(pipeline: &Pipeline) -> BTreeSet<Target> {
    let place = |text: &str| {
        let (account, region) = text.split_once(':')?;
        Some(Target {
            account: account.parse().ok()?,
            region: region.parse().ok()?,
        })
    };
    let places = pipeline.tags.get(REBUILDING_TAG).map(String::as_str);
    places
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(place)
        .collect()
}

impl<'a> View<'a> {
    /// Where an account builds.
    pub(in crate::plan) fn building_place(self, account: &Account) -> Target {
        Target {
            account: account.id.clone(),
            region: home(account, self.stack),
        }
    }

    /// Those of the accounts that lack copies which build images again.
    pub(in crate::plan) fn builders(self, missing: &MissingCopies) -> Vec<&'a Account> {
        let lacking: BTreeSet<&AccountId> = missing
            .values()
            .flat_map(BTreeMap::keys)
            .map(|target| &target.account)
            .collect();
        let accounts = self.desired.consumers.accounts.iter();
        accounts
            .filter(|one| one.rebuild.is_some() && lacking.contains(&one.id))
            .collect()
    }

    /// The role to use in an account: the one that it names, or the one that
    /// `infra/consumer-rebuild.yaml` makes if it names none any more.
    pub(in crate::plan) fn rebuild_role(self, account: &AccountId) -> Option<RoleArn> {
        let named = self
            .account(account)
            .and_then(|account| Some(account.rebuild.as_ref()?.role.clone()));
        named.or_else(|| {
            format!(
                "arn:{}:iam::{account}:role/goldsmith-{}-rebuild",
                self.stack.partition(),
                self.stack.environment
            )
            .parse()
            .ok()
        })
    }

    /// The places that have something left to build again or to clean up, as far as it is known;
    /// nothing once it is done.
    ///
    /// In search of drift also the places of what is published, to compare it.
    pub(in crate::plan) fn rebuilds_to_observe(self, depth: Depth) -> RebuildsToObserve {
        let mut found = RebuildsToObserve {
            places: self.places_begun(),
            ..RebuildsToObserve::default()
        };
        let jobs = self.possible_rebuilds();
        let looks = |job: &&RebuildJob<'_>| !job.is_settled() || depth.is_close();
        for job in jobs.iter().filter(looks) {
            if !job.is_settled() {
                found
                    .amis
                    .extend(job.image.amis.get(&self.stack.region).cloned());
            }
            for account in &job.accounts {
                let role = account.rebuild.as_ref().map(|rebuild| rebuild.role.clone());
                found
                    .places
                    .extend(role.map(|role| (self.building_place(account), role)));
            }
        }
        found
    }

    /// The places to look into because builds were begun there, each with the role to use.
    fn places_begun(self) -> BTreeMap<Target, RoleArn> {
        self.owned_pipelines()
            .flat_map(named_places)
            .filter_map(|place| {
                let role = self.rebuild_role(&place.account)?;
                Some((place, role))
            })
            .collect()
    }

    /// What is published of images that accounts have built again, and were seen to have.
    pub(in crate::plan) fn rebuilt_publications(self) -> Vec<Publication> {
        let jobs = self.possible_rebuilds().into_iter();
        let published = jobs.filter(RebuildJob::is_settled).filter_map(|job| {
            let copies = self.rebuilt_copies(&job)?;
            Some(self.publication_of_copies(&job.name, job.image, &copies))
        });
        published.collect()
    }

    /// The AMIs of accounts that have built an image again; none if one of them was not seen to have it.
    pub(in crate::plan) fn rebuilt_copies(
        self,
        job: &RebuildJob<'_>,
    ) -> Option<Vec<PublishedCopy>> {
        let of = |account: &&'a Account| {
            let image = self.rebuilt_image(job, account)?;
            Some(published_copies(account, image))
        };
        let accounts: Vec<&'a Account> = self.builders(&self.missing_copies(&job.image.arn));
        let copies: Option<Vec<_>> = accounts.iter().map(of).collect();
        Some(copies?.into_iter().flatten().collect())
    }

    fn rebuilt_image(self, job: &RebuildJob<'_>, account: &Account) -> Option<&'a Image> {
        let place = self.building_place(account);
        let Rebuilds::Seen { images, .. } = self.observed.rebuilds_in(&place)? else {
            return None;
        };
        let images = self.rebuilds_about(images, job, account).into_iter();
        let mut available = images.filter(|image| image.state == ImageState::Available);
        available.next()
    }

    /// Those of an account's images that are builds of our image, the last attempt last.
    pub(in crate::plan) fn rebuilds_about<'i>(
        self,
        images: &'i [Image],
        job: &RebuildJob<'_>,
        account: &Account,
    ) -> Vec<&'i Image> {
        let (of, part) = (job.image.arn.to_string(), job.part(account).to_string());
        let of_part = |image: &&Image| {
            self.is_about_rebuild(&image.tags, &job.name)
                && image.tags.get(REBUILD_OF_TAG) == Some(&of)
                && image.tags.get(DIGEST_TAG) == Some(&part)
        };
        let mut images: Vec<&Image> = images.iter().filter(of_part).collect();
        images.sort_by(|a, b| (attempt(&a.tags), &a.arn).cmp(&(attempt(&b.tags), &b.arn)));
        images
    }

    /// Whether these tags are of something that was made for a build of this recipe's images.
    pub(in crate::plan) fn is_about_rebuild(self, tags: &Tags, name: &RecipeName) -> bool {
        let of_recipe = tags
            .get(RECIPENAME_TAG)
            .and_then(|of| of.parse::<RecipeName>().ok());
        of_recipe.is_some_and(|of| of.folded() == name.folded())
            && tags.contains_key(REBUILD_OF_TAG)
            && is_owned(tags, &self.desired.environment)
    }

    /// The images that are or may be built again, of every recipe: of the version that its pipeline
    /// has, and of the one that it is to have.
    fn possible_rebuilds(self) -> Vec<RebuildJob<'a>> {
        let mut accounts = self.desired.consumers.accounts.iter();
        if accounts.all(|account| account.rebuild.is_none()) {
            return Vec::new();
        }
        let jobs = self.managed_recipes().into_iter().flat_map(|name| {
            let pipeline = self.pipeline(&name);
            pipeline.map_or_else(Vec::new, |pipeline| self.rebuilds_of(&name, pipeline))
        });
        jobs.collect()
    }

    fn rebuilds_of(self, name: &RecipeName, pipeline: &'a Pipeline) -> Vec<RebuildJob<'a>> {
        let next = self
            .entry(name)
            .and_then(|entry| self.wanted_version(entry));
        let versions: BTreeSet<_> = pipeline.recipe.clone().into_iter().chain(next).collect();
        let images = versions
            .iter()
            .filter_map(|version| self.launched_image(pipeline, version));
        let job = |image: &'a Image| {
            let accounts = self.builders(&self.missing_copies(&image.arn));
            let wanted = !accounts.is_empty() && self.may_be_rebuilt(pipeline, image);
            wanted.then(|| RebuildJob {
                name: name.clone(),
                pipeline,
                image,
                accounts,
            })
        };
        images.filter_map(job).collect()
    }

    /// Whether an account has built an image again, and all of it is published. The pipeline's tag
    /// stands for all accounts together: one whose builds fail keeps open for the others what they
    /// would lose, until it is mended or taken out.
    pub(in crate::plan) fn is_rebuilt(
        self,
        account: &Account,
        pipeline: &'a Pipeline,
        image: &'a Image,
    ) -> bool {
        let Some(name) = pipeline.recipename().filter(|_| account.rebuild.is_some()) else {
            return false;
        };
        let accounts = self.builders(&self.missing_copies(&image.arn));
        let builds = accounts.iter().any(|builder| builder.id == account.id);
        let job = RebuildJob {
            name,
            pipeline,
            image,
            accounts,
        };
        builds && job.is_settled()
    }

    /// Whether an image is known to be built again, or may turn out to be by its base in this run.
    fn may_be_rebuilt(self, pipeline: &Pipeline, image: &Image) -> bool {
        let own = || {
            let ami = image.amis.get(&self.stack.region)?;
            self.observed.licences.get(ami).cloned()
        };
        let licence = tagged_licence(pipeline, image.arn.version()).or_else(own);
        licence.map_or_else(
            || self.needs_catalog(),
            |licence| self.can_be_rebuilt(&licence),
        )
    }
}

/// The AMIs of an account that has built an image again.
pub(in crate::plan) fn published_copies(account: &Account, image: &Image) -> Vec<PublishedCopy> {
    let copy = |region: &Region| {
        let target = Target {
            account: account.id.clone(),
            region: region.clone(),
        };
        let ami = image.amis.get(region)?.clone();
        Some(PublishedCopy {
            copy: Copy { target, ami },
            parameter_role: account.parameter_role.clone(),
        })
    };
    account.regions.iter().filter_map(copy).collect()
}

/// Which attempt these tags are of.
pub(in crate::plan) fn attempt(tags: &Tags) -> u32 {
    tags.get(REBUILD_ATTEMPT_TAG)
        .and_then(|attempt| attempt.parse().ok())
        .unwrap_or_default()
}

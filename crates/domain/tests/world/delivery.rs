//! What brings images to consumers, and takes them away, in the simulated world.

use std::collections::BTreeMap;

use goldsmith_domain::digest;
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::{
    BaseAmi, Catalog, Copy, FailedTarget, Image, ImageState, Leftover, OwnAmi, Provenance, Tags,
    Target,
};
use goldsmith_domain::plan::{
    Action, CLEANED_UP_TAG, Change, CleanUpImage, DistributeImage, EXPIRY_TAG, EndInstance,
    LABELLED_TAG, LabelImage, LaunchPermissions, RETRIES_TAG,
};
use goldsmith_domain::publication::Publication;
use goldsmith_domain::resources::Distribution;

use super::{AMI_B, World, base_ami, stack};

impl World {
    /// A world in which base AMI B cannot be copied into another account, and so nothing that is built on it.
    pub fn with_a_hard_base() -> Self {
        let mut world = Self::new();
        let hard = world
            .catalog
            .base_amis
            .get_mut(&AMI_B.parse().expect("an AMI"))
            .expect("a base AMI");
        "SUSE Linux".clone_into(&mut hard.platform_details);
        "RunInstances:000g".clone_into(&mut hard.usage_operation);
        world
    }

    /// Whether an image is built on a base that cannot be copied.
    pub fn is_hard(&self, image: &Image) -> bool {
        let known = |ami: &AmiId| self.catalog.base_amis.get(ami);
        image
            .amis
            .values()
            .filter_map(known)
            .any(|ami| ami.usage_operation != "RunInstances")
    }

    /// Every running build becomes available, with an AMI of its own in each Region of the distribution
    /// that it was started with, shared and copied as that says.
    pub fn finish_builds(&mut self) {
        self.finish_rebuilds();
        let running = |image: &&mut Image| matches!(image.state, ImageState::Running(_));
        let bases: BTreeMap<String, BaseAmi> = self
            .images
            .iter()
            .map(|image| (image.arn.to_string(), self.base_of(image)))
            .collect();
        for image in self.images.iter_mut().filter(running) {
            image.state = ImageState::Available;
            let distribution = &self.started_with[&image.arn.to_string()];
            for (region, entry) in &distribution.regions {
                let made = |owner: &str| ami(&(&image.arn, region, owner));
                for account in &entry.copied_to {
                    let target = Target {
                        account: account.clone(),
                        region: region.clone(),
                    };
                    image.copies.push(Copy {
                        target,
                        ami: made(account.as_str()),
                    });
                }
                // An image that only makes copies leaves the AMI as it is.
                if !image.arn.slug().contains("copies") && entry.copied_to.is_empty() {
                    let id = made("");
                    let ours = own_ami(&bases[&image.arn.to_string()]);
                    self.catalog.base_amis.insert(id.clone(), ours);
                    image.amis.insert(region.clone(), id.clone());
                    self.amis.push(OwnAmi {
                        id,
                        region: region.clone(),
                        shared: entry.shared_with.clone(),
                    });
                }
            }
        }
    }

    /// What an image is built on: it inherits platform, billing information and product codes.
    fn base_of(&self, image: &Image) -> BaseAmi {
        let Catalog {
            contents,
            base_amis,
            parameters,
            parents,
            ..
        } = &self.catalog;
        let recipe = contents.iter().find(|(recipe, _)| image.arn.is_of(recipe));
        let parent = recipe
            .map(|(_, contents)| contents.parent.as_str())
            .unwrap_or_default();
        let of_ours = || {
            self.images
                .iter()
                .rfind(|image| image.arn.to_string().starts_with(parent))
        };
        let ami = parent.parse().ok();
        let named = || parameters.get(&parent.strip_prefix("ssm:")?.parse().ok()?);
        let ami = ami.or_else(|| named().cloned());
        let ami = ami.or_else(|| parents.get(&parent.parse().ok()?).cloned());
        let ami = ami.or_else(|| of_ours()?.amis.values().next().cloned());
        ami.and_then(|ami| base_amis.get(&ami).cloned())
            .unwrap_or_else(base_ami)
    }

    /// Every running distribution fails for one account.
    pub fn fail_copies(&mut self, account: &str) {
        for image in self
            .images
            .iter_mut()
            .filter(|image| matches!(image.state, ImageState::Running(_)))
        {
            image.state = ImageState::Failed;
            image.failed_targets = vec![FailedTarget {
                region: "us-east-1".to_owned(),
                account: Some(account.to_owned()),
                message: "the role is missing".to_owned(),
                integrating: false,
            }];
        }
    }

    /// A change that is about consumers.
    pub(super) fn deliver(&mut self, change: &Change) {
        match &change.action {
            Action::PutBucketPolicy(change) => self.bucket_policy.clone_from(&change.policy),
            Action::Share(change) => {
                let shared = &mut self.ami_mut(change).shared;
                shared.accounts.extend(change.sharing.accounts.clone());
                shared
                    .organizations
                    .extend(change.sharing.organizations.clone());
            }
            Action::Withdraw(change) => {
                let kept = self.ami_mut(change).shared.difference(&change.sharing);
                self.ami_mut(change).shared = kept;
            }
            Action::RevokeGrant(change) => {
                self.grants
                    .entry(change.key.clone())
                    .or_default()
                    .retain(|grant| grant.id != change.grant.id);
            }
            Action::DistributeImage(change) => self.distribute(change),
            Action::CleanUpImage(change) => self.clean_up_image(change),
            Action::LabelImage(change) => self.label_image(change),
            Action::EndInstance(change) => self.end_instance(change),
            Action::RetryImage(change) => {
                let image = self
                    .images
                    .iter_mut()
                    .find(|image| image.arn == change.image)
                    .expect("an image");
                assert_eq!(
                    image.state,
                    ImageState::Failed,
                    "only what failed is retried"
                );
                image
                    .tags
                    .insert(RETRIES_TAG.to_owned(), change.attempt.to_string());
                image.state = ImageState::Running("DISTRIBUTING".to_owned());
                image.failed_targets.clear();
            }
            Action::DeleteDistribution(arn) => {
                assert!(
                    self.pipelines
                        .iter()
                        .all(|pipeline| pipeline.distribution.as_ref() != Some(arn))
                );
                self.distributions.retain(|standing| standing.arn != *arn);
            }
            Action::PublishCopies(change) => {
                let tag = (change.tag.to_owned(), change.digest.clone());
                self.pipeline_mut(change.pipeline.as_str())
                    .tags
                    .extend([tag]);
                let (stack, image) = (stack(), &change.image);
                let published =
                    Publication::of_copies(&stack, &change.recipename, image, &change.copies);
                self.repair(&published);
            }
            Action::GrantKeyAccess(_)
            | Action::RevokeKeyAccess(_)
            | Action::PutRule(_)
            | Action::CreateComponent(_)
            | Action::CreateInfrastructure(_)
            | Action::UpdateInfrastructure(_)
            | Action::CreateDistribution(_)
            | Action::UpdateDistribution(_)
            | Action::CreateRecipe(_)
            | Action::CreatePipeline(_)
            | Action::UpdatePipeline(_)
            | Action::TagPipeline(_)
            | Action::Publish(_)
            | Action::StartBuild(_)
            | Action::Rebuild(_)
            | Action::CleanUpRebuild(_) => panic!("{change} is not about consumers"),
        }
    }

    fn ami_mut(&mut self, change: &LaunchPermissions) -> &mut OwnAmi {
        self.amis
            .iter_mut()
            .find(|ami| ami.id == change.ami)
            .expect("the AMI exists")
    }

    fn distribute(&mut self, change: &DistributeImage) {
        let standing = self
            .distributions
            .iter()
            .find(|standing| standing.arn == change.distribution);
        let content = standing
            .and_then(|standing| standing.content.clone())
            .expect("its content")
            .known;
        let token = &change.token[..12];
        let arn =
            format!("arn:aws:imagebuilder:us-east-1:111122223333:image/copies-{token}/1.0.0/1");
        if self.images.iter().all(|image| image.arn.to_string() != arn) {
            self.begin(&arn, content, change.tags.clone());
        }
    }

    /// Removes AMIs of a failed image, or marks the image once there is none.
    fn clean_up_image(&mut self, change: &CleanUpImage) {
        if change.amis.is_empty() {
            let mut images = self.images.iter_mut();
            let image = images.find(|image| image.arn == change.image);
            let tag = (CLEANED_UP_TAG.to_owned(), "yes".to_owned());
            image.expect("the image").tags.extend([tag]);
        }
        if let Some(left) = self.leftovers.get_mut(&change.image) {
            let is_removed = |one: &Leftover| {
                let mut removed = change.amis.iter();
                removed.any(|(region, ami)| (region, ami) == (&one.region, &one.ami))
            };
            left.retain(|one| !is_removed(one));
        }
    }

    fn end_instance(&mut self, change: &EndInstance) {
        let mut kept = self.kept_instances.iter_mut();
        let found = kept.find(|kept| kept.id == change.instance);
        found.expect("the instance").expires = change.expires;
        if change.expires.is_none() {
            self.kept_instances
                .retain(|kept| kept.id != change.instance);
        }
    }

    fn label_image(&mut self, change: &LabelImage) {
        for left in self.leftovers.get_mut(&change.image).into_iter().flatten() {
            left.expires |= change.tags.contains_key(EXPIRY_TAG);
        }
        if let Some(mark) = &change.mark {
            let mut images = self.images.iter_mut();
            let image = images.find(|image| image.arn == change.image);
            let tag = (LABELLED_TAG.to_owned(), mark.clone());
            let expiry = change.tags.get_key_value(EXPIRY_TAG);
            let expiry = expiry.map(|(key, day)| (key.clone(), day.clone()));
            let tags = &mut image.expect("the image").tags;
            tags.extend(expiry.into_iter().chain([tag]));
        }
    }

    pub(super) fn begin(&mut self, arn: &str, distribution: Distribution, tags: Tags) {
        self.started_with.insert(arn.to_owned(), distribution);
        self.images.push(Image {
            arn: arn.parse().expect("an image ARN"),
            state: ImageState::Running("BUILDING".to_owned()),
            reason: None,
            amis: BTreeMap::new(),
            copies: Vec::new(),
            failed_targets: Vec::new(),
            failed_in: None,
            created: Some(self.time),
            failure: None,
            tags,
        });
    }
}

pub(super) fn ami(of: &impl serde::Serialize) -> AmiId {
    let json = serde_json::to_vec(of).expect("JSON");
    format!("ami-{}", &digest::of_bytes(&json).as_str()[..17])
        .parse()
        .expect("an AMI")
}

/// An AMI of the building account that has everything else from this one.
fn own_ami(base: &BaseAmi) -> BaseAmi {
    let provenance = Provenance {
        account: Some(stack().account),
        alias: None,
        name: "built here".to_owned(),
        public: false,
        ..base.provenance.clone()
    };
    BaseAmi {
        provenance,
        ..base.clone()
    }
}

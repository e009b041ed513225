//! What Image Builder of other accounts does in the simulated world.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::names::{AccountId, Region};
use goldsmith_domain::observed::{Image, ImageState, Rebuilds, Resource, Target};
use goldsmith_domain::plan::{CleanUpRebuild, REBUILD_OF_TAG, RebuildImage};

use super::delivery::ami;
use super::{World, stack};

/// A Region of another account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct There {
    pub images: Vec<Image>,
    pub resources: Vec<Resource>,
    /// Where its images go.
    pub regions: Vec<Region>,
    /// The client tokens of builds: the same one brings the same answer, whatever became of the image.
    pub tokens: BTreeSet<String>,
    /// Why its role does not let us in.
    pub closed: Option<String>,
}

impl World {
    /// An account, in the building Region.
    pub fn there(&mut self, account: &str) -> &mut There {
        let place = Target {
            account: account.parse().expect("an account"),
            region: stack().region,
        };
        self.elsewhere.entry(place).or_default()
    }

    /// What a run sees in an account.
    pub(super) fn see(&self, place: &Target) -> Rebuilds {
        let there = self.elsewhere.get(place).cloned().unwrap_or_default();
        let There {
            images,
            resources,
            closed,
            ..
        } = there;
        closed.map_or(Rebuilds::Seen { images, resources }, Rebuilds::Unseen)
    }

    /// A recipe needs an AMI that the account may launch; what exists already is left as it is.
    pub(super) fn rebuild(&mut self, change: &RebuildImage) {
        let parent = self
            .amis
            .iter()
            .find(|ami| ami.id.to_string() == change.recipe.parent);
        let shared = &parent.expect("the parent AMI").shared;
        assert!(
            shared.accounts.contains(&change.account),
            "{} may not launch it",
            change.account
        );
        let there = self.elsewhere.entry(change.place()).or_default();
        assert!(there.closed.is_none(), "its role does not let us in");
        there.regions = change
            .distribution
            .content
            .regions
            .keys()
            .cloned()
            .collect();
        let recipe = (change.recipe.arn.to_string(), &change.recipe.tags);
        let infrastructure = (
            change.infrastructure.arn.clone(),
            &change.infrastructure.tags,
        );
        let distribution = (change.distribution.arn.clone(), &change.distribution.tags);
        for (arn, tags) in [recipe, infrastructure, distribution] {
            if there.resources.iter().all(|resource| resource.arn != arn) {
                there.resources.push(Resource {
                    arn,
                    tags: tags.clone(),
                });
            }
        }
        let arn = format!(
            "{}/1",
            change
                .recipe
                .arn
                .to_string()
                .replace(":image-recipe/", ":image/")
        );
        if there.tokens.insert(change.token.clone()) {
            there.images.push(Image {
                arn: arn.parse().expect("an image ARN"),
                state: ImageState::Running("BUILDING".to_owned()),
                reason: None,
                amis: BTreeMap::new(),
                copies: Vec::new(),
                failed_targets: Vec::new(),
                failed_in: None,
                created: None,
                failure: None,
                tags: change.tags.clone(),
            });
        }
    }

    pub(super) fn clean_up(&mut self, change: &CleanUpRebuild) {
        let place = Target {
            account: change.account.clone(),
            region: change.region.clone(),
        };
        let there = self.elsewhere.get_mut(&place).expect("an account");
        there
            .resources
            .retain(|resource| !change.arns.contains(&resource.arn));
    }

    /// Every build that runs elsewhere becomes available.
    pub fn finish_rebuilds(&mut self) {
        for there in self.elsewhere.values_mut() {
            for image in there.images.iter_mut().filter(|image| is_running(image)) {
                image.state = ImageState::Available;
                let made = there
                    .regions
                    .iter()
                    .map(|region| (region.clone(), ami(&(&image.arn, region))));
                image.amis = made.collect();
            }
        }
    }

    /// Every build that runs elsewhere fails.
    pub fn fail_rebuilds(&mut self) {
        for image in self
            .elsewhere
            .values_mut()
            .flat_map(|there| &mut there.images)
        {
            if is_running(image) {
                image.state = ImageState::Failed;
                image.reason = Some("no subscription".to_owned());
            }
        }
    }

    /// Whether an account has built an image again.
    pub fn has_rebuilt(&self, image: &Image, account: &AccountId) -> bool {
        let of = image.arn.to_string();
        let there = self
            .elsewhere
            .iter()
            .filter(|(place, _)| place.account == *account);
        let mut images = there.flat_map(|(_, there)| &there.images);
        images.any(|one| {
            one.tags.get(REBUILD_OF_TAG) == Some(&of) && one.state == ImageState::Available
        })
    }
}

fn is_running(image: &Image) -> bool {
    matches!(image.state, ImageState::Running(_))
}

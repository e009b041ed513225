//! A pure simulator of what the planner's changes do: enough of Image Builder, KMS and EventBridge to
//! ask whether a plan leads anywhere.

#![allow(dead_code, reason = "each test binary uses a part of it")]

mod delivery;
mod documents;
mod observe;
mod rebuilds;
mod resources;

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::arn::{ImageArn, VersionArn};
use goldsmith_domain::desired::{BaseImage, Desired, Platform, VolumeType};
use goldsmith_domain::names::{AccountId, KeyArn, PipelineArn};
use goldsmith_domain::observed::{
    BaseAmi, Catalog, Configuration, Content, Damage, Depth, Device, Facts, Grant, Image,
    ImageState, KeptInstance, Leftover, OwnAmi, Pipeline, Provenance, Rule, Tags, Target,
    Unreadable,
};
use goldsmith_domain::parents::Parents;
use goldsmith_domain::plan::{Action, Change, Configured, Plan};
use goldsmith_domain::promotion::PROMOTED_TAG;
use goldsmith_domain::publication::Publication;
use goldsmith_domain::resources::{Distribution, Infrastructure, digest_in};
use goldsmith_domain::review::{AccountQuotas, Before, Review, review};
use goldsmith_domain::stack::{ENVIRONMENT_TAG, RECIPENAME_TAG};
use jiff::Timestamp;

pub use documents::*;
pub use observe::plan_of;

pub const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Admin","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}"#;
pub const AMI_A: &str = "ami-0aaaaaaaaaaaaaaaa";
pub const AMI_B: &str = "ami-0bbbbbbbbbbbbbbbb";

/// The simulated account.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    pub pipelines: Vec<Pipeline>,
    pub images: Vec<Image>,
    /// Images that no pipeline built.
    pub foreign: BTreeSet<ImageArn>,
    /// What failed builds have left.
    pub leftovers: BTreeMap<ImageArn, Vec<Leftover>>,
    /// Instances of Image Builder that have not ended.
    pub kept_instances: Vec<KeptInstance>,
    /// What the results of images say against them.
    pub objections: BTreeMap<ImageArn, Vec<String>>,
    /// The accounts that cannot launch anything, and those that nobody may ask.
    pub unable: BTreeSet<AccountId>,
    pub unasked: BTreeSet<AccountId>,
    pub key_policy: String,
    pub rule: Rule,
    /// Each with its content.
    pub infrastructure: Vec<Configuration<Infrastructure>>,
    /// Each with its content.
    pub distributions: Vec<Configuration<Distribution>>,
    pub catalog: Catalog,
    pub facts: Facts,
    pub time: Timestamp,
    /// The AMIs of the building account that images were distributed to.
    pub amis: Vec<OwnAmi>,
    pub further_key_policies: BTreeMap<KeyArn, String>,
    pub bucket_policy: String,
    pub grants: BTreeMap<KeyArn, Vec<Grant>>,
    pub quarantined: BTreeMap<AccountId, String>,
    /// Workload accounts documents that were there once.
    pub deleted_documents: BTreeSet<String>,
    /// What somebody did to what consumers read.
    pub damages: BTreeMap<String, Damage>,
    /// What cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// Which distribution an image was started with.
    pub started_with: BTreeMap<String, Distribution>,
    /// Accounts that build images again.
    pub elsewhere: BTreeMap<Target, rebuilds::There>,
}

impl World {
    pub fn new() -> Self {
        let rule = Rule {
            name: "build".to_owned(),
            schedule: Some("rate(1 day)".to_owned()),
            ..Rule::default()
        };
        let base_amis = [AMI_A, AMI_B].map(|ami| (ami.parse().expect("an AMI"), base_ami()));
        let mut catalog = Catalog {
            base_amis: base_amis.into(),
            ..Catalog::default()
        };
        if let (BaseImage::Parameter(name), BaseImage::Image(arn)) = (parameter(), parent_image()) {
            catalog
                .parameters
                .insert(name, AMI_A.parse().expect("an AMI"));
            catalog.parents.insert(arn, AMI_B.parse().expect("an AMI"));
        }
        Self {
            pipelines: Vec::new(),
            images: Vec::new(),
            foreign: BTreeSet::new(),
            objections: BTreeMap::new(),
            leftovers: BTreeMap::new(),
            kept_instances: Vec::new(),
            unable: BTreeSet::new(),
            unasked: BTreeSet::new(),
            key_policy: POLICY.to_owned(),
            rule,
            infrastructure: Vec::new(),
            distributions: Vec::new(),
            catalog,
            facts: Facts::default(),
            time: "2026-01-01T00:00:00Z".parse().expect("a time"),
            amis: Vec::new(),
            further_key_policies: BTreeMap::new(),
            bucket_policy: String::new(),
            grants: BTreeMap::new(),
            quarantined: BTreeMap::new(),
            deleted_documents: BTreeSet::new(),
            damages: BTreeMap::new(),
            unreadable: Vec::new(),
            started_with: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
        }
    }

    pub fn plan(&self, desired: &Desired) -> Plan {
        plan_of(desired, &self.observe(desired))
    }

    /// What the plan means.
    pub fn review(&self, desired: &Desired) -> Review {
        self.review_with(desired, &AccountQuotas::new())
    }

    /// What the plan means in an account with these quotas.
    pub fn review_with(&self, desired: &Desired, quotas: &AccountQuotas) -> Review {
        let observed = self.observe(desired);
        let plan = plan_of(desired, &observed);
        review(desired, &observed, &plan, &stack(), quotas)
    }

    /// What the plan means if the documents take the place of those `before`.
    pub fn review_replacing(&self, before: Before<'_>, desired: &Desired) -> Review {
        let observed = self.observe(desired);
        let plan = plan_of(desired, &observed);
        self.review(desired)
            .replacing(before, desired, &observed, &plan)
    }

    /// The plan of a run that looks for drift.
    pub fn close_plan(&self, desired: &Desired) -> Plan {
        plan_of(desired, &self.observe_to(desired, Depth::Content))
    }

    /// One run: plan, then make every change.
    pub fn run(&mut self, desired: &Desired) {
        for change in self.plan(desired).changes {
            self.make(&change);
        }
    }

    /// A run in which AWS refuses some changes, and nothing is attempted that needs what they make.
    pub fn run_refusing(&mut self, desired: &Desired, mut refuses: impl FnMut(&Change) -> bool) {
        let mut missing = Vec::new();
        for change in self.plan(desired).changes {
            if refuses(&change) || change.needs.iter().any(|need| missing.contains(need)) {
                missing.extend(change.provides.clone());
            } else {
                self.make(&change);
            }
        }
    }

    /// A run whose changes are made side by side, as far as their lanes and needs let them, and that ends after
    /// as many as there are choices; each chooses among the changes that may come next.
    pub fn run_side_by_side(&mut self, desired: &Desired, choices: &[usize]) {
        let mut left = self.plan(desired).changes;
        for choice in choices {
            let next: Vec<usize> = (0..left.len())
                .filter(|number| may_come_next(&left[*number], &left[..*number]))
                .collect();
            let Some(number) = next.get(choice % next.len().max(1)) else {
                return;
            };
            let change = left.remove(*number);
            self.make(&change);
        }
    }

    /// The hourly run, which looks closely.
    pub fn run_closely(&mut self, desired: &Desired) {
        for change in self.close_plan(desired).changes {
            self.make(&change);
        }
    }

    /// Runs and builds until nothing is left to do, and no hourly run finds anything either.
    pub fn settle(&mut self, desired: &Desired) {
        for _ in 0..12 {
            let before = self.clone();
            self.run(desired);
            self.finish_builds();
            if *self == before {
                self.run_closely(desired);
            }
            if *self == before {
                break;
            }
        }
    }

    pub fn pipeline(&self, name: &str) -> &Pipeline {
        let of_name = |pipeline: &&Pipeline| {
            pipeline
                .arn
                .as_str()
                .ends_with(&format!("/mstr-nonprod-{name}"))
        };
        self.pipelines
            .iter()
            .find(of_name)
            .expect("the pipeline exists")
    }

    pub(super) fn pipeline_mut(&mut self, arn: &str) -> &mut Pipeline {
        self.pipelines
            .iter_mut()
            .find(|pipeline| pipeline.arn.as_str() == arn)
            .expect("the pipeline exists")
    }

    /// Writes everything that consumers read of a publication.
    fn repair(&mut self, published: &Publication) {
        for part in published.parts() {
            self.damages.remove(&part);
        }
    }

    /// What AWS does on a change; it refuses what AWS refuses, by panicking.
    pub fn make(&mut self, change: &Change) {
        match &change.action {
            Action::GrantKeyAccess(put) | Action::RevokeKeyAccess(put) => self.put_key_policy(put),
            Action::PutRule(rule) => self.rule = rule.clone(),
            Action::CreateComponent(create) => self.create_component(create),
            Action::CreateInfrastructure(wanted) => {
                add(&mut self.infrastructure, wanted, self.time);
            }
            Action::UpdateInfrastructure(wanted) => {
                set(&mut self.infrastructure, wanted, self.time);
            }
            Action::CreateDistribution(wanted) => add(&mut self.distributions, wanted, self.time),
            Action::UpdateDistribution(wanted) => set(&mut self.distributions, wanted, self.time),
            Action::CreateRecipe(create) => self.create_recipe(create),
            Action::CreatePipeline(create) => self.create_pipeline(create),
            Action::UpdatePipeline(update) => self.update_pipeline(update),
            Action::TagPipeline(tag) => self.tag(&tag.arn, tag.tags.clone()),
            Action::Publish(publish) => {
                self.tag(&publish.pipeline, publish.tags("0"));
                let (stack, image) = (stack(), &publish.image);
                let mut images = self.images.iter_mut();
                let found = images.find(|one| one.arn == *image).expect("the image");
                found
                    .tags
                    .insert(PROMOTED_TAG.to_owned(), "nothing".to_owned());
                let published =
                    Publication::of_image(&stack, &publish.recipename, image, &publish.amis);
                self.repair(&published);
                let manifest = publish.manifest.file(&Parents::default());
                self.damages.remove(&manifest.key);
            }
            Action::StartBuild(start) => {
                let pipeline = self.pipeline_mut(start.pipeline.as_str());
                let recipe = pipeline.recipe.clone().expect("a recipe");
                self.start(&recipe);
                let image = self.images.last_mut().expect("the build");
                image.tags.extend(start.tags.clone());
            }
            Action::PutBucketPolicy(_)
            | Action::Share(_)
            | Action::Withdraw(_)
            | Action::RevokeGrant(_)
            | Action::DistributeImage(_)
            | Action::RetryImage(_)
            | Action::DeleteDistribution(_)
            | Action::PublishCopies(_)
            | Action::CleanUpImage(_)
            | Action::LabelImage(_)
            | Action::EndInstance(_) => self.deliver(change),
            Action::Rebuild(rebuild) => self.rebuild(rebuild),
            Action::CleanUpRebuild(clean_up) => self.clean_up(clean_up),
        }
    }

    pub fn tag(&mut self, pipeline: &PipelineArn, tags: Tags) {
        self.pipeline_mut(pipeline.as_str()).tags.extend(tags);
    }

    /// A build needs its parent's image at least when it starts.
    pub fn start(&mut self, recipe: &VersionArn) {
        let parent = &self.catalog.contents[recipe].parent;
        if parent.contains(":111122223333:image/") {
            let available = |image: &&Image| image.state == ImageState::Available;
            let mut of_parent = self
                .images
                .iter()
                .filter(|image| image.arn.to_string().starts_with(parent.as_str()));
            assert!(
                of_parent.any(|image| available(&image)),
                "no image of {parent} to build on"
            );
        }
        let builds = self
            .images
            .iter()
            .filter(|image| image.arn.is_of(recipe))
            .count();
        let arn = format!(
            "{}/{}",
            recipe.to_string().replace(":image-recipe/", ":image/"),
            builds + 1
        );
        let pipeline = self
            .pipelines
            .iter()
            .find(|pipeline| pipeline.recipe.as_ref() == Some(recipe));
        let pipeline = pipeline.expect("a pipeline");
        let (distribution, tags) = (
            pipeline.distribution.clone().expect("a distribution"),
            pipeline.tags.clone(),
        );
        let tags = tags
            .into_iter()
            .filter(|(key, _)| [ENVIRONMENT_TAG, RECIPENAME_TAG].contains(&key.as_str()))
            .collect();
        let standing = self
            .distributions
            .iter()
            .find(|standing| standing.arn == distribution);
        let content = standing
            .and_then(|standing| standing.content.clone())
            .expect("its content")
            .known;
        self.begin(&arn, content, tags);
    }
}

/// Leaves only the content that was asked for.
fn strip<T>(all: &mut [Configuration<T>], wanted: &BTreeSet<String>) {
    for configuration in all
        .iter_mut()
        .filter(|configuration| !wanted.contains(&configuration.arn))
    {
        configuration.content = None;
    }
}

fn add<T: Clone>(all: &mut Vec<Configuration<T>>, change: &Configured<T>, now: Timestamp) {
    assert!(
        all.iter().all(|existing| existing.arn != change.arn),
        "exists"
    );
    let (arn, tags) = (change.arn.clone(), change.tags.clone());
    all.push(Configuration {
        arn,
        tags,
        digest: digest_in(&change.description),
        updated: Some(now),
        content: Some(content(change)),
    });
}

/// An update replaces everything but the tags.
fn set<T: Clone>(all: &mut [Configuration<T>], change: &Configured<T>, now: Timestamp) {
    let existing = all
        .iter_mut()
        .find(|existing| existing.arn == change.arn)
        .expect("it exists");
    existing.digest = digest_in(&change.description);
    existing.updated = Some(now);
    existing.content = Some(content(change));
}

fn content<T: Clone>(change: &Configured<T>) -> Content<T> {
    Content {
        known: change.content.clone(),
        others: BTreeMap::new(),
    }
}

pub fn base_ami() -> BaseAmi {
    let device = Device {
        name: "/dev/xvda".to_owned(),
        size_gib: 8,
        volume_type: VolumeType::Gp3,
    };
    BaseAmi {
        provenance: Provenance {
            account: Some("137112412989".parse().expect("an account")),
            alias: Some("amazon".to_owned()),
            name: "al2023-ami-x86_64".to_owned(),
            created: Some("2025-12-01T00:00:00Z".parse().expect("a time")),
            public: true,
        },
        available: true,
        platform: Platform::Linux,
        architecture: "x86_64".to_owned(),
        deprecated: None,
        platform_details: "Linux/UNIX".to_owned(),
        usage_operation: "RunInstances".to_owned(),
        product_codes: Vec::new(),
        root_device: "/dev/xvda".to_owned(),
        devices: vec![device],
    }
}

/// Whether a change may be made before those that stand before it and are not made yet.
fn may_come_next(change: &Change, before: &[Change]) -> bool {
    before.iter().all(|earlier| {
        let is_needed = earlier
            .provides
            .iter()
            .any(|provided| change.needs.contains(provided));
        let is_apart = !earlier.is_made_alone() && !change.is_made_alone();
        is_apart && !is_needed && earlier.lane() != change.lane()
    })
}

//! A pure simulator of what the planner's changes do: enough of Image Builder, KMS and EventBridge to
//! ask whether a plan leads anywhere.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use goldsmith_domain::arn::VersionArn;
use goldsmith_domain::desired::{
    BaseImage, ComponentDocument, ComponentRef, ComponentUse, Consumer, Desired, Drift, Instances, Platform,
    RecipeEntry, RegionSettings, ScheduledName, Volume, VolumeType,
};
use goldsmith_domain::digest;
use goldsmith_domain::observed::{
    BaseAmi, Catalog, Component, Configuration, Device, Image, ImageState, Observed, Pipeline,
    PipelineStatus, Recipe, Rule,
};
use goldsmith_domain::plan::{Change, Configured, PUBLISHED_TAG, Plan, needs_catalog, plan};
use goldsmith_domain::problem::Place;
use goldsmith_domain::resources::digest_in;
use goldsmith_domain::site::Site;

pub const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Admin","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}"#;
pub const AMI_A: &str = "ami-0aaaaaaaaaaaaaaaa";
pub const AMI_B: &str = "ami-0bbbbbbbbbbbbbbbb";

pub fn site() -> Site {
    Site {
        environment: "nonprod".parse().expect("an environment"),
        account: "111122223333".parse().expect("an account"),
        region: "us-east-1".parse().expect("a Region"),
        key: "arn:aws:kms:us-east-1:111122223333:key/1234".parse().expect("a key"),
        instance_profile: "goldsmith-nonprod".to_owned(),
    }
}

pub fn place() -> Place {
    Place { file: "ami-versions.json".to_owned(), line: 1, column: 1 }
}

pub fn entry(name: &str, ami: &str) -> RecipeEntry {
    RecipeEntry {
        name: name.parse().expect("a name"),
        base: BaseImage::Ami(ami.parse().expect("an AMI")),
        platform: None,
        description: None,
        tags: BTreeMap::new(),
        components: Vec::new(),
        place: place(),
    }
}

pub fn scheduled(name: &str) -> ScheduledName {
    ScheduledName { name: name.parse().expect("a name"), place: place() }
}

pub fn consumer(account: &str, roles: &[&str]) -> Consumer {
    Consumer {
        account: account.parse().expect("an account"),
        roles: roles.iter().map(|role| role.parse().expect("a role")).collect(),
        regions: ["us-east-1".parse().expect("a Region")].into(),
    }
}

pub fn document(data: &str) -> ComponentUse {
    ComponentUse::from(ComponentRef::Document(ComponentDocument {
        key: "components/harden.yml".to_owned(),
        stem: "harden".to_owned(),
        platform: Platform::Linux,
        data: data.to_owned(),
        digest: digest::of_bytes(data.as_bytes()),
    }))
}

/// The sample: two versions on one base AMI, one component of ours, one consumer.
pub fn desired() -> Desired {
    Desired {
        environment: "nonprod".parse().expect("an environment"),
        family: "mstr".parse().expect("a family"),
        regions: [("us-east-1".parse().expect("a Region"), RegionSettings::default())].into(),
        schedule: Some("cron(0 6 ? * SUN *)".parse().expect("a schedule")),
        instances: Instances { types: vec!["m6i.large".to_owned()], ..Instances::default() },
        volumes: vec![Volume { size_gib: 30, volume_type: VolumeType::Gp3, iops: None, throughput: None }],
        build_components: vec![document("harden")],
        test_components: Vec::new(),
        compliance: None,
        drift: Drift::default(),
        pause: false,
        consumers: vec![consumer("222222222222", &["arn:aws:iam::222222222222:role/mstr-launch"])],
        tags: [("Owner".to_owned(), "ccoe".to_owned())].into(),
        recipes: vec![entry("110304", AMI_A), entry("110302", AMI_A)],
        scheduled: vec![scheduled("110304")],
        notes: Vec::new(),
    }
}

/// The simulated account.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    pub pipelines: Vec<Pipeline>,
    pub images: Vec<Image>,
    pub key_policy: String,
    pub rule: Rule,
    pub infrastructure: Vec<Configuration>,
    pub distributions: Vec<Configuration>,
    /// What each configuration says, by ARN.
    pub contents: BTreeMap<String, String>,
    pub catalog: Catalog,
}

impl World {
    pub fn new() -> Self {
        let rule =
            Rule { name: "build".to_owned(), schedule: Some("rate(1 day)".to_owned()), ..Rule::default() };
        let base_amis = [AMI_A, AMI_B].map(|ami| (ami.parse().expect("an AMI"), base_ami()));
        let catalog = Catalog { base_amis: base_amis.into(), ..Catalog::default() };
        Self {
            pipelines: Vec::new(),
            images: Vec::new(),
            key_policy: POLICY.to_owned(),
            rule,
            infrastructure: Vec::new(),
            distributions: Vec::new(),
            contents: BTreeMap::new(),
            catalog,
        }
    }

    pub fn observe(&self, desired: &Desired) -> Observed {
        let catalog = needs_catalog(desired, &self.pipelines, &site()).then(|| self.catalog.clone());
        let Self { pipelines, images, key_policy, rule, infrastructure, distributions, .. } = self.clone();
        Observed { pipelines, images, key_policy, rule, infrastructure, distributions, catalog }
    }

    pub fn plan(&self, desired: &Desired) -> Plan {
        plan(desired, &self.observe(desired), &site())
    }

    /// One run: plan, then make every change.
    pub fn run(&mut self, desired: &Desired) {
        for change in self.plan(desired).changes {
            self.make(&change);
        }
    }

    /// Runs and builds until nothing is left to do.
    pub fn settle(&mut self, desired: &Desired) {
        for _ in 0..4 {
            self.run(desired);
            self.finish_builds();
        }
    }

    /// Every running build becomes available, with an AMI of its own.
    pub fn finish_builds(&mut self) {
        for image in &mut self.images {
            if matches!(image.state, ImageState::Running(_)) {
                image.state = ImageState::Available;
                let id = digest::of_value(&image.arn).as_str()[..17].to_owned();
                image.amis =
                    [("us-east-1".parse().expect("a Region"), format!("ami-{id}").parse().expect("an AMI"))]
                        .into();
            }
        }
    }

    pub fn pipeline(&self, name: &str) -> &Pipeline {
        let of_name =
            |pipeline: &&Pipeline| pipeline.arn.as_str().ends_with(&format!("/mstr-nonprod-{name}"));
        self.pipelines.iter().find(of_name).expect("the pipeline exists")
    }

    fn pipeline_mut(&mut self, arn: &str) -> &mut Pipeline {
        self.pipelines.iter_mut().find(|pipeline| pipeline.arn.as_str() == arn).expect("the pipeline exists")
    }

    /// What AWS does on a change; it refuses what AWS refuses, by panicking.
    pub fn make(&mut self, change: &Change) {
        match change {
            Change::PutKeyPolicy(change) => self.key_policy.clone_from(&change.policy),
            Change::PutRule(rule) => self.rule = rule.clone(),
            Change::CreateComponent(change) => {
                assert!(self.catalog.components.iter().all(|existing| existing.arn != change.arn), "exists");
                self.catalog
                    .components
                    .push(Component { arn: change.arn.clone(), tags: change.tags.clone() });
            }
            Change::CreateInfrastructure(change) => {
                add(&mut self.infrastructure, &mut self.contents, change);
            }
            Change::UpdateInfrastructure(change) => {
                set(&mut self.infrastructure, &mut self.contents, change);
            }
            Change::CreateDistribution(change) => {
                add(&mut self.distributions, &mut self.contents, change);
            }
            Change::UpdateDistribution(change) => {
                set(&mut self.distributions, &mut self.contents, change);
            }
            Change::CreateRecipe(change) => {
                assert!(self.catalog.recipes.iter().all(|existing| existing.arn != change.arn), "exists");
                self.catalog.recipes.push(Recipe { arn: change.arn.clone(), tags: change.tags.clone() });
            }
            Change::CreatePipeline(change) => {
                assert!(
                    self.catalog.recipes.iter().any(|recipe| recipe.arn == change.recipe),
                    "no such recipe"
                );
                self.pipelines.push(Pipeline {
                    arn: change.arn.clone(),
                    status: PipelineStatus::Enabled,
                    recipe: Some(change.recipe.clone()),
                    infrastructure: change.infrastructure.clone(),
                    distribution: Some(change.distribution.clone()),
                    tags: change.tags.clone(),
                });
            }
            Change::UpdatePipeline(change) => {
                assert!(
                    self.catalog.recipes.iter().any(|recipe| recipe.arn == change.recipe),
                    "no such recipe"
                );
                let pipeline = self.pipeline_mut(change.arn.as_str());
                pipeline.recipe = Some(change.recipe.clone());
                pipeline.infrastructure.clone_from(&change.infrastructure);
                pipeline.distribution = Some(change.distribution.clone());
                pipeline.status.clone_from(&change.status);
            }
            Change::TagPipeline(change) => {
                self.pipeline_mut(change.arn.as_str()).tags.extend(change.tags.clone());
            }
            Change::Publish(change) => {
                let tag = (PUBLISHED_TAG.to_owned(), change.image.to_string());
                self.pipeline_mut(change.pipeline.as_str()).tags.extend([tag]);
            }
            Change::StartBuild(change) => {
                let recipe = self.pipeline_mut(change.pipeline.as_str()).recipe.clone().expect("a recipe");
                self.start(&recipe);
            }
        }
    }

    pub fn start(&mut self, recipe: &VersionArn) {
        let builds = self.images.iter().filter(|image| image.arn.is_of(recipe)).count();
        let arn = format!("{}/{}", recipe.to_string().replace(":image-recipe/", ":image/"), builds + 1);
        self.images.push(Image {
            arn: arn.parse().expect("an image ARN"),
            state: ImageState::Running("BUILDING".to_owned()),
            reason: None,
            amis: BTreeMap::new(),
        });
    }
}

fn add<T: Debug>(
    all: &mut Vec<Configuration>,
    contents: &mut BTreeMap<String, String>,
    change: &Configured<T>,
) {
    assert!(all.iter().all(|existing| existing.arn != change.arn), "exists");
    let digest = digest_in(&change.description);
    all.push(Configuration { arn: change.arn.clone(), tags: change.tags.clone(), digest });
    contents.insert(change.arn.clone(), format!("{:?}", change.content));
}

/// An update replaces everything but the tags.
fn set<T: Debug>(all: &mut [Configuration], contents: &mut BTreeMap<String, String>, change: &Configured<T>) {
    let existing = all.iter_mut().find(|existing| existing.arn == change.arn).expect("it exists");
    existing.digest = digest_in(&change.description);
    contents.insert(change.arn.clone(), format!("{:?}", change.content));
}

fn base_ami() -> BaseAmi {
    let device = Device { name: "/dev/xvda".to_owned(), size_gib: 8, volume_type: VolumeType::Gp3 };
    BaseAmi {
        available: true,
        platform: Platform::Linux,
        root_device: "/dev/xvda".to_owned(),
        devices: vec![device],
    }
}

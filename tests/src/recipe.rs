//! What exists for an entry of `ami-version`, as Image Builder, S3 and SSM show it.

use std::collections::BTreeMap;

use local_stack::REGION;
use local_stack::aws::{Aws, CallError, Distribution, Image, Pipeline};

use crate::Factory;

/// The tag that says which entry of the document a pipeline is for.
const RECIPENAME_TAG: &str = "goldsmith:recipename";

/// A recipe with its pipeline and everything it has built.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Its name in the document.
    pub name: String,
    /// The version that the pipeline builds.
    pub version: String,
    /// The base AMI of that version.
    pub base_ami: String,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Where its images go, by Region.
    pub distributions: Vec<Distribution>,
    /// Its builds, oldest first.
    pub builds: Vec<Build>,
}

/// A build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The image build version.
    pub arn: String,
    /// The recipe version and the number of the build, such as `1.0.0/2`.
    pub version: String,
    /// `AVAILABLE` and so on.
    pub state: String,
    /// The building account's AMIs by Region.
    pub amis: BTreeMap<String, String>,
}

/// What consumers read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// `ami_ids` of `image.json`.
    pub ami_ids: BTreeMap<String, String>,
    /// `ami_id` of each `image-<region>.json`.
    pub by_region: BTreeMap<String, String>,
    /// The SSM parameter.
    pub parameter: Option<String>,
}

impl Recipe {
    /// The newest build.
    pub fn newest(&self) -> &Build {
        self.builds
            .last()
            .unwrap_or_else(|| panic!("{} has no build", self.name))
    }

    /// The versions of all builds, oldest first.
    pub fn build_versions(&self) -> Vec<&str> {
        self.builds
            .iter()
            .map(|build| build.version.as_str())
            .collect()
    }

    /// The accounts that its images in `region` are to be shared with.
    pub fn shared_with_in(&self, region: &str) -> Vec<&str> {
        let here = self
            .distributions
            .iter()
            .filter(|distribution| distribution.region == region);
        here.flat_map(Distribution::shared_with)
            .map(String::as_str)
            .collect()
    }

    /// The accounts that its images are to be shared with where they are built.
    pub fn shared_with(&self) -> Vec<&str> {
        self.shared_with_in(REGION)
    }

    pub(crate) async fn read(aws: &Aws, pipeline: Pipeline) -> Result<Self, CallError> {
        let recipe = aws.image_recipe(&pipeline.image_recipe_arn).await?;
        let distribution = pipeline
            .distribution_configuration_arn
            .as_deref()
            .unwrap_or_default();
        Ok(Self {
            name: pipeline
                .tags
                .get(RECIPENAME_TAG)
                .unwrap_or(&pipeline.name)
                .clone(),
            version: recipe.version,
            base_ami: recipe.parent_image,
            distributions: aws.distributions(distribution).await?,
            builds: builds(aws, &pipeline.arn).await?,
            pipeline,
        })
    }
}

async fn builds(aws: &Aws, pipeline: &str) -> Result<Vec<Build>, CallError> {
    let mut builds: Vec<_> = aws
        .images_of(pipeline)
        .await?
        .into_iter()
        .map(Build::from)
        .collect();
    builds.sort_by_key(|build| numbers(&build.version));
    Ok(builds)
}

impl From<Image> for Build {
    fn from(image: Image) -> Self {
        // arn:aws:imagebuilder:us-east-1:111122223333:image/<name>/<version>/<build>
        let version = image
            .arn
            .splitn(3, '/')
            .nth(2)
            .unwrap_or_default()
            .to_owned();
        let account = image.arn.split(':').nth(4).unwrap_or_default().to_owned();
        let ours = image
            .output_resources
            .amis
            .into_iter()
            .filter(|ami| ami.account_id == account);
        let amis = ours.map(|ami| (ami.region, ami.image)).collect();
        Self {
            arn: image.arn,
            version,
            state: image.state.status,
            amis,
        }
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version
        .split(['.', '/'])
        .filter_map(|number| number.parse().ok())
        .collect()
}

impl Published {
    /// What is published once `build` is.
    pub fn of(build: &Build) -> Self {
        Self {
            ami_ids: build.amis.clone(),
            by_region: build.amis.clone(),
            parameter: build.amis.get(REGION).cloned(),
        }
    }
}

impl Factory {
    /// Every recipe that has a pipeline, by name.
    pub async fn recipes(&self) -> BTreeMap<String, Recipe> {
        let mut recipes = BTreeMap::new();
        for pipeline in self.aws.image_pipelines().await.expect("pipelines") {
            let recipe = Recipe::read(&self.aws, pipeline).await.expect("a recipe");
            recipes.insert(recipe.name.clone(), recipe);
        }
        recipes
    }

    /// The recipe of this name, which must have a pipeline.
    pub async fn recipe(&self, name: &str) -> Recipe {
        self.recipes()
            .await
            .remove(name)
            .unwrap_or_else(|| panic!("{name} has no pipeline"))
    }

    /// What is published for a recipe, which must be something.
    pub async fn published(&self, recipe: &str) -> Published {
        let image = self
            .output_json(&format!("images/{recipe}/image.json"))
            .await
            .expect("image.json");
        let mut by_region = BTreeMap::new();
        for key in self
            .output_keys(&format!("images/{recipe}/image-"))
            .await
            .expect("keys")
        {
            let region = key
                .rsplit_once("/image-")
                .map_or("", |(_, name)| name.trim_end_matches(".json"));
            let file = self.output_json(&key).await.expect("image-<region>.json");
            by_region.insert(
                region.to_owned(),
                file["ami_id"].as_str().unwrap_or_default().to_owned(),
            );
        }
        let parameter = format!("/goldsmith/nonprod/{recipe}/ami-id");
        Published {
            ami_ids: serde_json::from_value(image["ami_ids"].clone()).expect("ami_ids by Region"),
            by_region,
            parameter: self.aws.parameter(&parameter).await.expect("a parameter"),
        }
    }

    /// Asserts that `image.json`, `image-<region>.json` and the parameter all name this build.
    pub async fn assert_published(&self, recipe: &str, build: &Build) {
        assert!(!build.amis.is_empty(), "{build:?} made no AMI");
        assert_eq!(
            self.published(recipe).await,
            Published::of(build),
            "published for {recipe}"
        );
    }
}

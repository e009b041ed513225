//! Everything that is left in the end, told so that two worlds with the same outcome are equal:
//! dates and random ids are left out, and an AMI is called by the image that it belongs to.

use std::collections::BTreeMap;

use goldsmith_domain::digest;
use goldsmith_domain::plan::{MANIFEST_TAG, PUBLISHED_COPIES_TAG};
use imagebuilder_emulator::Emulator;
use regex_lite::Regex;
use serde_json::{Value, json};

use super::documents::{BUILDER, FURTHER_KEY, KEY};
use super::emulated::{ec2, get, list, list_in};
use super::{EXPIRED_LEASE, World};

/// The pipeline's tags that hold digests of random ids. What they are of is told itself.
const OF_RANDOM_IDS: [&str; 2] = [PUBLISHED_COPIES_TAG, MANIFEST_TAG];

/// Lists, and what gets each of their items: operation and parameter.
const KINDS: [(&str, (&str, &str)); 6] = [
    (
        "ListComponentBuildVersions",
        ("GetComponent", "componentBuildVersionArn"),
    ),
    ("ListImageRecipes", ("GetImageRecipe", "imageRecipeArn")),
    (
        "ListInfrastructureConfigurations",
        (
            "GetInfrastructureConfiguration",
            "infrastructureConfigurationArn",
        ),
    ),
    (
        "ListDistributionConfigurations",
        (
            "GetDistributionConfiguration",
            "distributionConfigurationArn",
        ),
    ),
    (
        "ListImagePipelines",
        ("GetImagePipeline", "imagePipelineArn"),
    ),
    (
        "ListImageBuildVersions",
        ("GetImage", "imageBuildVersionArn"),
    ),
];

impl World {
    /// The final world, as text that can be compared and read.
    pub async fn snapshot(&self) -> String {
        let resources = resources(&self.emulator).await;
        let there = elsewhere(&self.emulator).await;
        let names = ami_names(&resources).chain(ami_names(&there));
        let names: Vec<(String, String)> = names.chain(self.checksums()).collect();
        let policies = [KEY, FURTHER_KEY].map(|key| self.cloud.policy_of(key));
        let grants = [KEY, FURTHER_KEY].map(|key| self.cloud.keys(|keys| keys.grants(key)));
        let cloud = json!({
            "output": self.output(),
            "key-policies": policies,
            "bucket-policy": self.cloud.bucket_policy(),
            "rule": self.cloud.rule(),
            "parameters": self.cloud.parameters(),
            "amis": owned_amis(&self.emulator).await,
            "grants": grants,
            "elsewhere": Value::from_iter(there),
        });
        let text = format!("{:#}\n{cloud:#}", Value::from_iter(resources));
        let text = names
            .iter()
            .fold(text, |text, (ami, name)| text.replace(ami.as_str(), name));
        // An image that makes copies is called by the time at which it was asked for.
        let time = Regex::new(r"-\d{4}-\d{2}-\d{2}t\d{2}-\d{2}-\d{2}-\d{6}z").expect("a pattern");
        time.replace_all(&text, "").into_owned()
    }

    /// The checksums of what is published, which depend on random ids, and what to call them.
    fn checksums(&self) -> impl Iterator<Item = (String, String)> {
        let published = self.cloud.published().into_iter();
        published.map(|(key, object)| {
            let checksum = digest::of_bytes(object.content.as_bytes());
            (checksum.to_string(), format!("<checksum of {key}>"))
        })
    }

    /// What is published, and the leases that somebody could still wait for.
    fn output(&self) -> BTreeMap<String, Value> {
        let mut objects = self.cloud.output();
        objects.retain(|_, object| object.content != EXPIRED_LEASE);
        objects.extend(self.cloud.published());
        objects
            .into_iter()
            .map(|(key, object)| {
                (
                    key,
                    json!({"content": object.content, "metadata": object.metadata}),
                )
            })
            .collect()
    }
}

/// What another account has: images, and what is left of their builds.
async fn elsewhere(emulator: &Emulator) -> BTreeMap<String, Value> {
    let mut there = BTreeMap::new();
    for (operation, _) in KINDS
        .into_iter()
        .filter(|(operation, _)| *operation != "ListComponentBuildVersions")
    {
        for item in list_in(emulator, BUILDER, operation).await {
            there.insert(
                item["arn"].as_str().expect("an ARN").to_owned(),
                timeless(item),
            );
        }
    }
    there
}

async fn resources(emulator: &Emulator) -> BTreeMap<String, Value> {
    let mut resources = BTreeMap::new();
    for (operation, (getter, parameter)) in KINDS {
        for item in list(emulator, operation).await {
            let arn = item["arn"].as_str().expect("an ARN").to_owned();
            let whole = get(emulator, getter, parameter, &arn).await;
            resources.insert(arn, timeless(whole));
        }
    }
    resources
}

/// How many AMIs the account has in each Region, whoever lists them.
async fn owned_amis(emulator: &Emulator) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for region in ["us-east-1", "eu-west-1"] {
        let answer = ec2(emulator, region, "Action=DescribeImages&Owner.1=self").await;
        counts.insert(region, answer.matches("<imageId>").count());
    }
    counts
}

/// Without dates, also without the one at the end of an AMI's name, and without the digest of random ids.
fn timeless(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let is_told = |name: &str| !name.starts_with("date") && !OF_RANDOM_IDS.contains(&name);
            let kept = members.into_iter().filter(|(name, _)| is_told(name));
            Value::Object(kept.map(|(name, value)| (name, timeless(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(timeless).collect()),
        Value::String(text) => text.split(" 20").next().unwrap_or_default().into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// The ids of the AMIs of every image, and what to call them.
fn ami_names(resources: &BTreeMap<String, Value>) -> impl Iterator<Item = (String, String)> {
    let images = resources.iter().filter(|(arn, _)| arn.contains(":image/"));
    images.flat_map(|(arn, image)| {
        let amis = image["outputResources"]["amis"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        amis.into_iter().filter_map(move |ami| {
            let (account, region) = (ami["accountId"].as_str()?, ami["region"].as_str()?);
            let name = format!("<AMI of {arn} in {region} of {account}>");
            Some((ami["image"].as_str()?.to_owned(), name))
        })
    })
}

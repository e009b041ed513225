//! Reads what exists: pipelines, their newest images, and the AMIs as EC2 shows them.

use std::collections::{BTreeMap, BTreeSet};

use local_stack::Stack;
use local_stack::aws::{Ami, Aws, CallError, Image, Pipeline};

use super::summary::{RecipeRow, Results};

/// The tag that says which entry of the document a pipeline is for.
const RECIPENAME_TAG: &str = "goldsmith:recipename";

/// A row for each pipeline, in the order of their names.
pub async fn recipes(aws: &Aws) -> Result<Vec<RecipeRow>, CallError> {
    let mut rows = Vec::new();
    for pipeline in pipelines(aws).await? {
        if let Some(image) = newest_image(aws, &pipeline).await? {
            rows.push(row(aws, &pipeline, &image).await?);
        }
    }
    Ok(rows)
}

/// Adds what is published of copies: `images/<recipename>/<account>/image-<region>.json`.
pub async fn add_copies(stack: &Stack, recipes: &mut [RecipeRow]) -> Result<(), CallError> {
    for recipe in recipes {
        for key in stack
            .output_keys(&format!("images/{}/", recipe.recipename))
            .await?
        {
            if let [_, _, account, _] = key.split('/').collect::<Vec<_>>().as_slice() {
                let ami = stack.output_json(&key).await?["ami_id"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                recipe.copied_to.insert((*account).to_owned(), ami);
            }
        }
    }
    Ok(())
}

/// ARNs of every image of every pipeline.
pub async fn builds(aws: &Aws) -> Result<Vec<String>, CallError> {
    let mut arns = Vec::new();
    for pipeline in pipelines(aws).await? {
        arns.extend(
            aws.images_of(&pipeline.arn)
                .await?
                .into_iter()
                .map(|image| image.arn),
        );
    }
    arns.sort();
    Ok(arns)
}

/// The state of every image, by the name of its recipe and its version.
pub async fn states(aws: &Aws) -> Result<BTreeMap<String, String>, CallError> {
    let mut states = BTreeMap::new();
    for pipeline in pipelines(aws).await? {
        for image in aws.images_of(&pipeline.arn).await? {
            states.insert(
                format!("{} {}", recipename(&pipeline), version(&image.arn)),
                image.state.status,
            );
        }
    }
    Ok(states)
}

async fn pipelines(aws: &Aws) -> Result<Vec<Pipeline>, CallError> {
    let mut pipelines = aws.image_pipelines().await?;
    pipelines.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pipelines)
}

/// The image with the highest build version of the pipeline's recipe.
async fn newest_image(aws: &Aws, pipeline: &Pipeline) -> Result<Option<Image>, CallError> {
    let images = aws.images_of(&pipeline.arn).await?;
    let newest = images
        .into_iter()
        .max_by_key(|image| numbers(version(&image.arn)));
    match newest {
        Some(image) => aws.image(&image.arn).await.map(Some),
        None => Ok(None),
    }
}

async fn row(aws: &Aws, pipeline: &Pipeline, image: &Image) -> Result<RecipeRow, CallError> {
    let recipe = aws.image_recipe(&pipeline.image_recipe_arn).await?;
    let amis = amis(aws, image).await?;
    Ok(RecipeRow {
        recipename: recipename(pipeline).to_owned(),
        version: version(&image.arn).to_owned(),
        recipe_arn: pipeline.image_recipe_arn.clone(),
        pipeline_arn: pipeline.arn.clone(),
        image_arn: image.arn.clone(),
        state: image.state.status.clone(),
        base_ami: recipe.parent_image,
        encrypted: !amis.is_empty() && amis.values().all(Ami::is_encrypted),
        kms_key: amis
            .iter()
            .filter_map(|(region, ami)| Some((region.clone(), key(ami)?)))
            .collect(),
        shared_with: shared_with(&amis),
        copied_to: BTreeMap::new(),
        results: Results::default(),
        amis: amis
            .into_iter()
            .map(|(region, ami)| (region, ami.id))
            .collect(),
    })
}

/// The AMIs of the image that EC2 knows, by Region.
async fn amis(aws: &Aws, image: &Image) -> Result<BTreeMap<String, Ami>, CallError> {
    let mut found = BTreeMap::new();
    for made in &image.output_resources.amis {
        let there = aws.in_account(&made.account_id).in_region(&made.region);
        if let Some(ami) = there.ami(&made.image).await? {
            found.insert(made.region.clone(), ami);
        }
    }
    Ok(found)
}

/// The key of all volumes; none if they differ.
fn key(ami: &Ami) -> Option<String> {
    let keys: BTreeSet<_> = ami
        .volumes
        .iter()
        .map(|volume| volume.kms_key_id.clone())
        .collect();
    keys.into_iter().reduce(|_, _| None).flatten()
}

fn shared_with(amis: &BTreeMap<String, Ami>) -> Vec<String> {
    let shares = amis
        .values()
        .map(|ami| ami.shared_with.iter().cloned().collect::<BTreeSet<_>>());
    let common = shares.reduce(|a, b| a.intersection(&b).cloned().collect());
    common.unwrap_or_default().into_iter().collect()
}

/// The tag, or the whole name of a pipeline that has none.
fn recipename(pipeline: &Pipeline) -> &str {
    pipeline.tags.get(RECIPENAME_TAG).unwrap_or(&pipeline.name)
}

/// `1.0.0/2` of `arn:aws:imagebuilder:us-east-1:111122223333:image/name/1.0.0/2`.
fn version(image_arn: &str) -> &str {
    image_arn.splitn(3, '/').nth(2).unwrap_or(image_arn)
}

fn numbers(version: &str) -> Vec<u64> {
    version
        .split(['.', '/'])
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use local_stack::aws::Volume;

    use super::*;

    fn ami(keys: &[Option<&str>], shared_with: &[&str]) -> Ami {
        let volume = |key: Option<&str>| Volume {
            device: "/dev/xvda".to_owned(),
            size_gib: 8,
            snapshot_id: "snap-1".to_owned(),
            encrypted: key.is_some(),
            kms_key_id: key.map(str::to_owned),
            tags: BTreeMap::new(),
        };
        Ami {
            id: "ami-1".to_owned(),
            state: "available".to_owned(),
            volumes: keys.iter().copied().map(volume).collect(),
            shared_with: shared_with
                .iter()
                .map(|&account| account.to_owned())
                .collect(),
            shared_with_organizations: Vec::new(),
            deprecated_at: None,
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn one_plain_volume_makes_an_ami_unencrypted() {
        assert!(ami(&[Some("key")], &[]).is_encrypted());
        assert!(!ami(&[Some("key"), None], &[]).is_encrypted());
        assert_eq!(key(&ami(&[Some("key"), None], &[])), None);
        assert_eq!(
            key(&ami(&[Some("key"), Some("key")], &[])),
            Some("key".to_owned())
        );
    }

    #[test]
    fn shared_means_shared_in_every_region() {
        let amis = [
            ("us-east-1", ami(&[], &["1", "2"])),
            ("eu-west-1", ami(&[], &["2"])),
        ];
        let amis = amis
            .into_iter()
            .map(|(region, ami)| (region.to_owned(), ami))
            .collect();
        assert_eq!(shared_with(&amis), ["2"]);
    }

    #[test]
    fn versions_compare_as_numbers() {
        let arn = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.10/2";
        assert_eq!(version(arn), "1.0.10/2");
        assert!(numbers("1.0.10/2") > numbers("1.0.9/11"));
    }
}

//! Image Builder: what came of the documents, read for people and for tests.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Aws, Call, CallError, encoded};

/// A page of a list holds at most this many (the service's model).
const PAGE: u32 = 100;

/// What every list tells of a resource.
#[derive(Deserialize)]
struct Summary {
    arn: String,
}

/// An image pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// The pipeline.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The recipe version that it builds.
    pub image_recipe_arn: String,
    /// What its builds run on.
    pub infrastructure_configuration_arn: String,
    /// Where its images go.
    pub distribution_configuration_arn: Option<String>,
    /// `ENABLED` or `DISABLED`.
    pub status: String,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// An image recipe.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipe {
    /// The version, `major.minor.patch`.
    pub version: String,
    /// The base AMI.
    pub parent_image: String,
}

/// What is distributed to one Region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Distribution {
    /// The Region.
    pub region: String,
    #[serde(default)]
    ami_distribution_configuration: AmiDistribution,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AmiDistribution {
    kms_key_id: Option<String>,
    #[serde(default)]
    launch_permission: LaunchPermission,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LaunchPermission {
    #[serde(default)]
    user_ids: Vec<String>,
    #[serde(default)]
    organization_arns: Vec<String>,
    #[serde(default)]
    organizational_unit_arns: Vec<String>,
}

#[derive(Deserialize)]
struct DistributionConfiguration {
    distributions: Vec<Distribution>,
}

impl Distribution {
    /// The accounts that get launch permission.
    pub fn shared_with(&self) -> &[String] {
        &self
            .ami_distribution_configuration
            .launch_permission
            .user_ids
    }

    /// The organizations and organizational units that get launch permission, by ARN.
    pub fn shared_with_organizations(&self) -> Vec<&str> {
        let LaunchPermission {
            organization_arns,
            organizational_unit_arns,
            ..
        } = &self.ami_distribution_configuration.launch_permission;
        organization_arns
            .iter()
            .chain(organizational_unit_arns)
            .map(String::as_str)
            .collect()
    }

    /// The key that a copy is encrypted with; none where the AMI is built.
    pub fn kms_key(&self) -> Option<&str> {
        self.ami_distribution_configuration.kms_key_id.as_deref()
    }
}

/// An image build version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The build version.
    pub arn: String,
    /// Where it is on its way.
    pub state: ImageState,
    /// What it made; nothing until it has.
    #[serde(default)]
    pub output_resources: OutputResources,
}

/// The state of an image.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ImageState {
    /// `AVAILABLE`, `FAILED` and so on.
    pub status: String,
}

/// What a build made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct OutputResources {
    /// The AMIs, one a Region and account.
    #[serde(default)]
    pub amis: Vec<ImageAmi>,
}

/// An AMI that a build made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageAmi {
    /// The Region it is in.
    pub region: String,
    /// Its id.
    pub image: String,
    /// The account that owns it.
    pub account_id: String,
}

impl Image {
    /// Whether it can be used.
    pub fn is_available(&self) -> bool {
        self.state.status == "AVAILABLE"
    }
}

impl Aws {
    /// Every image pipeline of the account in the Region.
    pub async fn image_pipelines(&self) -> Result<Vec<Pipeline>, CallError> {
        self.list("ListImagePipelines", "imagePipelineList", json!({}))
            .await
    }

    /// Makes a resource, as somebody does in the console; its ARN. `operation` is one that creates, and `member` the one
    /// of its answer with the ARN.
    pub async fn create_by_hand(
        &self,
        operation: &'static str,
        mut input: Value,
        member: &str,
    ) -> Result<String, CallError> {
        input["clientToken"] = uuid::Uuid::new_v4().to_string().into();
        let (target, body) = (format!("/{operation}"), input.to_string().into_bytes());
        self.imagebuilder(operation, Method::PUT, target, body, member)
            .await
            .map(|(arn, _)| arn)
    }

    /// Disables `pipeline`, as somebody does in the console.
    pub async fn disable_pipeline(&self, pipeline: &Pipeline) -> Result<(), CallError> {
        // An update replaces everything: what is left out is reset.
        let input = json!({
            "imagePipelineArn": pipeline.arn,
            "imageRecipeArn": pipeline.image_recipe_arn,
            "infrastructureConfigurationArn": pipeline.infrastructure_configuration_arn,
            "distributionConfigurationArn": pipeline.distribution_configuration_arn,
            "status": "DISABLED",
            "clientToken": uuid::Uuid::new_v4().to_string(),
        });
        let (operation, body) = ("UpdateImagePipeline", input.to_string().into_bytes());
        let target = format!("/{operation}");
        self.imagebuilder::<String>(operation, Method::PUT, target, body, "imagePipelineArn")
            .await
            .map(drop)
    }

    /// Gives an infrastructure configuration other instance types and leaves the rest, as somebody does in the
    /// console.
    pub async fn set_instance_types(&self, arn: &str, types: &[&str]) -> Result<(), CallError> {
        const ARN: &str = "infrastructureConfigurationArn";
        let (operation, member) = (
            "GetInfrastructureConfiguration",
            "infrastructureConfiguration",
        );
        let found: Value = self.get(operation, ARN, arn, member).await?;
        let mut input = json!({
            ARN: arn, "instanceTypes": types, "clientToken": uuid::Uuid::new_v4().to_string(),
        });
        let kept = [
            "description",
            "instanceProfileName",
            "terminateInstanceOnFailure",
            "instanceMetadataOptions",
            "resourceTags",
        ];
        for name in kept.into_iter().filter(|name| !found[name].is_null()) {
            input[name] = found[name].clone();
        }
        let operation = "UpdateInfrastructureConfiguration";
        let body = input.to_string().into_bytes();
        let target = format!("/{operation}");
        self.imagebuilder::<String>(operation, Method::PUT, target, body, ARN)
            .await
            .map(drop)
    }

    /// Every image that `pipeline` has started.
    pub async fn images_of(&self, pipeline: &str) -> Result<Vec<Image>, CallError> {
        let input = json!({ "imagePipelineArn": pipeline });
        self.list("ListImagePipelineImages", "imageSummaryList", input)
            .await
    }

    /// One image build version.
    pub async fn image(&self, arn: &str) -> Result<Image, CallError> {
        self.get("GetImage", "imageBuildVersionArn", arn, "image")
            .await
    }

    /// One recipe version.
    pub async fn image_recipe(&self, arn: &str) -> Result<Recipe, CallError> {
        self.get("GetImageRecipe", "imageRecipeArn", arn, "imageRecipe")
            .await
    }

    /// Where the images of a distribution configuration go, by Region.
    pub async fn distributions(&self, arn: &str) -> Result<Vec<Distribution>, CallError> {
        let (operation, member) = ("GetDistributionConfiguration", "distributionConfiguration");
        let found: DistributionConfiguration = self
            .get(operation, "distributionConfigurationArn", arn, member)
            .await?;
        Ok(found.distributions)
    }

    /// The ARNs of every distribution configuration of the account in the Region.
    pub async fn distribution_configurations(&self) -> Result<Vec<String>, CallError> {
        let member = "distributionConfigurationSummaryList";
        let all: Vec<Summary> = self
            .list("ListDistributionConfigurations", member, json!({}))
            .await?;
        Ok(all.into_iter().map(|summary| summary.arn).collect())
    }

    async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        parameter: &str,
        arn: &str,
        member: &str,
    ) -> Result<T, CallError> {
        let target = format!("/{operation}?{parameter}={}", encoded(arn));
        self.imagebuilder(operation, Method::GET, target, Vec::new(), member)
            .await
            .map(|(found, _)| found)
    }

    async fn list<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        member: &str,
        mut input: Value,
    ) -> Result<Vec<T>, CallError> {
        let mut all = Vec::new();
        input["maxResults"] = PAGE.into();
        loop {
            let body = input.to_string().into_bytes();
            let target = format!("/{operation}");
            let (page, next): (Vec<T>, _) = self
                .imagebuilder(operation, Method::POST, target, body, member)
                .await?;
            all.extend(page);
            match next {
                Some(token) => input["nextToken"] = token.into(),
                None => return Ok(all),
            }
        }
    }

    /// The member of the answer that was asked for, and the token of the next page.
    async fn imagebuilder<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        method: Method,
        target: String,
        body: Vec<u8>,
        member: &str,
    ) -> Result<(T, Option<String>), CallError> {
        let headers = vec![("content-type", "application/json".to_owned())];
        let answer = self
            .send(Call {
                service: "imagebuilder",
                operation,
                method,
                target,
                headers,
                body,
            })
            .await?;
        let mut found: Value = answer.json()?;
        let next = found["nextToken"].as_str().map(str::to_owned);
        let wanted = serde_json::from_value(found[member].take())
            .map_err(|error| answer.unreadable(&error))?;
        Ok((wanted, next))
    }
}

//! What Image Builder has in an account and Region, in the form in which `terraform show -json` prints it: so that one
//! import reads both.
//!
//! The answers are only renamed. The SDK's types would have to be taken apart, member by member.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::result::SdkError;
use goldsmith_domain::stack::ENVIRONMENT_TAG;
use serde_json::{Map, Value, json};

use super::Session;
use crate::at_once::read_each;
use crate::fault::{CallError, Fault};
use crate::json::{metadata, parsed};
use crate::query::encoded;
use crate::signed::{Protocol, Service};

const IMAGE_BUILDER: Service = Service {
    id: "imagebuilder",
    name: "imagebuilder",
    is_global: false,
};

/// How many pages of a list are read. A page has 25 items, and an account 1,000 recipes by default (AWS General
/// Reference, Image Builder quotas).
const MOST_PAGES: usize = 400;

/// A kind of resource that has a call of its own.
struct Kind {
    /// Terraform's word, behind `aws_imagebuilder_`.
    terraform: &'static str,
    call: &'static str,
    /// The call, the parameter with the ARN, and the member of the answer.
    action: &'static str,
    parameter: &'static str,
    member: &'static str,
}

const RECIPE: Kind = Kind {
    terraform: "image_recipe",
    call: "imagebuilder:GetImageRecipe",
    action: "GetImageRecipe",
    parameter: "imageRecipeArn",
    member: "imageRecipe",
};
const COMPONENT: Kind = Kind {
    terraform: "component",
    call: "imagebuilder:GetComponent",
    action: "GetComponent",
    parameter: "componentBuildVersionArn",
    member: "component",
};
const INFRASTRUCTURE: Kind = Kind {
    terraform: "infrastructure_configuration",
    call: "imagebuilder:GetInfrastructureConfiguration",
    action: "GetInfrastructureConfiguration",
    parameter: "infrastructureConfigurationArn",
    member: "infrastructureConfiguration",
};
const DISTRIBUTION: Kind = Kind {
    terraform: "distribution_configuration",
    call: "imagebuilder:GetDistributionConfiguration",
    action: "GetDistributionConfiguration",
    parameter: "distributionConfigurationArn",
    member: "distributionConfiguration",
};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    /// The resources, as the value that `terraform show -json` would print.
    pub printed: Value,
    /// How many resources there are.
    pub count: usize,
    /// How many pipelines and recipes a stack of goldsmith has, which were left out.
    pub managed: usize,
}

impl Session {
    /// The pipelines and recipes of the account in its Region that no stack of goldsmith has made, with what belongs to
    /// them.
    ///
    /// Errors: what Image Builder answers.
    pub async fn inventory(&self) -> Result<Inventory, CallError> {
        let config = self.config();
        let mut found = Found::default();
        let pipelines = list(
            config,
            "imagebuilder:ListImagePipelines",
            "imagePipelineList",
        )
        .await?;
        found.add("image_pipeline", pipelines);
        let recipes = list(
            config,
            "imagebuilder:ListImageRecipes",
            "imageRecipeSummaryList",
        )
        .await?;
        let recipes: BTreeSet<String> = texts(&recipes, "arn").collect();
        found.read(config, &RECIPE, recipes).await?;
        let configurations = [
            (&INFRASTRUCTURE, "infrastructureConfigurationArn"),
            (&DISTRIBUTION, "distributionConfigurationArn"),
        ];
        for (kind, member) in configurations {
            let arns = texts(found.of("image_pipeline"), member).collect();
            found.read(config, kind, arns).await?;
        }
        let components = components(found.of(RECIPE.terraform));
        found.read(config, &COMPONENT, components).await?;
        Ok(found.inventory())
    }
}

/// What was read so far, by Terraform's words.
#[derive(Default)]
struct Found {
    all: Vec<(&'static str, Vec<Value>)>,
    managed: usize,
}

impl Found {
    fn add(&mut self, kind: &'static str, resources: Vec<Value>) {
        let is_ours = |resource: &Value| resource["tags"].get(ENVIRONMENT_TAG).is_some();
        let (ours, others): (Vec<Value>, Vec<Value>) = resources.into_iter().partition(is_ours);
        self.managed += ours.len();
        self.all.push((kind, others));
    }

    fn of(&self, kind: &str) -> &[Value] {
        let found = self.all.iter().find(|(found, _)| *found == kind);
        found
            .map(|(_, resources)| resources.as_slice())
            .unwrap_or_default()
    }

    async fn read(
        &mut self,
        config: &SdkConfig,
        kind: &'static Kind,
        arns: BTreeSet<String>,
    ) -> Result<(), CallError> {
        let read = read_each(arns, |arn| get(config, kind, arn)).await?;
        self.add(kind.terraform, read.into_iter().flatten().collect());
        Ok(())
    }

    fn inventory(self) -> Inventory {
        let mut resources = Vec::new();
        for (kind, values) in self.all {
            for value in values {
                let kind = format!("aws_imagebuilder_{kind}");
                let name = value["name"].as_str().unwrap_or_default();
                let address = format!("{kind}.{name}");
                let values = renamed(value);
                resources.push(json!({
                    "address": address, "mode": "managed", "type": kind, "values": values
                }));
            }
        }
        let count = resources.len();
        let module = json!({ "resources": resources });
        Inventory {
            printed: json!({ "terraform_version": "none", "values": { "root_module": module } }),
            count,
            managed: self.managed,
        }
    }
}

fn texts<'v>(values: &'v [Value], member: &'v str) -> impl Iterator<Item = String> + use<'v> {
    let texts = values
        .iter()
        .filter_map(move |value| value[member].as_str());
    texts.map(str::to_owned)
}

/// The components of recipes that the account has itself, by the ARNs of their builds. One with a wildcard, and one of
/// somebody else, stays a reference.
fn components(recipes: &[Value]) -> BTreeSet<String> {
    let own = |recipe: &Value, arn: &str| {
        let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
        account(arn) == recipe["arn"].as_str().and_then(account)
    };
    let mut all = BTreeSet::new();
    for recipe in recipes {
        let used = recipe["components"].as_array().map(Vec::as_slice);
        let arns = texts(used.unwrap_or_default(), "componentArn");
        all.extend(arns.filter(|arn| is_build(arn) && own(recipe, arn)));
    }
    all
}

/// Whether an ARN names one build: `.../component/name/1.0.0/1`, and no version with an `x` in it.
fn is_build(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split('/').collect();
    matches!(parts.as_slice(), [_, _, version, _] if !version.contains('x'))
}

async fn get(
    config: &SdkConfig,
    kind: &'static Kind,
    arn: String,
) -> Result<Option<Value>, CallError> {
    let path = format!("/{}?{}={}", kind.action, kind.parameter, encoded(&arn));
    match call(config, kind.call, "GET", path, String::new()).await {
        // Somebody has deleted it since the list was made.
        Err(error) if error.fault == Fault::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(mut answer) => Ok(Some(answer[kind.member].take())),
    }
}

async fn list(
    config: &SdkConfig,
    name: &'static str,
    member: &str,
) -> Result<Vec<Value>, CallError> {
    let action = name.split(':').next_back().unwrap_or(name);
    let (mut all, mut token) = (Vec::new(), Value::Null);
    for _ in 0..MOST_PAGES {
        let mut input = json!({ "maxResults": 25 });
        if action == "ListImageRecipes" {
            input["owner"] = json!("Self");
        }
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let path = format!("/{action}");
        let mut answer = call(config, name, "POST", path, input.to_string()).await?;
        if let Value::Array(items) = answer[member].take() {
            all.extend(items);
        }
        token = answer["nextToken"].take();
        if token.is_null() {
            break;
        }
    }
    Ok(all)
}

async fn call(
    config: &SdkConfig,
    name: &'static str,
    method: &'static str,
    path: String,
    body: String,
) -> Result<Value, CallError> {
    let protocol = Protocol {
        method,
        path,
        content_type: "application/json",
        request: |body: String| (Vec::new(), body),
        error: metadata,
    };
    let action = name.split(':').next_back().unwrap_or(name);
    let operation = IMAGE_BUILDER.operation(config, action, None, protocol);
    let answer = operation.invoke(body).await;
    let text = answer.map_err(|error: SdkError<_, _>| CallError::new(name, error))?;
    parsed(name, &text)
}

/// Members whose keys are people's own.
const MAPS: [&str; 3] = ["tags", "amiTags", "resourceTags"];

/// A value with Terraform's names: `imageRecipeArn` becomes `image_recipe_arn`, and lists of blocks have the name of one.
fn renamed(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(renamed).collect(),
        Value::Object(members) => Value::Object(members_of(members)),
        value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => value,
    }
}

fn members_of(members: Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            // What Terraform has at the top of a recipe.
            ("additionalInstanceConfiguration", Value::Object(inner)) => {
                all.extend(members_of(inner));
            }
            // The service says what nobody can set.
            ("type" | "owner" | "dateCreated" | "dateUpdated", _) => {}
            // A parameter has a list of one value.
            ("value", Value::Array(mut values)) if values.len() == 1 => {
                all.insert(name, values.remove(0));
            }
            (map, value) if MAPS.contains(&map) => {
                all.insert(snake(map), value);
            }
            (other, value) => {
                all.insert(terraform_name(other), renamed(value));
            }
        }
    }
    all
}

fn terraform_name(name: &str) -> String {
    let one = match name {
        "components" => "component",
        "parameters" => "parameter",
        "blockDeviceMappings" => "block_device_mapping",
        "distributions" => "distribution",
        "launchTemplateConfigurations" => "launch_template_configuration",
        "ssmParameterConfigurations" => "ssm_parameter_configuration",
        "fastLaunchConfigurations" => "fast_launch_configuration",
        "workflows" => "workflow",
        "userDataOverride" => "user_data_base64",
        other => return snake(other),
    };
    one.to_owned()
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_terraforms_names_and_peoples_own_keys() {
        let recipe = json!({
            "arn": "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/web/1.0.0", "type": "AMI",
            "parentImage": "ami-1", "tags": { "CostCenter": "7" },
            "components": [
                { "componentArn": "arn:a", "parameters": [{ "name": "Level", "value": ["high"] }] }
            ],
            "blockDeviceMappings": [{ "deviceName": "/dev/xvda", "ebs": { "volumeSize": 30 } }],
            "additionalInstanceConfiguration": { "systemsManagerAgent": { "uninstallAfterBuild": true } },
        });
        let expected = json!({
            "arn": "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/web/1.0.0",
            "parent_image": "ami-1", "tags": { "CostCenter": "7" },
            "component": [
                { "component_arn": "arn:a", "parameter": [{ "name": "Level", "value": "high" }] }
            ],
            "block_device_mapping": [{ "device_name": "/dev/xvda", "ebs": { "volume_size": 30 } }],
            "systems_manager_agent": { "uninstall_after_build": true },
        });
        assert_eq!(renamed(recipe), expected);
    }

    #[test]
    fn only_builds_of_the_accounts_own_components_are_read() {
        let of = |owner: &str, end: &str| json!({ "componentArn": format!("arn:aws:imagebuilder:us-east-1:{owner}:component/{end}") });
        let own = "111122223333";
        let recipes = [json!({
            "arn": format!("arn:aws:imagebuilder:us-east-1:{own}:image-recipe/web/1.0.0"),
            "components": [of(own, "a/1.0.0/1"), of(own, "b/x.x.x"), of("aws", "c/1.0.0/1"), of(own, "d/1.0.0"), of(own, "xyz/2.0.0/3")],
        })];
        let found: Vec<String> = components(&recipes).into_iter().collect();
        let arn = |end: &str| format!("arn:aws:imagebuilder:us-east-1:{own}:component/{end}");
        assert_eq!(found, [arn("a/1.0.0/1"), arn("xyz/2.0.0/3")]);
    }

    #[test]
    fn what_a_stack_of_ours_has_is_counted_and_left_out() {
        let mut found = Found::default();
        let ours = json!({ "name": "a", "tags": { (ENVIRONMENT_TAG): "prod" } });
        found.add(
            "image_pipeline",
            vec![ours, json!({ "name": "b", "tags": {} })],
        );
        let Inventory {
            printed,
            count,
            managed,
        } = found.inventory();
        assert_eq!((count, managed), (1, 1));
        let resource = &printed["values"]["root_module"]["resources"][0];
        assert_eq!(resource["address"], "aws_imagebuilder_image_pipeline.b");
    }
}

//! The schema of `ami-versions.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::names::{BaseName, ComponentName, JoinedNames, Tags};
use crate::document::tags::MOST_TOGETHER;
use crate::names::RecipeName;

/// Which images must exist, and which of them are rebuilt on the schedule.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    rename_all = "kebab-case",
    title = "ami-versions.json"
)]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct AmiVersions {
    /// Where this schema is, for editors.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// One entry for each image that must exist. What leaves the list is kept, not deleted.
    ami_version: Vec<Entry>,
    /// The recipes that are rebuilt on the schedule, in order.
    ami_scheduled: Vec<Scheduled>,
}

/// An image that must exist.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Entry {
    /// What the image is built on: an AMI id, `ssm:<parameter>`, the ARN of an Image Builder image, or
    /// `recipe:<recipename>` for the image of another entry.
    aminame: BaseName,
    /// The product version, such as `110304` for 11.3.4. Case does not count, and `_` is `-`.
    recipename: RecipeName,
    /// The platform that the base image must have.
    platform: Option<Platform>,
    /// The description of the pipeline.
    #[schemars(length(min = 1, max = 1024))]
    description: Option<String>,
    /// Tags beside those of environment.json, which they do not replace.
    tags: Option<Tags<MOST_TOGETHER>>,
    /// Components run after those of environment.json, from its `allowed-components`.
    #[schemars(length(max = 20))]
    components: Option<Vec<ComponentReference>>,
}

/// Recipes that are rebuilt on the schedule.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Scheduled {
    /// Recipe names, as a list or with `;` between them.
    recipenames: RecipeNames,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the type is there for its schema")]
enum RecipeNames {
    /// With `;` between them.
    Joined(JoinedNames),
    /// As a list.
    List(Vec<RecipeName>),
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "the type is there for its schema")]
enum Platform {
    Linux,
    Windows,
}

/// A component, by itself or with the values of its parameters.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) enum ComponentReference {
    /// A component without parameters.
    Name(ComponentName),
    /// A component with parameters.
    WithParameters(ComponentWithParameters),
}

/// A component with the values of its parameters.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct ComponentWithParameters {
    /// The component.
    component: ComponentName,
    /// Values by name. They are no place for secrets: everybody who may read the recipe reads them.
    #[schemars(extend("maxProperties" = 25, "propertyNames" = { "minLength": 1 }))]
    parameters: Option<BTreeMap<String, ParameterValue>>,
}

/// The value of a parameter.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "the type is there for its schema")]
struct ParameterValue(#[schemars(length(max = 1024))] String);

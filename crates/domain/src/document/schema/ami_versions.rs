//! The schema of `ami-versions.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::environment::OnFailure;
use super::names::{BaseName, ComponentName, JoinedNames, ONE_LINE, Tags};
use crate::document::tags::MOST_TOGETHER;
use crate::names::{ProductVersion, RecipeName};

/// Which images must exist, and which of them are rebuilt on the schedule.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    rename_all = "kebab-case",
    title = "ami-versions.json"
)]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct AmiVersions {
    /// Where the JSON Schema is. Editors read it to complete and check the document.
    #[schemars(rename = "$schema", extend("examples" = ["../schema/ami-versions.schema.json"]))]
    schema: Option<String>,
    /// The images that must exist. An entry that is removed deletes nothing: its recipe, pipeline and AMIs
    /// stay.
    #[schemars(extend("examples" = [[{ "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304" }]]))]
    ami_version: Vec<Entry>,
    /// The recipes that are rebuilt on the schedule, in this order. This is how patches reach
    /// their AMIs.
    #[schemars(extend("examples" = [[{ "recipenames": "110304;110302" }]]))]
    ami_scheduled: Vec<Scheduled>,
}

/// An image that must exist.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Entry {
    /// What the image is built on: an AMI id, `ssm:<parameter>`, the ARN of an Image Builder image, or
    /// `recipe:<recipename>`. The last one is the image of another entry.
    #[schemars(extend("examples" = ["ami-08bd941ae380bd3cd", "recipe:110302"]))]
    aminame: BaseName,
    /// The product version, such as `110304` for 11.3.4. It is part of every name. Upper and lower case are
    /// the same, and so are `_` and `-`.
    #[schemars(extend("examples" = ["110304"]))]
    recipename: RecipeName,
    /// The platform that the base image must have. The recipe is refused if it has another one.
    #[schemars(extend("examples" = ["Linux"]))]
    platform: Option<Platform>,
    /// The description of the pipeline.
    #[schemars(length(min = 1, max = 1024), extend("pattern" = ONE_LINE, "examples" = ["MicroStrategy 11.3.4"]))]
    description: Option<String>,
    /// More tags for the image. They cannot replace those of environment.json.
    #[schemars(extend("default" = {}, "examples" = [{ "Team": "bi" }]))]
    tags: Option<Tags<MOST_TOGETHER>>,
    /// Components that run after those of environment.json. Each must be one of its `allowed-components`.
    #[schemars(length(max = 20), extend("default" = [], "examples" = [["components/motd.yml"]]))]
    components: Option<Vec<ComponentReference>>,
    /// Whether a person has to approve each image of the recipe before it is published. Without it, `approval` of
    /// environment.json decides.
    #[schemars(extend("examples" = ["required"]))]
    approval: Option<Approval>,
    /// The image that is approved by this line, by its version and build. `goldsmith approve` does the same
    /// without a change of the document.
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+\.[0-9]+/[1-9][0-9]*$"), extend("examples" = ["1.0.3/2"]))]
    approved: Option<String>,
    /// The version that people give the image. It becomes the tag `version` of AMIs and snapshots, and never makes a
    /// new image.
    #[schemars(extend("examples" = ["11.3.4"]))]
    version: Option<ProductVersion>,
    /// After how many days an image of the recipe expires. Without it, `expiry` of environment.json decides.
    #[schemars(range(min = 1, max = 3650), extend("examples" = [90]))]
    expiry: Option<u32>,
    /// What happens to the AMI and the snapshots of a build of the recipe that failed or was cancelled. Without it,
    /// `on-failure` of environment.json decides.
    #[schemars(extend("examples" = ["expire"]))]
    on_failure: Option<OnFailure>,
}

/// Recipes that are rebuilt on the schedule.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Scheduled {
    /// Recipe names, as a list or with `;` between them. Each is in `ami-version`, or was once.
    #[schemars(extend("examples" = ["110304;110302", ["110304"]]))]
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

/// Whether a person has to approve an image.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) enum Approval {
    None,
    Required,
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
    #[schemars(extend("examples" = ["components/motd.yml"]))]
    component: ComponentName,
    /// The values of its parameters, by name. Never put a secret here: every reader of the recipe sees it.
    #[schemars(extend("maxProperties" = 25, "propertyNames" = { "minLength": 1 }, "default" = {},
        "examples" = [{ "Message": "for BI only" }]))]
    parameters: Option<BTreeMap<String, ParameterValue>>,
}

/// The value of a parameter.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "the type is there for its schema")]
struct ParameterValue(#[schemars(length(max = 1024), regex(pattern = r"^[^\x00]*$"))] String);

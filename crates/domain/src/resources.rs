//! The Image Builder resources that the documents ask for, each with the digest of its content.
//!
//! Invariant: no date, commit or build URL ever enters a digest, so that a re-merge of the same
//! documents changes nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::consumers::{Account, DeliveryMode};
use crate::desired::{
    BaseImage, ComponentDocument, ComponentRef, ComponentUse, Desired, LogLocation,
    MetadataOptions, Platform, RecipeEntry, Volume,
};
use crate::digest;
use crate::names::{
    AccountId, AmiId, ComponentArn, Digest, KeyArn, ParameterName, ParentImageArn, RecipeName,
    Region,
};
use crate::observed::{Sharing, Tags};
use crate::stack::{
    DIGEST_TAG, ENVIRONMENT_TAG, RECIPENAME_TAG, StackContext, environment_name, recipe_name,
};

/// Tag keys that Image Builder sets itself and refuses in `resourceTags` (API reference).
const RESERVED_TAGS: [&str; 4] = ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"];

/// The infrastructure configuration of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Infrastructure {
    /// Its name.
    pub name: String,
    /// Instance types, in order of preference.
    pub instance_types: Vec<String>,
    /// The instance profile of build and test instances.
    pub instance_profile: String,
    /// The EC2 key pair.
    pub key_pair: Option<String>,
    /// The subnet.
    pub subnet: Option<String>,
    /// The security groups.
    pub security_groups: Vec<String>,
    /// The instance metadata service.
    pub metadata: MetadataOptions,
    /// Where build logs go, beside CloudWatch.
    pub logs: Option<LogLocation>,
    /// Whether the instance of a failed build ends with it.
    pub terminate_on_failure: bool,
    /// Tags for the instances and volumes of a build.
    pub resource_tags: Tags,
}

/// The distribution configuration of one recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// Its name.
    pub name: String,
    /// What is distributed where.
    pub regions: BTreeMap<Region, RegionDistribution>,
}

/// What is distributed to one Region.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RegionDistribution {
    /// The AMI's name, with Image Builder's build date.
    pub ami_name: String,
    /// Tags for the AMI.
    pub ami_tags: Tags,
    /// The key for a copy; none in the building Region, whose AMI the recipe's volumes encrypt.
    pub kms_key: Option<KeyArn>,
    /// Who gets launch permission.
    pub shared_with: Sharing,
    /// Accounts that get copies under the key; none in a recipe's own configuration, so that a bad target
    /// never fails a build.
    pub copied_to: BTreeSet<AccountId>,
    /// Parameters that Image Builder sets to the AMI's id.
    pub parameters: BTreeSet<String>,
    /// Launch templates that get a version with the AMI.
    pub launch_templates: BTreeSet<String>,
}

/// A recipe, before it has a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecipeContent {
    /// Its name.
    pub name: String,
    /// What it is built on.
    pub parent: ParentPin,
    /// What runs on it, in order.
    pub components: Vec<PinnedComponent>,
    /// The volumes, matched to the base AMI's devices.
    pub volumes: Vec<Volume>,
    /// The key of every volume.
    pub key: KeyArn,
    /// Tags that Image Builder puts on the AMI while it builds.
    pub ami_tags: Tags,
}

/// What a recipe is built on, as its digest sees it: by content where it is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParentPin {
    /// An AMI.
    Ami(AmiId),
    /// The AMI that a parameter names, whichever that is.
    Parameter(ParameterName),
    /// An Image Builder image.
    Image(ParentImageArn),
    /// Our image of another recipe: when that recipe's content changes, so does this one's.
    Recipe {
        /// The other recipe's Image Builder name.
        name: String,
        /// The digest of its content.
        digest: Digest,
    },
}

/// A component with the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PinnedComponent {
    /// The component.
    pub component: ComponentPin,
    /// Values of its parameters, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// A component as a recipe's digest sees it: by content where it is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentPin {
    /// Somebody else's component.
    Arn(ComponentArn),
    /// Our component of this name and content.
    Document {
        /// The component's name.
        name: String,
        /// The digest of its document.
        digest: Digest,
    },
}

impl Infrastructure {
    /// The digest of its content.
    pub fn digest(&self) -> Digest {
        digest::of_value(self)
    }
}

impl Distribution {
    /// The digest of its content.
    pub fn digest(&self) -> Digest {
        digest::of_value(self)
    }
}

impl RecipeContent {
    /// The digest that decides whether a version of this content exists already.
    ///
    /// Device names are left out: they follow from the base AMI, which is immutable.
    pub fn digest(&self) -> Digest {
        digest::of_value(self)
    }
}

/// The infrastructure configuration that the documents want.
pub fn infrastructure(desired: &Desired, stack: &StackContext) -> Infrastructure {
    let unreserved = |key: &String| !RESERVED_TAGS.contains(&key.as_str());
    let instances = &desired.instances;
    Infrastructure {
        name: environment_name(&desired.family, &desired.environment),
        instance_types: instances.types.clone(),
        instance_profile: instances
            .profile
            .as_ref()
            .unwrap_or(&stack.instance_profile)
            .clone(),
        key_pair: instances.key_pair.clone(),
        subnet: instances.subnet.clone(),
        security_groups: instances.security_groups.clone(),
        metadata: instances.metadata,
        logs: instances.logs.clone(),
        terminate_on_failure: !instances.keep_on_failure,
        resource_tags: owned_tags(desired)
            .into_iter()
            .filter(|(key, _)| unreserved(key))
            .collect(),
    }
}

/// The distribution configuration of `recipe` that the documents want: the building Region, and
/// each further Region that has a key.
pub fn distribution(desired: &Desired, stack: &StackContext, recipe: &RecipeName) -> Distribution {
    let name = recipe_name(&desired.family, &desired.environment, recipe);
    let ami_name = desired
        .ami_name
        .as_ref()
        .map_or_else(|| name.clone(), |ami_name| ami_name.of(recipe));
    let further = desired.regions.iter().filter_map(|(region, settings)| {
        let key = settings.kms_key.clone()?;
        (*region != stack.region).then_some((region.clone(), Some(key)))
    });
    let regions = std::iter::once((stack.region.clone(), None))
        .chain(further)
        .map(|(region, kms_key)| {
            let entry = RegionDistribution {
                ami_name: format!("{ami_name} {{{{ imagebuilder:buildDate }}}}"),
                ami_tags: recipe_tags(desired, recipe),
                kms_key,
                shared_with: sharing_in(desired, stack, &region),
                copied_to: BTreeSet::new(),
                parameters: parameters(desired, &region, recipe),
                launch_templates: launch_templates(desired, &region, recipe),
            };
            (region, entry)
        })
        .collect();
    Distribution { name, regions }
}

fn parameters(desired: &Desired, region: &Region, recipe: &RecipeName) -> BTreeSet<String> {
    let patterns = desired
        .regions
        .get(region)
        .into_iter()
        .flat_map(|settings| &settings.parameters);
    patterns
        .map(|pattern| pattern.of(recipe).to_string())
        .collect()
}

fn launch_templates(desired: &Desired, region: &Region, recipe: &RecipeName) -> BTreeSet<String> {
    let templates = desired
        .regions
        .get(region)
        .map(|settings| &settings.launch_templates);
    let of_recipe = |(name, _): &(&RecipeName, _)| name.folded() == recipe.folded();
    let of_recipe = templates.into_iter().flatten().filter(of_recipe);
    of_recipe
        .flat_map(|(_, ids)| ids)
        .map(ToString::to_string)
        .collect()
}

/// The ARN of the infrastructure configuration.
pub fn infrastructure_arn(desired: &Desired, stack: &StackContext) -> String {
    stack.arn(
        "infrastructure-configuration",
        &environment_name(&desired.family, &desired.environment),
    )
}

/// The ARN of the distribution configuration of `recipe`.
pub fn distribution_arn(desired: &Desired, stack: &StackContext, recipe: &RecipeName) -> String {
    stack.arn(
        "distribution-configuration",
        &recipe_name(&desired.family, &desired.environment, recipe),
    )
}

/// Further Regions that name no key: an encrypted copy there would fall to `aws/ebs`, which cannot
/// be shared.
pub fn regions_without_key<'a>(
    desired: &'a Desired,
    stack: &'a StackContext,
) -> impl Iterator<Item = &'a Region> {
    let keyless = desired
        .regions
        .iter()
        .filter(|(region, s)| **region != stack.region && s.kms_key.is_none());
    keyless.map(|(region, _)| region)
}

/// The recipe content that the documents want for `entry`.
pub fn recipe(desired: &Desired, stack: &StackContext, entry: &RecipeEntry) -> RecipeContent {
    let components = components(desired, stack, entry);
    RecipeContent {
        name: recipe_name(&desired.family, &desired.environment, &entry.name),
        parent: parent(desired, stack, &entry.base),
        components: components.map(|used| pinned(desired, &used)).collect(),
        volumes: desired.volumes.clone(),
        key: stack.key.clone(),
        ami_tags: recipe_tags(desired, &entry.name),
    }
}

/// The name of the component made from the document whose key ends in `stem`.
pub fn component_name(desired: &Desired, stem: &str) -> String {
    format!(
        "{}-{stem}",
        environment_name(&desired.family, &desired.environment)
    )
}

/// What marks the digest in a description.
const DIGEST_MARK: &str = "goldsmith:digest=";

/// The description of a configuration with this digest.
///
/// Configurations can be updated, and an update cannot set tags: in the description the digest is
/// replaced together with the content that it stands for, so that of two racing updates the digest
/// always tells which one stands.
pub fn description(digest: &Digest) -> String {
    format!("{DIGEST_MARK}{digest}")
}

/// The digest in the description of a configuration of ours.
pub fn digest_in(description: &str) -> Option<Digest> {
    description.strip_prefix(DIGEST_MARK)?.parse().ok()
}

/// The tags of an immutable resource of ours that was made from content with this digest.
pub fn resource_tags(desired: &Desired, digest: &Digest) -> Tags {
    let mut tags = owned_tags(desired);
    tags.insert(DIGEST_TAG.to_owned(), digest.to_string());
    tags
}

/// The tags of everything that belongs to one recipe: what its entry says, what the environment says,
/// whose it is, and which recipe.
pub fn recipe_tags(desired: &Desired, recipe: &RecipeName) -> Tags {
    let entry = desired.recipes.iter().find(|entry| entry.name == *recipe);
    let mut tags: Tags = entry.map(|entry| entry.tags.clone()).unwrap_or_default();
    tags.extend(owned_tags(desired));
    tags.insert(RECIPENAME_TAG.to_owned(), recipe.to_string());
    tags
}

/// The tags of everything of ours: what the document says, and whose it is.
pub fn owned_tags(desired: &Desired) -> Tags {
    let mut tags: BTreeMap<_, _> = desired.tags.clone();
    tags.insert(ENVIRONMENT_TAG.to_owned(), desired.environment.to_string());
    tags
}

/// What a recipe runs, in order: the environment's build components, the entry's own, what compliance
/// adds, the environment's test components.
pub fn components<'a>(
    desired: &'a Desired,
    stack: &StackContext,
    entry: &'a RecipeEntry,
) -> impl Iterator<Item = Cow<'a, ComponentUse>> {
    let build = desired
        .build_components
        .iter()
        .chain(&entry.components)
        .map(Cow::Borrowed);
    let test = desired.test_components.iter().map(Cow::Borrowed);
    build
        .chain(compliance(desired, stack, entry).map(Cow::Owned))
        .chain(test)
}

/// The component documents of ours that a recipe runs.
pub fn component_documents<'a>(
    desired: &'a Desired,
    entry: &'a RecipeEntry,
) -> impl Iterator<Item = &'a ComponentDocument> {
    let all = desired
        .build_components
        .iter()
        .chain(&entry.components)
        .chain(&desired.test_components);
    all.filter_map(|used| match &used.component {
        ComponentRef::Document(document) => Some(document),
        ComponentRef::Arn(_) => None,
    })
}

/// Amazon's STIG component for the platform of an entry. The components of one level each, such as
/// `stig-build-linux-high`, are older; today's take the level as a parameter (user guide, "STIG
/// hardening components").
fn compliance(
    desired: &Desired,
    stack: &StackContext,
    entry: &RecipeEntry,
) -> Option<ComponentUse> {
    let level = desired.compliance?;
    let name = match platform(desired, entry) {
        Platform::Linux => "stig-build-linux",
        Platform::Windows => "stig-build-windows",
    };
    let component = ComponentRef::Arn(stack.managed_component(name)?);
    let parameters = [("Level".to_owned(), level.as_str().to_owned())].into();
    Some(ComponentUse {
        component,
        parameters,
    })
}

/// The platform that an entry says, or that the component documents of its recipe run on; Linux if
/// neither tells.
pub(crate) fn platform(desired: &Desired, entry: &RecipeEntry) -> Platform {
    let documents = component_documents(desired, entry)
        .map(|document| document.platform)
        .next();
    entry.platform.or(documents).unwrap_or(Platform::Linux)
}

/// What `base` is by content. The documents have no cycle of recipes: it was a problem of theirs.
fn parent(desired: &Desired, stack: &StackContext, base: &BaseImage) -> ParentPin {
    match base {
        BaseImage::Ami(ami) => ParentPin::Ami(ami.clone()),
        BaseImage::Parameter(name) => ParentPin::Parameter(name.clone()),
        BaseImage::Image(arn) => ParentPin::Image(arn.clone()),
        BaseImage::Recipe(name) => {
            let parent = desired
                .recipes
                .iter()
                .find(|entry| entry.name.folded() == name.folded());
            let digest = parent.map(|entry| recipe(desired, stack, entry).digest());
            ParentPin::Recipe {
                name: recipe_name(&desired.family, &desired.environment, name),
                digest: digest.unwrap_or_else(|| digest::of_bytes(&[])),
            }
        }
    }
}

fn pinned(desired: &Desired, used: &ComponentUse) -> PinnedComponent {
    PinnedComponent {
        component: pin(desired, &used.component),
        parameters: used.parameters.clone(),
    }
}

fn pin(desired: &Desired, component: &ComponentRef) -> ComponentPin {
    match component {
        ComponentRef::Arn(arn) => ComponentPin::Arn(arn.clone()),
        ComponentRef::Document(document) => ComponentPin::Document {
            name: component_name(desired, &document.stem),
            digest: document.digest.clone(),
        },
    }
}

/// Who images are shared with in `region`: never the building account, which owns them, and of those who
/// get copies only who builds images again, from ours.
pub fn sharing_in(desired: &Desired, stack: &StackContext, region: &Region) -> Sharing {
    let launches =
        |account: &&Account| account.serve == DeliveryMode::Share || account.rebuild.is_some();
    let shared = |account: &&Account| launches(account) && account.id != stack.account;
    let accounts = desired.consumers.accounts_in(region).filter(shared);
    let organizations = desired.consumers.organizations_in(region);
    Sharing {
        accounts: accounts.map(|account| account.id.clone()).collect(),
        organizations: organizations
            .map(|organization| organization.arn.clone())
            .collect(),
        everybody: false,
    }
}

//! What the documents say of one consumer, with a placeholder for what they do not.

use std::collections::BTreeSet;

use goldsmith_domain::consumers::{Account, DeliveryMode, GrantAdmin, Roles};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AccountId, Environment, KeyArn, RecipeName, Region, RolePattern};

/// Stands for the building account as long as no key tells it.
const BUILDING_ACCOUNT: &str = "BUILDING_ACCOUNT";

/// One account that is served.
#[derive(Debug)]
pub struct Served {
    /// The environment it is served by.
    pub environment: Environment,
    /// What the documents say of it.
    pub consumer: Account,
    /// The partition that everything is in, such as `aws`.
    pub partition: &'static str,
    /// The building account, or a placeholder.
    pub building: String,
    /// The building Region: the one whose key the documents leave to the stack. None if they leave none.
    pub home: Option<Region>,
    /// The building side's keys that it meets, by Region: those it is served in and, for copies, the
    /// building Region, where they are read (Image Builder user guide, cross-account-dist).
    pub keys: Vec<(Region, String)>,
    /// The recipes whose images it gets.
    pub recipes: Vec<RecipeName>,
    /// The roles of the building account that may verify here.
    pub verifiers: Vec<String>,
    /// The subnets where launches are tried for them.
    pub subnets: Vec<String>,
    /// The instance type that is tried.
    pub instance_type: String,
}

/// What the documents do not have.
#[derive(Debug, Default)]
pub struct Given<'a> {
    /// Keys of Regions.
    pub keys: &'a [KeyArn],
    /// Who verifies.
    pub verifiers: &'a [RolePattern],
}

impl Served {
    /// Puts together what is known of `consumer`.
    pub fn new(desired: &Desired, consumer: &Account, given: &Given<'_>) -> Self {
        let home = desired
            .regions
            .iter()
            .find(|(_, settings)| settings.kms_key.is_none());
        let home = home.map(|(region, _)| region.clone());
        let partition = consumer
            .regions
            .first()
            .or(home.as_ref())
            .map_or("aws", Region::partition);
        let building = building(desired, given.keys);
        let read_there =
            |region: &Region| consumer.serve == DeliveryMode::Copy && home.as_ref() == Some(region);
        let keys = desired.regions.iter().filter_map(|(region, settings)| {
            if !consumer.regions.contains(region) && !read_there(region) {
                return None;
            }
            let given = given
                .keys
                .iter()
                .find(|key| key.region().as_ref() == Some(region));
            let unknown = || format!("arn:{partition}:kms:{region}:{building}:key/KEY_OF_{region}");
            let known = settings.kms_key.as_ref().or(given);
            Some((
                region.clone(),
                known.map_or_else(unknown, ToString::to_string),
            ))
        });
        let keys = keys.collect();
        Self {
            environment: desired.environment.clone(),
            keys,
            consumer: consumer.clone(),
            partition,
            home,
            recipes: desired
                .recipes
                .iter()
                .map(|recipe| recipe.name.clone())
                .collect(),
            building,
            verifiers: given.verifiers.iter().map(ToString::to_string).collect(),
            subnets: subnets(consumer),
            instance_type: desired.instances.types.first().cloned().unwrap_or_default(),
        }
    }

    /// The account that is served.
    pub fn account(&self) -> &AccountId {
        &self.consumer.id
    }

    /// Whether it gets AMIs of its own.
    pub fn copies(&self) -> bool {
        self.consumer.serve == DeliveryMode::Copy
    }

    /// Whether the building side writes parameters with the role that the stack makes.
    pub fn writes_parameters(&self) -> bool {
        let ours = self.role(&self.name("parameters"));
        let declared = self.consumer.parameter_role.as_ref();
        self.copies() && declared.is_some_and(|role| role.as_str() == ours)
    }

    /// Every key that it meets, its own last.
    pub fn every_key(&self) -> Vec<String> {
        let own = self.consumer.keys.values().map(ToString::to_string);
        self.keys
            .iter()
            .map(|(_, key)| key.clone())
            .chain(own)
            .collect()
    }

    /// The key that encrypts what it launches, for each Region: its own where it has one.
    pub fn launch_keys(&self) -> Vec<(&Region, String)> {
        let own = |region: &Region| self.consumer.keys.get(region).map(ToString::to_string);
        self.keys
            .iter()
            .map(|(region, key)| (region, own(region).unwrap_or_else(|| key.clone())))
            .collect()
    }

    /// The name of what is made for the environment, such as `goldsmith-nonprod-verify`.
    pub fn name(&self, what: &str) -> String {
        format!("goldsmith-{}-{what}", self.environment)
    }

    /// The ARN of the account's role of this name.
    pub fn role(&self, name: &str) -> String {
        format!("arn:{}:iam::{}:role/{name}", self.partition, self.account())
    }

    /// The service-linked role that Auto Scaling uses unless a group names another one.
    pub fn auto_scaling(&self) -> String {
        self.role("aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")
    }

    /// Whether the stack's own role is the one that may make grants.
    pub fn stack_grants(&self) -> bool {
        let declared =
            |admin: &GrantAdmin| admin.role.as_str() == self.role(&self.name("grant-admin"));
        self.consumer.grant_admin.as_ref().is_some_and(declared)
    }

    /// The one role that launches, if it is one that a policy can be attached to.
    pub fn launch_role(&self) -> Option<&str> {
        let Roles::Named(roles) = &self.consumer.roles else {
            return None;
        };
        let mut roles = roles.iter().map(RolePattern::as_str);
        match (roles.next(), roles.next()) {
            (Some(role), None) if !is_of_permission_set(role) => role.rsplit('/').next(),
            _ => None,
        }
    }

    /// What was left open, and how to say it.
    pub fn missing(&self) -> Option<String> {
        let open = self.keys.iter().find(|(_, key)| key.contains("KEY_OF_"));
        open.map(|(region, _)| {
            format!(
                "the key of {region} is not in the documents: pass the output KeyArn of the stack goldsmith-{} with --key",
                self.environment
            )
        })
    }
}

/// Whether identity center makes the role: it takes no policy but its permission set's.
pub fn is_of_permission_set(role: &str) -> bool {
    role.rsplit('/')
        .next()
        .is_some_and(|name| name.starts_with("AWSReservedSSO_"))
}

/// Where an account launches, each subnet once.
fn subnets(consumer: &Account) -> Vec<String> {
    let places = consumer.places.values();
    let subnets: BTreeSet<_> = places.filter_map(|place| place.subnet.as_ref()).collect();
    subnets.into_iter().map(ToString::to_string).collect()
}

/// The account of the first key that is known: all of them are the building account's.
pub fn building(desired: &Desired, given: &[KeyArn]) -> String {
    let mut keys = desired
        .regions
        .values()
        .filter_map(|region| region.kms_key.as_ref())
        .chain(given);
    let account = keys.find_map(|key| key.as_str().split(':').nth(4));
    account.unwrap_or(BUILDING_ACCOUNT).to_owned()
}

//! What the documents say of one consumer, with a placeholder for what they do not.

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
}

impl Served {
    /// Puts together what is known of `consumer`; `given` are keys that the documents do not have.
    pub fn new(desired: &Desired, consumer: &Account, given: &[KeyArn]) -> Self {
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
        let building = building(desired, given);
        let read_there =
            |region: &Region| consumer.serve == DeliveryMode::Copy && home.as_ref() == Some(region);
        let keys = desired.regions.iter().filter_map(|(region, settings)| {
            if !consumer.regions.contains(region) && !read_there(region) {
                return None;
            }
            let given = given
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

/// The account of the first key that is known: all of them are the building account's.
fn building(desired: &Desired, given: &[KeyArn]) -> String {
    let mut keys = desired
        .regions
        .values()
        .filter_map(|region| region.kms_key.as_ref())
        .chain(given);
    let account = keys.find_map(|key| key.as_str().split(':').nth(4));
    account.unwrap_or(BUILDING_ACCOUNT).to_owned()
}

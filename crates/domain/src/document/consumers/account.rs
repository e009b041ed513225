//! An account among the consumers.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::consumers::{DeliveryMode, GrantAdmin, Rebuild, Roles};
use crate::document::fields::{Fields, Keys};
use crate::document::reader::Cursor;
use crate::document::region_names::{RegionNames, key_in};
use crate::document::repeated::record_repeated;
use crate::document::spelling::one_of;
use crate::names::{
    AccountId, InstanceProfileName, KeyArn, NameError, Region, RoleArn, RolePattern,
};
use crate::problem::Place;

/// The keys of an account.
pub(in crate::document) const KEYS: &[&str] = &[
    "account-id",
    "roles",
    "serve",
    "regions",
    "kms-keys",
    "grant-admin",
    "parameter-role",
    "rebuild",
];
/// The keys of `grant-admin`.
pub(in crate::document) const GRANT_ADMIN_KEYS: &[&str] = &["role", "service-linked-roles"];
/// The keys of `rebuild`.
pub(in crate::document) const REBUILD_KEYS: &[&str] = &["role", "instance-profile"];

/// Words that others take for everybody.
const EVERYBODY: [&str; 3] = ["all", "public", "*"];

/// An account as `environment.json` lists it.
#[derive(Debug)]
pub(in crate::document) struct Account {
    pub(super) id: AccountId,
    /// Where the account's id stands.
    pub(super) place: Place,
    /// None if they have a problem.
    pub(super) roles: Option<Roles>,
    /// None if they have a problem.
    pub(super) regions: Option<BTreeSet<Region>>,
    /// How it is served, if the entry says so, and where it does.
    pub(super) serve: Option<(DeliveryMode, Place)>,
    /// Its keys; none if they cannot be held against how and where it is served.
    pub(super) keys: Option<Keychain>,
    pub(super) grant_admin: Option<GrantAdmin>,
    pub(super) parameter_role: Option<RoleArn>,
    /// With where it stands.
    pub(super) rebuild: Option<(Rebuild, Place)>,
}

/// Keys of an account's own, each with where its Region stands.
#[derive(Debug)]
pub(super) struct Keychain {
    pub(super) keys: Vec<(Region, KeyArn, Place)>,
    /// Where `kms-keys` stands.
    pub(super) place: Place,
}

pub(super) fn read(at: Cursor<'_>, regions: &RegionNames) -> Option<Account> {
    let fields = at.object(Keys::Only(KEYS))?;
    let id = fields.required("account-id", |at| Some((account_id(at)?, at.place())));
    let home = Home {
        account: id.as_ref().map(|(id, _)| id),
        regions,
    };
    if !fields.has("roles") {
        let hint = "with `\"roles\": \"any\"`, every principal of the account gets access, as far as the account's own policies allow";
        fields.record_missing("roles", "the key `roles` with the roles that launch", hint);
    }
    let roles = fields.optional("roles", |at| home.roles(at));
    let served_in = regions.chosen(&fields);
    let serve = fields.optional("serve", |at| Some((serve(at)?, at.place())));
    let keys = home.keys(&fields);
    let is_clear = served_in.is_some() && serve.is_some() == fields.has("serve");
    let grant_admin = fields.optional("grant-admin", |at| home.grant_admin(at));
    let parameter_role = fields.optional("parameter-role", |at| home.role(at));
    let rebuild = home.rebuild(&fields);
    let has_keys = fields.has("kms-keys");
    // What has a problem of its own is not held against the rest of the entry.
    let rebuild = rebuild.filter(|_| is_clear && keys.is_some() == has_keys);
    let keys = keys.filter(|_| is_clear);
    let (id, place) = id?;
    Some(Account {
        id,
        place,
        roles,
        regions: served_in,
        serve,
        keys,
        grant_admin,
        parameter_role,
        rebuild,
    })
}

/// The id of an account, and of one: an AMI with encrypted snapshots can be shared with accounts and
/// organizations, and cannot be made public (EC2 user guide, "Make your AMI publicly available for use
/// in Amazon EC2": "Some AMIs can't be made public", "Encrypted volumes").
fn account_id(at: Cursor<'_>) -> Option<AccountId> {
    if !EVERYBODY.contains(&at.text()?.to_ascii_lowercase().as_str()) {
        return at.parsed();
    }
    let problem = at.problem(
        "an account id of 12 digits: an image with encrypted snapshots cannot be made public",
    );
    at.record(problem.hint("to share with every account of an organization, use `organization` instead of `account-id`"));
    None
}

/// How somebody is served.
pub(in crate::document) fn serve(at: Cursor<'_>) -> Option<DeliveryMode> {
    let choices = [DeliveryMode::Share, DeliveryMode::Copy].map(|serve| (serve.as_str(), serve));
    at.choice(&one_of(choices.map(|(word, _)| word)), &choices)
}

/// What is held against an account's entry.
struct Home<'h> {
    /// None if it could not be read; then any account's will do.
    account: Option<&'h AccountId>,
    regions: &'h RegionNames,
}

impl Home<'_> {
    /// Roles, or the word for all of them. An empty list is neither.
    fn roles(&self, at: Cursor<'_>) -> Option<Roles> {
        if at.as_text() == Some("any") {
            return Some(Roles::Any);
        }
        if !at.is_list() {
            return at
                .expected("a list of role ARNs, or `\"any\"` for every principal of the account");
        }
        let roles = at.some(
            "role, or `\"any\"` for every principal of the account",
            |at| self.pattern(at),
        );
        Some(Roles::Named(roles?.into_iter().collect()))
    }

    fn pattern(&self, at: Cursor<'_>) -> Option<RolePattern> {
        let text = at.text()?;
        if text.contains('*') && text.parse::<RolePattern>().is_err() {
            let hint =
                "a `*` elsewhere would give access to roles that nobody reviewed: name each role";
            at.record(at.problem(RolePattern::EXPECTED).hint(hint));
            return None;
        }
        self.arn("role", at)
    }

    fn role(&self, at: Cursor<'_>) -> Option<RoleArn> {
        self.arn("role", at)
    }

    /// An ARN of this account and of the document's partition.
    fn arn<T: FromStr<Err = NameError>>(&self, kind: &str, at: Cursor<'_>) -> Option<T> {
        let arn = self.regions.arn(at)?;
        self.is_of_account(kind, at)?;
        Some(arn)
    }

    fn is_of_account(&self, kind: &str, at: Cursor<'_>) -> Option<()> {
        let Some(account) = self.account else {
            return Some(());
        };
        if at.as_text()?.split(':').nth(4) == Some(account.as_str()) {
            return Some(());
        }
        let problem = at.problem(format!("a {kind} of account {account}"));
        at.record(problem.hint("another account is a consumer with an entry of its own"));
        None
    }

    fn keys(&self, fields: &Fields<'_>) -> Option<Keychain> {
        let (name, value) = fields.entry("kms-keys")?;
        let keys = value
            .entries()?
            .into_iter()
            .filter_map(|(name, key)| self.key(name, key));
        Some(Keychain {
            keys: keys.collect(),
            place: name.place(),
        })
    }

    fn key(&self, name: Cursor<'_>, key: Cursor<'_>) -> Option<(Region, KeyArn, Place)> {
        let region = self.regions.one(name)?;
        let arn = key_in(&region, key)?;
        self.is_of_account("key", key)?;
        Some((region, arn, name.place()))
    }

    fn grant_admin(&self, at: Cursor<'_>) -> Option<GrantAdmin> {
        let fields = at.object(Keys::Only(GRANT_ADMIN_KEYS))?;
        let role = fields.required("role", |at| self.role(at));
        let grantees = fields.required("service-linked-roles", |at| {
            let roles = at.some("service-linked role", |at| {
                Some((self.service_linked_role(at)?, at))
            })?;
            record_repeated(&roles, |(role, _)| role, |(_, at)| *at, "each role once");
            Some(roles.into_iter().map(|(role, _)| role).collect())
        });
        Some(GrantAdmin {
            role: role?,
            grantees: grantees?,
        })
    }

    fn rebuild(&self, fields: &Fields<'_>) -> Option<(Rebuild, Place)> {
        let (name, value) = fields.entry("rebuild")?;
        let fields = value.object(Keys::Only(REBUILD_KEYS))?;
        let role = fields.required("role", |at| self.role(at));
        let profile = fields.required("instance-profile", Cursor::parsed::<InstanceProfileName>);
        let rebuild = Rebuild {
            role: role?,
            instance_profile: profile?.to_string(),
        };
        Some((rebuild, name.place()))
    }

    fn service_linked_role(&self, at: Cursor<'_>) -> Option<RoleArn> {
        let role = self.role(at)?;
        if role.is_service_linked() {
            return Some(role);
        }
        at.expected("a service-linked role, whose path starts with `aws-service-role/`")
    }
}

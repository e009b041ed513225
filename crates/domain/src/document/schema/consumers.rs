//! The schema of `consumers` in `environment.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use crate::names::{
    AccountId, InstanceProfileName, KeyArn, OrganizationArn, OrganizationPath, Region, RoleArn,
    RolePattern,
};

/// Somebody who may launch the images.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) enum Consumer {
    /// An account.
    Account(Box<ConsumerAccount>),
    /// An organization.
    Organization(ConsumerOrganization),
    /// An organizational unit.
    Unit(ConsumerUnit),
}

/// An account that may launch the images.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct ConsumerAccount {
    /// The account. It cannot be `all`: an encrypted image cannot be made public.
    account_id: AccountId,
    /// The roles of the account that launch, or `any` for every principal of it.
    roles: Roles,
    /// Whether it shares our AMI, under our key, or gets an encrypted copy of its own. `share` if this is
    /// left out, or what `workload-accounts` says if it is a workload account, too.
    serve: Option<DeliveryMode>,
    /// The Regions in which it gets the images; all of this document if they are left out.
    #[schemars(length(min = 1))]
    regions: Option<Vec<Region>>,
    /// Keys of the account, by Region, that encrypt its copies.
    kms_keys: Option<BTreeMap<Region, KeyArn>>,
    /// Who makes grants on our key for service-linked roles of the account, as Auto Scaling needs them.
    grant_admin: Option<GrantAdmin>,
    /// The role of the account through which its SSM parameters are written.
    parameter_role: Option<RoleArn>,
    /// With what Image Builder in the account builds images again whose licence does not let them be copied.
    /// It takes `serve` `copy` and a key of the account in each of its Regions.
    rebuild: Option<Rebuild>,
}

/// With what images are built again in an account.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Rebuild {
    /// The role of the account through which its Image Builder is used.
    role: RoleArn,
    /// The name of the account's instance profile for the build.
    instance_profile: InstanceProfileName,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the type is there for its schema")]
enum Roles {
    /// Every principal of the account that its own policies allow it.
    Word(AnyRole),
    /// The ARNs of roles; `*` only for the suffix of a role of identity center.
    List(#[schemars(length(min = 1))] Vec<RolePattern>),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum AnyRole {
    Any,
}

/// How somebody is served: by launch permission on our AMI, or by an encrypted AMI of their own.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) enum DeliveryMode {
    Share,
    Copy,
}

/// A role that may make grants for service-linked roles of its account.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct GrantAdmin {
    /// The role that makes the grants.
    role: RoleArn,
    /// The service-linked roles that it may make them for.
    #[schemars(length(min = 1))]
    service_linked_roles: Vec<ServiceLinkedRole>,
}

/// The ARN of a service-linked role.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "the type is there for its schema")]
struct ServiceLinkedRole(
    #[schemars(regex(pattern = "^arn:aws[^:]*:iam:[^:]*:[0-9]{12}:role/aws-service-role/.+$"))]
    String,
);

/// An organization whose accounts may launch the images. It shares our AMIs.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct ConsumerOrganization {
    /// The ARN of the organization.
    #[schemars(extend("pattern" = "^arn:aws[^:]*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$"))]
    organization: OrganizationArn,
    /// The Regions in which images are shared with it; all of this document if they are left out.
    #[schemars(length(min = 1))]
    regions: Option<Vec<Region>>,
}

/// An organizational unit whose accounts may launch the images. It shares our AMIs.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct ConsumerUnit {
    /// The ARN of the unit.
    #[schemars(extend("pattern" = "^arn:aws[^:]*:organizations::[0-9]{12}:ou/.+$"))]
    organizational_unit: OrganizationArn,
    /// Its path from the organization down, as the key policy names it: `o-.../r-.../ou-.../*`.
    #[schemars(extend("pattern" = "/ou-[^/]+/\\*$"))]
    path: OrganizationPath,
    /// The Regions in which images are shared with it; all of this document if they are left out.
    #[schemars(length(min = 1))]
    regions: Option<Vec<Region>>,
}

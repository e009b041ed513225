//! The schema of `consumers` in `environment.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use crate::names::{
    AccountId, InstanceProfileName, KeyArn, OrganizationArn, OrganizationPath, Region, RoleArn,
    RolePattern,
};

/// An account, an organization or an organizational unit that may launch the images.
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
    /// The account. It cannot be `all`, because an encrypted image cannot be made public.
    #[schemars(extend("examples" = ["222222222222"]))]
    account_id: AccountId,
    /// The roles of the account that may launch. `any` means every principal that the account's own policies
    /// allow.
    #[schemars(extend("examples" = ["any", ["arn:aws:iam::222222222222:role/launch"]]))]
    roles: Roles,
    /// With `share` it launches our AMI. With `copy` it gets an encrypted AMI of its own. Without this member
    /// it is `share`, or for a workload account the value of `workload-accounts`.
    #[schemars(extend("examples" = ["copy"]))]
    serve: Option<DeliveryMode>,
    /// The Regions where it gets the images. Without this member these are all Regions of the document.
    #[schemars(length(min = 1), extend("examples" = [["us-east-1"]]))]
    regions: Option<Vec<Region>>,
    /// Keys of the account that encrypt its copies, by Region. In other Regions our key encrypts them. It
    /// needs `serve` as `copy`.
    #[schemars(extend("default" = {},
        "examples" = [{ "us-east-1": "arn:aws:kms:us-east-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab" }]))]
    kms_keys: Option<BTreeMap<Region, KeyArn>>,
    /// The role that makes grants on our key for the account's service-linked roles. Auto Scaling needs it.
    #[schemars(extend("examples" = [{
        "role": "arn:aws:iam::222222222222:role/goldsmith-nonprod-grant-admin",
        "service-linked-roles": [
            "arn:aws:iam::222222222222:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        ]
    }]))]
    grant_admin: Option<GrantAdmin>,
    /// The role of the account that writes its SSM parameters. Without it no parameter is written there.
    #[schemars(extend("examples" = ["arn:aws:iam::222222222222:role/goldsmith-nonprod-parameters"]))]
    parameter_role: Option<RoleArn>,
    /// How Image Builder in the account rebuilds an image that cannot be copied because of its licence. It
    /// needs `serve` as `copy`, and a key of the account in each of its Regions.
    #[schemars(extend("examples" = [{
        "role": "arn:aws:iam::333333333333:role/goldsmith-nonprod-rebuild",
        "instance-profile": "goldsmith-nonprod-rebuild"
    }]))]
    rebuild: Option<Rebuild>,
}

/// What Image Builder in an account uses to rebuild images.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Rebuild {
    /// The role of the account that reconcile assumes to use Image Builder there.
    #[schemars(extend("examples" = ["arn:aws:iam::333333333333:role/goldsmith-nonprod-rebuild"]))]
    role: RoleArn,
    /// The name of the account's instance profile for the build.
    #[schemars(extend("examples" = ["goldsmith-nonprod-rebuild"]))]
    instance_profile: InstanceProfileName,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the type is there for its schema")]
enum Roles {
    /// Every principal that the account's own policies allow.
    Word(AnyRole),
    /// The ARNs of roles. `*` is allowed only as the suffix of an identity center role.
    List(#[schemars(length(min = 1))] Vec<RolePattern>),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum AnyRole {
    Any,
}

/// How a consumer gets the images: by a launch permission on our AMI, or by an encrypted AMI of its own.
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
    #[schemars(extend("examples" = ["arn:aws:iam::222222222222:role/goldsmith-nonprod-grant-admin"]))]
    role: RoleArn,
    /// The service-linked roles that it may make grants for.
    #[schemars(length(min = 1), extend("examples" = [[
        "arn:aws:iam::222222222222:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    ]]))]
    service_linked_roles: Vec<ServiceLinkedRole>,
}

/// The ARN of a service-linked role.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "the type is there for its schema")]
struct ServiceLinkedRole(
    #[schemars(regex(pattern = "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/aws-service-role/.+$"))]
    String,
);

/// An organization. Our AMIs are shared with all of its accounts.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct ConsumerOrganization {
    /// The ARN of the organization.
    #[schemars(extend("pattern" = "^arn:aws(-[a-z]+)*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$",
        "examples" = ["arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5"]))]
    organization: OrganizationArn,
    /// The Regions where the images are shared with it. Without this member these are all Regions of the
    /// document.
    #[schemars(length(min = 1), extend("examples" = [["us-east-1"]]))]
    regions: Option<Vec<Region>>,
}

/// An organizational unit. Our AMIs are shared with all of its accounts.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct ConsumerUnit {
    /// The ARN of the unit.
    #[schemars(extend("pattern" = "^arn:aws(-[a-z]+)*:organizations::[0-9]{12}:ou/.+$",
        "examples" = ["arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-11111111"]))]
    organizational_unit: OrganizationArn,
    /// Its path below the organization, as the key policy names it: `o-.../r-.../ou-.../*`.
    #[schemars(extend("pattern" = "/ou-[^/]+/\\*$",
        "examples" = ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]))]
    path: OrganizationPath,
    /// The Regions where the images are shared with it. Without this member these are all Regions of the
    /// document.
    #[schemars(length(min = 1), extend("examples" = [["us-east-1"]]))]
    regions: Option<Vec<Region>>,
}

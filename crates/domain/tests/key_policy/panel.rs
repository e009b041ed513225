//! Who asks what of the key, and who is meant to get it: the rules of the documents, written a second
//! time.

use goldsmith_domain::consumers::{Account, Consumers, DeliveryMode, Roles};
use goldsmith_domain::names::Region;

use crate::key_policy::evaluator::Request;
use crate::key_policy::{BUILDING, role, service_linked_role};

/// Accounts, each with its place in an organization; the second to last is in one whose id starts like
/// another's.
pub const ACCOUNTS: [(&str, Option<&str>); 6] = [
    (
        "222222222222",
        Some("o-aaaaaaaaaa/r-1111/ou-1111-11111111/"),
    ),
    (
        "333333333333",
        Some("o-aaaaaaaaaa/r-1111/ou-1111-22222222/ou-1111-33333333/"),
    ),
    (
        "444444444444",
        Some("o-bbbbbbbbbb/r-1111/ou-1111-11111111/"),
    ),
    ("999999999999", None),
    (
        "555555555555",
        Some("o-aaaaaaaaaabb/r-1111/ou-1111-11111111/"),
    ),
    (BUILDING, Some("o-bbbbbbbbbb/r-1111/")),
];

pub const ORGANIZATIONS: [&str; 4] = [
    "o-aaaaaaaaaa/*",
    "o-aaaaaaaaaa/r-1111/ou-1111-11111111/*",
    "o-aaaaaaaaaa/r-1111/ou-1111-22222222/*",
    "o-bbbbbbbbbb/*",
];

/// The names of roles that documents may list.
pub const ROLES: [&str; 3] = [
    "mstr-launch",
    "teams/bi/launch",
    "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_*",
];

/// The service-linked role of Image Builder, which builds again.
const BUILDER: &str = "aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder";

const OTHERS: [&str; 7] = [
    BUILDER,
    "launch",
    "mstr-launch-2",
    "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef",
    "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Others_0123456789abcdef",
    "EC2ImageBuilderDistributionCrossAccountRole",
    "grant-admin",
];

const USES: [&str; 5] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:DescribeKey",
];
/// Who asks for the principal: nobody, the one service that may, and one that may not.
const SERVICES: [Option<&str>; 3] = [
    None,
    Some("ec2.us-east-1.amazonaws.com"),
    Some("rds.us-east-1.amazonaws.com"),
];
const GRANTS: [&str; 3] = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];
/// What no consumer ever gets.
const NEVER: [&str; 3] = [
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:GetKeyPolicy",
];

/// What the service-linked role of Auto Scaling is given (EC2 Auto Scaling user guide).
const OPERATIONS: [&str; 8] = [
    "Encrypt",
    "Decrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "DescribeKey",
    "CreateGrant",
];

/// Everything that anybody asks.
pub fn requests() -> Vec<Request> {
    let principals = ACCOUNTS.iter().flat_map(|(account, path)| {
        let roles = ROLES
            .iter()
            .filter(|name| !name.ends_with('*'))
            .chain(&OTHERS);
        let roles = roles.map(|name| role(account, name));
        let others = [
            format!("arn:aws:iam::{account}:user/ann"),
            format!("arn:aws:iam::{account}:root"),
        ];
        roles
            .chain(others)
            .map(|principal| (principal, *path))
            .collect::<Vec<_>>()
    });
    principals
        .flat_map(|(principal, org_path)| asked_by(&principal, org_path))
        .collect()
}

fn asked_by(principal: &str, org_path: Option<&'static str>) -> Vec<Request> {
    let plain = |action| Request {
        principal: principal.to_owned(),
        action,
        org_path,
        for_aws_resource: None,
        grantee: None,
        operations: None,
        via: None,
    };
    let account = plain("").account().to_owned();
    let resource = |yes| {
        move |request| Request {
            for_aws_resource: Some(yes),
            ..request
        }
    };
    let grant = |grantee: &str, operations: Option<Vec<&'static str>>| Request {
        grantee: Some(grantee.to_owned()),
        operations,
        for_aws_resource: Some(false),
        ..plain("kms:CreateGrant")
    };
    let own = service_linked_role(&account);
    let others = [
        grant(&own, Some(OPERATIONS.to_vec())),
        grant(&own, Some(vec!["Decrypt"])),
        grant(&own, Some(vec!["Decrypt", "RetireGrant"])),
        grant(&own, None),
        grant(principal, Some(OPERATIONS.to_vec())),
        grant(&role(&account, "grant-admin"), Some(vec!["Decrypt"])),
    ];
    let plain_ones = USES.into_iter().chain(NEVER).chain(GRANTS).map(plain);
    let for_resources = GRANTS.into_iter().map(plain).map(resource(true));
    let by_hand = GRANTS.into_iter().map(plain).map(resource(false));
    let all: Vec<Request> = plain_ones
        .chain(for_resources)
        .chain(by_hand)
        .chain(others)
        .collect();
    let through = |via| all.iter().cloned().map(move |one| Request { via, ..one });
    let through = SERVICES.into_iter().flat_map(through);
    through.collect()
}

/// Whether the documents let this in at the key of `region`.
pub fn is_meant(consumers: &Consumers, region: &Region, request: &Request) -> bool {
    let account = consumers
        .accounts
        .iter()
        .find(|account| account.id.as_str() == request.account());
    let account = account.filter(|a| a.regions.contains(region) && a.id.as_str() != BUILDING);
    let inside = |path: &str| {
        request
            .org_path
            .is_some_and(|place| place.starts_with(path.trim_end_matches('*')))
    };
    let organizations = consumers
        .organizations
        .iter()
        .filter(|o| o.regions.contains(region));
    let named = account.is_some_and(|account| may_launch(account, region, &request.principal))
        || organizations.map(|o| o.path.as_str()).any(inside);
    let launches = named && request.via.is_some_and(|via| via.starts_with("ec2."));
    let uses = launches && USES.contains(&request.action);
    let grants =
        launches && GRANTS.contains(&request.action) && request.for_aws_resource == Some(true);
    uses || grants || account.is_some_and(|account| may_grant(consumers, account, region, request))
}

fn own_key(account: &Account, region: &Region) -> bool {
    account.serve == DeliveryMode::Copy && account.keys.contains_key(region)
}

fn may_launch(account: &Account, region: &Region, principal: &str) -> bool {
    let distribution = role(
        account.id.as_str(),
        "EC2ImageBuilderDistributionCrossAccountRole",
    );
    let named = match &account.roles {
        Roles::Any => true,
        Roles::Named(roles) => roles
            .iter()
            .any(|role| match role.as_str().strip_suffix('*') {
                Some(start) => principal.starts_with(start),
                None => principal == role.as_str(),
            }),
    };
    (account.serve == DeliveryMode::Copy && principal == distribution)
        || (account.rebuild.is_some() && principal == role(account.id.as_str(), BUILDER))
        || (named && !own_key(account, region))
}

/// A grant for any declared service-linked role: the statement is one for all who make grants.
fn may_grant(consumers: &Consumers, account: &Account, region: &Region, request: &Request) -> bool {
    let with_our_key = |account: &&Account| {
        account.regions.contains(region)
            && account.id.as_str() != BUILDING
            && !own_key(account, region)
    };
    let admin = Some(account)
        .filter(with_our_key)
        .and_then(|account| account.grant_admin.as_ref());
    let declared = consumers
        .accounts
        .iter()
        .filter(with_our_key)
        .filter_map(|a| a.grant_admin.as_ref());
    let grantee = request.grantee.as_deref();
    request.action == "kms:CreateGrant"
        && admin.is_some_and(|admin| admin.role.as_str() == request.principal)
        && declared
            .flat_map(|admin| &admin.grantees)
            .any(|one| Some(one.as_str()) == grantee)
        && request
            .operations
            .as_ref()
            .is_some_and(|all| all.iter().all(|one| OPERATIONS.contains(one)))
}

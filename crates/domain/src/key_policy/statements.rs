//! Our statements: who has access, as JSON, and back.

use std::collections::{BTreeMap, BTreeSet};

use iam_policy::{Effect, Statement};
use serde_json::{Value, json};

use super::access::anyone_in;
use super::{
    Access, GRANT_ADMINS_SID, GRANT_SID, ORGANIZATIONS_GRANT_SID, ORGANIZATIONS_USE_SID, USE_SID,
};
use crate::names::AccountId;
use crate::policy::account_of;

/// What launching from a shared encrypted AMI needs (EBS user guide, "Share the KMS key that was used to
/// encrypt a shared Amazon EBS snapshot").
const USE_ACTIONS: [&str; 5] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:DescribeKey",
];
/// What EC2 does on a consumer's behalf when it attaches a volume.
const GRANT_ACTIONS: [&str; 3] = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];
/// What a service-linked role gets that launches with a key of another account (EC2 Auto Scaling user
/// guide, "Required AWS KMS key policy for use with encrypted volumes").
pub const GRANT_OPERATIONS: [&str; 8] = [
    "Encrypt",
    "Decrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "DescribeKey",
    "CreateGrant",
];

/// EC2, asking on a principal's behalf: a launch and a copy go through it, and nothing else is meant. In
/// China a service's name ends in `.cn` (KMS developer guide, "`kms:ViaService`").
const THROUGH_EC2: [&str; 2] = ["ec2.*.amazonaws.com", "ec2.*.amazonaws.com.cn"];

const PRINCIPAL_ARN: &str = "aws:PrincipalArn";
const ORG_PATHS: &str = "aws:PrincipalOrgPaths";
const GRANTEE: &str = "kms:GranteePrincipal";

/// The statements that let in exactly `access`. A pattern is written only where it narrows: one that is
/// no principal of its account, or no path in an organization, would be wider than what it stands for.
pub(super) fn write(access: &Access) -> Vec<Value> {
    let Access {
        accounts,
        organizations,
        grant_admins,
        grantees,
    } = access;
    let of_account = |(account, patterns)| of_account(account, patterns);
    let patterns: BTreeSet<&String> = accounts.iter().flat_map(of_account).collect();
    let paths: BTreeSet<&String> = organizations
        .iter()
        .filter(|path| path.starts_with("o-"))
        .collect();
    let admins: BTreeSet<&String> = grant_admins
        .iter()
        .filter(|role| account_of(role).is_some())
        .collect();
    let grantees: BTreeSet<&String> = grantees
        .iter()
        .filter(|role| account_of(role).is_some())
        .collect();
    let mut statements = Vec::new();
    if !patterns.is_empty() {
        let condition = json!({"ArnLike": {PRINCIPAL_ARN: patterns}});
        statements.extend(pair(
            [USE_SID, GRANT_SID],
            &json!(roots(&patterns)),
            &condition,
        ));
    }
    if !paths.is_empty() {
        let condition = json!({"ForAnyValue:StringLike": {ORG_PATHS: paths}});
        let sids = [ORGANIZATIONS_USE_SID, ORGANIZATIONS_GRANT_SID];
        statements.extend(pair(sids, &json!("*"), &condition));
    }
    if !admins.is_empty() && !grantees.is_empty() {
        let condition = for_grantees(&admins, &grantees);
        statements.push(statement(
            GRANT_ADMINS_SID,
            &json!(roots(&admins)),
            &["kms:CreateGrant"],
            &condition,
        ));
    }
    statements
}

/// One shared pair of statements: a pair for each consumer would fill the policy at about 70 of them. Nobody
/// gets the key by itself: with it, who has a data key's ciphertext could decrypt past EC2.
fn pair([use_sid, grant_sid]: [&str; 2], principal: &Value, condition: &Value) -> [Value; 2] {
    let mut through_ec2 = condition.clone();
    through_ec2["StringLike"] = json!({"kms:ViaService": THROUGH_EC2});
    let mut for_resources = through_ec2.clone();
    for_resources["Bool"] = json!({"kms:GrantIsForAWSResource": "true"});
    [
        statement(use_sid, principal, &USE_ACTIONS, &through_ec2),
        statement(grant_sid, principal, &GRANT_ACTIONS, &for_resources),
    ]
}

fn statement(sid: &str, principal: &Value, actions: &[&str], condition: &Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions,
           "Resource": "*", "Condition": condition})
}

/// A grant of a person's making: for the declared service-linked roles, with what they need. The grantee
/// is a single text and the operations are many (KMS developer guide, "AWS KMS condition keys").
/// `ForAllValues` is true where the key is absent, which `Null` rules out (IAM user guide, "Conditions
/// with multiple context keys or values").
fn for_grantees(admins: &BTreeSet<&String>, grantees: &BTreeSet<&String>) -> Value {
    json!({
        "ArnLike": {PRINCIPAL_ARN: admins},
        "StringEquals": {GRANTEE: grantees},
        "ForAllValues:StringEquals": {"kms:GrantOperations": GRANT_OPERATIONS},
        "Null": {"kms:GrantOperations": "false"},
    })
}

/// Those patterns that are of principals of `account`.
fn of_account<'a>(account: &AccountId, patterns: &'a BTreeSet<String>) -> Vec<&'a String> {
    patterns
        .iter()
        .filter(|pattern| account_of(pattern).as_ref() == Some(account))
        .collect()
}

/// The roots of the accounts that `arns` are of.
fn roots(arns: &BTreeSet<&String>) -> BTreeSet<String> {
    let root = |arn: &&String| {
        let (partition, account) = (partition(arn), account_of(arn)?);
        Some(format!("arn:{partition}:iam::{account}:root"))
    };
    arns.iter().filter_map(root).collect()
}

fn partition(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or("aws")
}

/// Whom our statements let in. Somebody may have edited them: what is wider than we would write it is
/// told as wide as it is.
pub(super) fn read(ours: impl Iterator<Item = Statement>) -> Access {
    let mut access = Access::default();
    for statement in ours.filter(|statement| statement.effect == Effect::Allow) {
        let statement = &statement;
        match statement.sid.as_deref() {
            Some(USE_SID | GRANT_SID) => read_accounts(statement, &mut access),
            Some(ORGANIZATIONS_USE_SID | ORGANIZATIONS_GRANT_SID) => {
                access
                    .organizations
                    .extend(values_or_any(statement, ORG_PATHS));
            }
            _ => {
                access.grant_admins.extend(patterns_of(statement));
                access.grantees.extend(values_or_any(statement, GRANTEE));
            }
        }
    }
    access
}

fn read_accounts(statement: &Statement, access: &mut Access) {
    let patterns = patterns_of(statement);
    let principals = statement.aws_principals();
    let everybody = principals.iter().any(|principal| principal == "*");
    // By account, since each of a policy's hundreds of principals looks for its own.
    let mut by_owner: BTreeMap<Option<AccountId>, Vec<&String>> = BTreeMap::new();
    for pattern in &patterns {
        by_owner
            .entry(account_of(pattern))
            .or_default()
            .push(pattern);
    }
    let of = |owner| by_owner.get(&owner).into_iter().flatten();
    for account in principals.iter().filter_map(|one| account_of(one)) {
        let own = of(Some(account.clone())).chain(of(None));
        let paths = own.map(|pattern| (*pattern).clone());
        access.accounts.entry(account).or_default().extend(paths);
    }
    if everybody {
        read_everybody(patterns, access);
    }
}

/// A principal `*`, which we never write into these statements: its patterns are all that narrows it.
fn read_everybody(patterns: Vec<String>, access: &mut Access) {
    if patterns.is_empty() || patterns.iter().any(|pattern| account_of(pattern).is_none()) {
        access.organizations.insert("*".to_owned());
    }
    for pattern in patterns {
        if let Some(account) = account_of(&pattern) {
            access.accounts.entry(account).or_default().insert(pattern);
        }
    }
}

/// The principals that a statement is narrowed to; everybody in its accounts if it is not.
fn patterns_of(statement: &Statement) -> Vec<String> {
    if let Some(patterns) = statement.condition_values(PRINCIPAL_ARN) {
        return patterns.into_iter().map(str::to_owned).collect();
    }
    let anyone = |root: &String| Some(anyone_in(partition(root), &account_of(root)?));
    let principals = statement.aws_principals().iter();
    principals.filter_map(anyone).collect()
}

/// What a statement compares `key` with; anything if it does not compare it.
fn values_or_any(statement: &Statement, key: &str) -> Vec<String> {
    let values = statement.condition_values(key).unwrap_or_else(|| vec!["*"]);
    values.into_iter().map(str::to_owned).collect()
}

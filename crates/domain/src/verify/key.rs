//! Whether our keys let a consumer in: from our side by their policies and grants, from the consumer's side
//! by the policies of its roles.

use std::collections::BTreeSet;

use iam_policy::{Context, Decision, Policy, Request};

use super::attempt::{NO_SUCH_ROLE, key_use};
use super::questions::{key_of, launchers, our_key, principals_of, used_key};
use super::{Attempt, Check, Consumer, Known, Seen, Status, Verdict};
use crate::consumers::Account;
use crate::desired::Desired;
use crate::names::{AccountId, KeyArn, OrganizationPath, Region, RoleArn};
use crate::policy::account_of;
use crate::stack::StackContext;

/// What launching from an image under a key of another account takes (EBS user guide, "Share the KMS key
/// that was used to encrypt a shared Amazon EBS snapshot").
pub const LAUNCH_ACTIONS: [&str; 6] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// A key of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenKey {
    /// Its policy.
    pub policy: Known<String>,
    /// The grants on it.
    pub grants: Known<Vec<Grant>>,
}

/// A grant on a key (KMS `GrantListEntry`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who may use the key by it.
    pub grantee: String,
    /// What it allows, such as `Decrypt`.
    pub operations: BTreeSet<String>,
    /// Whether it allows that only in a certain encryption context, such as that of one volume.
    pub is_constrained: bool,
}

/// Who uses a key, and from where.
struct User<'a> {
    /// An ARN, or a pattern that a role's ARN fits.
    principal: &'a str,
    /// Its place in an organization, if that is known.
    path: Option<&'a OrganizationPath>,
    region: &'a Region,
}

/// Whether `consumer` can use the key of `region`.
pub(super) fn verdicts(
    consumer: Consumer<'_>,
    region: &Region,
    desired: &Desired,
    stack: &StackContext,
    seen: &Seen,
) -> Vec<(Check, Verdict)> {
    let Some(key) = our_key(desired, stack, region) else {
        return Vec::new();
    };
    match consumer {
        Consumer::Organization(organization) => {
            let everybody = format!("arn:{}:iam::*:role/*", stack.partition());
            let user = User {
                principal: &everybody,
                path: Some(&organization.path),
                region,
            };
            vec![(Check::Key, opens(key, seen, &user, "every principal of it"))]
        }
        Consumer::Account(account) => of_account(account, key, region, desired, stack, seen),
    }
}

fn of_account(
    account: &Account,
    key: &KeyArn,
    region: &Region,
    desired: &Desired,
    stack: &StackContext,
    seen: &Seen,
) -> Vec<(Check, Verdict)> {
    let principals = principals_of(account, stack, region);
    let evaluated = principals.iter().map(|principal| {
        let user = User {
            principal,
            path: None,
            region,
        };
        let verdict =
            absent(seen, principal, key).unwrap_or_else(|| opens(key, seen, &user, principal));
        (Check::Key, verdict)
    });
    let own_key = used_key(account, desired, stack, region) != Some(key);
    let grantees = account
        .grant_admin
        .iter()
        .filter(|_| !own_key)
        .flat_map(|admin| &admin.grantees);
    let granted = grantees.map(|role| (Check::Key, granted(key, seen, role.as_str())));
    let used = launchers(account).map(|role| {
        let used = key_of(account, key, region);
        let unasked = Attempt::NotMade("nobody asked".to_owned());
        let attempt = seen
            .key_uses
            .get(&(role.clone(), used.clone()))
            .unwrap_or(&unasked);
        (Check::KeyUse, key_use(&role, used, attempt))
    });
    evaluated.chain(granted).chain(used).collect()
}

/// Of a role that its account was seen not to have: what a policy allows it helps nobody.
fn absent(seen: &Seen, principal: &str, key: &KeyArn) -> Option<Verdict> {
    let is_absent = |((role, _), attempt): (&(RoleArn, KeyArn), &Attempt)| {
        let absent = matches!(attempt, Attempt::Refused { code, .. } if code == NO_SUCH_ROLE);
        absent && role.as_str() == principal
    };
    let expected = format!("{principal} may use {key}");
    let missing = || Verdict::new(Status::Missing, &expected, "the role does not exist");
    seen.key_uses.iter().any(is_absent).then(missing)
}

/// Whether the policy of a key, or a grant on it, lets a principal do what a launch takes.
fn opens(key: &KeyArn, seen: &Seen, user: &User<'_>, who: &str) -> Verdict {
    let expected = format!("{who} may use {key}");
    let unknown = |reason: &str| Verdict::new(Status::Unknown, &expected, reason);
    let Some(SeenKey { policy, grants }) = seen.keys.get(key) else {
        return unknown("nobody asked");
    };
    let text = match policy {
        Ok(text) => text,
        Err(reason) => return unknown(reason),
    };
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(error) => return unknown(&format!("its policy cannot be read: {error}")),
    };
    let none = Vec::new();
    let grants = grants.as_ref().unwrap_or(&none);
    let said = LAUNCH_ACTIONS.map(|action| (action, user.decision(&policy, grants, key, action)));
    let (status, actual) = summary(&said);
    Verdict::new(status, &expected, actual)
}

/// What the decisions on all actions come to: a denial tells most, then what is missing, then a doubt.
fn summary(said: &[(&str, Decision)]) -> (Status, String) {
    let denied = said
        .iter()
        .find_map(|(action, one)| Some((action, one.denied_by()?)));
    if let Some((action, by)) = denied {
        return (
            Status::Incorrect,
            format!("statement {by} of its policy denies {action}"),
        );
    }
    let silent = said
        .iter()
        .filter(|(_, one)| *one == Decision::ImplicitDeny);
    let silent: Vec<&str> = silent.map(|(action, _)| *action).collect();
    if !silent.is_empty() {
        return (
            Status::Missing,
            format!("nothing allows {}", silent.join(", ")),
        );
    }
    let doubt = said
        .iter()
        .find_map(|(action, one)| Some((action, one.doubt()?)));
    if let Some((action, why)) = doubt {
        return (Status::Unknown, format!("{action} cannot be judged: {why}"));
    }
    let by: BTreeSet<&str> = said
        .iter()
        .filter_map(|(_, one)| one.allowed_by())
        .collect();
    (
        Status::Correct,
        format!(
            "allowed by {}",
            by.into_iter().collect::<Vec<_>>().join(", ")
        ),
    )
}

/// Whether a service-linked role, which takes no policy, holds a grant that Auto Scaling can launch with.
fn granted(key: &KeyArn, seen: &Seen, role: &str) -> Verdict {
    let expected = format!("{role} holds a grant on {key}");
    let (status, actual) = match seen.keys.get(key).map(|key| &key.grants) {
        None => (Status::Unknown, "nobody asked".to_owned()),
        Some(Err(reason)) => (Status::Unknown, reason.clone()),
        Some(Ok(grants)) => {
            let allows = |action: &&&str| by_grant(grants, role, action);
            let missing: Vec<&str> = LAUNCH_ACTIONS
                .iter()
                .filter(|action| !allows(action))
                .copied()
                .collect();
            match missing.len() {
                0 => (Status::Correct, "it does".to_owned()),
                all if all == LAUNCH_ACTIONS.len() => (Status::Missing, "it holds none".to_owned()),
                _ => (
                    Status::Incorrect,
                    format!("no grant of it allows {}", missing.join(", ")),
                ),
            }
        }
    };
    Verdict::new(status, &expected, actual)
}

/// Whether a grant allows the action whatever the encryption context; its operations have the actions'
/// names.
fn by_grant(grants: &[Grant], principal: &str, action: &str) -> bool {
    let operation = action.strip_prefix("kms:").unwrap_or(action);
    grants.iter().any(|grant| {
        grant.grantee == principal && !grant.is_constrained && grant.operations.contains(operation)
    })
}

impl User<'_> {
    /// A grant allows what the policy is silent about, and not what it denies (KMS developer guide, "Grants
    /// in AWS KMS").
    fn decision(&self, policy: &Policy, grants: &[Grant], key: &KeyArn, action: &str) -> Decision {
        let principal = self.example();
        let context = self.context(&principal, action);
        let request = Request {
            principal: &principal,
            action,
            resource: key.as_str(),
            context: &context,
        };
        let said = policy.evaluate(&request);
        if said == Decision::ImplicitDeny && by_grant(grants, &principal, action) {
            return Decision::Allowed("a grant".to_owned());
        }
        said
    }

    /// A principal that the pattern stands for.
    fn example(&self) -> String {
        /// The account that stands for any; no account has this number.
        const ANY_ACCOUNT: &str = "::000000000000:";
        self.principal
            .replace("::*:", ANY_ACCOUNT)
            .replace(":*", ":role/any")
            .replace('*', "any")
    }

    /// What is known of a launch: EC2 asks for the principal (KMS developer guide, "AWS KMS condition keys").
    fn context(&self, principal: &str, action: &str) -> Context {
        let account = account_of(principal).map(|account: AccountId| account.to_string());
        let for_resource = (action == "kms:CreateGrant").then_some("true");
        let mut context = Context::default();
        context.set("aws:PrincipalArn", principal);
        context.set("kms:ViaService", self.region.service("ec2"));
        context.set_all("kms:GrantIsForAWSResource", for_resource);
        context.set("aws:SecureTransport", "true");
        if let Some(path) = self.path {
            let path = path.as_str().trim_end_matches('*');
            let organization = path.split('/').next().unwrap_or(path);
            context.set("aws:PrincipalOrgPaths", path);
            context.set("aws:PrincipalOrgID", organization);
        } else {
            for key in ["aws:PrincipalAccount", "kms:CallerAccount"] {
                context.set_all(key, account.clone());
            }
        }
        context
    }
}

//! The consumers' statements in the policy of the output bucket: at most two, found by their Sids, which
//! let them read what is published.
//!
//! Invariants: every other statement stays byte for byte as it is; a policy that S3 would refuse is never
//! handed out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::consumers::Consumers;
use crate::names::AccountId;
use crate::policy::{Deleted, Policy, account_of, fitting, too_large};
use crate::stack::StackContext;

/// The statement that lets accounts read.
pub const READ_SID: &str = "GoldsmithConsumersRead";
/// The statement that lets organizations read.
pub const ORGANIZATIONS_READ_SID: &str = "GoldsmithOrganizationsRead";

const SIDS: [&str; 2] = [READ_SID, ORGANIZATIONS_READ_SID];

/// The condition that narrows everybody to organizations.
const ORG_PATHS: &str = "aws:PrincipalOrgPaths";

/// S3 refuses a bucket policy beyond 20 KB, in bytes (S3 user guide, "Bucket policies").
pub const LARGEST_POLICY: usize = 20 * 1024;

/// The language of a policy that is ours alone.
const VERSION: &str = "2012-10-17";

/// Why a bucket policy cannot be brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BucketPolicyError {
    /// What S3 returned is not a policy.
    #[error("the policy of the output bucket is not a policy document: {0}")]
    Malformed(String),
    /// S3 would refuse to store it.
    #[error(
        "the policy of the output bucket would have {bytes} bytes, and S3 takes at most {LARGEST_POLICY}: {}",
        too_large(*.fit, *.of)
    )]
    TooLarge {
        /// How large it would be.
        bytes: usize,
        /// How many accounts fit.
        fit: usize,
        /// How many there are.
        of: usize,
    },
    /// S3 shows a deleted principal by its unique id and refuses it when it is written back.
    #[error(
        "statement {sid} of the output bucket's policy names {principal}, a role or user that was deleted, and S3 \
         refuses every write while it is there; take it out, or put the ARN of what replaces it in its place: {statement}"
    )]
    DeletedPrincipal {
        /// The Sid of the statement, or its place.
        sid: String,
        /// The unique id of what was deleted.
        principal: String,
        /// The statement, cut if it is long.
        statement: String,
    },
}

impl From<Deleted> for BucketPolicyError {
    fn from(
        Deleted {
            sid,
            principal,
            statement,
        }: Deleted,
    ) -> Self {
        Self::DeletedPrincipal {
            sid,
            principal,
            statement,
        }
    }
}

/// Who may read what is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readers {
    /// Accounts; which of their principals read is theirs to say.
    pub accounts: BTreeSet<AccountId>,
    /// `aws:PrincipalOrgPaths` patterns.
    pub organizations: BTreeSet<String>,
    /// What they read, as the ARN of objects.
    pub objects: String,
}

impl Readers {
    /// Every consumer, wherever and however it is served; never the building account, whose bucket it is.
    pub fn of(consumers: &Consumers, stack: &StackContext) -> Self {
        let others = consumers
            .accounts
            .iter()
            .filter(|account| account.id != stack.account);
        let paths = consumers
            .organizations
            .iter()
            .map(|organization| organization.path.to_string());
        Self {
            accounts: others.map(|account| account.id.clone()).collect(),
            organizations: paths.collect(),
            objects: format!(
                "arn:{}:s3:::{}/images/*",
                stack.partition(),
                output_bucket(stack)
            ),
        }
    }

    /// Those of them that are among `current`; they read what those read.
    #[must_use]
    pub fn among(self, current: Self) -> Self {
        let reads = !current.objects.is_empty();
        Self {
            accounts: &self.accounts & &current.accounts,
            organizations: &self.organizations & &current.organizations,
            objects: if reads { current.objects } else { self.objects },
        }
    }

    fn first(&self, count: usize) -> Self {
        Self {
            accounts: self.accounts.iter().take(count).cloned().collect(),
            ..self.clone()
        }
    }
}

/// The name that the stack's template gives the output bucket.
fn output_bucket(stack: &StackContext) -> String {
    let StackContext {
        environment,
        account,
        region,
        ..
    } = stack;
    format!("goldsmith-{environment}-output-{account}-{region}")
}

/// A bucket policy as it is, with our statements taken out.
pub struct BucketPolicy<'a>(Policy<'a>);

impl<'a> BucketPolicy<'a> {
    /// Reads a policy as `GetBucketPolicy` returns it; an empty text is no policy.
    pub fn parse(text: &'a str) -> Result<Self, BucketPolicyError> {
        if text.is_empty() {
            return Ok(Self(Policy::empty(VERSION)));
        }
        Policy::parse(text, &SIDS)
            .map(Self)
            .map_err(BucketPolicyError::Malformed)
    }

    /// Whom our statements let in.
    pub fn readers(&self) -> Readers {
        let mut readers = Readers::default();
        for statement in self.0.statements_of_ours() {
            if statement.sid.as_deref() == Some(READ_SID) {
                let principals = statement.aws_principals().iter();
                let accounts = principals.filter_map(|principal| account_of(principal));
                readers.accounts.extend(accounts);
            } else {
                let paths = statement.condition_values(ORG_PATHS).unwrap_or_default();
                readers
                    .organizations
                    .extend(paths.into_iter().map(str::to_owned));
            }
            let resources = statement.resource.unwrap_or_default();
            readers.objects = resources.into_iter().next().unwrap_or_default();
        }
        readers
    }

    /// The policy whose statements of ours let in exactly `readers`, or `None` if they do already. An
    /// empty text if nothing is left to say: S3 stores no policy without statements, so that the bucket
    /// has to have none.
    pub fn with(&self, readers: &Readers) -> Result<Option<String>, BucketPolicyError> {
        let ours = statements(readers);
        if self.0.says(&ours) {
            return Ok(None);
        }
        if let Some(deleted) = self.0.deleted_principal() {
            return Err(deleted.into());
        }
        if ours.is_empty() && self.0.foreign().is_empty() {
            return Ok(Some(String::new()));
        }
        self.fitting(readers, &ours).map(Some)
    }

    fn fitting(&self, readers: &Readers, ours: &[Value]) -> Result<String, BucketPolicyError> {
        let text = self.0.with(ours);
        if text.len() <= LARGEST_POLICY {
            return Ok(text);
        }
        let of = readers.accounts.len();
        let size = |count| self.0.with(&statements(&readers.first(count))).len();
        Err(BucketPolicyError::TooLarge {
            bytes: text.len(),
            fit: fitting(of, LARGEST_POLICY, size),
            of,
        })
    }
}

fn statements(readers: &Readers) -> Vec<Value> {
    let Readers {
        accounts,
        organizations,
        objects,
    } = readers;
    let partition = objects.split(':').nth(1).unwrap_or("aws");
    let statement = |sid, principal: Value| {
        json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:GetObject",
               "Resource": objects})
    };
    let roots: Vec<String> = accounts
        .iter()
        .map(|account| format!("arn:{partition}:iam::{account}:root"))
        .collect();
    let mut statements = Vec::new();
    if !roots.is_empty() {
        statements.push(statement(READ_SID, json!(roots)));
    }
    if let Some(condition) = in_organizations(organizations) {
        let mut of_organizations = statement(ORGANIZATIONS_READ_SID, json!("*"));
        of_organizations["Condition"] = condition;
        statements.push(of_organizations);
    }
    statements
}

/// The paths, and the organizations that they are in: the bucket blocks public policies, and S3 calls one
/// public whose principal `*` is narrowed by values with a wildcard only (S3 user guide, "Blocking public
/// access to your Amazon S3 storage", "The meaning of public").
fn in_organizations(paths: &BTreeSet<String>) -> Option<Value> {
    let paths: Vec<&String> = paths.iter().filter(|path| path.starts_with("o-")).collect();
    let ids: BTreeSet<&str> = paths
        .iter()
        .filter_map(|path| path.split('/').next())
        .collect();
    let condition = json!({
        "StringEquals": {"aws:PrincipalOrgID": ids},
        "ForAnyValue:StringLike": {ORG_PATHS: paths},
    });
    (!paths.is_empty()).then_some(condition)
}

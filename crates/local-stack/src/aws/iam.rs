//! IAM: roles, users and their policies.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Deserializer};

use super::{Aws, CallError};

const VERSION: &str = "2010-05-08";

/// A role or a user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Entity {
    #[serde(rename = "Arn")]
    pub arn: String,
    /// `AROA...` or `AIDA...`: another one when the name is used again.
    #[serde(rename = "RoleId", alias = "UserId")]
    pub id: String,
    #[serde(rename = "PermissionsBoundary")]
    boundary: Option<Boundary>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Boundary {
    #[serde(rename = "PermissionsBoundaryArn")]
    arn: String,
}

impl Entity {
    /// The ARN of the policy that bounds its permissions.
    pub fn boundary(&self) -> Option<&str> {
        self.boundary.as_ref().map(|boundary| boundary.arn.as_str())
    }
}

/// Every role, user, group and policy of an account.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Authorizations {
    #[serde(rename = "RoleDetailList", default)]
    roles: Members<Detail>,
    #[serde(rename = "UserDetailList", default)]
    users: Members<Detail>,
    #[serde(rename = "GroupDetailList", default)]
    groups: Members<Detail>,
    #[serde(rename = "Policies", default)]
    policies: Members<Managed>,
}

#[derive(Debug, Deserialize)]
struct Members<T> {
    #[serde(rename = "member", default = "Vec::new")]
    list: Vec<T>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { list: Vec::new() }
    }
}

/// A role, a user or a group with its policies.
#[derive(Debug, Deserialize)]
struct Detail {
    #[serde(rename = "Arn")]
    arn: String,
    #[serde(
        rename = "RolePolicyList",
        alias = "UserPolicyList",
        alias = "GroupPolicyList",
        default
    )]
    inline: Members<Inline>,
    #[serde(rename = "AttachedManagedPolicies", default)]
    attached: Members<Attached>,
    #[serde(rename = "GroupList", default)]
    groups: Members<String>,
}

#[derive(Debug, Deserialize)]
struct Inline {
    #[serde(rename = "PolicyDocument", deserialize_with = "decoded")]
    document: String,
}

#[derive(Debug, Deserialize)]
struct Attached {
    #[serde(rename = "PolicyArn")]
    arn: String,
}

#[derive(Debug, Deserialize)]
struct Managed {
    #[serde(rename = "Arn")]
    arn: String,
    #[serde(rename = "PolicyVersionList", default)]
    versions: Members<Version>,
}

#[derive(Debug, Deserialize)]
struct Version {
    #[serde(rename = "Document", deserialize_with = "decoded")]
    document: String,
    #[serde(rename = "IsDefaultVersion", default)]
    is_default: bool,
}

/// IAM sends documents percent-encoded.
fn decoded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(percent_decode_str(&text).decode_utf8_lossy().into_owned())
}

/// The policies of a role or user.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Policies {
    /// Documents.
    pub inline: Vec<String>,
    /// ARNs.
    pub attached: Vec<String>,
}

impl Authorizations {
    /// What is written in and attached to the role or user `arn` and the groups it is in.
    pub fn of(&self, arn: &str) -> Policies {
        let mut policies = Policies::default();
        let details = self
            .roles
            .list
            .iter()
            .chain(&self.users.list)
            .filter(|detail| detail.arn == arn);
        for detail in details {
            policies.add(detail);
            self.groups
                .list
                .iter()
                .filter(|group| detail.is_in(group))
                .for_each(|group| policies.add(group));
        }
        policies
    }

    /// The document of a policy that the account manages.
    pub fn document(&self, arn: &str) -> Option<&str> {
        let policy = self.policies.list.iter().find(|policy| policy.arn == arn)?;
        let version = policy
            .versions
            .list
            .iter()
            .find(|version| version.is_default)?;
        Some(&version.document)
    }
}

impl Detail {
    fn is_in(&self, group: &Self) -> bool {
        let name = group.arn.rsplit('/').next();
        self.groups
            .list
            .iter()
            .any(|group| Some(group.as_str()) == name)
    }
}

impl Policies {
    fn add(&mut self, detail: &Detail) {
        self.inline.extend(
            detail
                .inline
                .list
                .iter()
                .map(|inline| inline.document.clone()),
        );
        self.attached.extend(
            detail
                .attached
                .list
                .iter()
                .map(|attached| attached.arn.clone()),
        );
    }
}

#[derive(Deserialize)]
struct Got {
    #[serde(rename = "GetRoleResult", alias = "GetUserResult")]
    result: GotResult,
}

#[derive(Deserialize)]
struct GotResult {
    #[serde(rename = "Role", alias = "User")]
    entity: Entity,
}

#[derive(Deserialize)]
struct Details {
    #[serde(rename = "GetAccountAuthorizationDetailsResult")]
    result: Authorizations,
}

#[derive(Deserialize)]
struct GotPolicy {
    #[serde(rename = "GetPolicyResult")]
    result: GotPolicyResult,
}

#[derive(Deserialize)]
struct GotPolicyResult {
    #[serde(rename = "Policy")]
    policy: ManagedHead,
}

#[derive(Deserialize)]
struct ManagedHead {
    #[serde(rename = "DefaultVersionId")]
    default_version: String,
}

#[derive(Deserialize)]
struct GotVersion {
    #[serde(rename = "GetPolicyVersionResult")]
    result: GotVersionResult,
}

#[derive(Deserialize)]
struct GotVersionResult {
    #[serde(rename = "PolicyVersion")]
    version: Version,
}

#[derive(Deserialize)]
struct LastUsed {
    #[serde(rename = "GetAccessKeyLastUsedResult")]
    result: LastUsedResult,
}

#[derive(Deserialize)]
struct LastUsedResult {
    #[serde(rename = "UserName")]
    user: String,
}

impl Aws {
    /// Any operation of IAM that answers nothing of interest, such as `CreateRole`.
    pub async fn iam(
        &self,
        operation: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<(), CallError> {
        self.query("iam", operation, VERSION, parameters)
            .await
            .map(drop)
    }

    /// The role of this name, whatever its path.
    pub(crate) async fn role(&self, name: &str) -> Result<Option<Entity>, CallError> {
        self.entity("GetRole", ("RoleName", name)).await
    }

    /// The user of this name, whatever its path.
    pub(crate) async fn user(&self, name: &str) -> Result<Option<Entity>, CallError> {
        self.entity("GetUser", ("UserName", name)).await
    }

    async fn entity(
        &self,
        operation: &'static str,
        name: (&str, &str),
    ) -> Result<Option<Entity>, CallError> {
        let answer = found(self.query("iam", operation, VERSION, &[name]).await)?;
        let got = answer.map(|answer| answer.xml::<Got>()).transpose()?;
        Ok(got.map(|got| got.result.entity))
    }

    /// Everything that the account's IAM holds, in one call.
    pub(crate) async fn authorizations(&self) -> Result<Authorizations, CallError> {
        let answer = self
            .query("iam", "GetAccountAuthorizationDetails", VERSION, &[])
            .await?;
        Ok(answer.xml::<Details>()?.result)
    }

    /// The document of a managed policy, for those that AWS manages.
    pub(crate) async fn managed_policy(&self, arn: &str) -> Result<Option<String>, CallError> {
        let parameters = [("PolicyArn", arn)];
        let Some(answer) = found(self.query("iam", "GetPolicy", VERSION, &parameters).await)?
        else {
            return Ok(None);
        };
        let version = answer.xml::<GotPolicy>()?.result.policy.default_version;
        let parameters = [("PolicyArn", arn), ("VersionId", version.as_str())];
        let answer = self
            .query("iam", "GetPolicyVersion", VERSION, &parameters)
            .await?;
        Ok(Some(answer.xml::<GotVersion>()?.result.version.document))
    }

    /// Whose long-lived access key this is.
    pub(crate) async fn user_of_key(&self, key: &str) -> Result<Option<String>, CallError> {
        let parameters = [("AccessKeyId", key)];
        let answer = found(
            self.query("iam", "GetAccessKeyLastUsed", VERSION, &parameters)
                .await,
        )?;
        let used = answer.map(|answer| answer.xml::<LastUsed>()).transpose()?;
        Ok(used.map(|used| used.result.user))
    }
}

fn found<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Err(error) if error.is_not_found() => Ok(None),
        other => other.map(Some),
    }
}

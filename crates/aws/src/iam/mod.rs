//! The IAM operations that are needed, over [`Query`].

mod simulation;

use aws_config::SdkConfig;
use serde::Deserialize;

use crate::calls::CallCounter;
use crate::fault::CallError;
use crate::query::{Query, QueryService, encoded};
use crate::signed::Service;

const IAM: QueryService = QueryService {
    service: Service {
        id: "IAM",
        name: "iam",
        is_global: true,
    },
    version: "2010-05-08",
};

/// A client of a partition's IAM.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    query: Query,
}

impl Client {
    pub(crate) fn new(config: &SdkConfig, counter: &CallCounter) -> Self {
        Self {
            query: Query::new(IAM, config, counter),
        }
    }

    /// The ARNs of the roles in an instance profile: at most one (IAM user guide, "Instance profiles").
    pub(crate) async fn profile_roles(&self, profile: &str) -> Result<Vec<String>, CallError> {
        let body = format!("&InstanceProfileName={}", encoded(profile));
        let answer: ProfileAnswer = self.query.answer("iam:GetInstanceProfile", body).await?;
        let roles = answer.result.profile.roles.items.into_iter();
        Ok(roles.map(|role| role.arn).collect())
    }

    /// The ARNs of the managed policies that are attached to a role, in two calls with
    /// [`inline_policies`](Self::inline_policies). A role has at most 20 (IAM user guide, quotas), which fit a page.
    pub(crate) async fn attached_policies(&self, role: &str) -> Result<Vec<String>, CallError> {
        let body = format!("&RoleName={}", encoded(role));
        let answer: AttachedAnswer = self
            .query
            .answer("iam:ListAttachedRolePolicies", body)
            .await?;
        let policies = answer.result.policies.items.into_iter();
        Ok(policies.map(|policy| policy.arn).collect())
    }

    /// The names of the policies that are written into a role; the first page of them.
    pub(crate) async fn inline_policies(&self, role: &str) -> Result<Vec<String>, CallError> {
        let body = format!("&RoleName={}", encoded(role));
        let answer: InlineAnswer = self.query.answer("iam:ListRolePolicies", body).await?;
        Ok(answer.result.names.items)
    }
}

/// `ListAttachedRolePoliciesResponse`, as far as the policies go.
#[derive(Debug, Deserialize)]
struct AttachedAnswer {
    #[serde(rename = "ListAttachedRolePoliciesResult")]
    result: AttachedResult,
}

#[derive(Debug, Deserialize)]
struct AttachedResult {
    #[serde(rename = "AttachedPolicies", default)]
    policies: Members<AttachedPolicy>,
}

#[derive(Debug, Deserialize)]
struct AttachedPolicy {
    #[serde(rename = "PolicyArn")]
    arn: String,
}

/// `ListRolePoliciesResponse`, as far as the names go.
#[derive(Debug, Deserialize)]
struct InlineAnswer {
    #[serde(rename = "ListRolePoliciesResult")]
    result: InlineResult,
}

#[derive(Debug, Deserialize)]
struct InlineResult {
    #[serde(rename = "PolicyNames", default)]
    names: Members<String>,
}

/// A list as IAM writes it.
#[derive(Debug, Deserialize)]
struct Members<T> {
    #[serde(rename = "member", default = "Vec::new")]
    items: Vec<T>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

/// `GetInstanceProfileResponse`, as far as roles go.
#[derive(Debug, Deserialize)]
struct ProfileAnswer {
    #[serde(rename = "GetInstanceProfileResult")]
    result: ProfileResult,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProfileResult {
    #[serde(rename = "InstanceProfile")]
    profile: Profile,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Profile {
    #[serde(default)]
    roles: Members<Role>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    arn: String,
}

//! The IAM operations that are needed, over [`Query`].

#[cfg(feature = "operator")]
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
    roles: Roles,
}

#[derive(Debug, Default, Deserialize)]
struct Roles {
    #[serde(rename = "member", default)]
    items: Vec<Role>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    arn: String,
}

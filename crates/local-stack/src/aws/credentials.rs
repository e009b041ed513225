//! Credentials: sessions of roles, keys of users, and whose a key is.

use aws_credential_types::Credentials;
use serde::Deserialize;

use super::{Aws, CallError};

const VERSION: &str = "2011-06-15";

/// The version of IAM, which makes the keys of users.
const IAM: &str = "2010-05-08";

#[derive(Deserialize)]
struct Assumed {
    #[serde(rename = "AssumeRoleResult")]
    result: AssumedResult,
}

#[derive(Deserialize)]
struct AssumedResult {
    #[serde(rename = "Credentials")]
    credentials: Session,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session {
    access_key_id: String,
    secret_access_key: String,
    #[serde(rename = "SessionToken")]
    token: String,
}

#[derive(Deserialize)]
struct KeyMade {
    #[serde(rename = "CreateAccessKeyResult")]
    result: KeyMadeResult,
}

#[derive(Deserialize)]
struct KeyMadeResult {
    #[serde(rename = "AccessKey")]
    key: AccessKey,
}

#[derive(Deserialize)]
struct AccessKey {
    #[serde(rename = "AccessKeyId")]
    id: String,
    #[serde(rename = "SecretAccessKey")]
    secret: String,
}

#[derive(Deserialize)]
struct KeyInfo {
    #[serde(rename = "GetAccessKeyInfoResult")]
    result: KeyInfoResult,
}

#[derive(Deserialize)]
struct KeyInfoResult {
    #[serde(rename = "Account")]
    account: String,
}

impl Aws {
    /// The same stack, seen by a session of the role `arn`, in the role's account.
    pub async fn as_role(&self, arn: &str) -> Result<Self, CallError> {
        let parameters = [("RoleArn", arn), ("RoleSessionName", "session")];
        let answer = self
            .query("sts", "AssumeRole", VERSION, &parameters)
            .await?;
        let session = answer.xml::<Assumed>()?.result.credentials;
        let (key, secret, token) = (
            session.access_key_id,
            session.secret_access_key,
            Some(session.token),
        );
        let credentials = Credentials::new(key, secret, token, None, "embedded");
        let account = arn.split(':').nth(4).unwrap_or(self.account()).to_owned();
        Ok(Self {
            account,
            credentials,
            ..self.clone()
        })
    }

    /// The same stack, seen by a user with a new access key.
    pub async fn as_user(&self, name: &str) -> Result<Self, CallError> {
        let answer = self
            .query("iam", "CreateAccessKey", IAM, &[("UserName", name)])
            .await?;
        let key = answer.xml::<KeyMade>()?.result.key;
        let credentials = Credentials::new(key.id, key.secret, None, None, "embedded");
        Ok(Self {
            credentials,
            ..self.clone()
        })
    }

    /// The account of an access key.
    pub(crate) async fn account_of_key(&self, key: &str) -> Result<String, CallError> {
        let answer = self
            .query("sts", "GetAccessKeyInfo", VERSION, &[("AccessKeyId", key)])
            .await?;
        Ok(answer.xml::<KeyInfo>()?.result.account)
    }
}

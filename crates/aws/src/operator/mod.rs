//! What a person may do with a stack: look at it, upload documents, invoke its functions, read logs.
//!
//! Built for the command line only (cargo feature `operator`): functions carry none of it.
//!
//! Guarantee: the only writes are `s3:PutObject` of documents, `lambda:InvokeFunction`, `sqs:DeleteMessage` of an
//! event that was made up for, `imagebuilder:TagResource` of an image that a person decides about, and, where a person asks for a launch, `ec2:RunInstances` and
//! `ec2:TerminateInstances` in a consumer's account.

mod alarms;
mod builds;
mod context;
mod decisions;
mod documents;
mod failure;
mod failures;
mod identity;
mod inventory;
mod invoke;
mod logs;
mod packets;
mod quotas;
mod runs;
mod software;
mod tested;
mod verify;

use std::fmt;
use std::str::FromStr;

use aws_config::SdkConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cloudwatchlogs as logs_sdk;
use aws_sdk_lambda as lambda;
use aws_sdk_s3 as s3;
use aws_sdk_sts as sts;
use goldsmith_domain::names::NameError;

pub use crate::findings::scan_of;
pub use crate::results::{StoredResults, results, waivers_documents};
pub use alarms::{Alarm, alarms};
pub use builds::{Build, builds, duration};
pub use context::ContextError;
pub use decisions::decide;
pub use documents::{Upload, Uploaded, Uploads, uploads};
pub use failure::{FailedStep, failed_step};
pub use failures::{Failure, FailureQueue, READING_MINUTES};
pub use goldsmith_domain::deployment::Function;
pub use identity::{Caller, Identity, Session};
pub use inventory::Inventory;
pub use invoke::InvokeError;
pub use logs::LogLines;
pub use packets::{Failed, failed_builds};
pub use quotas::account_quotas;
pub use runs::{StoredRun, build_rule, newest_runs};
pub use software::software;
pub use tested::tested_ami;
pub use verify::{ConsumerRole, consumer_roles, verify};

use crate::calls::CallCounter;
use crate::fault::CallError;
use crate::retry::CallRateLimit;

/// The name of a deployed stack, which its functions' names begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackName(String);

impl FromStr for StackName {
    type Err = NameError;

    /// Letters, digits and hyphens, a letter first, at most 128 characters, as CloudFormation has it
    /// (API reference, `CreateStack`).
    fn from_str(text: &str) -> Result<Self, NameError> {
        let letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
        let rest = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if letter && rest && text.len() <= 128 {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError {
            found: text.to_owned(),
            expected: "the name of a stack, such as `goldsmith-nonprod`",
        })
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a person's environment and profile lack.
#[derive(Debug, thiserror::Error)]
pub enum Unconfigured {
    /// No Region is configured.
    #[error("no AWS Region is configured")]
    Region,
    /// There are no credentials, or those that there are cannot be used.
    #[error("there are no AWS credentials")]
    Credentials(#[source] CredentialsError),
}

/// A person's clients of one stack.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The stack.
    pub stack: StackName,
    config: SdkConfig,
    lambda: lambda::Client,
    logs: logs_sdk::Client,
    s3: s3::Client,
    sts: sts::Client,
}

/// The service's builder from the shared configuration, with our retries.
macro_rules! client {
    ($service:ident, $config:expr) => {
        $service::Client::from_conf(
            $service::config::Builder::from($config)
                .interceptor(CallCounter::default())
                .retry_classifier(CallRateLimit)
                .build(),
        )
    };
}

fn sts_client(config: &SdkConfig) -> sts::Client {
    client!(sts, config)
}

impl Operator {
    /// Clients configured from the process's environment and the person's profile.
    ///
    /// Errors: those of [`Session::from_env`].
    pub async fn from_env(stack: StackName) -> Result<Self, Unconfigured> {
        Ok(Session::from_env().await?.operator(stack))
    }

    /// Clients configured by `config`.
    pub fn new(config: SdkConfig, stack: StackName) -> Self {
        Self {
            stack,
            lambda: client!(lambda, &config),
            logs: client!(logs_sdk, &config),
            s3: client!(s3, &config),
            sts: sts_client(&config),
            config,
        }
    }

    /// The ARN of whose credentials these are; asking needs no permission.
    pub async fn caller(&self) -> Result<Option<String>, CallError> {
        let answer = self.sts.get_caller_identity().send().await;
        let answer = answer.map_err(|error| CallError::new("sts:GetCallerIdentity", error))?;
        Ok(answer.arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stacks_name_is_what_cloudformation_takes() {
        for name in ["goldsmith-nonprod", "a", &"a".repeat(128)] {
            assert_eq!(name.parse::<StackName>().expect("a name").to_string(), name);
        }
        for name in [
            "",
            "-a",
            "1a",
            "a b",
            "a:function:b",
            "a/b",
            &"a".repeat(129),
        ] {
            assert!(name.parse::<StackName>().is_err(), "{name}");
        }
    }
}

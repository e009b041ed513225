//! Who a person is for AWS, before any stack is looked at: credentials, Region, and the clock.

use std::sync::{Arc, Mutex, PoisonError};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_sts as sts;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use super::{Operator, StackName, Unconfigured, sts_client};
use crate::fault::CallError;

/// A person's Region and credentials, as the process's environment and the person's profile have them.
#[derive(Debug, Clone)]
pub struct Session {
    config: SdkConfig,
    sts: sts::Client,
}

/// Whose credentials these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The ARN of the user, or of the role's session.
    pub arn: String,
    /// The account.
    pub account: String,
}

/// What asking for the caller has shown.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Whose credentials these are.
    pub caller: Result<Caller, CallError>,
    /// How far AWS's clock is ahead of this machine's, to the second; none if the answer has no time.
    pub ahead: Option<SignedDuration>,
}

impl Session {
    /// What the environment and the profile have.
    ///
    /// Errors: [`Unconfigured`] if neither has a Region or credentials. That is clearer than the error of the
    /// first call would be.
    pub async fn from_env() -> Result<Self, Unconfigured> {
        let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
        config.region().ok_or(Unconfigured::Region)?;
        if let Some(credentials) = config.credentials_provider() {
            credentials
                .provide_credentials()
                .await
                .map_err(Unconfigured::Credentials)?;
        }
        Ok(Self {
            sts: sts_client(&config),
            config,
        })
    }

    /// What their clients are configured by.
    pub(super) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The Region.
    pub fn region(&self) -> String {
        let region = self.config.region().map(AsRef::as_ref);
        region.unwrap_or_default().to_owned()
    }

    /// The person's clients of a stack.
    pub fn operator(self, stack: StackName) -> Operator {
        Operator::new(self.config, stack)
    }

    /// Asks STS whose credentials these are, which needs no permission. Even a refusal tells the time: AWS refuses
    /// what is signed with a clock that is more than a few minutes wrong (IAM user guide, "Troubleshoot Signature
    /// Version 4 signing").
    pub async fn identity(&self) -> Identity {
        let date = ServerDate::default();
        let call = self.sts.get_caller_identity().customize();
        let answer = call.interceptor(date.clone()).send().await;
        let answer = answer.map_err(|error| CallError::new("sts:GetCallerIdentity", error));
        Identity {
            caller: answer.map(|answer| Caller {
                arn: answer.arn.unwrap_or_default(),
                account: answer.account.unwrap_or_default(),
            }),
            ahead: date.ahead_of(Timestamp::now()),
        }
    }
}

/// The time that an answer names (RFC 9110, section 6.6.1).
#[derive(Debug, Clone, Default)]
struct ServerDate(Arc<Mutex<Option<String>>>);

impl ServerDate {
    fn ahead_of(&self, now: Timestamp) -> Option<SignedDuration> {
        let date = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let date = rfc2822::parse(&date?).ok()?.timestamp();
        Some(SignedDuration::from_secs(
            date.as_second().saturating_sub(now.as_second()),
        ))
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for ServerDate {
    fn name(&self) -> &'static str {
        "ServerDate"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.map(str::to_owned);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_compared_with_the_time_of_the_answer() {
        let now = "2026-01-01T10:00:00.9Z".parse().expect("a time");
        let ahead = |date: &str| {
            let date = ServerDate(Arc::new(Mutex::new(Some(date.to_owned()))));
            date.ahead_of(now).map(|ahead| ahead.as_secs())
        };
        assert_eq!(ahead("Thu, 01 Jan 2026 10:05:00 GMT"), Some(300));
        assert_eq!(ahead("Thu, 01 Jan 2026 09:59:59 GMT"), Some(-1));
        assert_eq!(ahead("yesterday"), None);
        assert_eq!(ServerDate::default().ahead_of(now), None);
    }
}

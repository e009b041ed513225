//! Counts AWS calls by operation, for the report of every run, and shows them to a person who asks.

#[cfg(feature = "operator")]
mod shown;

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
#[cfg(feature = "operator")]
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use goldsmith_domain::report::Calls;

#[cfg(feature = "operator")]
pub use self::shown::{ShownCall, show_calls};

/// A counter that every client of a run shares.
///
/// A call counts once, however often the SDK retries it: the number says what we asked for.
#[derive(Debug, Clone, Default)]
pub struct CallCounter(Arc<Mutex<Calls>>);

impl CallCounter {
    /// Counts one call, as `service:Operation`.
    fn count(&self, service: &str, operation: &str) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(named(service, operation)).or_default() += 1;
    }

    /// The calls counted since the last take.
    pub fn take(&self) -> Calls {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for CallCounter {
    fn name(&self) -> &'static str {
        "CallCounter"
    }

    /// The first hook at which the operation's own configuration, and so its name, is there.
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = cfg.load::<Metadata>() {
            self.count(metadata.service(), metadata.name());
        }
        #[cfg(feature = "operator")]
        shown::begins(cfg);
        Ok(())
    }

    #[cfg(feature = "operator")]
    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        shown::ended(cfg, matches!(context.output_or_error(), Some(Ok(_))));
        Ok(())
    }
}

/// A call as reports name it: `service:Operation`.
fn named(service: &str, operation: &str) -> String {
    format!("{}:{operation}", prefix(service))
}

/// The IAM prefix of a service, by the name its SDK goes under.
fn prefix(service: &str) -> String {
    match service {
        "EventBridge" => "events".to_owned(),
        other => other.to_lowercase(),
    }
}

/// How many of these calls change AWS: all but reads, sessions of roles, dry runs, simulations, and notifications, which
/// the reader of a report does not mean by a write.
pub fn writes(calls: &Calls) -> u64 {
    let changes = |name: &str| {
        let (service, operation) = name.split_once(':').unwrap_or_default();
        !["sns", "sts"].contains(&service)
            && !operation.ends_with(" (dry run)")
            && !["Get", "List", "Describe", "Head", "Simulate"]
                .iter()
                .any(|read| operation.starts_with(read))
    };
    calls
        .iter()
        .filter(|(name, _)| changes(name))
        .map(|(_, count)| count)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_notifications_are_not_writes() {
        let calls = [
            ("imagebuilder:ListImagePipelines", 3),
            ("s3:GetObject", 4),
            ("s3:HeadObject", 1),
            ("sns:Publish", 1),
            ("sts:AssumeRole", 1),
            ("iam:SimulatePrincipalPolicy", 1),
            ("ec2:RunInstances (dry run)", 1),
            ("kms:PutKeyPolicy", 1),
            ("imagebuilder:StartImagePipelineExecution", 2),
        ];
        assert_eq!(
            writes(&calls.map(|(name, count)| (name.to_owned(), count)).into()),
            3
        );
    }
}

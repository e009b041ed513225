//! A world in one process: the real clients, whose HTTP client is the emulator and a stand-in.
//!
//! [`World`] is what a test starts from; [`transport`] carries requests and can go wrong; [`cloud`]
//! stands in for S3, KMS, `EventBridge`, SSM and SNS; [`run`] reconciles as the function does;
//! [`snapshot`] tells everything that is left in the end.

pub mod cloud;
pub mod documents;
pub mod emulated;
pub mod inputs;
pub mod run;
pub mod snapshot;
pub mod transport;

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_types::retry::RetryConfig;
use goldsmith_aws::{Applied, Aws, StackResources, apply};
use goldsmith_domain::plan::{Change, Plan};
use goldsmith_domain::stack::StackContext;
use imagebuilder_emulator::{Clock, Emulator, Options};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use cloud::Cloud;
use transport::Transport;

/// The building account; the emulator takes twelve digits as an access key for the account itself.
pub const ACCOUNT: &str = "111122223333";
/// The role that copies images.
pub const EXECUTION_ROLE: &str = "arn:aws:iam::111122223333:role/goldsmith-nonprod-distribute";
/// Longer than any build takes.
const BUILD_TIME: Duration = Duration::from_hours(2);
/// What a lease looks like when its holder has died.
pub const EXPIRED_LEASE: &str = r#"{"expires":"2020-01-01T00:00:00Z"}"#;

/// What a lease looks like that another run has just taken.
pub fn held_lease() -> String {
    format!(r#"{{"expires":"{}"}}"#, Timestamp::now() + 5.minutes())
}

/// An account with a stack in it, and nothing built.
pub struct World {
    pub emulator: Emulator,
    pub cloud: Cloud,
    pub transport: Transport,
    /// Where the stack is.
    pub stack: StackContext,
}

impl World {
    /// A stack without documents; nothing moves but what a test moves.
    pub fn new() -> Self {
        let emulator = Emulator::new(Options {
            clock: Clock::Manual,
            ..Options::default()
        });
        let cloud = Cloud::new();
        let transport = Transport::new(emulator.clone(), cloud.clone());
        Self {
            emulator,
            cloud,
            transport,
            stack: stack(),
        }
    }

    /// A stack whose documents have been uploaded.
    pub fn with_documents() -> Self {
        let world = Self::new();
        for (key, content) in documents::all() {
            world.cloud.upload(key, content);
        }
        world
    }

    /// A stack whose first recipe is on a base that is billed with the instance, with this consumer more.
    pub fn on_a_hard_base(consumer: Value) -> Self {
        let world = Self::with_documents();
        let hard = json!({ "id": documents::HARD, "platform-details": "Red Hat Enterprise Linux",
                           "usage-operation": "RunInstances:0010", "billing-products": ["bp-6fa54006"] });
        world
            .emulator
            .seed(&serde_json::from_value(json!({ "images": [hard] })).expect("a seed"));
        let versions = documents::AMI_VERSIONS.replacen(documents::AMI, documents::HARD, 1);
        world.cloud.upload("ami-versions.json", versions);
        world
            .cloud
            .upload("environment.json", documents::with_consumer(consumer));
        world
    }

    /// A stack whose recipe 110304 has ten builds, none of them published.
    pub async fn with_ten_builds() -> Self {
        let world = Self::with_documents();
        run::reconcile(&world.aws())
            .await
            .expect("a run without faults");
        for _ in 1..10 {
            let start = json!({ "imagePipelineArn": inputs::PIPELINE });
            emulated::by_hand(&world.emulator, "StartImagePipelineExecution", start).await;
        }
        world.finish_builds();
        world
    }

    /// How often an operation of Image Builder or EC2 was called.
    pub fn called(&self, operation: &str) -> usize {
        self.emulator
            .calls()
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    /// A stack on which nothing is left to do: everything made, built and published.
    pub async fn settled() -> Self {
        let world = Self::with_documents();
        world.settle().await;
        world
    }

    /// Runs, builds and publishes.
    pub async fn settle(&self) {
        // A test's thread has a stack of two megabytes, and a run's future takes most of one.
        let first = Box::pin(run::reconcile(&self.aws())).await;
        first.expect("a run without faults");
        self.finish_builds();
        let second = Box::pin(run::reconcile(&self.aws())).await;
        second.expect("a run without faults");
    }

    /// Clients as a new process has them, with a counter of their own.
    pub fn aws(&self) -> Aws {
        let StackContext {
            account, region, ..
        } = &self.stack;
        let partition = self.stack.partition();
        let signing_key = format!(
            "arn:{partition}:kms:{region}:{account}:{}",
            cloud::SIGNING_KEY
        );
        let names = StackResources {
            signing_key: parsed(&signing_key),
            ..names()
        };
        Aws::new(&self.config(), self.stack.clone(), names)
    }

    fn config(&self) -> SdkConfig {
        let retries = RetryConfig::standard()
            .with_initial_backoff(Duration::ZERO)
            .with_max_backoff(Duration::ZERO);
        let credentials = Credentials::new(ACCOUNT, "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.stack.region.to_string()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url("http://127.0.0.1")
            .http_client(self.transport.of_a_process())
            .retry_config(retries)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .build()
    }

    /// Lets every build that was started end.
    pub fn finish_builds(&self) {
        self.emulator.advance(BUILD_TIME);
    }

    /// Lets the time of every lease in the output bucket run out.
    pub fn let_leases_expire(&self) {
        for key in self
            .cloud
            .output()
            .into_keys()
            .filter(|key| key.starts_with("leases/"))
        {
            self.cloud.put_output(&key, EXPIRED_LEASE);
        }
    }

    /// Tries to make one change.
    pub fn attempt<C: Into<Change>>(&self, change: C) -> impl Future<Output = Applied> + use<C> {
        let (aws, plan) = (self.aws(), plan_of(change));
        async move { Box::pin(apply(&aws, &plan)).await }
    }

    /// Makes one change, which must succeed.
    #[track_caller]
    pub fn make(&self, change: impl Into<Change>) -> impl Future<Output = ()> {
        let (aws, plan) = (self.aws(), plan_of(change));
        async move {
            let applied = Box::pin(apply(&aws, &plan)).await;
            assert!(
                applied.failed.is_empty() && applied.not_attempted.is_empty(),
                "{applied:?}"
            );
            assert_eq!(applied.changes.len(), 1);
        }
    }
}

/// The reason why a change failed, which must be the only one.
#[track_caller]
pub fn failed(applied: &Applied) -> &str {
    assert!(
        applied.changes.is_empty() && applied.not_attempted.is_empty(),
        "{applied:?}"
    );
    assert_eq!(applied.failed.len(), 1, "{applied:?}");
    applied.failed[0].reason.as_deref().expect("a reason")
}

/// A plan that makes one change.
pub fn plan_of(change: impl Into<Change>) -> Plan {
    Plan {
        changes: vec![change.into()],
        ..Plan::default()
    }
}

/// What a text means; the tests only write valid ones.
#[track_caller]
pub fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a valid text")
}

pub fn stack() -> StackContext {
    StackContext {
        environment: parsed("nonprod"),
        account: parsed(ACCOUNT),
        region: parsed("us-east-1"),
        key: parsed(documents::KEY),
        instance_profile: "goldsmith-nonprod".to_owned(),
        instance_roles: None,
        parameter_prefix: goldsmith_domain::names::ParameterPrefix::default(),
        output_bucket: "output".to_owned(),
    }
}

pub fn names() -> StackResources {
    StackResources {
        document_bucket: cloud::DOCUMENTS.to_owned(),
        output_bucket: cloud::OUTPUT.to_owned(),
        topic_arn: format!("arn:aws:sns:us-east-1:{ACCOUNT}:goldsmith"),
        build_rule: cloud::RULE.to_owned(),
        execution_role: EXECUTION_ROLE.to_owned(),
        instance_role: Some(cloud::deployment::INSTANCE_ROLE.to_owned()),
        signing_key: parsed(&format!(
            "arn:aws:kms:us-east-1:{ACCOUNT}:{}",
            cloud::SIGNING_KEY
        )),
    }
}

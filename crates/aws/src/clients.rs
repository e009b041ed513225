//! The clients of one stack.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_eventbridge as eventbridge;
use aws_sdk_imagebuilder as imagebuilder;
use aws_sdk_kms as kms;
use aws_sdk_s3 as s3;
use aws_sdk_sts as sts;
use goldsmith_domain::deployment::Function;
use goldsmith_domain::names::{AccountId, KeyArn, Region};
use goldsmith_domain::report::{Calls, Entry};
use goldsmith_domain::stack::StackContext;
use tokio::sync::OnceCell;

use crate::calls::{self, CallCounter};
use crate::fault::CallError;
use crate::retry::CallRateLimit;
use crate::{ec2, http, iam, kept, lambda, logs, sns, ssm};

/// The names of the stack's resources.
#[derive(Debug, Clone)]
pub struct StackResources {
    /// The bucket of the documents.
    pub document_bucket: String,
    /// The bucket of what we publish and report.
    pub output_bucket: String,
    /// The topic that people listen to.
    pub topic_arn: String,
    /// The rule that starts scheduled builds.
    pub build_rule: String,
    /// The ARN of the role with which Image Builder copies images for consumers.
    pub execution_role: String,
    /// The ARN of the role that build instances run with; a stack of an earlier template does not say.
    pub instance_role: Option<String>,
    /// The key that signs what is published.
    pub signing_key: KeyArn,
}

/// What a run notes beside its calls; clients of other accounts note in the same place.
#[derive(Debug, Clone, Default)]
struct Notes {
    drift_calls: Arc<AtomicU64>,
    discarded: Arc<Mutex<Vec<Entry>>>,
    /// How many seconds it took from the start of a build to its publication.
    promotions: Arc<Mutex<Vec<u32>>>,
}

/// The clients of one stack, made once a process.
#[derive(Debug, Clone)]
pub struct Aws {
    /// The stack's environment, account and Region.
    pub stack: StackContext,
    /// The names of the stack's resources.
    pub resources: StackResources,
    pub(crate) ec2: ec2::Client,
    pub(crate) events: eventbridge::Client,
    pub(crate) lambda: lambda::Client,
    pub(crate) iam: iam::Client,
    pub(crate) imagebuilder: imagebuilder::Client,
    pub(crate) kms: kms::Client,
    pub(crate) s3: s3::Client,
    pub(crate) sns: sns::Client,
    pub(crate) ssm: ssm::Client,
    pub(crate) sts: sts::Client,
    counter: CallCounter,
    /// The public part of the signing key, once somebody has asked for it.
    pub(crate) signing: Arc<OnceCell<Vec<u8>>>,
    /// What this process has read and may use again.
    pub(crate) kept: Arc<kept::Kept>,
    notes: Notes,
    config: SdkConfig,
}

/// The service's builder from the shared configuration, with our counter and our retries.
macro_rules! client {
    ($service:ident, $config:expr, $counter:expr) => {
        $service::Client::from_conf(
            $service::config::Builder::from($config)
                .interceptor($counter.clone())
                .retry_classifier(CallRateLimit)
                .build(),
        )
    };
}

impl Aws {
    /// The clients of the function of a stack, with `variable` as its environment (credentials, Region,
    /// endpoints).
    pub async fn in_function(
        stack: StackContext,
        resources: StackResources,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let config = http::configuration(stack.region.as_str(), variable);
        Self::new(&config.load().await, stack, resources)
    }

    /// The clients of the stack described by `stack` and `resources`, configured by `config`.
    pub fn new(config: &SdkConfig, stack: StackContext, resources: StackResources) -> Self {
        Self::counting(
            config,
            stack,
            resources,
            CallCounter::default(),
            Notes::default(),
        )
    }

    /// What the clients are configured by, for calls without an SDK.
    #[cfg(feature = "operator")]
    pub(crate) fn sdk_config(&self) -> &SdkConfig {
        &self.config
    }

    /// A client of CloudWatch Logs: one failed build needs it, and no other run.
    pub(crate) fn logs(&self) -> logs::Client {
        logs::Client::new(&self.config, &self.counter)
    }

    fn counting(
        config: &SdkConfig,
        stack: StackContext,
        resources: StackResources,
        counter: CallCounter,
        notes: Notes,
    ) -> Self {
        Self {
            ec2: ec2::Client::new(config, &counter),
            events: client!(eventbridge, config, counter),
            lambda: lambda::Client::new(config, &counter),
            iam: iam::Client::new(config, &counter),
            imagebuilder: client!(imagebuilder, config, counter),
            kms: client!(kms, config, counter),
            s3: client!(s3, config, counter),
            sns: sns::Client::new(config, &counter),
            ssm: ssm::Client::new(config, &counter),
            sts: client!(sts, config, counter),
            stack,
            resources,
            counter,
            signing: Arc::default(),
            kept: Arc::default(),
            notes,
            config: config.clone(),
        }
    }

    /// Clients that act in another account, with its credentials; its calls count as ours.
    pub(crate) fn in_account(
        &self,
        credentials: Credentials,
        account: &AccountId,
        region: &Region,
    ) -> Self {
        let config = self.config_as(credentials, region);
        let stack = StackContext {
            account: account.clone(),
            region: region.clone(),
            ..self.stack.clone()
        };
        let (counter, notes) = (self.counter.clone(), self.notes.clone());
        Self::counting(&config, stack, self.resources.clone(), counter, notes)
    }

    /// The KMS of a key's own Region; another Region's does not know the key.
    pub(crate) fn kms_of(&self, key: &KeyArn) -> kms::Client {
        match key.region().filter(|region| *region != self.stack.region) {
            Some(region) => client!(kms, &self.config_in(&region), self.counter),
            None => self.kms.clone(),
        }
    }

    /// The EC2 of a Region.
    pub(crate) fn ec2_in(&self, region: &Region) -> ec2::Client {
        ec2::Client::new(&self.config_in(region), &self.counter)
    }

    /// The SSM of a Region, with other credentials than ours.
    pub(crate) fn ssm_as(&self, credentials: Credentials, region: &Region) -> ssm::Client {
        ssm::Client::new(&self.config_as(credentials, region), &self.counter)
    }

    /// The EC2 of a Region, with other credentials than ours.
    pub(crate) fn ec2_as(&self, credentials: Credentials, region: &Region) -> ec2::Client {
        ec2::Client::new(&self.config_as(credentials, region), &self.counter)
    }

    /// IAM, with other credentials than ours.
    pub(crate) fn iam_as(&self, credentials: Credentials) -> iam::Client {
        let region = self.stack.region.clone();
        iam::Client::new(&self.config_as(credentials, &region), &self.counter)
    }

    fn config_as(&self, credentials: Credentials, region: &Region) -> SdkConfig {
        let provider = SharedCredentialsProvider::new(credentials);
        self.config_in(region)
            .to_builder()
            .credentials_provider(provider)
            .build()
    }

    fn config_in(&self, region: &Region) -> SdkConfig {
        let region = aws_config::Region::new(region.as_str().to_owned());
        self.config.to_builder().region(region).build()
    }

    /// Whether this process has stored a report that says exactly this last; from now on it has.
    pub fn repeats_report(&self, essence: String) -> bool {
        self.kept.repeats(essence)
    }

    /// What this process has stored last is not known any more.
    pub fn forget_report(&self) {
        self.kept.forget_report();
    }

    /// Has a function of the stack run with this payload, and does not wait for it.
    pub async fn run_later(&self, function: Function, payload: String) -> Result<(), CallError> {
        let name = function.name(&self.stack.environment);
        self.lambda.invoke_later(&name, payload).await
    }

    /// Counts calls that are made only in search of drift.
    pub(crate) fn count_drift_calls(&self, calls: usize) {
        self.notes
            .drift_calls
            .fetch_add(calls.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was discarded so far.
    pub(crate) fn discarded(&self) -> MutexGuard<'_, Vec<Entry>> {
        let lock = self.notes.discarded.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how long it took to publish an image, from the start of its build.
    pub(crate) fn note_promotion(&self, seconds: u32) {
        self.promotions().push(seconds);
    }

    /// How many seconds each publication since the last time took.
    pub fn take_promotions(&self) -> Vec<u32> {
        std::mem::take(&mut *self.promotions())
    }

    fn promotions(&self) -> MutexGuard<'_, Vec<u32>> {
        let lock = self.notes.promotions.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// How many of the calls since the last time were made only in search of drift.
    pub fn take_drift_calls(&self) -> u64 {
        self.notes.drift_calls.swap(0, Ordering::Relaxed)
    }

    /// The calls made since the last time, and how many of them changed AWS.
    pub fn take_calls(&self) -> (Calls, u64) {
        let calls = self.counter.take();
        let writes = calls::writes(&calls);
        (calls, writes)
    }
}

//! A deployed stack, and what people and tests do with it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use crate::aws::{Aws, CallError, DeployError, Invocation, Output};
use crate::directory::Directory;
use crate::ministack::{self, Elsewhere, Ministack};
use crate::package::{PackageError, package};
use crate::report::Totals;
use crate::serving::Serving;
use crate::{ACCOUNT, Clock, Config, Emulator, Kms, REGION};

const STACK: &str = "goldsmith-nonprod";

/// The stack did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No place for logs.
    #[error("no directory for the stack can be made in {0}")]
    Directory(String, #[source] io::Error),
    /// No port for the emulator or for KMS.
    #[error("no port for the Image Builder emulator or for KMS")]
    Listen(#[source] io::Error),
    /// ministack did not start.
    #[error("the embedded AWS did not start")]
    Ministack(#[source] ministack::StartError),
    /// The template could not be packaged.
    #[error("the template cannot be packaged")]
    Package(#[source] PackageError),
    /// The template could not be deployed.
    #[error("the template cannot be deployed")]
    Deploy(#[source] DeployError),
    /// The policies of the buckets could not be lifted.
    #[error("the buckets still refuse plain HTTP")]
    Policy(#[source] CallError),
    /// KMS would not have taken the template's key policy.
    #[error("the key policy of the template is refused")]
    KeyPolicy(#[source] CallError),
    /// The template has no such output.
    #[error("the template has no output {0}")]
    Output(&'static str),
}

/// One of the stack's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// Compares the documents with what exists.
    Reconcile,
    /// Starts what is scheduled.
    ScheduledBuild,
    /// Publishes what became available.
    ImageEvents,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reconcile, Self::ScheduledBuild, Self::ImageEvents];

    /// The name of its package, which is also the folder of its reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reconcile => "reconcile",
            Self::ScheduledBuild => "scheduled-build",
            Self::ImageEvents => "image-events",
        }
    }
}

/// Where the stack listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Everything except Image Builder, EC2 and KMS.
    pub aws: String,
    /// Image Builder and EC2.
    pub imagebuilder: String,
    /// KMS: the front before that of `aws`.
    pub kms: String,
}

/// The outputs of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the template's outputs, which describes each")]
pub struct Outputs {
    pub document_bucket: String,
    pub output_bucket: String,
    pub key_arn: String,
    pub topic_arn: String,
    pub failures_url: String,
    pub reconcile: String,
    pub scheduled_build: String,
    pub image_events: String,
    pub build_rule: String,
    pub instance_profile: String,
}

/// The embedded AWS with the factory deployed to it; dropping it stops it.
pub struct Stack {
    // Fields are dropped in this order: processes first, then the directory they write to.
    ministack: Ministack,
    _emulation: Serving,
    _kms: Serving,
    /// KMS itself: what only a test can tell it.
    pub kms: Kms,
    /// Image Builder itself: its clock, its faults, its base images and the calls it got.
    pub emulator: Emulator,
    /// The AWS that it is, seen from the account it is deployed to.
    pub aws: Aws,
    /// The template's outputs.
    pub outputs: Outputs,
    /// Where it listens.
    pub endpoints: Endpoints,
    pub(crate) manual: bool,
    directory: Directory,
}

impl Stack {
    /// Starts the embedded AWS on free ports and deploys the template to it.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let naming = |error| StartError::Directory(format!("{:?}", config.directory), error);
        let directory = Directory::create(&config).map_err(naming)?;
        let ((emulator_port, imagebuilder), (kms_port, kms_url)) = (listen()?, listen()?);
        let elsewhere = Elsewhere { imagebuilder, kms: kms_url };
        let ministack =
            Ministack::start(&config, &directory, &elsewhere).await.map_err(StartError::Ministack)?;
        let endpoints = endpoints(&ministack, elsewhere);
        let emulator = emulator(&config, &endpoints);
        let emulation = serve(emulator.clone(), emulator_port)?;
        let (kms, serving) = front(&endpoints, &directory, kms_port)?;
        let aws = Aws::new(&endpoints, ACCOUNT, REGION);
        let outputs = deploy(&aws, &config.root).await?;
        write_key_policy_again(&aws, &outputs).await.map_err(StartError::KeyPolicy)?;
        if config.enforce_iam {
            admit_plain_http(&aws, &outputs).await?;
        }
        let manual = config.emulator.clock == Clock::Manual;
        Ok(Self {
            ministack,
            _emulation: emulation,
            _kms: serving,
            kms,
            emulator,
            aws,
            outputs,
            endpoints,
            manual,
            directory,
        })
    }

    /// Whether a function runs now.
    pub(crate) fn are_functions_at_work(&self) -> bool {
        self.directory.running().read_dir().is_ok_and(|mut runs| runs.next().is_some())
    }

    /// Stops everything, as dropping does.
    pub fn stop(self) {
        drop(self);
    }

    /// Uploads a document, as a merge does, and returns its version id.
    pub async fn put_document(&self, key: &str, body: Vec<u8>) -> Result<Option<String>, CallError> {
        self.aws.put_object(&self.outputs.document_bucket, key, body).await
    }

    /// Deletes a document; its versions stay.
    pub async fn delete_document(&self, key: &str) -> Result<(), CallError> {
        self.aws.delete_object(&self.outputs.document_bucket, key).await
    }

    /// Invokes a function and waits for its answer.
    pub async fn invoke(&self, function: Function, payload: &Value) -> Result<Invocation, CallError> {
        self.aws.invoke(self.name_of(function), payload).await
    }

    /// An object of the output bucket.
    pub async fn output(&self, key: &str) -> Result<Vec<u8>, CallError> {
        self.aws.get_object(&self.outputs.output_bucket, key).await
    }

    /// An object of the output bucket that is JSON.
    pub async fn output_json(&self, key: &str) -> Result<Value, CallError> {
        let body = self.output(key).await?;
        serde_json::from_slice(&body).map_err(|error| CallError::Answer {
            operation: format!("s3:GetObject of {key}"),
            reason: error.to_string(),
        })
    }

    /// Keys of the output bucket that start with `prefix`.
    pub async fn output_keys(&self, prefix: &str) -> Result<Vec<String>, CallError> {
        self.aws.list_keys(&self.outputs.output_bucket, prefix).await
    }

    /// Keys of the reports that the functions have written, one for each run.
    pub async fn report_keys(&self) -> Result<BTreeSet<String>, CallError> {
        let mut keys = BTreeSet::new();
        for function in Function::ALL {
            keys.extend(self.output_keys(&format!("reports/{}/", function.name())).await?);
        }
        Ok(keys)
    }

    /// What the runs that wrote these reports did, added up.
    pub async fn totals(&self, reports: impl IntoIterator<Item = &String>) -> Result<Totals, CallError> {
        let mut sum = Totals::default();
        for key in reports {
            let report = self.output_json(key).await?;
            let unreadable = |error: serde_json::Error| CallError::Answer {
                operation: key.clone(),
                reason: error.to_string(),
            };
            sum += serde_json::from_value(report).map_err(unreadable)?;
        }
        Ok(sum)
    }

    /// What a function has logged, oldest first.
    pub async fn logs_of(&self, function: Function) -> Result<Vec<String>, CallError> {
        self.aws.log_lines(&format!("/aws/lambda/{}", self.name_of(function))).await
    }

    /// Writes what each function has logged beside ministack's log, for diagnosis.
    pub async fn save_logs(&self) -> Result<(), CallError> {
        for function in Function::ALL {
            let lines = self.logs_of(function).await?.join("\n");
            // Logs are a courtesy: a full disk must not hide why they were wanted.
            let _ = std::fs::write(self.directory.path().join(format!("{}.log", function.name())), lines);
        }
        Ok(())
    }

    /// Starts to listen to the topic; the URL is for [`Aws::take_notifications`].
    pub async fn listen_to_topic(&self, queue: &str) -> Result<String, CallError> {
        self.aws.listen_to(&self.outputs.topic_arn, queue).await
    }

    /// Takes the events that a function failed on for good, as Lambda describes them.
    pub async fn failures(&self) -> Result<Vec<String>, CallError> {
        self.aws.take_messages(&self.outputs.failures_url, 0).await
    }

    /// The stack's logs.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The process group of ministack and the functions' processes.
    pub fn process_group(&self) -> u32 {
        self.ministack.id()
    }

    /// The deployed name of a function.
    pub fn name_of(&self, function: Function) -> &str {
        match function {
            Function::Reconcile => &self.outputs.reconcile,
            Function::ScheduledBuild => &self.outputs.scheduled_build,
            Function::ImageEvents => &self.outputs.image_events,
        }
    }
}

/// A free port, and its URL.
fn listen() -> Result<(TcpListener, String), StartError> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(StartError::Listen)?;
    let url = format!("http://{}", listener.local_addr().map_err(StartError::Listen)?);
    Ok((listener, url))
}

fn endpoints(ministack: &Ministack, elsewhere: Elsewhere) -> Endpoints {
    Endpoints { aws: ministack.endpoint(), imagebuilder: elsewhere.imagebuilder, kms: elsewhere.kms }
}

fn serve(emulator: Emulator, port: TcpListener) -> Result<Serving, StartError> {
    let serve = |listener| emulator.serve(listener, std::future::pending());
    Serving::start(port, serve).map_err(StartError::Listen)
}

/// KMS on its port; it sees ministack's own KMS.
fn front(
    endpoints: &Endpoints,
    directory: &Directory,
    port: TcpListener,
) -> Result<(Kms, Serving), StartError> {
    let kms = Kms::default();
    let behind = Endpoints { kms: endpoints.aws.clone(), ..endpoints.clone() };
    let upstream = Aws::new(&behind, ACCOUNT, REGION);
    let serving = kms.serve(port, upstream, &endpoints.aws, directory.sessions());
    Ok((kms, serving.map_err(StartError::Listen)?))
}

/// ministack's `CloudFormation` writes key policies itself, past KMS: written again through it, the
/// template's is judged as AWS would have judged it.
async fn write_key_policy_again(aws: &Aws, outputs: &Outputs) -> Result<(), CallError> {
    let policy = aws.key_policy(&outputs.key_arn).await?;
    aws.put_key_policy(&outputs.key_arn, &policy).await
}

fn emulator(config: &Config, endpoints: &Endpoints) -> Emulator {
    let mut options = config.emulator.clone();
    options.events_endpoint = Some(endpoints.aws.clone());
    Emulator::new(options)
}

async fn deploy(aws: &Aws, root: &Path) -> Result<Outputs, StartError> {
    let template = package(aws, &root.join("infra/template.yaml")).await.map_err(StartError::Package)?;
    let outputs = aws.deploy(STACK, &template).await.map_err(StartError::Deploy)?;
    Outputs::read(outputs)
}

/// The template's bucket policies refuse plain HTTP, and the embedded AWS speaks nothing else.
async fn admit_plain_http(aws: &Aws, outputs: &Outputs) -> Result<(), StartError> {
    for bucket in [&outputs.document_bucket, &outputs.output_bucket] {
        aws.delete_bucket_policy(bucket).await.map_err(StartError::Policy)?;
    }
    Ok(())
}

impl Outputs {
    fn read(outputs: Vec<Output>) -> Result<Self, StartError> {
        let mut values: BTreeMap<_, _> =
            outputs.into_iter().map(|o| (o.output_key, o.output_value)).collect();
        let mut take = |key| values.remove(key).ok_or(StartError::Output(key));
        Ok(Self {
            document_bucket: take("DocumentBucket")?,
            output_bucket: take("OutputBucket")?,
            key_arn: take("KeyArn")?,
            topic_arn: take("TopicArn")?,
            failures_url: take("FailuresUrl")?,
            reconcile: take("Reconcile")?,
            scheduled_build: take("ScheduledBuild")?,
            image_events: take("ImageEvents")?,
            build_rule: take("BuildRule")?,
            instance_profile: take("InstanceProfile")?,
        })
    }
}

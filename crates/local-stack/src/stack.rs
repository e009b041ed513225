//! A deployed stack, and what people and tests do with it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde_json::Value;

use crate::aws::{Aws, CallError, Invocation, Output};
use crate::config::Config;
use crate::embedded::Embedded;
use crate::error::StartError;
use crate::lifted::{admit_plain_http, write_key_policies_again};
use crate::package::package;
use crate::report::Totals;

/// The name of the stack, as the command line takes it.
pub const STACK: &str = "goldsmith-nonprod";

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

/// The outputs of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the template's outputs, which describes each")]
pub struct Outputs {
    pub document_bucket: String,
    pub output_bucket: String,
    pub key_arn: String,
    pub signing_key_arn: String,
    pub topic_arn: String,
    pub failures_url: String,
    pub reconcile: String,
    pub scheduled_build: String,
    pub image_events: String,
    pub build_rule: String,
    pub instance_profile: String,
}

/// The embedded AWS with the factory deployed to it; dropping it stops it. It derefs to its
/// [`Embedded`].
pub struct Stack {
    embedded: Embedded,
    /// The template's outputs.
    pub outputs: Outputs,
}

impl Deref for Stack {
    type Target = Embedded;

    fn deref(&self) -> &Embedded {
        &self.embedded
    }
}

impl Stack {
    /// Starts the embedded AWS on free ports and deploys the template to it.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let embedded = Embedded::start(&config).await?;
        let outputs = deploy(&embedded.aws, &config).await?;
        write_key_policies_again(
            &embedded.aws,
            &outputs.key_arn,
            &outputs.signing_key_arn,
            config.enforce_iam,
        )
        .await
        .map_err(StartError::KeyPolicy)?;
        // Where IAM is not enforced, the bucket's policy still decides what another account reads.
        admit_plain_http(
            &embedded.aws,
            [&outputs.document_bucket, &outputs.output_bucket],
        )
        .await?;
        Ok(Self { embedded, outputs })
    }

    /// Deletes the stack, and makes another one over the buckets and keys that outlive it, as docs/operations.md says
    /// under "After the stack is lost".
    pub async fn made_again(self, config: &Config) -> Result<Self, StartError> {
        let Self { embedded, outputs } = self;
        let aws = &embedded.aws;
        aws.delete_stack(STACK).await.map_err(StartError::Deploy)?;
        let existing = [
            ("ExistingDocumentBucket", &outputs.document_bucket),
            ("ExistingOutputBucket", &outputs.output_bucket),
            ("ExistingKeyArn", &outputs.key_arn),
            ("ExistingSigningKeyArn", &outputs.signing_key_arn),
        ];
        let mut config = config.clone();
        let existing = existing.map(|(name, value)| (name.to_owned(), value.clone()));
        config.parameters.extend(existing);
        let outputs = deploy(aws, &config).await?;
        let buckets = [
            outputs.document_bucket.as_str(),
            outputs.output_bucket.as_str(),
        ];
        admit_plain_http(aws, buckets).await?;
        Ok(Self { embedded, outputs })
    }

    /// Stops everything, as dropping does.
    pub fn stop(self) {
        drop(self);
    }

    /// Uploads a document, as a merge does, and returns its version id.
    pub async fn put_document(
        &self,
        key: &str,
        body: Vec<u8>,
    ) -> Result<Option<String>, CallError> {
        self.aws
            .put_object(&self.outputs.document_bucket, key, body)
            .await
    }

    /// Deletes a document; its versions stay.
    pub async fn delete_document(&self, key: &str) -> Result<(), CallError> {
        self.aws
            .delete_object(&self.outputs.document_bucket, key)
            .await
    }

    /// Invokes a function and waits for its answer.
    pub async fn invoke(
        &self,
        function: Function,
        payload: &Value,
    ) -> Result<Invocation, CallError> {
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
        self.aws
            .list_keys(&self.outputs.output_bucket, prefix)
            .await
    }

    /// Keys of the reports that the functions have written, one for each run.
    pub async fn report_keys(&self) -> Result<BTreeSet<String>, CallError> {
        let mut keys = BTreeSet::new();
        for function in Function::ALL {
            keys.extend(
                self.output_keys(&format!("reports/{}/", function.name()))
                    .await?,
            );
        }
        Ok(keys)
    }

    /// What the runs that wrote these reports did, added up.
    pub async fn totals(
        &self,
        reports: impl IntoIterator<Item = &String>,
    ) -> Result<Totals, CallError> {
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
        self.aws
            .log_lines(&format!("/aws/lambda/{}", self.name_of(function)))
            .await
    }

    /// Writes what each function has logged beside ministack's log, for diagnosis.
    pub async fn save_logs(&self) -> Result<(), CallError> {
        for function in Function::ALL {
            let lines = self.logs_of(function).await?.join("\n");
            // Logs are a courtesy: a full disk must not hide why they were wanted.
            let _ = std::fs::write(
                self.directory().join(format!("{}.log", function.name())),
                lines,
            );
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

    /// The deployed name of a function.
    pub fn name_of(&self, function: Function) -> &str {
        match function {
            Function::Reconcile => &self.outputs.reconcile,
            Function::ScheduledBuild => &self.outputs.scheduled_build,
            Function::ImageEvents => &self.outputs.image_events,
        }
    }
}

async fn deploy(aws: &Aws, config: &Config) -> Result<Outputs, StartError> {
    let template = package(aws, &config.root.join("infra/template.yaml"))
        .await
        .map_err(StartError::Package)?;
    let outputs = aws
        .deploy(STACK, &template, &config.parameters)
        .await
        .map_err(StartError::Deploy)?;
    Outputs::read(outputs)
}

impl Outputs {
    fn read(outputs: Vec<Output>) -> Result<Self, StartError> {
        let mut values: BTreeMap<_, _> = outputs
            .into_iter()
            .map(|o| (o.output_key, o.output_value))
            .collect();
        let mut take = |key| values.remove(key).ok_or(StartError::Output(key));
        Ok(Self {
            document_bucket: take("DocumentBucket")?,
            output_bucket: take("OutputBucket")?,
            key_arn: take("KeyArn")?,
            signing_key_arn: take("SigningKeyArn")?,
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

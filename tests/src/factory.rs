//! The factory, deployed to an embedded AWS of its own.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use local_stack::aws::{Ami, Invocation};
use local_stack::{Clock, Config, Function, REGION, Stack};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::events::scheduled_event;
use crate::evidence;
use crate::{Build, Builds, Documents, Report, Topic, eventually};

/// A build takes a third of a second.
const FAST: Clock = Clock::Factor(4000.0);

const MONTH: Duration = Duration::from_hours(30 * 24);

/// Longer than a build by hand takes on the virtual clock.
const WHOLE_BUILD: Duration = Duration::from_hours(1);

/// Everything here takes seconds; a machine that is busy with other things may need many.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the operations of Image Builder and EC2 that change nothing start with.
const READING: [&str; 3] = ["List", "Get", "Describe"];

/// A deployed factory; it derefs to its [`Stack`].
pub struct Factory {
    stack: Stack,
    uploaded: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Deref for Factory {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl Factory {
    /// A factory without documents, where a build takes a third of a second.
    pub async fn start() -> Self {
        Self::start_with(Config::with_clock(FAST)).await
    }

    /// A factory without documents, where builds end by [`finish_builds`](Self::finish_builds).
    pub async fn start_with_builds_by_hand() -> Self {
        Self::start_with(Config::with_clock(Clock::Manual)).await
    }

    /// The same, where everything that Image Builder makes was made a month ago.
    pub async fn start_a_month_ago() -> Self {
        Self::start_with(Config::with_clock(Clock::Manual).starting(MONTH)).await
    }

    /// A factory without documents.
    pub async fn start_with(config: Config) -> Self {
        let stack = Stack::start(config)
            .await
            .unwrap_or_else(|error| panic!("{}", chain(&error)));
        Self {
            stack,
            uploaded: Mutex::default(),
        }
    }

    /// The same factory after its stack was deleted and made again over what outlived it.
    pub async fn made_again(self) -> Self {
        let Self { stack, uploaded } = self;
        let stack = stack
            .made_again(&Config::with_clock(FAST))
            .await
            .unwrap_or_else(|error| panic!("{}", chain(&error)));
        Self { stack, uploaded }
    }

    /// A factory that has made, built and published these documents' images.
    pub async fn with(documents: &Documents) -> Self {
        let factory = Self::start().await;
        factory.upload(documents).await;
        factory
    }

    /// Uploads every document that is new or has changed, as a merge does, and waits until all is
    /// done that follows from it.
    pub async fn upload(&self, documents: &Documents) {
        let changed = self.changed(documents);
        self.put(&changed).await;
    }

    /// Uploads every document, changed or not, and waits until all is done that follows from it.
    pub async fn upload_again(&self, documents: &Documents) {
        self.put(&documents.files()).await;
    }

    /// Uploads one document as it is, and waits until all is done that follows from it.
    pub async fn upload_file(&self, key: &str, content: impl Into<Vec<u8>>) {
        self.put(&[(key.to_owned(), content.into())]).await;
    }

    /// Uploads every document without telling anybody.
    pub async fn upload_unannounced(&self, documents: &Documents) {
        let bucket = &self.outputs.document_bucket;
        self.aws
            .remove_notifications(bucket)
            .await
            .expect("a bucket");
        for (key, content) in documents.files() {
            self.put_document(&key, content).await.expect("an upload");
        }
    }

    /// Uploads one document as it is, waits only until reconcile has reported, and returns its
    /// version: for documents that start no build.
    pub async fn upload_file_quickly(
        &self,
        key: impl Into<String>,
        content: impl Into<Vec<u8>>,
    ) -> String {
        let (key, content) = (key.into(), content.into());
        let runs = self.runs(Function::Reconcile).await + 1;
        let version = self
            .put_document(&key, content.clone())
            .await
            .expect("an upload");
        self.uploaded().insert(key, content);
        self.until_reported(Function::Reconcile, runs).await;
        version.expect("the bucket has versions")
    }

    async fn put(&self, files: &[(String, Vec<u8>)]) {
        let runs = self.runs(Function::Reconcile).await + files.len();
        for (key, content) in files {
            self.put_document(key, content.clone())
                .await
                .expect("an upload");
            self.uploaded().insert(key.clone(), content.clone());
        }
        self.until_reported(Function::Reconcile, runs).await;
        self.until_quiet().await;
    }

    fn changed(&self, documents: &Documents) -> Vec<(String, Vec<u8>)> {
        let uploaded = self.uploaded();
        let is_new = |(key, content): &(String, Vec<u8>)| uploaded.get(key) != Some(content);
        documents.files().into_iter().filter(is_new).collect()
    }

    fn uploaded(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.uploaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many runs of a function have reported.
    pub async fn runs(&self, function: Function) -> usize {
        self.reports_of(function).await.len()
    }

    async fn reports_of(&self, function: Function) -> Vec<String> {
        self.output_keys(&format!("reports/{}/", function.name()))
            .await
            .expect("keys")
    }

    /// Waits until at least `runs` runs of a function have reported.
    pub async fn until_reported(&self, function: Function, runs: usize) {
        let what = format!("{} has reported {runs} times", function.name());
        eventually(&what, PATIENCE, async || self.runs(function).await >= runs).await;
    }

    /// Waits until no build is under way and no function runs.
    pub async fn until_quiet(&self) {
        self.settle(PATIENCE)
            .await
            .unwrap_or_else(|error| panic!("{}", chain(&error)));
    }

    /// Ends every build that runs, where builds end by hand.
    pub async fn finish_builds(&self) {
        self.emulator.advance(WHOLE_BUILD);
        self.until_quiet().await;
    }

    /// Runs reconcile and returns its report; whatever it starts goes on.
    pub async fn reconcile(&self) -> Report {
        self.answer(Function::Reconcile, &json!({})).await
    }

    /// Runs reconcile without letting it change anything.
    pub async fn dry_run(&self) -> Report {
        self.answer(Function::Reconcile, &json!({ "dry-run": true }))
            .await
    }

    /// What reconcile would do if `documents` were uploaded.
    pub async fn dry_run_with(&self, documents: &Documents) -> Report {
        let text = |content: Vec<u8>| String::from_utf8(content).expect("UTF-8");
        let texts: BTreeMap<_, _> = documents
            .files()
            .into_iter()
            .map(|(key, content)| (key, text(content)))
            .collect();
        self.answer(
            Function::Reconcile,
            &json!({ "dry-run": true, "documents": texts }),
        )
        .await
    }

    /// Runs scheduled-build with a request or an event, and waits until what it starts is done.
    pub async fn build(&self, request: &Value) -> Builds {
        let builds = self.answer(Function::ScheduledBuild, request).await;
        self.until_quiet().await;
        builds
    }

    /// Sends the build rule's targets what the rule would send them, and waits for the builds.
    pub async fn fire_schedule(&self) -> Builds {
        let targets = self
            .aws
            .targets_of(&self.outputs.build_rule)
            .await
            .expect("targets");
        assert_eq!(targets.len(), 1, "{targets:?}");
        self.build(&scheduled_event(&format!(
            "event-{}",
            self.runs(Function::ScheduledBuild).await
        )))
        .await
    }

    /// Delivers an event to reconcile, and waits for its report.
    pub async fn deliver(&self, event: &Value) -> Report {
        self.answer(Function::Reconcile, event).await
    }

    /// Delivers the same event to reconcile `times` times at once, and waits for all reports.
    pub async fn deliver_at_once(&self, event: &Value, times: usize) -> Vec<Report> {
        let mut runs = JoinSet::new();
        for _ in 0..times {
            let (aws, function, event) = (
                self.aws.clone(),
                self.outputs.reconcile.clone(),
                event.clone(),
            );
            runs.spawn(async move { aws.invoke(&function, &event).await.expect("an answer") });
        }
        runs.join_all()
            .await
            .into_iter()
            .map(|invocation| read(Function::Reconcile, invocation))
            .collect()
    }

    async fn answer<T: DeserializeOwned>(&self, function: Function, payload: &Value) -> T {
        read(
            function,
            self.invoke(function, payload).await.expect("an answer"),
        )
    }

    /// The reports of every run of reconcile, oldest first.
    pub async fn reconcile_reports(&self) -> Vec<Report> {
        let mut reports = Vec::new();
        for key in self.reports_of(Function::Reconcile).await {
            let report = self.output_json(&key).await.expect("a report");
            reports.push(serde_json::from_value(report).expect("a report"));
        }
        reports
    }

    /// The report of the newest run of reconcile.
    pub async fn last_report(&self) -> Report {
        self.reconcile_reports()
            .await
            .pop()
            .expect("reconcile has run")
    }

    /// The calls that have changed Image Builder or EC2 since the calls were cleared.
    pub fn writes(&self) -> Vec<String> {
        let calls = self.emulator.calls().into_iter().map(|call| call.operation);
        calls
            .filter(|operation| !READING.iter().any(|prefix| operation.starts_with(prefix)))
            .collect()
    }

    /// The AMI of `build` where it was built.
    pub async fn ami(&self, build: &Build) -> Ami {
        self.ami_in(REGION, build).await
    }

    /// The AMI of `build` in `region`.
    pub async fn ami_in(&self, region: &str, build: &Build) -> Ami {
        let id = build
            .amis
            .get(region)
            .unwrap_or_else(|| panic!("no AMI in {region}: {build:?}"));
        let ami = self.aws.in_region(region).ami(id).await.expect("an answer");
        ami.unwrap_or_else(|| panic!("{id} does not exist in {region}"))
    }

    /// What the key policy says, as text.
    pub async fn key_policy(&self) -> String {
        self.aws
            .key_policy(&self.outputs.key_arn)
            .await
            .expect("a key policy")
    }

    /// Listens to the topic from now on.
    pub async fn listen(&self) -> Topic {
        let queue = self
            .listen_to_topic("listener")
            .await
            .expect("a subscription");
        Topic {
            aws: self.aws.clone(),
            queue,
        }
    }

    /// The distribution configurations that were made for copies and are still there.
    pub async fn copies_configurations(&self) -> Vec<String> {
        let all = self
            .aws
            .distribution_configurations()
            .await
            .expect("configurations");
        all.into_iter()
            .filter(|arn| arn.contains("-copies-"))
            .collect()
    }

    /// Asserts that one more reconcile writes nothing, whatever it refuses.
    pub async fn assert_settled_but_refused(&self) -> Report {
        self.emulator.clear_calls();
        let report = self.reconcile().await;
        assert_eq!(
            (report.writes, report.changes.len()),
            (0, 0),
            "not settled: {report:#?}"
        );
        assert_eq!(
            self.writes(),
            Vec::<String>::new(),
            "Image Builder was written to: {report:#?}"
        );
        evidence::record(&self.stack).await;
        report
    }

    /// Asserts that there is nothing left to do: one more reconcile, and it writes nothing, by its
    /// own account and by Image Builder's.
    pub async fn assert_settled(&self) -> Report {
        let report = self.assert_settled_but_refused().await;
        assert!(report.is_clean(), "not settled: {report:#?}");
        report
    }
}

/// The answer of a function, which must not have failed.
fn read<T: DeserializeOwned>(function: Function, invocation: Invocation) -> T {
    let Invocation { payload, failed } = invocation;
    assert!(!failed, "{} failed: {payload:#}", function.name());
    serde_json::from_value(payload.clone()).unwrap_or_else(|error| panic!("{error}: {payload:#}"))
}

/// An error with all its causes, as a person wants to read it.
fn chain(error: &dyn Error) -> String {
    let cause = error
        .source()
        .map(|cause| format!("\n  caused by: {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

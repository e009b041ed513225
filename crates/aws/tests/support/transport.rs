//! The SDK's HTTP client: Image Builder and EC2 go to the emulator, everything else to the
//! stand-in, and on the way a call may suffer what a network does to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response};
use imagebuilder_emulator::{Emulator, ResponseDropped};
use tokio::sync::Notify;

use super::cloud::{Cloud, refusal};

/// What a call suffers.
#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    /// Every attempt is answered with this error, and not carried out.
    Refuse { status: u16, code: &'static str },
    /// The first attempt is carried out, and its response is lost.
    LoseFirst,
    /// Every attempt is carried out, and its response is lost.
    LoseAll,
    /// The first attempt is carried out, and the process ends before the response comes.
    Crash,
}

/// What is done just before a call is carried out.
type Interruption = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The way to every service.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
    /// The process whose calls go this way.
    process: usize,
}

struct Inner {
    emulator: Emulator,
    cloud: Cloud,
    crashed: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The attempts of each call, by what tells calls apart.
    attempts: BTreeMap<String, u32>,
    /// The call that is to suffer, counted from 1, and what.
    trouble: Option<(usize, Trouble)>,
    struck: Option<String>,
    interruptions: Vec<(String, Interruption)>,
    /// How many processes make calls, and which of them stand still while something interrupts them.
    processes: usize,
    interrupted: BTreeSet<usize>,
    random: Option<u64>,
    /// An operation that is refused for good, with the code; its calls are all answered with 403.
    refused: Option<(String, &'static str)>,
    /// Every operation that was called, as `service:Operation`.
    operations: BTreeSet<String>,
    /// How many calls are under way, and how many were at most.
    under_way: usize,
    most_under_way: usize,
}

/// A request as it arrives.
struct Incoming {
    service: String,
    operation: String,
    /// The same for every attempt of one call.
    call: String,
    request: Request<Bytes>,
}

impl Transport {
    pub fn new(emulator: Emulator, cloud: Cloud) -> Self {
        let state = Mutex::default();
        let inner = Inner {
            emulator,
            cloud,
            crashed: Notify::new(),
            state,
        };
        Self {
            inner: Arc::new(inner),
            process: 0,
        }
    }

    /// The way of a further process.
    pub fn of_a_process(&self) -> Self {
        let mut state = self.state();
        state.processes += 1;
        Self {
            inner: Arc::clone(&self.inner),
            process: state.processes,
        }
    }

    /// Lets the `nth` call from now on, counted from 1, suffer `trouble`; every attempt of a call is
    /// the same call.
    pub fn strike(&self, nth: usize, trouble: Trouble) {
        let mut state = self.state();
        state.attempts.clear();
        state.trouble = Some((nth, trouble));
        state.struck = None;
    }

    /// Refuses an operation, such as `kms:GetKeyPolicy`, for good.
    pub fn refuse(&self, operation: &str, code: &'static str) {
        self.state().refused = Some((operation.to_owned(), code));
    }

    /// Every operation that was called.
    pub fn operations(&self) -> BTreeSet<String> {
        self.state().operations.clone()
    }

    /// Whether an operation is refused for good; notes that it was called.
    fn refusal_of(&self, operation: String) -> Option<&'static str> {
        let mut state = self.state();
        let refused = state
            .refused
            .as_ref()
            .filter(|(known, _)| *known == operation);
        let code = refused.map(|(_, code)| *code);
        state.operations.insert(operation);
        code
    }

    /// How many calls were under way at once at most, since the last time.
    pub fn take_most_under_way(&self) -> usize {
        std::mem::take(&mut self.state().most_under_way)
    }

    /// Ends all trouble; whether there was any.
    pub fn calm(&self) -> bool {
        let mut state = self.state();
        state.trouble = None;
        state.struck.take().is_some()
    }

    /// Does `interruption` just before the next call of `operation` is carried out. Several on one
    /// operation take one call each, in their order. Meanwhile no other call of the process is carried
    /// out: what it does side by side would else overtake what the test puts in between.
    pub fn interrupt(
        &self,
        operation: &str,
        interruption: impl Future<Output = ()> + Send + 'static,
    ) {
        self.state()
            .interruptions
            .push((operation.to_owned(), Box::pin(interruption)));
    }

    /// Shuffles concurrent calls from now on: each waits for a random number of turns of others.
    pub fn shuffle(&self, seed: u64) {
        self.state().random = Some(seed);
    }

    /// Returns when the process is to end.
    pub async fn crashed(&self) {
        self.inner.crashed.notified().await;
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let incoming = Incoming::read(request)?;
        for _ in 0..self.turns() {
            tokio::task::yield_now().await;
        }
        while self.stands_still() {
            tokio::task::yield_now().await;
        }
        let interruption =
            self.take_interruption(&format!("{}:{}", incoming.service, incoming.operation));
        if let Some(interruption) = interruption {
            self.stand_still_for(interruption).await;
        }
        if let Some(code) = self.refusal_of(format!("{}:{}", incoming.service, incoming.operation))
        {
            return finished(refusal(&incoming.service, 403, code));
        }
        match self.fate(&incoming.call) {
            None => self.carry_out(incoming).await,
            Some(Trouble::Refuse { status, code }) => {
                finished(refusal(&incoming.service, status, code))
            }
            Some(Trouble::LoseFirst | Trouble::LoseAll) => {
                self.carry_out(incoming).await?;
                Err(lost())
            }
            Some(Trouble::Crash) => {
                self.carry_out(incoming).await?;
                self.inner.crashed.notify_one();
                std::future::pending().await
            }
        }
    }

    /// Counts an attempt, and tells what it is to suffer.
    fn fate(&self, call: &str) -> Option<Trouble> {
        let mut state = self.state();
        let known = state.attempts.len();
        let attempt = state.attempts.entry(call.to_owned()).or_default();
        *attempt += 1;
        let attempt = *attempt;
        let (nth, trouble) = state.trouble?;
        if attempt == 1 && known + 1 == nth {
            state.struck = Some(call.to_owned());
        }
        let struck = state.struck.as_deref() == Some(call);
        let again = attempt > 1 && matches!(trouble, Trouble::LoseFirst);
        (struck && !again).then_some(trouble)
    }

    async fn carry_out(&self, incoming: Incoming) -> Result<HttpResponse, ConnectorError> {
        let Incoming {
            service,
            operation,
            request,
            ..
        } = incoming;
        if service != "imagebuilder" && service != "ec2" {
            return finished(self.inner.cloud.answer(&service, &operation, &request));
        }
        let response = self.inner.emulator.handle(request).await;
        if response.extensions().get::<ResponseDropped>().is_some() {
            return Err(lost());
        }
        finished(response.map(SdkBody::from))
    }

    fn begin(&self) {
        let mut state = self.state();
        state.under_way += 1;
        state.most_under_way = state.most_under_way.max(state.under_way);
    }

    fn turns(&self) -> u64 {
        let mut state = self.state();
        let Some(random) = &mut state.random else {
            return 0;
        };
        // Knuth's MMIX constants; the upper bits are the random ones.
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*random >> 33) % 8
    }

    async fn stand_still_for(&self, interruption: Interruption) {
        self.state().interrupted.insert(self.process);
        interruption.await;
        self.state().interrupted.remove(&self.process);
    }

    fn stands_still(&self) -> bool {
        self.state().interrupted.contains(&self.process)
    }

    fn take_interruption(&self, operation: &str) -> Option<Interruption> {
        let interruptions = &mut self.state().interruptions;
        let index = interruptions.iter().position(|(of, _)| of == operation)?;
        Some(interruptions.remove(index).1)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            this.begin();
            // Whatever may run beside it comes this far as well.
            tokio::task::yield_now().await;
            let answer = this.answer(request).await;
            this.state().under_way -= 1;
            answer
        })
    }
}

impl HttpClient for Transport {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl Incoming {
    fn read(request: HttpRequest) -> Result<Self, ConnectorError> {
        let request = request
            .try_into_http1x()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let request =
            request.map(|body| Bytes::copy_from_slice(body.bytes().expect("a body in memory")));
        let service = service(&request);
        let operation = operation(&service, &request);
        // The clients of EC2 and IAM send no invocation id: there the same words are the same call.
        let call = header(&request, "amz-sdk-invocation-id").map_or_else(
            || String::from_utf8_lossy(request.body()).into_owned(),
            str::to_owned,
        );
        Ok(Self {
            service,
            operation,
            call,
            request,
        })
    }
}

fn header<'r>(request: &'r Request<Bytes>, name: &str) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}

/// The signing name, from the credential scope: `<key>/<date>/<Region>/<service>/aws4_request`.
fn service(request: &Request<Bytes>) -> String {
    let scope = header(request, "authorization").and_then(|text| text.split("Credential=").nth(1));
    let service = scope.and_then(|scope| scope.split('/').nth(3));
    service.expect("a signed request").to_owned()
}

/// The operation, from what each protocol says on the wire.
fn operation(service: &str, request: &Request<Bytes>) -> String {
    let path = request.uri().path();
    let form = || String::from_utf8_lossy(request.body()).into_owned();
    match service {
        "imagebuilder" if path.starts_with("/tags/") => "TagResource".to_owned(),
        "imagebuilder" => path.trim_start_matches('/').to_owned(),
        "s3" => s3_operation(request).to_owned(),
        "lambda" if path.ends_with("/policy") => "GetPolicy".to_owned(),
        "lambda" if path.ends_with("/concurrency") => "GetFunctionConcurrency".to_owned(),
        "ec2" | "iam" | "sns" | "sts" => {
            let form = form();
            form.split('&')
                .find_map(|pair| pair.strip_prefix("Action="))
                .unwrap_or_default()
                .to_owned()
        }
        _ => {
            let target = header(request, "x-amz-target").unwrap_or_default();
            target.rsplit('.').next().unwrap_or_default().to_owned()
        }
    }
}

fn s3_operation(request: &Request<Bytes>) -> &'static str {
    let asks = |what: &str| {
        request
            .uri()
            .query()
            .is_some_and(|q| q.split('&').any(|part| part == what))
    };
    match request.method().as_str() {
        "GET" if asks("versions") => "ListObjectVersions",
        "GET" if asks("list-type=2") => "ListObjectsV2",
        "GET" if asks("notification") => "GetBucketNotificationConfiguration",
        "GET" if asks("policy") => "GetBucketPolicy",
        "PUT" if asks("policy") => "PutBucketPolicy",
        "GET" => "GetObject",
        "HEAD" => "HeadObject",
        "PUT" => "PutObject",
        "DELETE" => "DeleteObject",
        other => panic!("S3 got a {other}"),
    }
}

fn finished(response: Response<SdkBody>) -> Result<HttpResponse, ConnectorError> {
    HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
}

fn lost() -> ConnectorError {
    ConnectorError::io("the connection was closed before the response came".into())
}

//! The emulator as a whole: the lock around the world, and the ways in.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::Value;

use crate::{
    accounts::Accounts,
    call::{Call, Calls, Outcome},
    caller::{Caller, Scope, Service},
    control,
    events::{Notice, aws::Endpoint, delivery::Delivery},
    fault::Fault,
    options::Options,
    refusal::Refusal,
    rest_json,
    seed::Seed,
    snapshot::{self, SnapshotError},
    uri,
    world::World,
};

/// EC2 Image Builder, and the part of EC2 that it needs, in memory. Clones share everything.
#[derive(Clone)]
pub struct Emulator(Arc<Inner>);

struct Inner {
    world: Mutex<World>,
    accounts: Accounts,
    endpoint: Option<Endpoint>,
    /// Notices that were taken for delivery, and whose delivery has not ended.
    delivering: AtomicUsize,
}

/// Marks, as an extension, a response that a fault has lost after the commit. [`Emulator::serve`]
/// closes the connection instead of sending it; who calls [`Emulator::handle`] in process is to
/// turn it into a broken connection, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseDropped;

impl ResponseDropped {
    /// For callers that do not look at extensions it is an empty 502.
    pub(crate) fn response() -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response.extensions_mut().insert(Self);
        response
    }
}

/// Marks, as an extension, a response that is to come so much later. Nothing is locked meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stalled(pub Duration);

async fn stalled(mut response: Response<Bytes>) -> Response<Bytes> {
    if let Some(Stalled(pause)) = response.extensions_mut().remove() {
        tokio::time::sleep(pause).await;
    }
    response
}

impl Emulator {
    /// An emulator with the default base images and nothing else.
    pub fn new(options: Options) -> Self {
        let endpoint = options.events_endpoint.as_deref().map(Endpoint::new);
        Self(Arc::new(Inner {
            world: Mutex::new(World::new(options)),
            accounts: Accounts::new(endpoint.clone()),
            endpoint,
            delivering: AtomicUsize::new(0),
        }))
    }

    /// Answers a signed request, or one to `/_emulator/`. Signatures are not verified.
    ///
    /// The builds are moved to the current time first. Their events wait for
    /// [`serve`](Self::serve) to deliver them, or for [`take_events`](Self::take_events).
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        if let Some(path) = parts.uri.path().strip_prefix("/_emulator/") {
            return control::answer(self, &parts.method, path, &body);
        }
        match self.caller(&parts).await {
            Ok((service, caller)) => {
                let fetched = uri::fetch(self.0.endpoint.as_ref(), &caller, &parts, &body).await;
                let response = self
                    .world()
                    .answer(service, &caller, &parts, &body, fetched);
                stalled(response).await
            }
            Err(refusal) => refused(&parts, refusal),
        }
    }

    async fn caller(&self, parts: &http::request::Parts) -> Result<(Service, Caller), Refusal> {
        let scope = Scope::of(&parts.headers).ok_or_else(|| {
            let text = "The request must contain a signature.";
            Refusal::new(403, "MissingAuthenticationTokenException", text)
        })?;
        let service = scope
            .service()
            .ok_or_else(|| Refusal::not_emulated(&format!("the service '{}'", scope.service)))?;
        let account = self.0.accounts.of(&scope.key, &scope.region).await?;
        Ok((
            service,
            Caller {
                account,
                region: scope.region,
            },
        ))
    }

    /// Forgets everything, faults and calls too, and starts the clock again.
    pub fn reset(&self) {
        self.world().reset();
    }

    /// Everything the emulator knows, and the time, as JSON; without faults and the log of calls.
    pub fn state(&self) -> Result<String, SnapshotError> {
        Ok(self.world().snapshot()?)
    }

    /// Puts back what [`state`](Self::state) gave; time goes on from when it was taken.
    pub fn restore(&self, state: &[u8]) -> Result<(), SnapshotError> {
        let snapshot = snapshot::read(state)?;
        self.world().restore(snapshot);
        Ok(())
    }

    /// How often the state may have changed so far.
    pub(crate) fn changes(&self) -> u64 {
        self.world().changes()
    }

    /// Moves the clock forward, and the builds with it, whatever the clock's pace.
    pub fn advance(&self, by: Duration) {
        self.world().advance(by);
    }

    /// Adds base images, and what else is in the seed.
    pub fn seed(&self, seed: &Seed) {
        let mut world = self.world();
        let now = world.tick();
        seed.plant(&mut world.state, now);
        world.changed();
    }

    /// Adds faults.
    pub fn add_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        let mut world = self.world();
        faults.into_iter().for_each(|fault| world.add_fault(fault));
    }

    /// The faults that are still to come, with what is left of their counts.
    pub fn faults(&self) -> Vec<Fault> {
        self.world().faults()
    }

    /// Forgets the faults that are still to come.
    pub fn clear_faults(&self) {
        self.world().clear_faults();
    }

    /// The calls since the start, the reset or [`clear_calls`](Self::clear_calls), oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.world().calls.list()
    }

    /// Forgets the calls.
    pub fn clear_calls(&self) {
        self.world().calls = Calls::default();
    }

    /// Takes the events that wait for delivery, oldest first: for tests without an endpoint.
    /// While [`serve`](Self::serve) runs with an endpoint, it takes them itself.
    pub fn take_events(&self) -> Vec<Value> {
        let event = |notice| match notice {
            Notice::Event(event) => Some(event),
            Notice::Topic { .. } | Notice::Function { .. } => None,
        };
        self.taken(|_| ()).into_iter().filter_map(event).collect()
    }

    /// How many events and messages have come about and are not delivered: zero when all is at rest.
    /// One that a target has not accepted after a few attempts counts as delivered.
    pub fn undelivered(&self) -> usize {
        let mut world = self.world();
        world.tick();
        world.state.outbox_len() + self.0.delivering.load(Ordering::Relaxed)
    }

    /// Carries out what is due.
    pub(crate) fn tick(&self) {
        self.world().tick();
    }

    /// Carries out what is due, and takes what is to be delivered; [`delivered`](Self::delivered) is to
    /// follow for each.
    pub(crate) fn take_for_delivery(&self) -> Vec<Notice> {
        // Counted while the world is locked: nothing is on the way from one place to the other.
        self.taken(|notices| {
            self.0
                .delivering
                .fetch_add(notices.len(), Ordering::Relaxed);
        })
    }

    /// The delivery of one notice has ended.
    pub(crate) fn delivered(&self) {
        self.0.delivering.fetch_sub(1, Ordering::Relaxed);
    }

    fn taken(&self, count: impl FnOnce(&[Notice])) -> Vec<Notice> {
        let mut world = self.world();
        world.tick();
        let notices = world.state.take_notices();
        count(&notices);
        if !notices.is_empty() {
            world.changed();
        }
        notices
    }

    /// Who delivers, if there is an endpoint.
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        self.0.endpoint.clone().map(Delivery::new)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A refusal in the protocol of the service that was called, Image Builder's if that is unknown.
fn refused(parts: &http::request::Parts, refusal: Refusal) -> Response<Bytes> {
    let service = Scope::of(&parts.headers).and_then(|scope| scope.service());
    let outcome = Outcome {
        result: Err(refusal),
    };
    match service {
        Some(Service::Ec2) => crate::world::ec2_response(&outcome),
        Some(Service::ImageBuilder) | None => rest_json::response(&outcome),
    }
}

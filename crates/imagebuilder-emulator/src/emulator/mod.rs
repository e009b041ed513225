//! The emulator as a whole: the lock around the world, and the ways in.

pub(crate) mod control;
mod page;
#[cfg(feature = "server")]
mod serving;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    calls::{Call, CallLog},
    common::{caller::Caller, error::ApiError, options::Options},
    engine::seed::Seed,
    fault::{Fault, response::Stalled},
    outbound::Outbound,
    records::notification::Notification,
    snapshot::{self, SnapshotError},
    wire::{
        outcome::Outcome,
        rest_json,
        scope::{Scope, Service},
    },
    world::{self, World},
};

/// EC2 Image Builder, and the part of EC2 that it needs, in memory. Clones share everything.
#[derive(Clone)]
pub struct Emulator(Arc<Inner>);

struct Inner {
    world: Mutex<World>,
    outbound: Outbound,
    /// Notifications that were taken for delivery, and whose delivery has not ended.
    delivering: AtomicUsize,
}

async fn stalled(mut response: Response<Bytes>) -> Response<Bytes> {
    if let Some(Stalled(pause)) = response.extensions_mut().remove() {
        tokio::time::sleep(pause).await;
    }
    response
}

impl Emulator {
    /// An emulator with the default base images and nothing else.
    pub fn new(options: Options) -> Self {
        Self(Arc::new(Inner {
            outbound: Outbound::new(&options),
            world: Mutex::new(World::new(options)),
            delivering: AtomicUsize::new(0),
        }))
    }

    /// Answers a signed request, or one to `/_emulator/`. Signatures are not verified.
    ///
    /// The builds are moved to the current time first. Their events wait for
    /// the server to deliver them, or for [`take_events`](Self::take_events).
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        if let Some(path) = parts.uri.path().strip_prefix("/_emulator/") {
            return control::answer(self, &parts.method, path, &body);
        }
        if page::is_asked_for(&parts) {
            return page::answer(&parts);
        }
        match self.caller(&parts).await {
            Ok((service, caller)) => {
                let fetched = self.0.outbound.document(&caller, &parts, &body).await;
                let response = self
                    .world()
                    .answer(service, &caller, &parts, &body, fetched);
                stalled(response).await
            }
            Err(error) => error_response(&parts, error),
        }
    }

    async fn caller(&self, parts: &http::request::Parts) -> Result<(Service, Caller), ApiError> {
        let scope = Scope::of(&parts.headers).ok_or_else(|| {
            let text = "The request must contain a signature.";
            ApiError::new(403, "MissingAuthenticationTokenException", text)
        })?;
        let service = scope
            .service()
            .ok_or_else(|| ApiError::not_emulated(&format!("the service '{}'", scope.service)))?;
        let account = self.0.outbound.account(&scope.key, &scope.region).await?;
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

    /// The time on the emulator's clock.
    pub fn time(&self) -> Timestamp {
        self.world().tick()
    }

    /// Moves the clock forward, and the builds with it, whatever the clock's pace.
    pub fn advance(&self, by: Duration) {
        self.world().advance(by);
    }

    /// Adds base images, and what else is in the seed.
    pub fn seed(&self, seed: &Seed) {
        let mut world = self.world();
        let now = world.tick();
        seed.insert_into(&mut world.state, now);
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
        self.world().calls = CallLog::default();
    }

    /// Takes the events that wait for delivery, oldest first: for tests without an endpoint.
    /// While `serve` runs with an endpoint, it takes them itself.
    pub fn take_events(&self) -> Vec<Value> {
        let event = |notification| match notification {
            Notification::Event(event) => Some(event),
            Notification::Topic { .. } | Notification::Function { .. } => None,
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

    /// How many images are under way, in all accounts and Regions. With a manual clock they may be so
    /// for ever.
    pub fn running_images(&self) -> usize {
        let mut world = self.world();
        world.tick();
        world.state.running.len()
    }

    fn taken(&self, count: impl FnOnce(&[Notification])) -> Vec<Notification> {
        let mut world = self.world();
        world.tick();
        let notifications = world.state.take_notifications();
        count(&notifications);
        if !notifications.is_empty() {
            world.changed();
        }
        notifications
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error in the protocol of the service that was called, Image Builder's if that is unknown.
fn error_response(parts: &http::request::Parts, error: ApiError) -> Response<Bytes> {
    let service = Scope::of(&parts.headers).and_then(|scope| scope.service());
    let outcome = Outcome { result: Err(error) };
    match service {
        Some(Service::Ec2) => world::ec2_response(&outcome),
        Some(Service::ImageBuilder) | None => rest_json::response(&outcome),
    }
}

//! The world behind the lock: state, clock, faults and the log of calls, and how a call passes
//! through them. Nothing here waits for anything.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    api::{
        ec2::{actions, request::Ec2Request},
        imagebuilder::{
            operations::{self, Operation},
            request::{FetchedDocument, Request},
        },
    },
    calls::{CallLog, PendingCall},
    common::{caller::Caller, clock::VirtualClock, error::ApiError, json, options::Options},
    engine::{ec2::usage::Referrers, events, managed, queue, seed},
    fault::{
        Fault,
        armed::{FaultEffect, Faults},
        response::{ResponseDropped, Stalled},
    },
    snapshot::{self, Snapshot},
    state::{State, tokens::TokenKey},
    wire::{
        ec2_answer::{document, error_document},
        input::Input,
        model::{self, notation::OperationModel},
        outcome::Outcome,
        query::Query,
        rest_json,
        scope::Service,
    },
};

/// Everything that changes.
pub(crate) struct World {
    pub state: State,
    pub calls: CallLog,
    clock: VirtualClock,
    faults: Faults,
    options: Options,
    changes: u64,
}

impl World {
    pub fn new(options: Options) -> Self {
        let mut state = State::default();
        let clock = VirtualClock::start(options.clock, options.start);
        seed::defaults().insert_into(&mut state, clock.now());
        Self {
            state,
            calls: CallLog::default(),
            clock,
            faults: Faults::default(),
            options,
            changes: 0,
        }
    }

    /// Starts again with an empty world.
    pub fn reset(&mut self) {
        let changes = self.changes + 1;
        *self = Self {
            changes,
            ..Self::new(self.options.clone())
        };
    }

    /// Carries out the builds' steps that are due; returns the virtual time.
    pub fn tick(&mut self) -> Timestamp {
        let now = self.clock.now();
        if queue::advance(&mut self.state, &self.options, now) {
            self.changed();
        }
        now
    }

    /// Counts a change; the state file is written when the count moves.
    pub fn changed(&mut self) {
        self.changes += 1;
    }

    /// How often the state may have changed so far.
    #[cfg(feature = "server")]
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The state and the time as a snapshot.
    pub fn snapshot(&mut self) -> serde_json::Result<String> {
        let now = self.tick();
        snapshot::written(&self.state, now)
    }

    /// Goes on where a snapshot was taken.
    pub fn restore(&mut self, snapshot: Snapshot) {
        self.state = snapshot.state;
        self.clock.set(snapshot.time);
        self.changed();
    }

    /// Moves the clock, and everything with it.
    pub fn advance(&mut self, by: Duration) {
        self.clock.advance(by);
        self.tick();
    }

    /// Adds a fault.
    pub fn add_fault(&mut self, fault: Fault) {
        match &fault {
            Fault::Answer { matching, .. }
            | Fault::DropResponse { matching }
            | Fault::Stall { matching, .. }
            | Fault::StaleReads { matching } => {
                let matching = matching.clone();
                self.faults.arm(fault, matching, &self.state);
            }
            Fault::FailBuild(failure) => self.state.failures.push(failure.clone()),
            Fault::DenyKey(denial) => {
                self.state.ec2.denied_keys.insert(denial.clone());
            }
            Fault::Events(event_fault) => self.state.event_faults.arm(event_fault.clone()),
        }
        self.changed();
    }

    /// The faults that are still to come, with what is left of their counts.
    pub fn faults(&self) -> Vec<Fault> {
        let builds = self
            .state
            .failures
            .iter()
            .filter(|failure| failure.times > 0)
            .cloned();
        let events = self.state.event_faults.list().map(Fault::Events);
        let keys = self
            .state
            .ec2
            .denied_keys
            .iter()
            .cloned()
            .map(Fault::DenyKey);
        self.faults
            .list()
            .chain(builds.map(Fault::FailBuild))
            .chain(events)
            .chain(keys)
            .collect()
    }

    /// Forgets the faults that are still to come; events that one of them holds back go out.
    pub fn clear_faults(&mut self) {
        self.faults = Faults::default();
        self.state.failures.clear();
        self.state.ec2.denied_keys.clear();
        let held = self.state.event_faults.clear();
        self.state.publish_all(held);
        self.changed();
    }

    /// Answers a call of a service. `fetched` is the document that it names by `uri`.
    pub fn answer(
        &mut self,
        service: Service,
        caller: &Caller,
        parts: &http::request::Parts,
        body: &Bytes,
        fetched: Option<FetchedDocument>,
    ) -> Response<Bytes> {
        let now = self.tick();
        managed::open_region(&mut self.state, &caller.region);
        match service {
            Service::ImageBuilder => self.image_builder(caller, parts, body, (now, fetched)),
            Service::Ec2 => self.ec2(caller, body, now),
        }
    }

    fn image_builder(
        &mut self,
        caller: &Caller,
        parts: &http::request::Parts,
        body: &Bytes,
        (time, fetched): (Timestamp, Option<FetchedDocument>),
    ) -> Response<Bytes> {
        let (operation, input) = match (operations::route(parts), rest_json::input(parts, body)) {
            (Ok(operation), Ok(input)) => (operation, input),
            (Err(error), _) | (_, Err(error)) => {
                return rest_json::response(&Outcome { result: Err(error) });
            }
        };
        let pending = PendingCall {
            service: Service::ImageBuilder.name(),
            operation: operation.model.name,
            parameters: input.clone(),
            caller,
            time,
        };
        self.passed(pending, rest_json::response, |world| {
            world
                .operate(operation, caller, &input, (time, fetched))
                .map(|answer| answer.to_string())
        })
    }

    fn ec2(&mut self, caller: &Caller, body: &Bytes, time: Timestamp) -> Response<Bytes> {
        let query = Query::parse(&String::from_utf8_lossy(body));
        let action = query.text("Action").unwrap_or_default().to_owned();
        let pending = PendingCall {
            service: Service::Ec2.name(),
            operation: &action,
            parameters: query.parameters(),
            caller,
            time,
        };
        self.passed(pending, ec2_response, |world| {
            let State {
                ec2,
                parameters,
                recipes,
                ..
            } = &mut world.state;
            let referrers = Referrers {
                parameters,
                recipes,
            };
            let parts = actions::answered(&mut Ec2Request {
                ec2,
                referrers,
                caller,
                query,
                now: time,
            })?;
            Ok(document(&action, &parts))
        })
    }

    /// Lets a call meet its fault, carries it out, remembers it.
    fn passed(
        &mut self,
        pending: PendingCall<'_>,
        respond: impl Fn(&Outcome) -> Response<Bytes>,
        carry_out: impl FnOnce(&mut Self) -> Result<String, ApiError>,
    ) -> Response<Bytes> {
        let effect = self.faults.apply_to(&pending);
        let mut pause = None;
        let mut dropped = false;
        let result = match effect {
            Some(FaultEffect::Answer(a)) => Err(ApiError::new(a.status, a.code, a.message)),
            Some(FaultEffect::Stale(old)) => {
                self.in_the_past(*old, &pending.caller.region, carry_out)
            }
            other => {
                dropped = matches!(other, Some(FaultEffect::DropResponse));
                pause = other.and_then(FaultEffect::pause);
                carry_out(self)
            }
        };
        events::publish_ami_changes(&mut self.state, pending.time);
        let outcome = Outcome { result };
        if !pending.only_reads() {
            self.changed();
        }
        self.calls.push(&pending.with_status(outcome.status()));
        let mut response = if dropped {
            ResponseDropped::response()
        } else {
            respond(&outcome)
        };
        pause.map(|pause| response.extensions_mut().insert(Stalled(pause)));
        response
    }

    /// Carries out a read on an old state.
    fn in_the_past<T>(
        &mut self,
        mut old: State,
        region: &str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        managed::open_region(&mut old, region);
        std::mem::swap(&mut self.state, &mut old);
        let answer = read(self);
        std::mem::swap(&mut self.state, &mut old);
        answer
    }

    /// Checks the input, answers a token that was used before, or calls the handler.
    fn operate(
        &mut self,
        operation: &'static Operation,
        caller: &Caller,
        input: &Value,
        (now, fetched): (Timestamp, Option<FetchedDocument>),
    ) -> Result<Value, ApiError> {
        let name = operation.model.name;
        let handler = operation
            .handler
            .ok_or_else(|| ApiError::not_emulated(name))?;
        let input = model::checked(name, input)?;
        let key = TokenKey::of(caller, name, &input);
        if let Some(first) = self.recalled(key, &input, now)? {
            return Ok(first);
        }
        let (state, options) = (&mut self.state, &self.options);
        let mut request =
            Request::new(state, options, Input::new(name, caller, input.clone()), now);
        request.fetched = fetched;
        let answer = finished(handler(&mut request)?, operation.model, &input);
        if let Some(key) = key {
            self.state.tokens.remember(key, &input, &answer, now);
        }
        Ok(answer)
    }

    fn recalled(
        &self,
        key: Option<TokenKey>,
        input: &Value,
        now: Timestamp,
    ) -> Result<Option<Value>, ApiError> {
        let lifetime = self
            .options
            .unknowns
            .token_seconds
            .map(|seconds| SignedDuration::from_secs(seconds.into()));
        let since = lifetime
            .and_then(|lifetime| now.checked_sub(lifetime).ok())
            .unwrap_or(Timestamp::MIN);
        key.map_or(Ok(None), |key| self.state.tokens.recall(key, input, since))
    }
}

/// Adds `requestId` and `clientToken` where the model has them, removes what has no value.
fn finished(mut answer: Value, model: &OperationModel, input: &Value) -> Value {
    if model.has_request_id {
        answer["requestId"] = Uuid::new_v4().to_string().into();
    }
    if model.has_client_token {
        answer["clientToken"] = input["clientToken"].clone();
    }
    json::prune(&mut answer);
    #[cfg(debug_assertions)]
    assert_eq!(model::contradiction(model.name, &answer), None);
    answer
}

/// The response to an outcome, in the Query protocol.
pub(crate) fn ec2_response(outcome: &Outcome) -> Response<Bytes> {
    let body = match &outcome.result {
        Ok(body) => body.clone(),
        Err(error) => error_document(error),
    };
    let builder = Response::builder()
        .status(outcome.status())
        .header(http::header::CONTENT_TYPE, "text/xml;charset=UTF-8");
    let gap = outcome
        .result
        .as_ref()
        .err()
        .filter(|error| error.status == 501);
    let builder = match gap {
        Some(error) => builder.header("x-amzn-errortype", error.code.as_ref()),
        None => builder,
    };
    builder.body(Bytes::from(body)).unwrap_or_default()
}

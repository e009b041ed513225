//! EC2 Image Builder on a laptop: an emulator that clients can call in process or over HTTP.
//!
//! It speaks Image Builder's rest-json and, on the same listener, the part of EC2's Query protocol
//! that deals with AMIs and snapshots; the service, the Region and the account are read from the
//! signature. Builds pass their states on a virtual clock and leave real AMIs behind. What is not
//! emulated is answered with 501 and `NotEmulatedException`, never with a fake success.
//!
//! The layers, outermost first: `server` and `control` (HTTP), [`Emulator`] (the lock), `world`
//! (clock, faults, log of calls), the protocols (`rest_json`, `ec2::query`), the operations
//! (`operations`, `resources`, `ec2`) and the builds (`build`), and at the bottom `state`, which
//! knows neither protocol nor clock.

#![allow(
    clippy::doc_markdown,
    reason = "names of operations and services, such as EventBridge, are prose"
)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod accounts;
mod agenda;
mod arn;
mod build;
mod call;
mod caller;
mod clock;
mod control;
mod date;
mod document;
mod ec2;
mod emulator;
mod events;
mod fault;
mod idempotency;
mod lifecycle;
mod model;
mod operations;
mod options;
mod paging;
mod parameters;
mod refusal;
mod request;
mod resources;
mod rest_json;
mod schedule;
mod seed;
mod server;
mod small_map;
mod snapshot;
mod state;
mod state_file;
mod store;
mod text;
mod uri;
mod world;

pub use self::{
    call::Call,
    clock::{Clock, ParseClockError},
    emulator::{Emulator, ResponseDropped},
    fault::{
        BuildFailure, EventFault, EventTrouble, Fault, FaultAnswer, FaultError, KeyDenial,
        Matching, Probability,
    },
    options::{MissingReference, Options, Quotas, Unknowns},
    seed::{
        Seed, SeedAccount, SeedDevice, SeedFinding, SeedImage, SeedLaunch, SeedPackage,
        SeedParameter, SeedReference, SeedSecurityGroup, SeedSubnet, SeedTemplate, SeedUsage,
    },
    server::ServeError,
    snapshot::SnapshotError,
    state_file::StateFileError,
};

/// Parses a component document and says why it is not one: an entry for fuzzing.
///
/// # Errors
///
/// The text that CreateComponent answers with.
#[doc(hidden)]
pub fn parse_component_document(text: &str) -> Result<(), String> {
    document::component::parse(text)
        .map(drop)
        .map_err(|error| error.to_string())
}

//! EC2 Image Builder on a laptop: an emulator that clients can call in process or over HTTP.
//!
//! It speaks Image Builder's rest-json. On the same listener it speaks the part of EC2's Query
//! protocol that deals with AMIs and snapshots. The signature names the service, the Region and the
//! account. Builds pass their states on a virtual clock and leave real AMIs behind. What is not
//! emulated is answered with 501 and `NotEmulatedException`, never with a fake success.
//!
//! The layers, lowest first. Each one imports only from those before it, and a test holds that.
//!
//! - `common`: small types such as ARNs, dates and errors
//! - `document`: parsers of component and workflow documents
//! - `records`: everything that is stored, as plain types
//! - `state`: the store, which knows neither protocol nor clock
//! - `engine`: what happens by itself or follows from an operation, such as builds and events
//! - `wire`: both protocols, the model of the service, pages and filters
//! - `api`: the handlers of Image Builder and EC2
//! - `fault`, `calls`, `snapshot`, `outbound`: faults, the log of calls, snapshots, other services
//! - `world`, [`Emulator`], `server`: everything behind one lock, the ways in, HTTP

#![allow(
    clippy::doc_markdown,
    reason = "names of operations and services, such as EventBridge, are prose"
)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod api;
mod calls;
mod common;
mod document;
mod emulator;
mod engine;
mod fault;
mod outbound;
mod records;
#[cfg(feature = "server")]
mod server;
mod snapshot;
mod state;
#[cfg(feature = "server")]
mod state_file;
mod wire;
mod world;

pub use self::{
    calls::Call,
    common::{
        clock::{Clock, ParseClockError},
        options::{MissingReference, Options, Quotas, Unknowns},
    },
    emulator::Emulator,
    engine::seed::{
        Seed,
        fact::{
            SeedAccount, SeedLaunch, SeedParameter, SeedReference, SeedSecurityGroup, SeedSubnet,
            SeedTemplate, SeedUsage,
        },
        image::{SeedDevice, SeedImage},
    },
    fault::{
        Fault, FaultAnswer, Matching, Probability, members::FaultError, response::ResponseDropped,
    },
    records::{
        build_failure::BuildFailure,
        ec2::key_denial::KeyDenial,
        event_fault::{EventEffect, EventFault},
        scan::{SeedFinding, SeedPackage},
    },
    snapshot::SnapshotError,
};
#[cfg(feature = "server")]
pub use self::{server::ServeError, state_file::StateFileError};

/// Parses a component document for a platform, spelled as in the API, and says why it is not one: an
/// entry for fuzzing, and for readers that must agree with it.
///
/// # Errors
///
/// The text that CreateComponent answers with.
#[doc(hidden)]
pub fn parse_component_document(text: &str, platform: &str) -> Result<(), String> {
    document::component::parse(text, platform)
        .map(drop)
        .map_err(|error| error.to_string())
}

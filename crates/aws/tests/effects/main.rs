//! Effects: the real SDK clients against the emulator and a stand-in, in one process, without
//! sockets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod bucket;
mod changes;
mod component_documents;
mod configurations;
mod copies;
mod damage;
mod delivery;
mod deployment;
mod documents;
mod faults;
mod fields;
mod hard;
mod isolation;
mod keys;
mod labels;
mod lease;
mod looking;
mod notice;
mod partition;
mod pipelines;
mod publication;
mod quiet;
mod rebuild;
mod reviewed;
mod scanned;
mod secrets;
mod sharing;
mod shipped_components;
mod standing;
mod turns;
mod unread;

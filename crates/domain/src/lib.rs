//! The pure core of goldsmith: what images must exist, what exists, and the next safe steps between.
//!
//! Invariant: no I/O, no clock, no environment, no async. Everything here is a function of its
//! arguments, so every decision can be replayed from a saved observation.

pub mod announcement;
pub mod arn;
pub mod bucket_policy;
pub mod build_log;
pub mod consumers;
pub mod deployment;
pub mod desired;
pub mod difference;
pub mod digest;
pub mod document;
pub mod entry;
pub mod escape;
pub mod failure;
pub mod finding;
pub mod health;
pub mod key_policy;
pub mod licence;
pub mod names;
pub mod observed;
pub mod owners;
pub mod parents;
pub mod plan;
mod policy;
pub mod problem;
pub mod promotion;
pub mod proof;
pub mod publication;
pub mod release;
pub mod report;
pub mod resources;
pub mod results;
pub mod review;
pub mod sbom;
pub mod scan;
pub mod schedule;
pub mod secret;
pub mod sharing;
pub mod stack;
pub mod tags;
pub mod verify;
pub mod waivers;

//! What scenarios are told with: a [`Factory`] that stands, [`Documents`] to upload, and what comes
//! of them.
//!
//! A scenario uploads documents, waits until the factory is quiet, looks, and ends with
//! [`Factory::assert_settled`]: one more reconcile, which must write nothing.

#![allow(clippy::missing_panics_doc, reason = "a scenario fails by panicking")]

mod access;
mod command;
mod documents;
mod events;
mod eventually;
mod evidence;
mod factory;
mod faults;
pub mod import_graph;
mod leaks;
mod process;
mod recipe;
mod report;
mod topic;
mod transcript;

pub use access::KeyAccess;
pub use documents::{BASE, CONSUMER, Documents, OTHER_BASE};
pub use events::{image_event, scheduled_event, upload_event};
pub use eventually::eventually;
pub use factory::Factory;
pub use faults::{answering, dropping, failing};
pub use process::{Process, group_members, processes};
pub use recipe::{Build, Published, Recipe};
pub use report::{Builds, Entry, Problem, Report, Skipped, Started};
pub use topic::Topic;
pub use transcript::play;

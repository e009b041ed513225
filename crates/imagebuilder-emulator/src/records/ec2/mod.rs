//! The resources of EC2 that are stored.

pub(crate) mod account;
pub(crate) mod ami;
pub(crate) mod change;
pub(crate) mod instance;
pub(crate) mod key_denial;
pub(crate) mod network;
pub(crate) mod report;
pub(crate) mod snapshot;
pub(crate) mod subnet;
pub(crate) mod template;
pub(crate) mod token;
pub(crate) mod usage;
pub(crate) mod viewer;

//! Changes of AMIs and snapshots that operations and builds share.

pub(crate) mod copy;
pub(crate) mod permissions;
pub(crate) mod retirement;
pub(crate) mod usage;

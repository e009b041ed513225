//! Numbers that no other run has, to know one's own write again.
//!
//! A conditional write whose answer is lost is repeated by the SDK, and the repetition meets what the
//! first attempt wrote: without a mark of its own, a run would take its own write for another's.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A random number: the keys of a `RandomState` are random, and no dependency.
pub(crate) fn nonce() -> u64 {
    RandomState::new().build_hasher().finish()
}

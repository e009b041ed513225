//! KMS of the embedded AWS, against what AWS documents: each row names its page.
//!
//! The rows are about the proxy in front of ministack's KMS, in `crates/local-stack/src/kms`. Everything
//! else here rests on it, so nothing in the rows comes from the project itself.

mod access;
mod conditions;
mod functions;
mod grants;
mod keys;
mod policies;
mod principals;
mod world;

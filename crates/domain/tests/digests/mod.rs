//! Digests that are stored in AWS, with literals: a digest that changes here rebuilds images, or repeats
//! deliveries, for everybody.
//!
//! The literals were taken before digests had structs of their own. Never change one: a new way to
//! calculate a digest is a new version beside the old one.

mod contents;
mod planned;

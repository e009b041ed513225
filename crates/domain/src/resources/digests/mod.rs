//! The digests of contents, and what they are taken of: stored formats, see [`digest`](crate::digest).

mod distribution;
mod infrastructure;
mod recipe;
mod scan;

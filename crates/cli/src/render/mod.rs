//! How a [`Review`] looks: the same sections as text for a terminal and as Markdown for a comment.
//!
//! - [`phrase`] says each consequence in words, in an [`escaper`] that knows what the reader's side would
//!   take for markup;
//! - [`section`] puts them in order: what is refused or lost comes first;
//! - [`text`] renders everything, [`markdown`] what fits, shared out by [`budget`];
//! - [`report`] renders what a run did, [`table`] aligns columns.

mod budget;
mod escape;
pub mod markdown;
pub mod phrase;
pub mod report;
mod section;
pub mod table;
pub mod text;

pub use escape::printable;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;

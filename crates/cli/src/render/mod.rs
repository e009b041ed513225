//! How a [`Review`](goldsmith_domain::review::Review) looks: the same sections as text for a terminal and as
//! Markdown for a comment.
//!
//! - [`phrase`] puts each effect into words, and [`escape`] keeps texts of documents from becoming markup;
//! - [`section`] puts the parts in order: refusals and lost access come first;
//! - [`text`] renders everything, [`markdown`] what fits, divided by [`budget`];
//! - [`report`] renders the report of a run, [`table`] aligns columns, [`when`] is a time for people,
//!   [`wrap`] makes lines fit, [`colour`] lets bad news stand out.

mod budget;
pub mod colour;
mod escape;
pub mod markdown;
pub mod phrase;
pub mod report;
mod section;
pub mod table;
pub mod text;
pub mod when;
pub mod wrap;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;

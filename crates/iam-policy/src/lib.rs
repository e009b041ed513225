//! IAM policies: [`Policy::parse`] reads them, [`Policy::evaluate`] evaluates those of resources.
//!
//! Not every fact about a request is always known. So every answer has three values ([`Truth`]). What
//! this crate does not support, such as policy variables or date operators, is [`Truth::Unknown`] too:
//! it is never guessed. Who reads an unknown answer decides; a proxy should let it allow nothing.
//!
//! The rules are those of the IAM User Guide. `tests/` has a table of its cases, each with its page.

mod condition;
mod context;
mod document;
mod evaluate;
pub mod glob;
mod principal;
mod truth;

pub use self::condition::Condition;
pub use self::context::{Context, KeyValue};
pub use self::document::{Effect, ParseError, Policy, Principals, Statement, Version};
pub use self::evaluate::{Decision, Request};
pub use self::principal::{Principal, is_account};
pub use self::truth::Truth;

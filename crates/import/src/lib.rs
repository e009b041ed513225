//! What people have, as documents and components of goldsmith: Packer templates, projects of the Rake and
//! Packer framework, and Terraform states.
//!
//! Entry points: [`packer`], [`rake`] and [`terraform`]. Each takes [`Sources`] and returns [`Imported`]: the files to
//! write, what was left with the reasons, and what was chosen. Nothing is read, written or run here.
//!
//! A source becomes [`value`]s, then a [`draft`] of an environment, and that becomes documents. Invariants: what is
//! or may be a secret is in no file and in no report; whatever is not taken over is reported.

mod component;
mod detect;
mod draft;
mod fields;
mod ledger;
mod outcome;
mod packer;
mod rake;
mod settings;
mod short;
mod source;
mod terraform;
pub mod valid;
mod value;

pub use detect::{Kind, detect};
pub use outcome::{Decision, ImportError, Imported, Left, LeftKind, Place};
pub use packer::{packer, packer_hcl, packer_json};
pub use rake::rake;
pub use settings::Settings;
pub use source::{SourceFile, Sources, Unread};
pub use terraform::terraform;

//! Variables in layers, as the Rake and Packer framework has them, and what each becomes in documents.
//!
//! The way of a run: [`Key`] makes folders of a name, [`lookup`] makes files of folders, [`read`] makes
//! variables of files, [`merge`] decides which value counts, and [`produce`] completes documents by them.
//! [`table`] is the one list of what each variable becomes; docs/variables.md is made of it.
//!
//! Invariant: no I/O, no clock, no environment. Files come in as bytes, and documents go out as bytes.

mod documented;
mod drafts;
mod key;
pub mod lookup;
mod merge;
mod origin;
pub mod page;
mod parameters;
mod place;
mod produce;
pub mod read;
pub mod table;
mod tree;
mod uses;

pub use documented::{documented, regions};
pub use key::{Key, KeyError, PREFIX, Prefix};
pub use merge::{Given, Overridden, Variable, Variables, merge};
pub use origin::{Layer, Origin, Source};
pub use parameters::Declared;
pub use place::Placed;
pub use produce::{Produced, Written, is_own, produce};
pub use tree::{plain, text_of, write};
pub use uses::{Spot, Use};

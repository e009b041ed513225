//! Writes docs/variables.md.

#![expect(
    clippy::disallowed_methods,
    reason = "the layers write nothing, and this is not the layers"
)]

use std::path::Path;
use std::{fs, io};

use goldsmith_layers::page::page;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::write(root.join("docs/variables.md"), page())
}

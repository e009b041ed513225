//! What a folder holds.

use crate::packer::{is_hcl, is_json};
use crate::source::Sources;
use crate::terraform::is_terraform;

/// A kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Packer template.
    Packer,
    /// A project of the Rake and Packer framework.
    Rake,
    /// Resources of Image Builder in Terraform.
    Terraform,
}

/// The kind of a folder: `config.rb` beside `build.json` makes a project of what would be a template alone. None if it
/// holds nothing that is known.
pub fn detect(sources: &Sources) -> Option<Kind> {
    let has = |path: &str| sources.text(path).is_some();
    if has("config.rb") && has("build.json") {
        Some(Kind::Rake)
    } else if is_hcl(sources) || is_json(sources) {
        Some(Kind::Packer)
    } else if is_terraform(sources) {
        Some(Kind::Terraform)
    } else {
        None
    }
}

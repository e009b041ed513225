//! The arguments of `vendor`.

use std::path::PathBuf;

use clap::Args;

use super::format::Format;

const EXAMPLES: &str = "\
Examples:
  goldsmith vendor ami-versions/nonprod
  goldsmith vendor ami-versions/nonprod --update     fetch cookbooks, roles and collections again

Each folder below test/ with an inspec.yml, and each folder below provision/, becomes components/content-NAME.yml. Name
that document before the component that takes the folder as content/NAME. A Berksfile is resolved by `berks`, and a
requirements.yml by `ansible-galaxy`, if their folders are not there.
";

/// Input of `vendor`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Vendor {
    /// The folder of one environment's documents
    pub dir: PathBuf,
    /// Fetch what a folder depends on, although it is there
    #[arg(long)]
    pub update: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

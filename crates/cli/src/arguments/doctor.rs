//! The arguments of `doctor`.

use std::path::PathBuf;

use clap::Args;

use super::{Format, Stack};

const EXAMPLES: &str = "\
Examples:
  goldsmith doctor                                         what this folder has, and what AWS says
  goldsmith doctor ami-versions/nonprod --against goldsmith-nonprod
  goldsmith doctor --format json | jq '.checks[] | select(.state == \"failed\")'

doctor only looks: nothing in it writes. Without DIR it takes the one environment that is here or in ami-versions.
Without --against it takes the stack goldsmith-<environment>. What cannot be looked at is skipped, with the reason.
Below each warning and failure is what helps, behind `>`. docs/doctor.md has each check.

Exit code:
  0  nothing failed
  1  error
  3  a check failed
";

/// Input of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {
    /// The folder of one environment's documents
    pub dir: Option<PathBuf>,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

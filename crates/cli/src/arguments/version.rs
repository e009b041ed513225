//! The arguments of `version`.

use clap::Args;

use super::Format;

const EXAMPLES: &str = "\
Examples:
  goldsmith version
  goldsmith version --against goldsmith-nonprod            also which release that stack runs
  goldsmith version --format json | jq -r .command.version

Without --against it needs no network, even where GOLDSMITH_STACK is set. A stack says which release it runs in
the report of its last run.
";

/// Input of `version`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Version {
    /// A stack, goldsmith-<environment>
    #[arg(long, value_name = "STACK")]
    pub against: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

//! The arguments of the commands for whoever runs a stack. None of them needs the documents.

use clap::{Args, ValueEnum};
use goldsmith_domain::names::RecipeName;

use super::stack::Stack;

const RECONCILE_EXAMPLES: &str = "\
Examples:
  goldsmith reconcile --against goldsmith-nonprod
  goldsmith reconcile --against goldsmith-nonprod --dry-run

reconcile does what the hourly run does. It needs no documents: those in the bucket count.

Exit code:
  0  done, or nothing to do
  1  error
  2  with --dry-run, something would change
  3  something was refused or failed
";

/// Input of `reconcile`.
#[derive(Debug, Args)]
#[command(after_help = RECONCILE_EXAMPLES)]
pub struct Reconcile {
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// Only show what a run would do
    #[arg(long)]
    pub dry_run: bool,
}

const STATUS_EXAMPLES: &str = "\
Examples:
  goldsmith status --against goldsmith-nonprod
  goldsmith status 110304 --against goldsmith-nonprod
  goldsmith status --against goldsmith-nonprod --format json | jq '.recipes[].ami'

`goldsmith verify` shows whether consumers can launch the images.
";

/// Input of `status`.
#[derive(Debug, Args)]
#[command(after_help = STATUS_EXAMPLES)]
pub struct Status {
    /// Only this recipe
    pub recipe: Option<RecipeName>,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The output format
    #[arg(long, value_enum, default_value_t = StatusFormat::Table)]
    pub format: StatusFormat,
}

/// The output format of `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// A row for each recipe and Region
    Table,
    /// One JSON object
    Json,
}

const BUILD_EXAMPLES: &str = "\
Examples:
  goldsmith build 110304 --against goldsmith-nonprod
  goldsmith build 110304 110302 --against goldsmith-nonprod

A recipe whose last build is still running is skipped.

Exit code:
  0  builds started
  1  error
  3  no build started, or one failed to start
";

/// Input of `build`.
#[derive(Debug, Args)]
#[command(after_help = BUILD_EXAMPLES)]
pub struct Build {
    /// The recipes
    #[arg(required = true, value_name = "RECIPE")]
    pub recipes: Vec<RecipeName>,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
}

const LOGS_EXAMPLES: &str = "\
Examples:
  goldsmith logs 110304 --against goldsmith-nonprod
  goldsmith logs 110304 --against goldsmith-nonprod --lines 500
";

/// Input of `logs`.
#[derive(Debug, Args)]
#[command(after_help = LOGS_EXAMPLES)]
pub struct Logs {
    /// The recipe
    pub recipe: RecipeName,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// How many lines to show from the end of the log; CloudWatch returns at most 10,000
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(i32).range(1..=10_000))]
    pub lines: i32,
}

//! The arguments of the commands for whoever runs a stack. None of them needs the documents.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::names::RecipeName;

use super::format::Format;
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
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const STATUS_EXAMPLES: &str = "\
Examples:
  goldsmith status --against goldsmith-nonprod
  goldsmith status 110304 --against goldsmith-nonprod
  goldsmith status --against goldsmith-nonprod --watch
  goldsmith status --against goldsmith-nonprod --format json | jq '.recipes[].published'

`goldsmith verify` shows whether consumers can launch the images. Below each thing that needs you is the
command that helps, behind `>`.

Exit code:
  0  all is well, or only waits
  1  error
  3  something needs a person: it is refused or failed, a scheduled run is missing, a document is wrong,
     an alarm is on, or the failure queue holds an event
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
    /// Show it again whenever it changes, until you interrupt it
    #[arg(long)]
    pub watch: bool,
}

/// The output format of `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// Text of at most the terminal's width
    Table,
    /// One JSON object
    Json,
}

const BUILD_EXAMPLES: &str = "\
Examples:
  goldsmith build 110304 --against goldsmith-nonprod
  goldsmith build 110304 110302 --against goldsmith-nonprod --wait

A recipe whose last build is still running is skipped.

Exit code:
  0  builds started; with --wait, they are published
  1  error; with --wait, how the builds end is not known
  3  no build started, or one failed to start; with --wait, one failed or is not published
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
    /// Wait until the builds have ended and are published
    #[arg(long)]
    pub wait: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const LOGS_EXAMPLES: &str = "\
Examples:
  goldsmith logs 110304 --against goldsmith-nonprod
  goldsmith logs 110304 --against goldsmith-nonprod --lines 500
  goldsmith logs 110304 --against goldsmith-nonprod --build 1.0.0/2
  goldsmith logs 110304 --against goldsmith-nonprod --follow
  goldsmith logs 110304 --against goldsmith-nonprod --follow -o build.log

Without --build it shows the newest build, whether it failed or not. With -o, what is printed also goes to a file.
It has no character in it that controls a terminal.
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
    /// The build to show, such as 1.0.0/2
    #[arg(long, value_name = "VERSION/BUILD")]
    pub build: Option<String>,
    /// Print what is added to the log until the build has ended
    #[arg(long)]
    pub follow: bool,
    /// Also write what is printed to this file, which must not exist
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the file of --output
    #[arg(long, requires = "output")]
    pub force: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = LogsFormat::Text)]
    pub format: LogsFormat,
}

/// The output format of `logs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogsFormat {
    /// Text
    Text,
    /// One JSON object; with --follow, another one for each line that is added
    Json,
}

const RESULTS_EXAMPLES: &str = "\
Examples:
  goldsmith results 110304 --against goldsmith-nonprod
  goldsmith results 110304 --against goldsmith-nonprod --format html > results.html
  goldsmith results 110304 --against goldsmith-nonprod --image \\
      arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/2
  goldsmith results --files results/ami-08bd941ae380bd3cd     files that were downloaded, without a network

Without --image it shows the newest build. Waivers and limits are those of the documents in the bucket.
--files applies neither.

Exit code:
  0  the results are within the limits of `gates`
  1  error
  3  more controls failed than `gates` accepts, or results are missing or cannot be read
";

const SBOM_EXAMPLES: &str = "\
Examples:
  goldsmith sbom 110304 --against goldsmith-nonprod > 110304.cdx.json
  goldsmith sbom 110304 --against goldsmith-nonprod --diff --format text
  goldsmith sbom 110304 --against goldsmith-nonprod --image \\
      arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/2

The list is CycloneDX 1.5. Without --image it is that of the newest available image. --diff compares it with the last image that was promoted before it.
";

/// Input of `sbom`.
#[derive(Debug, Args)]
#[command(after_help = SBOM_EXAMPLES)]
pub struct Sbom {
    /// The recipe
    pub recipe: RecipeName,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The image to show, by the ARN of its build
    #[arg(long, value_name = "ARN")]
    pub image: Option<ImageArn>,
    /// Show what was added, removed and changed since the image that was promoted before
    #[arg(long)]
    pub diff: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = SbomFormat::Json)]
    pub format: SbomFormat,
}

/// The output format of `sbom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SbomFormat {
    /// A document for other tools, or the changes as JSON
    Json,
    /// A package a line
    Text,
}

/// Input of `results`.
#[derive(Debug, Args)]
#[command(after_help = RESULTS_EXAMPLES)]
pub struct Results {
    /// The recipe
    #[arg(required_unless_present = "files")]
    pub recipe: Option<RecipeName>,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The image to show, by the ARN of its build
    #[arg(long, value_name = "ARN")]
    pub image: Option<ImageArn>,
    /// Read the results from a folder that has a folder for each suite
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["recipe", "image"])]
    pub files: Option<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = ResultsFormat::Text)]
    pub format: ResultsFormat,
}

/// The output format of `results`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ResultsFormat {
    /// Text: what failed, what is waived, and how many of each
    Text,
    /// One JSON object with every control
    Json,
    /// The XML that test pages of build servers read
    Junit,
    /// A page with every control
    Html,
}

const PUBLISH_EXAMPLES: &str = "\
Examples:
  goldsmith publish 110304 --against goldsmith-nonprod

publish runs reconcile, which publishes what an event missed and repairs what a hand damaged, for all
recipes. It builds nothing that was built before.

Exit code:
  0  the newest image is published
  1  error
  3  it is not, and the output says why
";

/// Input of `publish`.
#[derive(Debug, Args)]
#[command(after_help = PUBLISH_EXAMPLES)]
pub struct Publish {
    /// The recipe
    pub recipe: RecipeName,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const FAILURES_EXAMPLES: &str = "\
Examples:
  goldsmith failures --against goldsmith-nonprod
  goldsmith failures --against goldsmith-nonprod --days 30
  goldsmith failures --against goldsmith-nonprod --format json | jq '.[].commit'

It shows what people were told when each build failed. `goldsmith logs RECIPE` shows the whole log.
";

/// Input of `failures`.
#[derive(Debug, Args)]
#[command(after_help = FAILURES_EXAMPLES)]
pub struct Failures {
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// How many days to look back; failures are kept for a year
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub days: u16,
    /// How many failures to show
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const HISTORY_EXAMPLES: &str = "\
Examples:
  goldsmith history --against goldsmith-nonprod
  goldsmith history --against goldsmith-nonprod --days 30 --limit 100
  goldsmith history --against goldsmith-nonprod --format json | jq '.[].what'

An upload says itself who made it. CloudTrail's data events prove it.
";

/// Input of `history`.
#[derive(Debug, Args)]
#[command(after_help = HISTORY_EXAMPLES)]
pub struct History {
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// How many days to look back; reports are kept for a year
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub days: u16,
    /// How many events to show
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// The output format
    #[arg(long, value_enum, default_value_t = HistoryFormat::Text)]
    pub format: HistoryFormat,
}

/// The output format of `history`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// Text
    Text,
    /// One JSON array
    Json,
}

const REDRIVE_EXAMPLES: &str = "\
Examples:
  goldsmith redrive --against goldsmith-nonprod

redrive invokes each function with the event that it has given up on, and deletes the event if that
succeeds. No event does harm a second time.

Exit code:
  0  the failure queue is empty
  1  error
  3  an event failed again and stays in the queue, or others are left in it
";

/// Input of `redrive`.
#[derive(Debug, Args)]
#[command(after_help = REDRIVE_EXAMPLES)]
pub struct Redrive {
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

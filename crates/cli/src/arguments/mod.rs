//! The command line: what each command takes, with examples.

mod consumers;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use goldsmith_domain::names::{RecipeName, Region};

pub use consumers::{Consumer, Verify, VerifyFormat};

const EXAMPLES: &str = "\
Examples:
  goldsmith init ami-versions/nonprod                     make the documents of a new environment
  goldsmith check ami-versions/nonprod                    is anything wrong with them?
  goldsmith plan ami-versions/nonprod --against goldsmith-nonprod
                                                          what would they change?
  goldsmith apply ami-versions/nonprod --against goldsmith-nonprod
                                                          upload them and see it done
  goldsmith status --against goldsmith-nonprod            what is, and why
  goldsmith verify --against goldsmith-nonprod            can its consumers use it?
";

/// Reviewed documents in, tested and encrypted AMIs out.
#[derive(Debug, Parser)]
#[command(name = "goldsmith", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tell everything that is wrong with documents, without a network
    Check(Check),
    /// Tell what documents would change, and change nothing
    Plan(Plan),
    /// Upload documents and have them carried out
    Apply(Apply),
    /// Tell what is, and why
    Status(Status),
    /// Build images now, whatever the schedule says
    Build(Build),
    /// Tell why the newest failed build of a recipe failed
    Logs(Logs),
    /// Prove that the consumers can use what is published
    Verify(Verify),
    /// Tell an account what it has to make to be served with images, without a network
    Consumer(Consumer),
    /// Make the documents of a new environment
    Init(Init),
    /// Print the JSON Schemas of the documents, for editors
    Schema(Schema),
    /// Print what a shell needs to complete commands
    Completions(Completions),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  goldsmith check ami-versions/nonprod
  goldsmith check ami-versions/nonprod --format json | jq '.problems[].file'
  goldsmith check ami-versions/nonprod --format github     annotations, for a workflow

Exit: 0 nothing is wrong, 1 something is
";

/// Input of `check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct Check {
    /// The folder of one environment's documents
    pub dir: PathBuf,
    /// How problems are told
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
}

/// How problems are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// `file:line:column: found ..., expected ...`
    Text,
    /// One object
    Json,
    /// Workflow commands of GitHub Actions, which become annotations
    Github,
}

const PLAN_EXAMPLES: &str = "\
Examples:
  goldsmith plan ami-versions/nonprod --against goldsmith-nonprod
  goldsmith plan ami-versions/nonprod --against goldsmith-nonprod --set instance-types.0=m7i.large
  goldsmith plan ami-versions/nonprod --against goldsmith-nonprod --save observed.json
  goldsmith plan ami-versions/nonprod --observed observed.json     the same decision, without a network

Exit: 0 nothing to do or only to wait, 2 changes, 3 something is refused, 1 error
";

/// Input of `plan`.
#[derive(Debug, Args)]
#[command(after_help = PLAN_EXAMPLES)]
pub struct Plan {
    /// The folder of one environment's documents
    pub dir: PathBuf,
    /// The stack to compare with, goldsmith-<environment> [env: `GOLDSMITH_STACK`]
    #[arg(long, value_name = "STACK", conflicts_with = "observed")]
    pub against: Option<String>,
    /// What was observed at another time, as --save wrote it
    #[arg(long, value_name = "FILE")]
    pub observed: Option<PathBuf>,
    /// Another value for a member of environment.json, by its path: instance-types.0=m7i.large
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Write what was observed, to replay the decision
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// How the plan is told; markdown is at most 64 KiB
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub format: PlanFormat,
    /// Write all of it as Markdown, at most 1 MiB
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// The commit that the documents are from
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
}

/// How a plan is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// Sentences and tables
    Text,
    /// One object
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// The stack that a command is about.
#[derive(Debug, Args)]
pub struct Stack {
    /// The stack, goldsmith-<environment> [env: `GOLDSMITH_STACK`]
    #[arg(long, value_name = "STACK")]
    pub against: Option<String>,
}

const APPLY_EXAMPLES: &str = "\
Examples:
  goldsmith apply ami-versions/nonprod --against goldsmith-nonprod
  goldsmith apply ami-versions/nonprod --against goldsmith-nonprod --yes --commit \"$GITHUB_SHA\"

It calls s3:PutObject on the documents and lambda:InvokeFunction on reconcile, nothing else; S3 asks for
s3:GetObject besides, where a document is replaced only if it is the one that was planned against.

Exit: 0 done, 3 something was refused or failed, 1 error, or the answer was no
";

/// Input of `apply`.
#[derive(Debug, Args)]
#[command(after_help = APPLY_EXAMPLES)]
pub struct Apply {
    /// The folder of one environment's documents
    pub dir: PathBuf,
    /// The stack it is about
    #[command(flatten)]
    pub stack: Stack,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// The commit that the documents are from; it is kept with them
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
    /// Only `plan` takes it: what is applied has to be in the documents
    #[arg(long, value_name = "KEY=VALUE", hide = true)]
    pub set: Vec<String>,
}

const STATUS_EXAMPLES: &str = "\
Examples:
  goldsmith status --against goldsmith-nonprod
  goldsmith status 110304 --against goldsmith-nonprod
  goldsmith status --against goldsmith-nonprod --format json | jq '.recipes[].ami'
";

/// Input of `status`.
#[derive(Debug, Args)]
#[command(after_help = STATUS_EXAMPLES)]
pub struct Status {
    /// Only this recipe
    pub recipe: Option<RecipeName>,
    /// The stack it is about
    #[command(flatten)]
    pub stack: Stack,
    /// How it is told
    #[arg(long, value_enum, default_value_t = StatusFormat::Table)]
    pub format: StatusFormat,
}

/// How the status is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// A line for each recipe and Region
    Table,
    /// One object
    Json,
}

const BUILD_EXAMPLES: &str = "\
Examples:
  goldsmith build 110304 --against goldsmith-nonprod
  goldsmith build 110304 110302 --against goldsmith-nonprod

A recipe that still builds is skipped, and that is said.

Exit: 0 a build starts, 3 none does or one failed to start, 1 error
";

/// Input of `build`.
#[derive(Debug, Args)]
#[command(after_help = BUILD_EXAMPLES)]
pub struct Build {
    /// The recipes
    #[arg(required = true, value_name = "RECIPE")]
    pub recipes: Vec<RecipeName>,
    /// The stack it is about
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
    /// The stack it is about
    #[command(flatten)]
    pub stack: Stack,
    /// How many lines of the log are shown, from its end; CloudWatch gives at most 10,000
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(i32).range(1..=10_000))]
    pub lines: i32,
}

const INIT_EXAMPLES: &str = "\
Examples:
  goldsmith init ami-versions/nonprod
  goldsmith init ami-versions/prod --region us-gov-west-1

The folder's name becomes the environment's.
";

/// Input of `init`.
#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub struct Init {
    /// The folder to make; no document may be in it yet
    pub dir: PathBuf,
    /// The building Region
    #[arg(long, default_value = "us-east-1")]
    pub region: Region,
}

const SCHEMA_EXAMPLES: &str = "\
Examples:
  goldsmith schema environment > environment.schema.json
  goldsmith schema | jq keys                              all of them, by name
";

/// Input of `schema`.
#[derive(Debug, Args)]
#[command(after_help = SCHEMA_EXAMPLES)]
pub struct Schema {
    /// Only the schema of this document
    #[arg(value_enum)]
    pub document: Option<SchemaName>,
}

/// A document that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// What images there are to be
    AmiVersions,
    /// How they are built, and for whom
    Environment,
    /// Further accounts of a Region
    WorkloadAccounts,
}

impl SchemaName {
    /// The name that the schema goes under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AmiVersions => "ami-versions",
            Self::Environment => "environment",
            Self::WorkloadAccounts => "workload-accounts",
        }
    }
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  goldsmith completions bash > ~/.local/share/bash-completion/completions/goldsmith
  goldsmith completions zsh > ~/.zfunc/_goldsmith
";

/// Input of `completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        for command in Arguments::command().get_subcommands() {
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let example = format!("  goldsmith {} ", command.get_name());
            assert!(
                help.contains(example.trim_end()),
                "{} has no example",
                command.get_name()
            );
        }
    }
}

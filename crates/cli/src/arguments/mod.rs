//! The command line: the arguments of each command, with examples.

mod consumers;
mod decide;
mod doctor;
mod format;
mod import;
mod init;
mod layers;
mod operate;
mod stack;
mod vendor;
mod version;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use goldsmith_domain::names::Region;

use crate::printer::Printer;

pub use consumers::{Consumer, Verify, VerifyFormat};
pub use decide::{Approve, Reject, Rollback};
pub use doctor::Doctor;
pub use format::Format;
pub use import::{Import, ImportFormat, ImportKind};
pub use init::Style;
pub use layers::{Explain, ExplainFormat, Pull, Variables};
pub use operate::{
    Build, Failures, History, HistoryFormat, Logs, LogsFormat, Publish, Reconcile, Redrive,
    Results, ResultsFormat, Sbom, SbomFormat, Status, StatusFormat,
};
pub use stack::Stack;
pub use vendor::Vendor;
pub use version::Version;

const EXAMPLES: &str = "\
Examples:
  goldsmith                                               what is here, and what to do next
  goldsmith init ami-versions/nonprod                     create the documents of a new environment
  goldsmith check ami-versions/nonprod                    check them
  goldsmith plan ami-versions/nonprod --against goldsmith-nonprod
                                                          show what they would change
  goldsmith apply ami-versions/nonprod --against goldsmith-nonprod
                                                          upload and apply them
  goldsmith status --against goldsmith-nonprod            what exists, and why
  goldsmith verify --against goldsmith-nonprod            check that consumers can launch the images
";

/// Reviewed documents in, tested and encrypted AMIs out.
#[derive(Debug, Parser)]
#[command(name = "goldsmith", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Arguments {
    /// Show each call of AWS with the time that it took, on stderr
    #[arg(long, global = true)]
    pub verbose: bool,
    /// The command; without one it shows what is here, and what to do next.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check documents for problems, without a network
    Check(Check),
    /// Show what documents would change, and change nothing
    Plan(Plan),
    /// Upload documents, and apply them
    Apply(Apply),
    /// Run reconcile now, with the documents that are in the bucket
    Reconcile(Reconcile),
    /// Show what exists, and why
    Status(Status),
    /// Start builds now, independent of the schedule
    Build(Build),
    /// Show how a build of a recipe went, why it failed, and the end of its log
    Logs(Logs),
    /// Show what tests and compliance scans found on an image
    Results(Results),
    /// Show the software list of an image, or what changed in it
    Sbom(Sbom),
    /// See to it that consumers get the newest image of a recipe
    Publish(Publish),
    /// Let a tested image be published
    Approve(Approve),
    /// Take an image out of use, and say why
    Reject(Reject),
    /// Reject the published image, and publish the one before it again
    Rollback(Rollback),
    /// Show the builds that failed, and why
    Failures(Failures),
    /// Show what the last runs did, and who uploaded what
    History(History),
    /// Make up for the events that a function has given up on
    Redrive(Redrive),
    /// Verify that the consumers can use the published images
    Verify(Verify),
    /// Print what an account has to create to get images, without a network
    Consumer(Consumer),
    /// Fetch the shared variables of a configuration repository
    Pull(Pull),
    /// Show where the value of a variable comes from, and what it becomes, without a network
    Explain(Explain),
    /// Make components of folders with profiles, playbooks, cookbooks and scripts
    Vendor(Vendor),
    /// Create the documents of a new environment
    Init(Init),
    /// Make documents of a Packer template, a Rake project, a Terraform state or an account
    Import(Import),
    /// Print the JSON Schemas of the documents, for editors
    Schema(Schema),
    /// Print the completion script for a shell
    Completions(Completions),
    /// Check credentials, stack, quotas and roles, and say what helps
    Doctor(Doctor),
    /// Show which release this is, and which one a stack runs
    Version(Version),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  goldsmith check ami-versions/nonprod
  goldsmith check ami-versions/nonprod --format json | jq '.problems[].file'
  goldsmith check ami-versions/nonprod --format github     annotations, for a workflow

Exit code:
  0  no problems
  1  problems, or an error
";

/// Input of `check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct Check {
    /// The folder of one environment's documents
    pub dir: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
}

/// The output format of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// `file:line:column: found ..., expected ...`
    Text,
    /// One JSON object
    Json,
    /// Annotations of GitHub Actions
    Github,
}

const PLAN_EXAMPLES: &str = "\
Examples:
  goldsmith plan ami-versions/nonprod --against goldsmith-nonprod
  goldsmith plan ami-versions/nonprod --against goldsmith-nonprod --set instance-types.0=m7i.large
  goldsmith plan ami-versions/nonprod --against goldsmith-nonprod --save observed.json
  goldsmith plan ami-versions/nonprod --observed observed.json     the same plan, without a network

Exit code:
  0  nothing to do, or only to wait
  1  error
  2  changes
  3  something is refused
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
    /// Compare with a stack that was observed earlier, in a file that --save wrote
    #[arg(long, value_name = "FILE")]
    pub observed: Option<PathBuf>,
    /// Plan with another value in environment.json, such as instance-types.0=m7i.large; can be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Values that are only for this run
    #[command(flatten)]
    pub variables: Variables,
    /// Write image-inputs.json with all variables, and image.json with what is published, to this folder in DIR
    #[arg(long, value_name = "FOLDER")]
    pub output_dir: Option<PathBuf>,
    /// Write what was observed to a file, for --observed
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// The output format; markdown is at most 64 KiB
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub format: PlanFormat,
    /// Write the whole plan as Markdown, at most 1 MiB
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// The commit that the documents are from
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
}

/// The output format of `plan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// Sentences and tables
    Text,
    /// One JSON object
    Json,
    /// For a comment on a pull request
    Markdown,
}

const APPLY_EXAMPLES: &str = "\
Examples:
  goldsmith apply ami-versions/nonprod --against goldsmith-nonprod
  goldsmith apply ami-versions/nonprod --against goldsmith-nonprod --yes --commit \"$GITHUB_SHA\"

apply needs lambda:InvokeFunction on reconcile, and s3:PutObject and s3:GetObject on the documents. S3
requires s3:GetObject because a document is replaced only if it has not changed since the plan. Waiting
needs what `goldsmith status` needs. If you may not look, apply says so and ends.

Exit code:
  0  done
  1  error, or the answer was no; with --wait, how the builds end is not known
  3  something was refused or failed, also a build that was waited for
";

/// Input of `apply`.
#[derive(Debug, Args)]
#[command(after_help = APPLY_EXAMPLES)]
pub struct Apply {
    /// The folder of one environment's documents
    pub dir: PathBuf,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// Apply without asking
    #[arg(long)]
    pub yes: bool,
    /// Wait until the builds have ended and are published: the default on a terminal
    #[arg(long, overrides_with = "no_wait")]
    pub wait: bool,
    /// Do not wait for builds
    #[arg(long)]
    pub no_wait: bool,
    /// The commit that the documents are from; it is stored with them
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
    /// Only `plan` takes it: `apply` uses the documents as they are
    #[arg(long, value_name = "KEY=VALUE", hide = true)]
    pub set: Vec<String>,
    /// Values that must be what the documents say
    #[command(flatten)]
    pub variables: Variables,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

impl Apply {
    /// Whether it waits for the builds that it starts.
    pub fn waits(&self, printer: Printer) -> bool {
        self.wait || (!self.no_wait && printer.is_interactive())
    }
}

const INIT_EXAMPLES: &str = "\
Examples:
  goldsmith init ami-versions/nonprod
  goldsmith init ami-versions/prod --region us-gov-west-1
  goldsmith init ami-versions/local --base ami-08bd941ae380bd3cd     for `make local`, which has this AMI
  goldsmith init ami-versions/nonprod --style stig                   a project, with tests, waivers and pipelines

The folder's name becomes the name of the environment: two to twelve lower-case letters and digits, a letter
first, as the stack's template takes it.
";

/// Input of `init`.
#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub struct Init {
    /// The folder to create; it must not have any document yet
    pub dir: PathBuf,
    /// The Region that builds the images
    #[arg(long, default_value = "us-east-1")]
    pub region: Region,
    /// What the first image is built on: an AMI, `ssm:` and a parameter, or an Image Builder image. Without it
    /// this is the newest Amazon Linux 2023, or Windows Server 2022
    #[arg(long)]
    pub base: Option<String>,
    /// What to create; all styles but `minimal` also bring a project around the documents
    #[arg(long, value_enum, default_value_t = Style::Minimal)]
    pub style: Style,
    /// The folder for a project's own files; the folder of the documents is below it
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
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
    /// The images
    AmiVersions,
    /// How images are built, and for whom
    Environment,
    /// More consumer accounts of a Region
    WorkloadAccounts,
}

impl SchemaName {
    /// The name of the schema.
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
mod tests;

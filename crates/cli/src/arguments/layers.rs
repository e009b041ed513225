//! The arguments about variables in layers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::format::Format;

/// Values that are only for this run.
#[derive(Debug, Default, Args)]
pub struct Variables {
    /// Give a variable another value, such as source_ami=ami-08bd941ae380bd3cd; can be repeated
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub values: Vec<String>,
    /// Read the project's variables from this file instead of vars.json [env: `VAR_FILE`]
    #[arg(long = "var-file", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

const PULL_EXAMPLES: &str = "\
Examples:
  goldsmith pull ami-versions/nonprod --url https://github.com/owner/pipeline-config.git
  goldsmith pull ami-versions/nonprod --url git@github.com:owner/pipeline-config.git --ref v1.2
  PIPELINE_CONFIG_URL=none goldsmith pull ami-versions/nonprod      remove what was pulled

The files are in target/pipeline-config below DIR, and the commit is in target/pipeline-config.json. git reaches the
repository with your own credentials or SSH agent. Nothing of the repository is run.
";

/// Input of `pull`.
#[derive(Debug, Args)]
#[command(after_help = PULL_EXAMPLES)]
pub struct Pull {
    /// The folder of one environment's documents
    pub dir: PathBuf,
    /// The configuration repository, or `none` [env: `PIPELINE_CONFIG_URL`]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A branch, a tag or a whole commit; the default branch without it [env: `PIPELINE_CONFIG_REF`]
    #[arg(long = "ref", value_name = "REF")]
    pub reference: Option<String>,
    /// The folder that the layers begin at, instead of `amis`
    #[arg(long, value_name = "FOLDER")]
    pub prefix: Option<String>,
    /// The folders below it, such as rhel7/baseos, instead of those of the image's name
    #[arg(long, value_name = "FOLDERS")]
    pub key: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  goldsmith explain ami-versions/nonprod                            every variable
  goldsmith explain ami-versions/nonprod source_ami subnet_id
  goldsmith explain ami-versions/nonprod --var source_ami=ami-08bd941ae380bd3cd
  goldsmith explain ami-versions/nonprod --format json | jq '.variables[] | select(.unused)'

Exit code:
  0  every variable has a value
  1  a file is wrong, a variable has no value, or an error
";

/// Input of `explain`.
#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub struct Explain {
    /// The folder of one environment's documents
    pub dir: PathBuf,
    /// Only these variables
    #[arg(value_name = "VARIABLE")]
    pub names: Vec<String>,
    /// Values that are only for this run
    #[command(flatten)]
    pub variables: Variables,
    /// The output format
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub format: ExplainFormat,
}

/// The output format of `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// A paragraph for each variable
    Text,
    /// One JSON object
    Json,
}

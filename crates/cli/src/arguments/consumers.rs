//! The arguments of the commands about consumers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use goldsmith_domain::names::{AccountId, KeyArn, RecipeName, RolePattern};

use super::format::Format;
use super::stack::Stack;

const CONSUMER_EXAMPLES: &str = "\
Examples:
  goldsmith consumer 222222222222 ami-versions/nonprod
  goldsmith consumer 222222222222 ami-versions/nonprod --key \"$(aws cloudformation describe-stacks \\
      --stack-name goldsmith-nonprod --query 'Stacks[0].Outputs[?OutputKey==`KeyArn`].OutputValue' --output text)\"
";

/// Input of `consumer`.
#[derive(Debug, Args)]
#[command(after_help = CONSUMER_EXAMPLES)]
pub struct Consumer {
    /// The account, 12 digits
    pub account: AccountId,
    /// The folder of one environment's documents
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// The key of the stack's own Region: the stack's output `KeyArn`; can be repeated
    #[arg(long, value_name = "ARN")]
    pub key: Vec<KeyArn>,
    /// A role of the building account that may run `goldsmith verify` against the account; can be repeated
    #[arg(long, value_name = "ARN")]
    pub verifier: Vec<RolePattern>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  goldsmith verify --against goldsmith-nonprod
  goldsmith verify 110304 --account 222222222222 --against goldsmith-nonprod
  goldsmith verify --against goldsmith-nonprod --format json | jq '.findings[] | select(.status != \"Correct\")'

verify uses your credentials. In a consumer's account it assumes a launching role if you may, or else the
role goldsmith-<environment>-verify, which the account makes only if its parameter VerifierArns names you
(`goldsmith consumer --verifier` prints it). Launches are dry runs, except with --launch-probe.

Exit code:
  0  all checks pass
  1  error
  3  a finding is Incorrect or Missing, or Unknown where environment.json lets Unknown block
";

/// Input of `verify`.
#[derive(Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub struct Verify {
    /// Only this recipe
    pub recipe: Option<RecipeName>,
    /// Only this account; can be repeated
    #[arg(long, value_name = "ID")]
    pub account: Vec<AccountId>,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The output format
    #[arg(long, value_enum, default_value_t = VerifyFormat::Table)]
    pub format: VerifyFormat,
    /// Launch an instance of each image in each account, and terminate it. Only this proves that the key
    /// can be used. It costs money, and the role must be allowed to do both
    #[arg(long)]
    pub launch_probe: bool,
}

/// The output format of `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// A row for each consumer, Region and recipe
    Table,
    /// One JSON object
    Json,
}

//! What the commands take that are about consumers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use goldsmith_domain::names::{AccountId, KeyArn, RecipeName};

use super::Stack;

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
    /// The account that is served, 12 digits
    pub account: AccountId,
    /// The folder of one environment's documents
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// The key of the stack's own Region, its output `KeyArn`: no document has it
    #[arg(long, value_name = "ARN")]
    pub key: Vec<KeyArn>,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  goldsmith verify --against goldsmith-nonprod
  goldsmith verify 110304 --account 222222222222 --against goldsmith-nonprod
  goldsmith verify --against goldsmith-nonprod --format json | jq '.findings[] | select(.status != \"Correct\")'

It looks as you do, and in the consumers' accounts as their launching roles, or else as the role
goldsmith-<environment>-verify, where you may assume them. Launches are dry runs, but for --launch-probe.

Exit: 0 nothing stands in the way, 3 something is Incorrect or Missing, or Unknown where environment.json
says that this blocks, 1 error
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
    /// The stack it is about
    #[command(flatten)]
    pub stack: Stack,
    /// How it is told
    #[arg(long, value_enum, default_value_t = VerifyFormat::Table)]
    pub format: VerifyFormat,
    /// Start an instance of each image in each account, and end it: only that proves the key. It costs
    /// money, and needs a role that may do both
    #[arg(long)]
    pub launch_probe: bool,
}

/// How the proof is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// A line for each consumer, Region and recipe
    Table,
    /// One object
    Json,
}

//! Which stack a command is about.

use clap::Args;

/// The stack that a command is about.
#[derive(Debug, Args)]
pub struct Stack {
    /// The stack, goldsmith-<environment> [env: `GOLDSMITH_STACK`]
    #[arg(long, value_name = "STACK")]
    pub against: Option<String>,
}

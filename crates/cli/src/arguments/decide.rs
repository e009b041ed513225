//! The arguments of the commands with which a person decides about an image.

use clap::Args;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::promotion::{ImageVersion, LONGEST_TAG};

use super::{Format, Stack};

const APPROVE_EXAMPLES: &str = "\
Examples:
  goldsmith approve 110304 --against goldsmith-nonprod
  goldsmith approve 110304 --image 1.0.3/2 --reason 'tested by BI' --against goldsmith-nonprod

approve marks the newest available image with your identity, and runs reconcile, which publishes it.

Exit code:
  0  the image is published
  1  error, and nothing was decided
  3  it is approved and not published, and the output says why
";

/// Input of `approve`.
#[derive(Debug, Args)]
#[command(after_help = APPROVE_EXAMPLES)]
pub struct Approve {
    /// The recipe
    pub recipe: RecipeName,
    /// The version and build of the image, such as 1.0.3/2 (default: the newest available one)
    #[arg(long, value_name = "VERSION/BUILD")]
    pub image: Option<ImageVersion>,
    /// Why, for whoever reads the image's tags
    #[arg(long, value_parser = reason)]
    pub reason: Option<String>,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const REJECT_EXAMPLES: &str = "\
Examples:
  goldsmith reject 110304 --reason 'the agent does not start' --against goldsmith-nonprod
  goldsmith reject 110304 --image 1.0.3/1 --reason 'CVE-2026-1' --against goldsmith-nonprod

reject marks the newest available image with your identity and the reason, and runs reconcile. If the image is
published, the newest one that is left takes its place. It deletes nothing, and running instances stay.

Exit code:
  0  the image is rejected and not published
  1  error, and nothing was decided
  3  it is rejected and still published, and the output says why
";

/// Input of `reject`.
#[derive(Debug, Args)]
#[command(after_help = REJECT_EXAMPLES)]
pub struct Reject {
    /// The recipe
    pub recipe: RecipeName,
    /// The version and build of the image, such as 1.0.3/2 (default: the newest available one)
    #[arg(long, value_name = "VERSION/BUILD")]
    pub image: Option<ImageVersion>,
    /// Why, for whoever reads the image's tags
    #[arg(long, value_parser = reason)]
    pub reason: String,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const ROLLBACK_EXAMPLES: &str = "\
Examples:
  goldsmith rollback 110304 --reason 'the agent does not start' --against goldsmith-nonprod
  goldsmith rollback 110304 --reason INC-4711 --against goldsmith-nonprod --yes

rollback rejects the published image, so that the one before it is published again, without a build. To undo it,
approve the image. It changes nothing if no other image is available. If the other one waits for a person or for its
results, the rejected one stays published, and the output says so.

Exit code:
  0  the image before it is published
  1  error, and nothing was decided
  3  the image is rejected and still published, and the output says why
";

/// Input of `rollback`.
#[derive(Debug, Args)]
#[command(after_help = ROLLBACK_EXAMPLES)]
pub struct Rollback {
    /// The recipe
    pub recipe: RecipeName,
    /// Why, for whoever reads the image's tags
    #[arg(long, value_parser = reason)]
    pub reason: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// The stack
    #[command(flatten)]
    pub stack: Stack,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// A reason as a tag takes it.
fn reason(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if !(1..=LONGEST_TAG).contains(&length) || text.contains(char::is_control) {
        return Err(format!(
            "a reason has 1 to {LONGEST_TAG} characters on one line, and this has {length}"
        ));
    }
    Ok(text.to_owned())
}

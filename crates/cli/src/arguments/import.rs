//! The arguments of `import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use goldsmith_domain::names::{Family, Region};

const EXAMPLES: &str = "\
Examples:
  goldsmith import ~/packer/web --into ami-versions/nonprod
  goldsmith import build.json --into ami-versions/nonprod --base ami-08bd941ae380bd3cd
  goldsmith import ~/images/baseos-rhel9 --into ami-versions/nonprod --kind rake --format json
  terraform show -json > state.json && goldsmith import state.json --into ami-versions/nonprod
  AWS_REGION=us-east-1 goldsmith import --from-account --into ami-versions/nonprod

It runs nothing of what it reads, follows no link out of the folder, and overwrites no file. A variable that is
marked as sensitive, or that is named like a password, is not copied. Secrets under other names are: read what it
has written before you commit it.

Exit code:
  0  imported, and nothing is left that needs a person
  1  an error, or `goldsmith check` finds a problem in what was written
  3  imported, and something is left that needs a person
";

/// Input of `import`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Import {
    /// The folder or the file to import: a Packer template, a project of Rake and Packer, or a Terraform state
    #[arg(required_unless_present = "from_account")]
    pub source: Option<PathBuf>,
    /// Import what Image Builder has in your account and Region, by the credentials of AWS's own tools
    #[arg(long, conflicts_with_all = ["source", "kind"])]
    pub from_account: bool,
    /// The folder of the new environment, such as ami-versions/nonprod
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
    /// What the source is
    #[arg(long, value_enum, default_value_t = ImportKind::Auto)]
    pub kind: ImportKind,
    /// The product family; without it `golden`
    #[arg(long)]
    pub family: Option<Family>,
    /// The Region that builds the images, whatever the source says
    #[arg(long)]
    pub region: Option<Region>,
    /// What an image is built on whose base the source does not name: an AMI, `ssm:` and a parameter, or
    /// `recipe:` and a recipe
    #[arg(long)]
    pub base: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t = ImportFormat::Text)]
    pub format: ImportFormat,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportKind {
    /// By the files that are there
    Auto,
    /// A Packer template, in JSON or HCL2
    Packer,
    /// A project of the Rake and Packer framework
    Rake,
    /// A Terraform state, or what `terraform show -json` prints
    Terraform,
}

/// The output format of `import`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// Lists for people
    Text,
    /// One JSON object
    Json,
}

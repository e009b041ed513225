//! The styles of `init`.

use clap::ValueEnum;

/// What `init` creates. All but the first bring a project around the documents: a README, an `.envrc`, a profile of
/// `InSpec`, waivers, and pipelines for GitHub, GitLab and Jenkins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Style {
    /// The documents alone
    Minimal,
    /// Linux images, tested, with limits for failed controls
    ImageBuilder,
    /// For those who come from the Rake and Packer framework: workload accounts, its tags, copies
    RakePacker,
    /// Windows images
    Windows,
    /// Linux images, hardened, scanned and approved
    Stig,
}

impl Style {
    /// What the first image is built on, if nobody says it.
    pub fn base(self) -> &'static str {
        match self {
            Style::Windows => {
                "ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"
            }
            Style::Minimal | Style::ImageBuilder | Style::RakePacker | Style::Stig => {
                "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
            }
        }
    }
}

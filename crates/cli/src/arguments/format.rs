//! The output format of commands that have two.

use clap::ValueEnum;

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text
    Text,
    /// One JSON object
    Json,
}

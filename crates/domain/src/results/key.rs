//! Where results are in the output bucket: `results/<AMI>/<suite>/<file>`.

use crate::names::AmiId;

/// What the keys of the results of an image start with.
///
/// An instance knows the AMI that it was launched from, by its metadata (EC2 user guide, "Instance metadata
/// categories", `ami-id`). Image Builder launches the test instance from the image that it tests. So the
/// AMI is the one name of the image that an instance knows without a permission or a tag.
pub fn prefix(ami: &AmiId) -> String {
    format!("results/{ami}/")
}

/// The key of an object that holds results.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResultsKey {
    /// The folder of a test component's files.
    pub suite: String,
    /// The name of the file.
    pub file: String,
}

impl ResultsKey {
    /// The parts of `key` below `prefix`; none if it is not two names in the characters that components use.
    pub fn below(prefix: &str, key: &str) -> Option<Self> {
        let (suite, file) = key.strip_prefix(prefix)?.split_once('/')?;
        let is_name = |text: &str, others: &str| {
            (1..=64).contains(&text.len())
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
        };
        (is_name(suite, "-_") && is_name(file, "-_.")).then(|| Self {
            suite: suite.to_owned(),
            file: file.to_owned(),
        })
    }
}

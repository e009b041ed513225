//! What becomes of an image: its version for people, the day on which it expires, and what is left of one that failed.

use crate::names::ProductVersion;

/// What becomes of the images of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Life {
    /// The version that people give them; only entries have one.
    pub version: Option<ProductVersion>,
    /// After how many days an image expires: EC2 then deprecates its AMIs. `None` is never.
    pub expiry: Option<u32>,
    /// What is done with the AMI of a failed build.
    pub on_failure: OnFailure,
}

/// What is done with the AMI of a failed build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// It is removed at once.
    #[default]
    Destroy,
    /// It is removed a day after it was made, so that people can look at it.
    Expire,
}

/// Where documents are from, as their upload says. It is for people, and decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentSource {
    /// The commit.
    pub commit: Option<String>,
    /// The page of the build that uploaded them.
    pub build_url: Option<String>,
}

/// The longest value of a tag (EC2 user guide, "Tag restrictions").
const LONGEST_TAG: usize = 256;

impl DocumentSource {
    /// What the metadata of an upload says, as far as a tag can hold it: whoever may upload writes it.
    pub fn new(commit: Option<&str>, build_url: Option<&str>) -> Self {
        let is_web = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
        Self {
            commit: commit.filter(|text| fits_tag(text)).map(str::to_owned),
            build_url: build_url
                .filter(|text| fits_tag(text))
                .filter(is_web)
                .map(str::to_owned),
        }
    }
}

/// Whether EC2 takes a text as the value of a tag in every service (EC2 user guide, "Tag restrictions").
fn fits_tag(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+-=._:/@ ".contains(c);
    !text.is_empty() && text.len() <= LONGEST_TAG && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_only_what_a_tag_can_hold() {
        let source = DocumentSource::new(Some("0123abc"), Some("https://ci.example/run/7"));
        assert_eq!(source.commit.as_deref(), Some("0123abc"));
        assert_eq!(
            source.build_url.as_deref(),
            Some("https://ci.example/run/7")
        );
        for hostile in ["", "a\nb", "a<b>", "ä", &"x".repeat(257)] {
            assert_eq!(
                DocumentSource::new(Some(hostile), Some(hostile)),
                DocumentSource::default()
            );
        }
        let script = DocumentSource::new(None, Some("javascript:alert/1"));
        assert_eq!(script, DocumentSource::default());
    }
}

//! What is stored with each uploaded document.

use std::collections::BTreeMap;

use super::error::ApplyError;
use crate::printer::Printer;

/// The variable in which CI names the build.
const BUILD_URL: &str = "BUILD_URL";

/// The commit, and the build if there is one.
pub fn of(commit: Option<&str>, printer: Printer) -> Result<BTreeMap<String, String>, ApplyError> {
    let build = std::env::var(BUILD_URL).ok().filter(|url| !url.is_empty());
    if build.as_deref().is_some_and(|url| !is_header(url)) {
        printer.warn("BUILD_URL is ignored: it is too long, or has characters that an HTTP header cannot hold");
    }
    from(commit, build.as_deref().filter(|url| is_header(url)))
}

/// Adds who uploads, if that can be stored.
pub fn add_uploader(metadata: &mut BTreeMap<String, String>, uploader: Option<String>) {
    let uploader = uploader.filter(|uploader| is_header(uploader));
    metadata.extend(uploader.map(|uploader| ("uploader".to_owned(), uploader)));
}

fn from(commit: Option<&str>, build: Option<&str>) -> Result<BTreeMap<String, String>, ApplyError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    if let Some(wrong) = commit.filter(|commit| commit.is_empty() || !commit.chars().all(allowed)) {
        return Err(ApplyError::Commit(wrong.to_owned()));
    }
    let entries = [("commit", commit), ("build-url", build)];
    Ok(entries
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())))
        .collect())
}

/// Whether S3 can store it as user metadata: visible US-ASCII (S3 user guide, user-defined metadata).
fn is_header(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic()) && text.len() <= 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_and_build_are_stored() {
        let stored = from(Some("0123abc"), Some("https://ci/1")).expect("metadata");
        assert_eq!(
            stored,
            [("commit", "0123abc"), ("build-url", "https://ci/1")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into()
        );
        assert!(from(None, None).expect("nothing").is_empty());
    }

    #[test]
    fn an_uploader_is_stored_if_a_header_can_hold_the_name() {
        let mut stored = BTreeMap::new();
        add_uploader(&mut stored, Some("arn:aws:iam::1:user/ädä".to_owned()));
        add_uploader(&mut stored, None);
        assert!(stored.is_empty());
        add_uploader(&mut stored, Some("arn:aws:iam::1:user/ada".to_owned()));
        assert_eq!(stored["uploader"], "arn:aws:iam::1:user/ada");
    }

    #[test]
    fn text_that_no_header_can_hold_is_refused() {
        assert!(matches!(
            from(Some("a\nb"), None),
            Err(ApplyError::Commit(_))
        ));
        assert!(!is_header("https://ci/ä") && !is_header("a b"));
    }
}

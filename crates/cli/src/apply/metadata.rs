//! What is stored with each uploaded document.

use std::collections::BTreeMap;

use super::error::ApplyError;
use crate::configuration::Pulled;
use crate::layers::Layered;
use crate::printer::Printer;

/// The variable in which CI names the build.
const BUILD_URL: &str = "BUILD_URL";

/// The commit, the build if there is one, and the configuration that was merged into the documents.
pub fn of(
    commit: Option<&str>,
    layered: &Layered,
    printer: Printer,
) -> Result<BTreeMap<String, String>, ApplyError> {
    let build = std::env::var(BUILD_URL).ok().filter(|url| !url.is_empty());
    let build = build.or_else(|| layered.build_url());
    if build.as_deref().is_some_and(|url| !is_header(url)) {
        printer.warn("BUILD_URL is ignored: it is too long, or has characters that an HTTP header cannot hold");
    }
    let mut metadata = from(commit, build.as_deref().filter(|url| is_header(url)))?;
    metadata.extend(layered.pulled.iter().flat_map(of_configuration));
    Ok(metadata)
}

/// Which commit of which repository was merged into the documents, as far as that can be stored.
fn of_configuration(pulled: &Pulled) -> Vec<(String, String)> {
    let entries = [
        ("config-url", &pulled.url),
        ("config-ref", &pulled.reference),
        ("config-commit", &pulled.commit),
    ];
    let entries = entries.into_iter().filter(|(_, text)| is_header(text));
    let owned = entries.map(|(key, text)| (key.to_owned(), text.clone()));
    owned.collect()
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
    fn the_configuration_is_stored_as_far_as_a_header_can_hold_it() {
        let pulled = Pulled {
            url: "git@host:owner/config.git".to_owned(),
            reference: "ä".to_owned(),
            commit: "0123".to_owned(),
            prefix: None,
            key: None,
        };
        let stored: BTreeMap<String, String> = of_configuration(&pulled).into_iter().collect();
        let expected = [
            ("config-commit", "0123"),
            ("config-url", "git@host:owner/config.git"),
        ];
        let expected = expected.map(|(key, text)| (key.to_owned(), text.to_owned()));
        assert_eq!(stored, expected.into());
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

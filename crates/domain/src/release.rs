//! Which release of goldsmith something is, and which of two is older.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A release: what its version is, and the commit that it was built of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Release {
    /// The version of the workspace, such as `0.1.0`.
    pub version: String,
    /// The commit, 40 hexadecimal digits; none for a build that nobody released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Release {
    /// The release that this code was built as. `.github/scripts/build-release.sh` names the commit to the compiler.
    pub fn current() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: option_env!("GOLDSMITH_COMMIT")
                .filter(|commit| !commit.is_empty())
                .map(str::to_owned),
        }
    }

    /// Whether its version comes before the other one's. A version that is no version of ours comes before none, and
    /// none before it: the report that it is from may be of anybody.
    pub fn is_older_than(&self, other: &Self) -> bool {
        let (own, other) = (numbers(&self.version), numbers(&other.version));
        own.zip(other).is_some_and(|(own, other)| own < other)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.version)?;
        match &self.commit {
            Some(commit) => write!(f, " ({})", commit.get(..12).unwrap_or(commit)),
            None => Ok(()),
        }
    }
}

/// Major, minor and patch (Semantic Versioning 2.0.0, item 2); none of a text that is not of that form.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str) -> Release {
        Release {
            version: version.to_owned(),
            commit: None,
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        for (older, newer) in [("0.1.0", "0.1.1"), ("0.9.9", "0.10.0"), ("1.2.3", "2.0.0")] {
            assert!(release(older).is_older_than(&release(newer)), "{older}");
            assert!(!release(newer).is_older_than(&release(older)), "{newer}");
        }
        assert!(!release("0.1.0").is_older_than(&release("0.1.0")));
    }

    #[test]
    fn what_is_no_version_is_neither_older_nor_newer() {
        for other in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "1.2.x",
            "99999999999.0.0",
            "-1.0.0",
        ] {
            assert!(!release(other).is_older_than(&release("9.9.9")), "{other}");
            assert!(!release("0.0.0").is_older_than(&release(other)), "{other}");
        }
    }

    #[test]
    fn a_release_is_shown_with_the_beginning_of_its_commit() {
        let released = Release {
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            ..release("1.0.0")
        };
        assert_eq!(released.to_string(), "1.0.0 (0123456789ab)");
        assert_eq!(release("1.0.0").to_string(), "1.0.0");
    }
}

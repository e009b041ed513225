//! The URL of a configuration repository: which ones are taken, and what of one is shown.

use std::fmt;

/// What was wrong with a URL. It quotes nothing of it: a URL may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the URL of the configuration is none that can be pulled from: {0}")]
pub struct RemoteError(&'static str);

/// A repository that can be pulled from.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    url: String,
    /// User and password, as the URL has them.
    user: Option<String>,
    protocol: &'static str,
}

/// Without user and password.
impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Remote").field(&self.shown()).finish()
    }
}

impl Remote {
    /// Reads `https://host/path`, `ssh://host/path`, `git@host:path` or `file:///path`.
    pub fn parse(text: &str) -> Result<Self, RemoteError> {
        if text.starts_with('-') {
            return Err(RemoteError("it begins with `-`"));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(RemoteError(
                "it has a blank or a character outside of ASCII",
            ));
        }
        if text.contains("::") {
            return Err(RemoteError("it names a remote helper"));
        }
        match text.split_once("://") {
            Some(("https", rest)) => Self::with_host("https", rest),
            Some(("ssh", rest)) => Self::with_host("ssh", rest),
            Some(("file", path)) => Self::of_file(path),
            Some(_) => Err(RemoteError("its protocol is none of https, ssh and file")),
            None => Self::without_protocol(text),
        }
    }

    /// The URL for git.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The only protocol that git may use.
    pub fn protocol(&self) -> &'static str {
        self.protocol
    }

    /// The URL without what may be secret. The user of SSH is none.
    pub fn shown(&self) -> String {
        match &self.user {
            Some(user) if self.protocol == "https" || user.contains(':') => {
                self.url.replacen(&format!("{user}@"), "", 1)
            }
            _ => self.url.clone(),
        }
    }

    /// A text of git without what may be secret.
    pub fn censored(&self, text: &str) -> String {
        let Some(user) = self.user.as_ref().filter(|_| self.protocol == "https") else {
            return text.to_owned();
        };
        let password = user
            .split_once(':')
            .map_or(user.as_str(), |(_, password)| password);
        let censored = text.replace(user, "***");
        if password.is_empty() {
            return censored;
        }
        censored.replace(password, "***")
    }

    fn with_host(protocol: &'static str, rest: &str) -> Result<Self, RemoteError> {
        let (place, path) = rest.split_once('/').ok_or(RemoteError("it has no path"))?;
        let (user, host) = match place.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, place),
        };
        let (name, port) = host.split_once(':').unwrap_or((host, "22"));
        if !is_host(name) || !port.chars().all(|c| c.is_ascii_digit()) || port.is_empty() {
            return Err(RemoteError("its host is none"));
        }
        if !is_path(path) {
            return Err(RemoteError(
                "its path is empty, or has a query or a fragment",
            ));
        }
        if user.is_some_and(|user| !is_user(user, protocol)) {
            return Err(RemoteError("its user is none"));
        }
        Ok(Self {
            url: format!("{protocol}://{rest}"),
            user: user.map(str::to_owned),
            protocol,
        })
    }

    fn of_file(path: &str) -> Result<Self, RemoteError> {
        if !path.starts_with('/') || !is_path(path) {
            return Err(RemoteError(
                "a file URL has an absolute path: file:///srv/git/config.git",
            ));
        }
        Ok(Self {
            url: format!("file://{path}"),
            user: None,
            protocol: "file",
        })
    }

    /// `git@host:owner/repository`; the framework's manual also writes `git@host/owner/repository`.
    fn without_protocol(text: &str) -> Result<Self, RemoteError> {
        let unknown = RemoteError(
            "expected https://host/path, git@host:path, ssh://host/path or file:///path",
        );
        let (user, rest) = text.split_once('@').ok_or(unknown)?;
        let (host, path) = rest.split_once([':', '/']).ok_or(unknown)?;
        let path = path.trim_start_matches('/');
        Self::with_host("ssh", &format!("{user}@{host}/{path}"))?;
        if rest[host.len()..].starts_with('/') {
            return Self::with_host("ssh", &format!("{user}@{rest}"));
        }
        Ok(Self {
            url: text.to_owned(),
            user: Some(user.to_owned()),
            protocol: "ssh",
        })
    }
}

fn is_host(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    !name.is_empty() && !name.starts_with(['-', '.']) && name.chars().all(allowed)
}

fn is_path(path: &str) -> bool {
    !path.is_empty() && !path.contains(['?', '#', '\\'])
}

/// The user of SSH is an argument of `ssh`; that of https may have a password behind a colon.
fn is_user(user: &str, protocol: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_plain = !user.starts_with('-') && user.chars().all(allowed);
    !user.is_empty() && (is_plain || protocol == "https")
}

/// What a configuration is pulled at: a branch, a tag or a whole commit.
///
/// Errors: it could be an option of git, or more than one name.
pub fn reference(text: &str) -> Result<&str, RemoteError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._/-+@=".contains(c);
    let is_name = !text.is_empty() && text.len() <= 255 && text.chars().all(allowed);
    let parts = |wrong: fn(&str) -> bool| text.split('/').any(wrong);
    let is_broken = text.contains("..") || text.contains("@{") || text.ends_with('.');
    let has_wrong_part = parts(|part| {
        part.is_empty() || part.starts_with('.') || part.strip_suffix(".lock").is_some()
    });
    if is_name && !text.starts_with(['-', '+']) && !is_broken && !has_wrong_part {
        return Ok(text);
    }
    Err(RemoteError("its ref is no branch, tag or whole commit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_shown_without_user_and_password() {
        let cases = [
            (
                "https://github.com/owner/repo.git",
                "https://github.com/owner/repo.git",
            ),
            ("https://host:8443/a/b", "https://host:8443/a/b"),
            ("https://token@host/a.git", "https://host/a.git"),
            ("https://user:pass@host/a.git", "https://host/a.git"),
            ("https://a%40b:p@host/a.git", "https://host/a.git"),
            (
                "git@github.com:owner/repo.git",
                "git@github.com:owner/repo.git",
            ),
            (
                "git@github.com/owner/repo.git",
                "ssh://git@github.com/owner/repo.git",
            ),
            ("ssh://git@host:2222/a.git", "ssh://git@host:2222/a.git"),
            ("file:///srv/git/config.git", "file:///srv/git/config.git"),
        ];
        for (url, shown) in cases {
            let remote = Remote::parse(url).expect(url);
            assert_eq!(remote.shown(), shown, "{url}");
            assert!(!format!("{remote:?}").contains("pass"));
        }
    }

    #[test]
    fn what_git_could_take_for_something_else_is_refused() {
        let refused = [
            "",
            "-uhttps://host/a",
            "--upload-pack=touch /tmp/x",
            "ext::sh -c id",
            "ext::id",
            "http://host/a",
            "git://host/a",
            "ftp://host/a",
            "https://-oProxyCommand=id/a",
            "https://host",
            "https://host/",
            "https:///a",
            "https://host/a?b",
            "https://host/a b",
            "https://host:x/a",
            "ssh://-oProxyCommand=id/a",
            "ssh://-l@host/a",
            "-l@host:a",
            "git@-oProxyCommand=id:a",
            "git@host:",
            "host:a",
            "/srv/git/config.git",
            "../config",
            "file://host/a",
            "file://",
            "https://host/a\n",
            "https://höst/a",
        ];
        for url in refused {
            assert!(Remote::parse(url).is_err(), "{url:?}");
        }
    }

    #[test]
    fn an_error_does_not_quote_the_url() {
        let error = Remote::parse("ftp://user:hunter2@host/a").expect_err("no ftp");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn what_git_says_is_shown_without_the_password() {
        let remote = Remote::parse("https://user:hunter2@host/a").expect("a URL");
        let said = "fatal: unable to access 'https://user:hunter2@host/a/': hunter2";
        assert_eq!(
            remote.censored(said),
            "fatal: unable to access 'https://***@host/a/': ***"
        );
    }

    #[test]
    fn a_ref_is_one_name() {
        for name in [
            "main",
            "HEAD",
            "v1.2",
            "release/2026",
            "0123456789012345678901234567890123456789",
        ] {
            assert_eq!(reference(name), Ok(name));
        }
        let refused = [
            "",
            "-x",
            "--upload-pack=id",
            "+main",
            "a:b",
            "a b",
            "a..b",
            "a//b",
            "/a",
            "a/",
            ".a",
            "a.lock",
            "a^",
            "a~1",
            "a*",
            "a?",
            "a[",
            "a\\",
            "a\n",
            "a@{0}",
            "ä",
            "a.",
        ];
        for name in refused {
            assert!(reference(name).is_err(), "{name:?}");
        }
    }
}

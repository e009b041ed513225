//! Whether what the folder says is committed: a merge, and not a file on a workstation, is what is reviewed.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::model::Check;
use crate::repository;
use crate::shell::word;
use crate::tool::{ToolError, answer};

/// How long git may take.
const LONGEST: Duration = Duration::from_secs(5);
/// Nothing that the repository configures is run.
const SETTINGS: [&str; 4] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
];

/// What git says of the folder.
pub fn check(dir: &Path) -> Check {
    let argument = word(&dir.display().to_string());
    let is_inside = dir
        .canonicalize()
        .is_ok_and(|dir| repository::root(&dir).is_some());
    if !is_inside {
        let found = "the folder is in no Git repository, so nothing keeps who changed what";
        return Check::warning("git", found, format!("git init {argument}"));
    }
    let mut git = Command::new("git");
    git.args(SETTINGS)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .arg("-C")
        .arg(dir)
        .args(["status", "--porcelain=v2", "--branch", "--", "."]);
    match answer(git, LONGEST) {
        Ok(said) => of_status(&said, &argument),
        Err(error @ ToolError::Missing(_)) => {
            Check::skipped("git", format!("git was not asked: {error}"))
        }
        Err(error) => Check::warning(
            "git",
            format!("git was asked for its status, and {error}"),
            format!("git -C {argument} status"),
        ),
    }
}

/// What `git status --porcelain=v2 --branch` says: heads begin with `#`, and each other line is a file.
fn of_status(said: &str, argument: &str) -> Check {
    let head = |name: &str| {
        let mut lines = said.lines();
        lines.find_map(|line| line.strip_prefix("# branch.")?.strip_prefix(name))
    };
    let is_commit = |oid: &&str| oid.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = head("oid ").filter(is_commit).and_then(|oid| oid.get(..12));
    let branch = head("head ").unwrap_or("no branch");
    let changed = said.lines().filter(|line| !line.starts_with('#')).count();
    let place = commit.map_or_else(
        || format!("no commit of {branch} yet"),
        |commit| format!("commit {commit} of {branch}"),
    );
    match changed {
        0 => Check::ok(
            "git",
            format!("{place}; the folder has nothing uncommitted"),
        ),
        changed => {
            let files = if changed == 1 { "file is" } else { "files are" };
            Check::warning(
                "git",
                format!("{place}; {changed} {files} not committed"),
                format!("git -C {argument} status"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::model::State;

    #[test]
    fn what_is_not_committed_is_counted() {
        let clean = "# branch.oid 0123456789abcdef0123456789abcdef01234567\n# branch.head main\n";
        let check = of_status(clean, "nonprod");
        assert_eq!(
            (check.state, check.found.as_str()),
            (
                State::Ok,
                "commit 0123456789ab of main; the folder has nothing uncommitted"
            )
        );
        let changed = format!("{clean}1 .M N... 100644 100644 100644 a b environment.json\n? x\n");
        let check = of_status(&changed, "nonprod");
        assert_eq!(
            (check.state, check.found.as_str(), check.remedy.as_deref()),
            (
                State::Warning,
                "commit 0123456789ab of main; 2 files are not committed",
                Some("git -C nonprod status")
            )
        );
    }

    #[test]
    fn a_repository_without_a_commit_has_none() {
        let check = of_status("# branch.oid (initial)\n# branch.head main\n", "x");
        assert_eq!(
            check.found,
            "no commit of main yet; the folder has nothing uncommitted"
        );
    }
}

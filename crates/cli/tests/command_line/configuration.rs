//! Configuration repositories and projects of the Rake and Packer framework, made for tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::run::{Outcome, with_environment};

/// The variables that many images share, as a repository has them.
pub const SHARED: [(&str, &str); 4] = [
    (
        "amis/vars.json",
        "{\n  \"source_ami\": \"ami-08bd941ae380bd3cd\",\n  \"owner\": \"platform\",\n  \"chefdk_version\": \"3.3.23-1\"\n}\n",
    ),
    (
        "amis/rhel7/vars.json",
        "{\n  \"subnet_id\": \"subnet-29cb4f75\",\n  \"sg_ids\": \"sg-6f18e222\",\n  \"owner\": \"rhel\"\n}\n",
    ),
    (
        "amis/rhel7/baseos/aws.us-east-1.vars.json",
        "{\n  \"instance_type\": \"m6i.large\",\n  \"agent_version\": \"6.11.1\"\n}\n",
    ),
    (
        "amis/workload_accounts.json",
        "{\n  \"product\": { \"account_id\": \"222222222222\", \"owner\": \"engineer1\" }\n}\n",
    ),
];

const ENVIRONMENT: &str = r#"{
  "schema-version": 1,
  "family": "golden",
  "volumes": [ { "size-gib": 30, "type": "gp3" } ],
  "build-components": [ "components/agent.yml" ],
  "test-components": [],
  "tags": { "Product": "MSTR" }
}
"#;

const AGENT: &str = "\
name: agent
description: Installs an agent.
schemaVersion: 1.0
parameters:
  - agent_version:
      type: string
phases:
  - name: build
    steps:
      - name: Install
        action: ExecuteBash
        inputs:
          commands:
            - echo {{ agent_version }}
";

/// A bare repository, and what it takes to fill it.
pub struct Repository {
    folder: TempDir,
}

impl Repository {
    /// A repository with these files on its branch `main`.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let repository = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        repository.git(&["init", "--quiet", "--initial-branch=main", "work"]);
        for (path, text) in files {
            repository.write(path, text);
        }
        repository.git(&["-C", "work", "add", "--all"]);
        repository
    }

    /// The folder that has the repository.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The work tree that the repository is made of.
    pub fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.work().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Runs git in its folder, without any configuration; what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_with(arguments, Stdio::null())
    }

    pub fn git_with(&self, arguments: &[&str], stdin: Stdio) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .current_dir(self.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(stdin)
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim()
            .to_owned()
    }

    /// Commits what was added, and makes the bare repository; the commit.
    pub fn publish(&self) -> String {
        self.git(&[
            "-C",
            "work",
            "commit",
            "--quiet",
            "--allow-empty",
            "--message=test",
        ]);
        let _ = fs::remove_dir_all(self.root().join("config.git"));
        self.git(&["clone", "--quiet", "--bare", "work", "config.git"]);
        self.git(&["-C", "work", "rev-parse", "HEAD"])
    }

    pub fn url(&self) -> String {
        format!("file://{}/config.git", self.root().display())
    }
}

/// A project of the framework, with the documents that `goldsmith` needs beside it.
pub fn project(own: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("components")).expect("a folder");
    let files = [
        ("environment.json", ENVIRONMENT),
        ("components/agent.yml", AGENT),
        ("vars.json", own),
        ("VERSION", "1.4.0\n"),
    ];
    for (key, text) in files {
        fs::write(folder.path().join(key), text).expect("a file");
    }
    folder
}

/// Runs `goldsmith` with these variables, the home of nobody, and git.
pub fn goldsmith(arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let path = std::env::var("PATH").expect("a path");
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path().display().to_string();
    let own = [
        ("PATH", path.as_str()),
        ("HOME", home.as_str()),
        ("AWS_REGION", "us-east-1"),
    ];
    with_environment(arguments, &[&own[..], environment].concat())
}

pub fn text(path: &Path) -> String {
    path.display().to_string()
}

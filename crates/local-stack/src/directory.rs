//! The directory of a stack: its logs, and the temporary files of its processes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::config::Config;

/// A directory that holds logs, and below it one for temporary files that goes with the stack.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    keep: bool,
}

impl Directory {
    pub fn create(config: &Config) -> io::Result<Self> {
        let own = || {
            config
                .root
                .join("target/stacks")
                .join(Uuid::new_v4().to_string())
        };
        let path = config.directory.clone().unwrap_or_else(own);
        fs::create_dir_all(path.join("tmp/running"))?;
        fs::create_dir_all(path.join("tmp/sessions"))?;
        fs::create_dir_all(path.join("tmp/unknown-accounts"))?;
        Ok(Self {
            path,
            keep: config.directory.is_some(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn tmp(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// Holds a file for each run of a function that is under way.
    pub fn running(&self) -> PathBuf {
        self.tmp().join("running")
    }

    /// Holds a file for each session that STS knows, named by its access key.
    pub fn sessions(&self) -> PathBuf {
        self.tmp().join("sessions")
    }

    /// Holds a file for each account that does not exist, named by its twelve digits.
    pub fn unknown_accounts(&self) -> PathBuf {
        self.tmp().join("unknown-accounts")
    }
}

impl Drop for Directory {
    /// Nothing can be done about a file that does not go, and nothing depends on it.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.tmp());
        if !self.keep && !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
